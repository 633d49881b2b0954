#include "agents/media/vp8.h"

namespace rtclab::media::vp8 {

void begin_frame(Bytes& frame, const FrameHeader& header) {
  frame.clear();
  // Bit 0: not a key frame; bits 1 to 3: version 0; bit 4: to be shown; then the size of the first
  // partition, which nobody reads.
  const unsigned tag = (header.key ? 0u : 1u) | 1u << 4u;
  frame.push_back(static_cast<std::byte>(tag));
  frame.insert(frame.end(), 2, std::byte{0});
  if (!header.key) return;
  for (const unsigned octet : {0x9du, 0x01u, 0x2au}) frame.push_back(static_cast<std::byte>(octet));
  for (const unsigned side : {unsigned{header.width}, unsigned{header.height}}) {
    frame.push_back(static_cast<std::byte>(side & 0xffu));
    frame.push_back(static_cast<std::byte>(side >> 8u & 0x3fu));
  }
}

std::optional<FrameHeader> read_frame(ByteView frame) {
  ByteReader in{frame};
  FrameHeader header{.key = (in.u8() & 1u) == 0};
  in.skip(2);
  if (header.key) {
    if (in.u24() != 0x9d012a) return std::nullopt;
    // Little-endian, 14 bits each; the two above them scale.
    const auto side = [&in] {
      const unsigned low = in.u8();
      return static_cast<std::uint16_t>(low | (in.u8() & 0x3fu) << 8u);
    };
    header.width = side();
    header.height = side();
  }
  if (!in.ok()) return std::nullopt;
  return header;
}

std::optional<Descriptor> read_descriptor(ByteView payload) {
  ByteReader in{payload};
  Descriptor descriptor;
  const unsigned first = in.u8();
  descriptor.start = (first & 0x10u) != 0 && (first & 0x07u) == 0;
  if ((first & 0x80u) != 0) {
    const unsigned extended = in.u8();
    if ((extended & 0x80u) != 0) {
      unsigned id = in.u8();
      descriptor.long_picture_id = (id & 0x80u) != 0;
      if (descriptor.long_picture_id) id = (id & 0x7fu) << 8u | in.u8();
      descriptor.picture_id = static_cast<std::uint16_t>(id);
    }
    if ((extended & 0x40u) != 0) in.skip(1);
    if ((extended & 0x30u) != 0) in.skip(1);
  }
  if (!in.ok()) return std::nullopt;
  descriptor.size = in.offset();
  return descriptor;
}

void write_descriptor(Bytes& out, bool start, std::uint16_t picture_id) {
  out.push_back(static_cast<std::byte>(0x80u | (start ? 0x10u : 0u)));
  out.push_back(std::byte{0x80});
  out.push_back(static_cast<std::byte>(0x80u | picture_id >> 8u));
  out.push_back(static_cast<std::byte>(picture_id & 0xffu));
}

}  // namespace rtclab::media::vp8
