#include "tests/fuzz/mutation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace rtclab::fuzz {
namespace {

constexpr std::size_t kLongestInsertion = 16;
constexpr std::array<std::uint8_t, 8> kEdges{0x00, 0x01, 0x03, 0x04, 0x7f, 0x80, 0xfe, 0xff};

// A stretch of `octets`: where, and how long. Precondition: it is not empty.
struct Stretch {
  std::size_t at;
  std::size_t size;
};
Stretch draw_stretch(ByteView octets, std::size_t longest, Rng& rng) {
  const auto at = rng.below(octets.size());
  return {at, 1 + rng.below(std::min(longest, octets.size() - at))};
}

void insert(Bytes& octets, ByteView what, Rng& rng) {
  const auto at = static_cast<std::ptrdiff_t>(rng.below(octets.size() + 1));
  octets.insert(octets.begin() + at, what.begin(), what.end());
}

void change(Bytes& octets, ByteView other, Rng& rng) {
  if (octets.empty()) {
    octets.push_back(static_cast<std::byte>(rng.next()));
    return;
  }
  const auto at = rng.below(octets.size());
  switch (rng.below(7)) {
    case 0: octets[at] ^= std::byte{1} << static_cast<int>(rng.below(8)); return;
    case 1: octets[at] = static_cast<std::byte>(rng.next()); return;
    case 2: octets[at] = std::byte{kEdges.at(rng.below(kEdges.size()))}; return;
    case 3: {
      const auto [from, size] = draw_stretch(octets, octets.size(), rng);
      const auto begin = octets.begin() + static_cast<std::ptrdiff_t>(from);
      octets.erase(begin, begin + static_cast<std::ptrdiff_t>(size));
      return;
    }
    case 4: {
      const auto [from, size] = draw_stretch(octets, kLongestInsertion, rng);
      const Bytes copy(octets.begin() + static_cast<std::ptrdiff_t>(from),
                       octets.begin() + static_cast<std::ptrdiff_t>(from + size));
      insert(octets, copy, rng);
      return;
    }
    case 5: octets.resize(at); return;
    default: {
      if (other.empty()) return;
      const auto [from, size] = draw_stretch(other, kLongestInsertion, rng);
      insert(octets, other.subspan(from, size), rng);
    }
  }
}

}  // namespace

Bytes mutate(ByteView parent, ByteView other, Rng& rng) {
  Bytes octets{parent.begin(), parent.end()};
  for (auto left = 1 + rng.below(4); left != 0; --left) change(octets, other, rng);
  return octets;
}

}  // namespace rtclab::fuzz
