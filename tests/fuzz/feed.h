// An input cut into decisions: numbers, texts, datagrams. Used up, it yields zeros and nothing.
//
// The form is plain, so that a seed can be written by hand and a mutation stays near its parent: a
// chunk is two octets of length and that many octets, or what is left.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace rtclab::fuzz {

class Feed {
 public:
  explicit Feed(ByteView input) : in_{input} {}

  [[nodiscard]] bool is_empty() const { return in_.remaining() == 0; }
  std::uint8_t u8() { return in_.u8(); }
  std::uint16_t u16() { return in_.u16(); }
  // Below `bound`, which is 1 to 256.
  std::size_t below(std::size_t bound) { return in_.u8() % bound; }
  bool flip() { return in_.u8() % 2 != 0; }
  ByteView chunk() {
    const auto wanted = in_.u16();
    return in_.take(std::min<std::size_t>(wanted, in_.remaining()));
  }
  std::string text() { return std::string{as_text(chunk())}; }
  // 0 to 65 s, coarser the longer it is.
  Duration pause() {
    const auto steps = std::chrono::milliseconds{in_.u8()};
    return steps * steps.count();
  }

 private:
  ByteReader in_;
};

}  // namespace rtclab::fuzz
