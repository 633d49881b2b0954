// Codecs: what one is, which are ours unless told otherwise, and when two descriptions mean the
// same.
//
// Spec: W3C webrtc-pc §5.4.1 (RTCRtpCodec), RFC 7742 and RFC 7874 (mandatory ones), RFC 3264 §6.1
// (matching), and for the parameters that tell formats apart: RFC 6184 §8.2.2 (H264), RFC 9628 §7
// (VP9), the AV1 payload format §7.2, RFC 4588 §8 (rtx), RFC 2198 (red), RFC 8627 (flexfec).
// Nothing is encoded here: a codec is a name with a clock rate and parameters that two sides agree
// upon.
#pragma once

#include "agents/sdp/rtp_values.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::peer {

enum class MediaKind : std::uint8_t { Audio, Video };

[[nodiscard]] std::string_view to_string(MediaKind kind);  // "audio"
[[nodiscard]] std::optional<MediaKind> parse_media_kind(std::string_view text);

struct Codec {
  std::string name;  // "opus"; the kind of its section completes the MIME type
  std::uint32_t clock_rate = 0;
  std::uint16_t channels = 1;           // of an audio codec
  std::string parameters{};             // sdpFmtpLine: "minptime=10;useinbandfec=1"
  std::vector<std::string> feedback{};  // a=rtcp-fb: "nack pli", in the order they are written

  friend bool operator==(const Codec&, const Codec&) = default;
};

// A codec under a payload type, as a section has it.
struct Format {
  sdp::PayloadType type{0};
  Codec codec;
  // What rtx repeats (apt=) and what red of audio carries: payload types of the same section.
  std::vector<sdp::PayloadType> carries{};

  friend bool operator==(const Format&, const Format&) = default;
};

// The ones that every browser has, in their order of preference, without payload types. "rtx"
// stands once for all: an offer gives each media codec its own.
[[nodiscard]] std::vector<Codec> default_codecs(MediaKind kind);

// Whether both can be on the two ends of one RTP stream: names in any case of letters, clock rate,
// channels, and those parameters that tell formats apart (H264 profile and packetization mode, VP9
// and AV1 profile). Feedback does not count.
[[nodiscard]] bool matches(const Codec& a, const Codec& b);

// rtx, red, ulpfec, flexfec, CN and telephone-event go with other codecs; a section cannot live on
// them alone.
[[nodiscard]] bool is_auxiliary(const Codec& codec);
[[nodiscard]] bool is_rtx(const Codec& codec);
[[nodiscard]] bool is_red(const Codec& codec);

// RFC 3551 §6: 0 for PCMU, 8 for PCMA, 9 for G722, 13 for CN at 8 kHz; nullopt for the others.
[[nodiscard]] std::optional<sdp::PayloadType> static_payload_type(const Codec& codec);
[[nodiscard]] std::optional<Codec> static_codec(MediaKind kind, sdp::PayloadType type);

// The same parameters (sdp::FormatParameters) with another value for one of them; it is not added
// where it was absent.
[[nodiscard]] std::string with_parameter(std::string_view parameters, std::string_view name,
                                         std::string_view value);
[[nodiscard]] std::string without_parameter(std::string_view parameters, std::string_view name);

// The format of the first of these payload types; nullptr when there is none.
[[nodiscard]] const Format* find_format(std::span<const Format> formats,
                                        std::span<const sdp::PayloadType> types);

// Which of the `others` is the same codec as `format`, which is one of `own`, under whatever
// payload type; an rtx is the same when what it repeats is. nullptr when there is none.
[[nodiscard]] const Format* counterpart(const Format& format, std::span<const Format> own,
                                        std::span<const Format> others);

}  // namespace rtclab::peer
