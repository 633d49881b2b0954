#include "topologies/embedded_address.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace rtclab::topology {
namespace {

// RFC 6052 §2.2: bits 64 to 71 are zero, whatever the prefix; the IPv4 address goes around them.
constexpr std::size_t kReserved = 8;

// Where octet `number` of the IPv4 address stands.
std::size_t place_of(std::size_t number, unsigned bits) {
  const auto at = bits / 8 + number;
  return bits < 96 && at >= kReserved ? at + 1 : at;
}

}  // namespace

const Prefix& well_known_prefix() {
  static const Prefix kPrefix{*Ip::parse("64:ff9b::"), 96};
  return kPrefix;
}

bool is_translation_prefix(const Prefix& prefix) {
  constexpr std::array kLengths{32u, 40u, 48u, 56u, 64u, 96u};
  return !prefix.ip.is_v4() && std::ranges::find(kLengths, prefix.bits) != kLengths.end() &&
         prefix.ip.octets[kReserved] == 0;
}

Ip embed(const Prefix& prefix, const Ip& v4) {
  assert(is_translation_prefix(prefix) && v4.is_v4());
  Ip v6;
  std::copy_n(prefix.ip.octets.begin(), prefix.bits / 8, v6.octets.begin());
  for (std::size_t i = 0; i < 4; ++i) v6.octets[place_of(i, prefix.bits)] = v4.octets[12 + i];
  return v6;
}

std::optional<Ip> extract(const Prefix& prefix, const Ip& v6) {
  if (v6.is_v4() || !prefix.contains(v6)) return std::nullopt;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8u | v6.octets[place_of(i, prefix.bits)];
  const auto v4 = Ip::v4(number);
  return embed(prefix, v4) == v6 ? std::optional{v4} : std::nullopt;
}

bool may_be_embedded(const Prefix& prefix, const Ip& v4) {
  static const std::array kPrivate{*Prefix::parse("10.0.0.0/8"), *Prefix::parse("172.16.0.0/12"),
                                   *Prefix::parse("192.168.0.0/16"),
                                   *Prefix::parse("100.64.0.0/10")};
  if (v4.is_unspecified() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()) {
    return false;
  }
  if (prefix != well_known_prefix()) return true;
  return std::ranges::none_of(kPrivate, [&](const Prefix& net) { return net.contains(v4); });
}

}  // namespace rtclab::topology
