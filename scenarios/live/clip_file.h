// A clip on the disk, read: frames for a track.
//
// Spec: see agents/media/recorded_clip.h. VP8 in IVF or Opus in Ogg, told apart by the first
// octets.
#pragma once

#include "agents/peer/transceiver.h"
#include "scenarios/live/command.h"

#include <tl/expected.hpp>

#include <filesystem>
#include <string>

namespace rtclab::program {

// The clip, or one sentence: the path, what is wrong, and at which octet.
[[nodiscard]] tl::expected<peer::Recording, std::string> read_clip_file(
    const std::filesystem::path& file);

// The track that is wished for; the sentence also when the file is of another kind than was said.
[[nodiscard]] tl::expected<peer::MediaTrack, std::string> make_track(const TrackWishes& wishes);

}  // namespace rtclab::program
