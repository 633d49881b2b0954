// What an offer and its answer leave for one transport, as a value: the configuration of a Session.
//
// Spec: RFC 8829 §5.10 and §5.11 (what applies after negotiation), RFC 9143 §9 (sections of a
// BUNDLE group share a transport), RFC 8853 (simulcast), RFC 5576 (signalled sources). A change of
// it is a new value handed to Session::configure(): streams are matched by mid and rid, what stays
// the same goes on without a break.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::media {

enum class Kind : std::uint8_t { Audio, Video };
[[nodiscard]] constexpr std::string_view to_string(Kind kind) {
  return kind == Kind::Audio ? "audio" : "video";
}

struct PayloadFormat {
  std::uint8_t type = 0;  // 0..127
  std::string codec{};    // "opus", "VP8", "rtx"; in any case of letters
  std::uint32_t clock_rate = 90000;
  std::uint16_t channels = 1;
  std::string parameters{};             // a=fmtp
  std::optional<std::uint8_t> apt{};    // rtx: the payload type that it repeats (RFC 4588 §8.1)
  std::vector<std::string> feedback{};  // a=rtcp-fb: "nack", "nack pli", "ccm fir", "transport-cc",
                                        // "goog-remb"
  friend bool operator==(const PayloadFormat&, const PayloadFormat&) = default;
};

// The ids of those header extensions that we write and read; nullopt where not negotiated. RFC 8285
// §5: 1..14, or up to 255 where a=extmap-allow-mixed is.
struct ExtensionIds {
  std::optional<std::uint8_t> mid{};           // RFC 9143 §15
  std::optional<std::uint8_t> rid{};           // RFC 8852 §3.1
  std::optional<std::uint8_t> repaired_rid{};  // RFC 8852 §3.2
  std::optional<std::uint8_t>
      transport_cc{};  // draft-holmer-rmcat-transport-wide-cc-extensions-01 §2
  std::optional<std::uint8_t> abs_send_time{};
  std::optional<std::uint8_t> audio_level{};  // RFC 6464

  friend bool operator==(const ExtensionIds&, const ExtensionIds&) = default;
};

// One stream that we send (RTCRtpEncodingParameters).
struct Encoding {
  std::string rid{};                        // empty: none; then there is one encoding
  std::optional<std::uint32_t> ssrc{};      // nullopt: the session draws one (RFC 3550 §8.1)
  std::optional<std::uint32_t> rtx_ssrc{};  // the same; used only where an rtx format is negotiated
  bool active = true;
  std::optional<std::uint64_t> max_bitrate{};  // bit/s of payload and RTP headers
  double scale_resolution_down_by = 1;
  std::optional<double> max_framerate{};

  friend bool operator==(const Encoding&, const Encoding&) = default;
};

// A source that the remote description names: a=ssrc, a=ssrc-group:FID.
struct RemoteSource {
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtx_ssrc{};
  friend bool operator==(const RemoteSource&, const RemoteSource&) = default;
};

// One m-section.
struct Section {
  std::string mid;
  Kind kind = Kind::Audio;
  bool sends = true;                     // our direction is sendrecv or sendonly
  bool receives = true;                  // … or recvonly
  std::vector<PayloadFormat> send{};     // the remote's payload types, most wanted first; the first
                                         // media codec is the one that is sent
  std::vector<PayloadFormat> receive{};  // our payload types
  ExtensionIds extensions{};
  std::vector<Encoding> encodings{};  // empty and `sends`: one, with everything by default
  std::vector<std::string> receive_rids{};
  std::vector<RemoteSource> remote_sources{};
  std::optional<std::uint64_t>
      max_bitrate{};  // bit/s: b=TIAS or b=AS of the remote (RFC 8834 §7.1)

  friend bool operator==(const Section&, const Section&) = default;
};

struct Configuration {
  std::string cname{};  // of all our sources (RFC 8834 §4.9); constant
  // bit/s that all sections may take together: b=CT of the remote (RFC 9429 §5.11).
  std::optional<std::uint64_t> max_bitrate{};
  bool reduced_size_rtcp = false;   // negotiated by both (RFC 5506 §5)
  std::vector<Section> sections{};  // in the order of the descriptions; rejected ones left out

  friend bool operator==(const Configuration&, const Configuration&) = default;
};

}  // namespace rtclab::media
