// The header extensions that WebRTC uses: their names in a=extmap, and what their data means.
//
// Spec: RFC 9143 §15 (MID), RFC 8852 §3 (RID), RFC 6464 (audio level), RFC 5450 (transmission time
// offset), draft-holmer-rmcat-transport-wide-cc-extensions-01 §2; absolute send time and playout
// delay as libwebrtc documents them. A reader returns nullopt for data that is none: the extension
// is then ignored, the packet is not (RFC 8285 §4.1.2).
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::rtp {

namespace extension_uri {
inline constexpr std::string_view kMid = "urn:ietf:params:rtp-hdrext:sdes:mid";
inline constexpr std::string_view kRid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
inline constexpr std::string_view kRepairedRid =
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
inline constexpr std::string_view kAudioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
inline constexpr std::string_view kTimeOffset = "urn:ietf:params:rtp-hdrext:toffset";
inline constexpr std::string_view kAbsoluteSendTime =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr std::string_view kTransportWideCc =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
inline constexpr std::string_view kVideoOrientation = "urn:3gpp:video-orientation";
inline constexpr std::string_view kPlayoutDelay =
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
}  // namespace extension_uri

// MID: a token of SDP (RFC 5888 §4); RID: letters and digits (RFC 8852 §3). One to 255 octets.
[[nodiscard]] std::optional<std::string> read_mid(ByteView data);
[[nodiscard]] std::optional<std::string> read_rid(ByteView data);

// RFC 6464 §3: 0 is the loudest, 127 is silence; in -dBov.
struct AudioLevel {
  std::uint8_t level = 127;
  bool voice = false;
  friend bool operator==(const AudioLevel&, const AudioLevel&) = default;
};
[[nodiscard]] std::optional<AudioLevel> read_audio_level(ByteView data);
[[nodiscard]] Bytes write_audio_level(AudioLevel level);

[[nodiscard]] std::optional<SequenceNumber> read_transport_sequence_number(ByteView data);
[[nodiscard]] Bytes write_transport_sequence_number(SequenceNumber number);

// When a packet left: 24 bits, seconds with 18 bits behind the point; wraps every 64 s.
using AbsoluteSendTime = Strong<struct AbsoluteSendTimeTag, std::uint32_t>;
[[nodiscard]] AbsoluteSendTime to_absolute_send_time(Instant at);
// How much later `a` left than `b`: less than 32 s either way.
[[nodiscard]] Duration between(AbsoluteSendTime b, AbsoluteSendTime a);
[[nodiscard]] std::optional<AbsoluteSendTime> read_absolute_send_time(ByteView data);
[[nodiscard]] Bytes write_absolute_send_time(AbsoluteSendTime time);

// RFC 5450 §3: transmission minus what the timestamp says, in timestamp units; 24 bits, signed.
[[nodiscard]] std::optional<std::int32_t> read_time_offset(ByteView data);
[[nodiscard]] Bytes write_time_offset(std::int32_t offset);

// How long the receiver may hold a frame; steps of 10 ms, at most 40.95 s.
struct PlayoutDelay {
  Duration least{};
  Duration most{};
  friend bool operator==(const PlayoutDelay&, const PlayoutDelay&) = default;
};
[[nodiscard]] std::optional<PlayoutDelay> read_playout_delay(ByteView data);
[[nodiscard]] Bytes write_playout_delay(const PlayoutDelay& delay);

}  // namespace rtclab::rtp
