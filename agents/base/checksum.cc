#include "agents/base/checksum.h"

namespace rtclab {
namespace {

std::uint16_t fold(std::uint32_t sum) {
  while (sum >> 16u != 0) sum = (sum & 0xffffu) + (sum >> 16u);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

std::uint32_t checksum_add(std::uint32_t sum, ByteView octets) {
  for (std::size_t i = 0; i + 1 < octets.size(); i += 2) {
    sum += std::to_integer<std::uint32_t>(octets[i]) << 8u |
           std::to_integer<std::uint32_t>(octets[i + 1]);
  }
  if (octets.size() % 2 != 0) sum += std::to_integer<std::uint32_t>(octets.back()) << 8u;
  return fold(sum);
}

std::uint16_t checksum_close(std::uint32_t sum) {
  return static_cast<std::uint16_t>(~fold(sum));
}

std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  const std::uint32_t sum = (~checksum & 0xffffu) + (~before & 0xffffu) + after;
  return static_cast<std::uint16_t>(~fold(sum));
}

}  // namespace rtclab
