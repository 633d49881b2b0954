// VP8 as far as RTP must know it: the payload descriptor and the first octets of a frame.
//
// Spec: RFC 7741 §4.2 (descriptor), §4.3 (payload header); RFC 6386 §9.1 (frame header).
#pragma once

#include "agents/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace rtclab::media::vp8 {

struct FrameHeader {
  bool key = false;
  std::uint16_t width = 0, height = 0;  // of a key frame

  // 3 octets of frame tag, 7 more of a key frame: start code and sizes.
  [[nodiscard]] std::size_t size() const { return key ? 10 : 3; }
};

// `frame` becomes the header alone.
void begin_frame(Bytes& frame, const FrameHeader& header);
// nullopt: too short, or a key frame without its start code.
[[nodiscard]] std::optional<FrameHeader> read_frame(ByteView frame);

//      0 1 2 3 4 5 6 7
//     |X|R|N|S|R| PID |
// X:  |I|L|T|K| RSV   |
// I:  |M| PictureID   |  M: 15 bits
// L:  |   TL0PICIDX   |
// TK: |TID|Y| KEYIDX  |
struct Descriptor {
  bool start = false;  // S, and the partition is the first: a frame begins
  std::optional<std::uint16_t> picture_id{};
  bool long_picture_id = false;  // 15 bits, else 7
  std::size_t size = 1;          // octets
};
// nullopt: truncated.
[[nodiscard]] std::optional<Descriptor> read_descriptor(ByteView payload);
// With 15 bits of picture ID: what write_descriptor() appends.
inline constexpr std::size_t kDescriptorSize = 4;
void write_descriptor(Bytes& out, bool start, std::uint16_t picture_id);

}  // namespace rtclab::media::vp8
