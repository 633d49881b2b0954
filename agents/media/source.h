// Where the frames that we send come from: an encoder with its camera or microphone, as an
// interface.
//
// A source knows nothing of RTP. It is asked for frames, obeys a target bitrate as far as it can,
// and makes a key frame when asked. Simulcast layers are frames of one source with different
// `layer`.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "agents/media/configuration.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rtclab::media {

// What is wanted of one layer, in the order of Section::encodings.
struct LayerTarget {
  bool active = true;
  std::uint64_t bitrate = 0;  // bit/s of payload
  double scale_resolution_down_by = 1;
  std::optional<double> max_framerate{};

  friend bool operator==(const LayerTarget&, const LayerTarget&) = default;
};

// One encoded frame, before a packetizer cuts it. Reused from frame to frame.
struct EncodedFrame {
  std::size_t layer = 0;
  Instant captured{};
  Duration duration{};  // of audio: how much sound it is
  bool key = false;     // video: decodes without others
  // Audio: first frame after a silence in which nothing was sent: the RTP marker (RFC 3551 §4.1).
  bool talk_spurt_begins = false;
  bool comfort = false;                       // audio: a DTX frame, only background noise
  std::optional<std::uint8_t> audio_level{};  // RFC 6464 §3: 0..127, in -dBov
  std::uint16_t width = 0, height = 0;
  Bytes payload{};  // the codec's octets; for VP8 without its payload descriptor
};

// What W3C webrtc-stats tells of a media-source.
struct SourceStatistics {
  std::uint64_t frames = 0;
  std::uint16_t width = 0, height = 0;
  double frames_per_second = 0;
  double audio_level = 0;         // 0..1, of the latest frame
  double total_audio_energy = 0;  // W3C webrtc-stats: sum of duration in s * level²
  Duration total_samples_duration{};
};

class EncodedSource {
 public:
  virtual ~EncodedSource() = default;
  [[nodiscard]] virtual Kind kind() const = 0;
  // The codec whose octets it makes ("VP8", "opus"); empty: whatever is negotiated.
  [[nodiscard]] virtual std::string_view codec() const { return {}; }
  // bit/s of payload that a layer of this scale takes at the most; nullopt: whatever it is given.
  [[nodiscard]] virtual std::optional<std::uint64_t> most(
      [[maybe_unused]] double scale_resolution_down_by) const {
    return std::nullopt;
  }
  // Frames begin at `now`; called again when sending resumes.
  virtual void start(Instant now) = 0;
  virtual void set_targets(std::span<const LayerTarget> layers) = 0;
  virtual void request_key_frame(std::size_t layer) = 0;
  // When the next frame exists; nullopt: never again.
  [[nodiscard]] virtual std::optional<Instant> next_frame() const = 0;
  // Fills `out` with a frame that is due at `now`; false when there is none. Called until false.
  [[nodiscard]] virtual bool produce(Instant now, EncodedFrame& out) = 0;
  [[nodiscard]] virtual const SourceStatistics& statistics() const = 0;
};

}  // namespace rtclab::media
