// Plays a clip in a loop, so that a real decoder at the other end has something to decode.
//
// It cannot encode: a key frame on request is the next one of the clip, at once; targets only
// switch it on and off. It has one layer.
#pragma once

#include "agents/media/recorded_clip.h"
#include "agents/media/source.h"

#include <memory>

namespace rtclab::media {

[[nodiscard]] std::unique_ptr<EncodedSource> make_recorded_source(std::shared_ptr<const Clip> clip);

}  // namespace rtclab::media
