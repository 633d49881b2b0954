// A recording of what an encoder made, read from the octets of a file: VP8 in IVF, H.264 as a byte
// stream, Opus in Ogg.
//
// Spec: ITU-T H.264 Annex B (byte stream), §7.4.1.2.3 (where a picture begins); RFC 3533 §6 (Ogg
// pages), RFC 7845 §3 and §5 (Opus in Ogg), RFC 6716 §3.1 (how long an Opus packet is). IVF has no
// standard: a header of 32 octets, then frames, each behind its size and time stamp, little-endian.
// Reading the file is its owner's business; many sources may share one clip.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/base/time.h"
#include "agents/media/configuration.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace rtclab::media {

struct ClipFrame {
  Bytes payload;
  Duration duration{};
  bool key = true;
  std::uint16_t width = 0, height = 0;
};

struct Clip {
  Kind kind = Kind::Video;
  std::string_view codec;         // "VP8", "H264", "opus"
  std::vector<ClipFrame> frames;  // at least one, and the first is a key frame
};

// By the first octets: "DKIF", "OggS", or a start code.
[[nodiscard]] Result<Clip> parse_clip(ByteView file);

// RFC 6716 §3.1; 0 for an empty packet.
[[nodiscard]] Duration opus_duration(ByteView packet);

}  // namespace rtclab::media
