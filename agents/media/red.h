// RED: what is inside a packet that carries a codec's payload with earlier ones, or with parity.
//
// Spec: RFC 2198 §3. Only the primary block is taken, the last: the redundant ones repair nothing
// here.
#pragma once

#include "agents/base/bytes.h"

#include <cstdint>
#include <optional>

namespace rtclab::media {

struct RedBlock {
  std::uint8_t payload_type = 0;
  ByteView payload{};
};

//     |F|   block PT  |  timestamp offset         |   block length    |   F: another header follows
//     |0|   block PT  |                                                  the primary block's
[[nodiscard]] inline std::optional<RedBlock> primary_of_red(ByteView payload) {
  ByteReader in{payload};
  std::size_t redundant = 0;
  while (in.ok()) {
    const unsigned head = in.u8();
    const auto type = static_cast<std::uint8_t>(head & 0x7fu);
    if ((head & 0x80u) == 0) {
      in.skip(redundant);
      const auto primary = in.rest();
      if (!in.ok()) return std::nullopt;
      return RedBlock{type, primary};
    }
    redundant += in.u24() & 0x3ffu;
  }
  return std::nullopt;
}

}  // namespace rtclab::media
