// What the application sees of a transceiver, its sender and its receiver: values, and a handle for
// all three, since a transceiver has one sender and one receiver for life.
//
// Spec: W3C webrtc-pc §5.2 (RTCRtpSender), §5.3 (RTCRtpReceiver), §5.4 (RTCRtpTransceiver).
// RTCDTMFSender and setParameters() are left out.
#pragma once

#include "agents/base/strong.h"
#include "agents/media/audio_source.h"
#include "agents/media/recorded_clip.h"
#include "agents/media/video_source.h"
#include "agents/peer/codec.h"
#include "agents/sdp/values.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::peer {

// Names one RTCRtpTransceiver of a connection, and with it its sender and its receiver; from 1 up
// in the order of creation, never used twice.
using TransceiverId = Strong<struct TransceiverIdTag, std::uint32_t>;

// RTCRtpTransceiverDirection: Stopped is only ever shown.
enum class Direction : std::uint8_t { SendRecv, SendOnly, RecvOnly, Inactive, Stopped };

[[nodiscard]] std::string_view to_string(Direction direction);  // "sendrecv"
[[nodiscard]] std::optional<Direction> parse_direction(std::string_view text);
[[nodiscard]] bool sends(Direction direction);
[[nodiscard]] bool receives(Direction direction);
[[nodiscard]] Direction make_direction(bool sends, bool receives);
[[nodiscard]] Direction reversed(Direction direction);  // as the other peer sees it
[[nodiscard]] Direction intersection(Direction a, Direction b);
[[nodiscard]] Direction to_direction(sdp::Direction direction);
[[nodiscard]] sdp::Direction to_sdp(Direction direction);  // Stopped: Inactive

// A clip that is played in a loop; never null.
using Recording = std::shared_ptr<const media::Clip>;

// What a camera or a microphone gives, encoded: made up, or a recording. Its kind is the track's.
using TrackSource = std::variant<media::AudioSourceOptions, media::VideoSourceOptions, Recording>;

// A MediaStreamTrack of the application.
struct MediaTrack {
  std::string id;
  MediaKind kind = MediaKind::Audio;
  std::optional<TrackSource> source{};  // nullopt: the kind's with its defaults

  friend bool operator==(const MediaTrack&, const MediaTrack&) = default;
};

// RTCRtpEncodingParameters.
struct Encoding {
  std::string rid{};  // empty: none
  bool active = true;
  std::optional<double> scale_resolution_down_by{};  // video
  std::optional<double> max_framerate{};             // video
  std::optional<std::uint32_t> max_bitrate{};        // bit/s

  friend bool operator==(const Encoding&, const Encoding&) = default;
};

struct TransceiverInit {
  Direction direction = Direction::SendRecv;
  std::vector<std::string> streams{};  // ids of MediaStreams
  std::vector<Encoding> send_encodings{};
};

struct SenderInfo {
  std::optional<std::string> track;  // its id
  std::vector<std::string> streams;  // ids, as a=msid has them
  std::vector<Encoding> encodings;
};

struct ReceiverInfo {
  std::string track;                 // the id of the track that it has from the beginning
  std::vector<std::string> streams;  // ids of the peer's streams that the track is in
  bool muted = true;                 // until RTP arrives, and when it ends
  bool ended = false;
};

struct TransceiverInfo {
  TransceiverId id;
  MediaKind kind;
  std::optional<std::string> mid;
  Direction direction;  // Stopped from stop() on
  std::optional<Direction> current_direction;
  SenderInfo sender;
  ReceiverInfo receiver;
};

}  // namespace rtclab::peer
