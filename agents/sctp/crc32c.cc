#include "agents/sctp/crc32c.h"

#include <array>

namespace rtclab::sctp {
namespace {

// 0x1edc6f41 with its bits reversed: the register shifts right, because SCTP sends the least
// significant bit of each octet first (RFC 9260 appendix A).
constexpr std::uint32_t kPolynomial = 0x82f63b78;
constexpr std::size_t kSlices = 8;

// Table k is the effect of an octet that stands k octets before the end of a slice, so that eight
// octets take eight look-ups which do not wait for each other.
consteval std::array<std::array<std::uint32_t, 256>, kSlices> make_tables() {
  std::array<std::array<std::uint32_t, 256>, kSlices> tables{};
  for (std::uint32_t octet = 0; octet < 256; ++octet) {
    auto value = octet;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1u) != 0 ? value >> 1u ^ kPolynomial : value >> 1u;
    }
    tables[0][octet] = value;
  }
  for (std::size_t k = 1; k < kSlices; ++k) {
    for (std::size_t octet = 0; octet < 256; ++octet) {
      const auto before = tables[k - 1][octet];
      tables[k][octet] = before >> 8u ^ tables[0][before & 0xffu];
    }
  }
  return tables;
}

constexpr auto kTables = make_tables();

std::uint32_t at(ByteView octets, std::size_t i) {
  return std::to_integer<std::uint32_t>(octets[i]);
}

std::uint32_t extend(std::uint32_t crc, ByteView octets) {
  while (octets.size() >= kSlices) {
    crc ^= at(octets, 0) | at(octets, 1) << 8u | at(octets, 2) << 16u | at(octets, 3) << 24u;
    crc = kTables[7][crc & 0xffu] ^ kTables[6][crc >> 8u & 0xffu] ^ kTables[5][crc >> 16u & 0xffu] ^
          kTables[4][crc >> 24u] ^ kTables[3][at(octets, 4)] ^ kTables[2][at(octets, 5)] ^
          kTables[1][at(octets, 6)] ^ kTables[0][at(octets, 7)];
    octets = octets.subspan(kSlices);
  }
  for (const auto octet : octets) {
    crc = crc >> 8u ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(octet)) & 0xffu];
  }
  return crc;
}

}  // namespace

std::uint32_t crc32c(ByteView octets) {
  return ~extend(~std::uint32_t{0}, octets);
}

std::uint32_t packet_crc32c(ByteView packet) {
  assert(packet.size() >= 12);
  constexpr std::array<std::byte, 4> kZeros{};
  auto crc = extend(~std::uint32_t{0}, packet.first(8));
  crc = extend(crc, kZeros);
  return ~extend(crc, packet.subspan(12));
}

}  // namespace rtclab::sctp
