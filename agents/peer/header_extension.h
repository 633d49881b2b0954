// RTP header extensions: which are ours, and which ids they get.
//
// Spec: RFC 8285 §5 (ids of an answer are those of the offer; an offer may use 4096 to 4351 where
// it runs out of ids, and an answer gives those a valid one), §6 (extmap-allow-mixed), RFC 9143 §12
// (one id means one extension in the whole BUNDLE group), RFC 8834 §5.2 (which ones).
#pragma once

#include "agents/peer/codec.h"
#include "agents/sdp/rtp_values.h"

#include <string>
#include <string_view>
#include <vector>

namespace rtclab::peer {

struct HeaderExtension {
  std::string uri;
  sdp::Direction direction = sdp::Direction::SendRecv;
  friend bool operator==(const HeaderExtension&, const HeaderExtension&) = default;
};

namespace extension {
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
}  // namespace extension

[[nodiscard]] std::vector<HeaderExtension> default_header_extensions(MediaKind kind);

}  // namespace rtclab::peer
