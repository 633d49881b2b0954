#include "agents/turn/channel_data.h"

#include <cassert>

namespace rtclab::turn {
namespace {

constexpr std::size_t kHeaderSize = 4;
constexpr Rule kRule{8656, "12.6"};

}  // namespace

//    0                   1                   2                   3
//   |         Channel Number        |            Length             |
//   /                       Application Data                        /
Result<ChannelData> ChannelData::parse(ByteView datagram) {
  if (datagram.size() < kHeaderSize) return fail(Flaw::Truncated, datagram.size(), kRule);
  ByteReader reader{datagram};
  const auto channel = reader.u16();
  const std::size_t length = reader.u16();
  if (!is_channel(channel)) return fail(Flaw::BadValue, 0, kRule);
  if (length > reader.remaining()) return fail(Flaw::BadLength, 2, kRule);
  return ChannelData{channel, reader.take(length)};
}

Bytes ChannelData::serialize(Padding padding) const {
  assert(data.size() <= 0xffff);
  ByteWriter writer{kHeaderSize + data.size() + 3};
  writer.u16(channel).u16(data.size()).octets(data);
  if (padding == Padding::ToFourOctets) writer.pad_to(4);
  return writer.take();
}

bool looks_like_channel_data(ByteView datagram) {
  return !datagram.empty() && datagram[0] >= std::byte{64} && datagram[0] <= std::byte{79};
}

}  // namespace rtclab::turn
