// ChannelData: a datagram of a peer behind four octets of header, where a Data indication takes
// thirty-six.
//
// Spec: RFC 8656 §12.4 to §12.6. Over UDP a sender adds no padding, and a receiver looks past it;
// over a stream the message is padded to four octets, which its length does not count.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <cstddef>
#include <cstdint>

namespace rtclab::turn {

// RFC 8656 §12: what a ChannelBind may ask for. RFC 5766 went on to 0x7FFF, and RFC 7983 keeps the
// first octets 64 to 79 for channels, which is this range.
inline constexpr std::uint16_t kFirstChannel = 0x4000;
inline constexpr std::uint16_t kLastChannel = 0x4FFF;

[[nodiscard]] constexpr bool is_channel(std::uint16_t number) {
  return number >= kFirstChannel && number <= kLastChannel;
}

struct ChannelData {
  std::uint16_t channel = kFirstChannel;
  ByteView data;  // borrowed from the datagram

  [[nodiscard]] static Result<ChannelData> parse(ByteView datagram);
  enum class Padding { None, ToFourOctets };
  [[nodiscard]] Bytes serialize(Padding padding = Padding::None) const;
};

// By the first octet (RFC 7983 §7).
[[nodiscard]] bool looks_like_channel_data(ByteView datagram);

}  // namespace rtclab::turn
