// Somebody who talks, as an Opus encoder would tell it: a frame each 20 ms whose size follows the
// bitrate, and with DTX almost nothing while nobody speaks.
//
// Spec: RFC 7587 §3.1.3 and §4 (Opus: frames, DTX, timestamps at 48 kHz), RFC 3551 §4.1 (the marker
// after a silence), ITU-T P.59 (how long people talk and pause; both exponential here). The octets
// are an Opus TOC (RFC 6716 §3.1), a header of ours and filling: no decoder is meant to hear them.
#pragma once

#include "agents/base/rng.h"
#include "agents/media/source.h"

#include <memory>

namespace rtclab::media {

struct AudioSourceOptions {
  std::uint64_t bitrate = 32'000;  // bit/s of payload while somebody speaks
  Duration frame = std::chrono::milliseconds{20};
  double size_variation = 0.2;  // sizes are uniform within this share of the mean
  bool dtx = false;             // RFC 7587 §3.1.3: frames are left out while nobody speaks
  Duration mean_talk = std::chrono::milliseconds{1004};  // ITU-T P.59, table 1
  Duration mean_pause = std::chrono::milliseconds{1587};
  bool pauses = true;                                          // false: talks without end
  Duration comfort_interval = std::chrono::milliseconds{400};  // between frames of background noise

  friend bool operator==(const AudioSourceOptions&, const AudioSourceOptions&) = default;
};

[[nodiscard]] std::unique_ptr<EncodedSource> make_audio_source(const AudioSourceOptions& options,
                                                               SeededRng rng);

}  // namespace rtclab::media
