#include "agents/base/checksum.h"

#include <bit>
#include <cstring>

namespace rtclab {
namespace {

std::uint16_t fold(std::uint32_t sum) {
  while (sum >> 16u != 0) sum = (sum & 0xffffu) + (sum >> 16u);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

// RFC 1071 §2: in words of any length and either order of octets, if the sum is turned in the end.
std::uint32_t checksum_add(std::uint32_t sum, ByteView octets) {
  std::uint64_t wide = 0;
  for (; octets.size() >= sizeof(std::uint32_t); octets = octets.subspan(sizeof(std::uint32_t))) {
    std::uint32_t word = 0;
    std::memcpy(&word, octets.data(), sizeof word);
    wide += word;
  }
  std::uint32_t last = 0;  // what is missing of it counts as zeros
  if (!octets.empty()) std::memcpy(&last, octets.data(), octets.size());
  wide += last;
  wide = (wide & 0xffff'ffffu) + (wide >> 32u);
  auto native = fold(static_cast<std::uint32_t>((wide & 0xffffu) + (wide >> 16u & 0xffffu)) +
                     static_cast<std::uint32_t>(wide >> 32u));
  if constexpr (std::endian::native == std::endian::little)
    native = static_cast<std::uint16_t>(native << 8u | native >> 8u);
  return fold(sum + native);
}

std::uint16_t checksum_close(std::uint32_t sum) {
  return static_cast<std::uint16_t>(~fold(sum));
}

std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  const std::uint32_t sum = (~checksum & 0xffffu) + (~before & 0xffffu) + after;
  return static_cast<std::uint16_t>(~fold(sum));
}

}  // namespace rtclab
