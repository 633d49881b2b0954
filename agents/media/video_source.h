// A camera and its encoder, as far as a network can tell: frames in the rhythm of the camera, large
// key frames, smaller delta frames whose sizes follow the target bitrate, one stream for each
// simulcast layer.
//
// The octets are a VP8 frame header (RFC 6386 §9.1), a header of ours and filling: whoever reads
// only headers finds a key frame of the right size; no decoder is meant to see them.
#pragma once

#include "agents/base/rng.h"
#include "agents/media/source.h"

#include <memory>

namespace rtclab::media {

struct VideoSourceOptions {
  std::uint16_t width = 640, height = 480;
  double framerate = 30;
  // bit/s of payload: the most that the whole picture takes; a smaller layer takes as much less as
  // its area is.
  std::uint64_t bitrate = 800'000;
  double key_frame_weight = 6;  // a key frame is this many times as large as a delta frame
  double size_variation = 0.3;  // of delta frames
  std::optional<Duration> key_frame_interval{};  // nullopt: only the first, and on request

  friend bool operator==(const VideoSourceOptions&, const VideoSourceOptions&) = default;
};

[[nodiscard]] std::unique_ptr<EncodedSource> make_video_source(const VideoSourceOptions& options,
                                                               SeededRng rng);

// The sizes that a synthetic frame names; nullopt when the octets do not begin as one.
struct SyntheticFrame {
  std::uint32_t number;
  std::uint8_t layer;
};
[[nodiscard]] std::optional<SyntheticFrame> read_synthetic_frame(ByteView vp8_frame);

}  // namespace rtclab::media
