#include "agents/stun/attribute_shapes.h"

#include "agents/stun/message.h"

#include <span>

namespace rtclab::stun {
namespace {

constexpr std::uint8_t kFamilyV4 = 0x01;
constexpr std::uint8_t kFamilyV6 = 0x02;
constexpr std::size_t kV4Octets = 4;
constexpr std::size_t kV6Octets = 16;

// What addresses are XORed with: the cookie, then the transaction id. Its first two octets are for
// the port.
std::array<std::byte, kV6Octets> mask(const TransactionId& transaction) {
  const auto octets = ByteWriter{kV6Octets}.u32(kMagicCookie).octets(transaction.octets).take();
  std::array<std::byte, kV6Octets> result{};
  std::ranges::copy(octets, result.begin());
  return result;
}

Endpoint xored(Endpoint endpoint, const TransactionId& transaction) {
  const auto key = mask(transaction);
  endpoint.port = Port{static_cast<std::uint16_t>(endpoint.port.value() ^ (kMagicCookie >> 16u))};
  const auto octets = endpoint.ip.is_v4() ? std::span{endpoint.ip.octets}.last(kV4Octets)
                                          : std::span{endpoint.ip.octets};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] = static_cast<std::uint8_t>(octets[i] ^ std::to_integer<std::uint8_t>(key[i]));
  }
  return endpoint;
}

}  // namespace

//    0                   1                   2                   3
//   |0 0 0 0 0 0 0 0|    Family     |           Port                |
//   |                 Address (32 bits or 128 bits)                 |
Bytes encode_address(const Endpoint& endpoint) {
  const bool v4 = endpoint.ip.is_v4();
  const auto octets = std::as_bytes(std::span{endpoint.ip.octets});
  ByteWriter writer{4 + kV6Octets};
  writer.u8(0).u8(v4 ? kFamilyV4 : kFamilyV6).u16(endpoint.port.value());
  return writer.octets(v4 ? octets.last(kV4Octets) : octets).take();
}

Bytes encode_xor_address(const Endpoint& endpoint, const TransactionId& transaction) {
  return encode_address(xored(endpoint, transaction));
}

Decoded<Endpoint> decode_address(ByteView in) {
  if (in.size() < 4) return refuse(Flaw::BadLength);
  ByteReader reader{in};
  reader.skip(1);  // RFC 8489 §14.1: receivers ignore it
  const auto family = reader.u8();
  const auto port = Port{reader.u16()};
  if (family != kFamilyV4 && family != kFamilyV6) return refuse(Flaw::BadValue);
  if (reader.remaining() != (family == kFamilyV4 ? kV4Octets : kV6Octets))
    return refuse(Flaw::BadLength);
  if (family == kFamilyV4) return Endpoint{Ip::v4(reader.u32()), port};
  Endpoint endpoint{.ip = {}, .port = port};
  for (auto& octet : endpoint.ip.octets) octet = reader.u8();
  return endpoint;
}

Decoded<Endpoint> decode_xor_address(ByteView in, const TransactionId& transaction) {
  return decode_address(in).map(
      [&](const Endpoint& decoded) { return xored(decoded, transaction); });
}

}  // namespace rtclab::stun
