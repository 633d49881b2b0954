// The lines of a media section that speak of RTP, as values: payload types, feedback, header
// extensions, streams, simulcast.
//
// Each has parse(), which takes the text after "a=name:" and answers nullopt when that text does
// not follow the grammar cited, and to_string(), its exact inverse for what we write.
#pragma once

#include "agents/base/address.h"
#include "agents/base/strong.h"
#include "agents/sdp/direction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sdp {

// The number of seven bits in an RTP header that says which format a packet has. RFC 3551 §6.
using PayloadType = Strong<struct PayloadTypeTag, std::uint8_t>;

// "96"; nullopt above 127.
[[nodiscard]] std::optional<PayloadType> parse_payload_type(std::string_view text);
[[nodiscard]] std::string to_string(PayloadType type);

// a=msid. RFC 8830 §2.
struct Msid {
  std::string stream;   // "-": no stream
  std::string track{};  // empty where it is not given

  [[nodiscard]] static std::optional<Msid> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Msid&, const Msid&) = default;
};

// a=rtpmap. RFC 8866 §6.6: "96 opus/48000/2".
struct RtpMap {
  PayloadType payload_type{0};
  std::string encoding;
  std::uint32_t clock_rate = 0;
  std::string parameters{};  // the channels of an audio format; empty where absent

  [[nodiscard]] static std::optional<RtpMap> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const RtpMap&, const RtpMap&) = default;
};

// a=fmtp. RFC 8866 §6.15.
struct FormatParameters {
  std::string format;
  std::string parameters;

  [[nodiscard]] static std::optional<FormatParameters> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  // The value of one of "apt=96;rtx-time=3000", by its name in any case of letters; empty where it
  // has none, nullopt where it is absent.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // RFC 4588 §8.1: the payload type that an rtx repeats.
  [[nodiscard]] std::optional<PayloadType> apt() const;
  friend bool operator==(const FormatParameters&, const FormatParameters&) = default;
};

// The same in the text of the parameters alone.
[[nodiscard]] std::optional<std::string_view> find_format_parameter(std::string_view parameters,
                                                                    std::string_view name);

// a=rtcp-fb. RFC 4585 §4.2: "100 nack pli", "* nack". Spaces at the end are let pass.
struct RtcpFeedback {
  std::optional<PayloadType> payload_type;  // nullopt: "*", every format of the section
  std::string mechanism;                    // "nack pli", "ccm fir", "transport-cc"

  [[nodiscard]] static std::optional<RtcpFeedback> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const RtcpFeedback&, const RtcpFeedback&) = default;
};

// a=extmap. RFC 8285 §8: "1 urn:ietf:params:rtp-hdrext:sdes:mid", "2/sendonly uri attributes".
struct ExtMap {
  std::uint16_t id = 0;
  std::optional<Direction> direction{};
  std::string uri;
  std::string attributes{};

  [[nodiscard]] static std::optional<ExtMap> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const ExtMap&, const ExtMap&) = default;
};

// a=ssrc. RFC 5576 §4.1: "2901702184 cname:dRE88cOl".
struct SourceAttribute {
  std::uint32_t ssrc = 0;
  std::string name;     // "cname", "msid"
  std::string value{};  // after the colon; empty where there is none

  [[nodiscard]] static std::optional<SourceAttribute> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const SourceAttribute&, const SourceAttribute&) = default;
};

// a=ssrc-group. RFC 5576 §4.2: "FID 1 2".
struct SourceGroup {
  std::string semantics;
  std::vector<std::uint32_t> ssrcs;

  [[nodiscard]] static std::optional<SourceGroup> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const SourceGroup&, const SourceGroup&) = default;
};

// a=rtcp. RFC 3605 §2.1: "9 IN IP4 0.0.0.0", "53020".
struct RtcpPort {
  Port port{9};
  std::string address{};  // "IN IP4 0.0.0.0"; empty where absent

  [[nodiscard]] static std::optional<RtcpPort> parse(std::string_view value);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const RtcpPort&, const RtcpPort&) = default;
};

// a=ptime and a=maxptime. RFC 8866 §6.4 and §6.5. A fraction, which its grammar allows, is cut off.
[[nodiscard]] std::optional<std::uint32_t> parse_milliseconds(std::string_view value);

}  // namespace rtclab::sdp
