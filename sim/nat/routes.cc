#include "sim/nat/routes.h"

#include <cassert>
#include <cstdint>

namespace rtclab::sim {
namespace {

// Counted over the 128 bits that an Ip holds, where IPv4 lies behind ::ffff:0:0/96.
unsigned length_of(const Prefix& prefix) {
  return prefix.bits + (prefix.ip.is_v4() ? 96 : 0);
}

Ip net_of(Ip address, unsigned length) {
  for (unsigned bit = length; bit < 128; ++bit) {
    address.octets[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> (bit % 8)));
  }
  return address;
}

}  // namespace

void Routes::set(const Prefix& prefix, Interface& way) {
  const auto length = length_of(prefix);
  assert(length <= 128);
  by_length_[length][net_of(prefix.ip, length)] = &way;
}

Interface* Routes::find(const Ip& destination) const {
  for (const auto& [length, nets] : by_length_) {
    const auto found = nets.find(net_of(destination, length));
    if (found != nets.end()) return found->second;
  }
  return nullptr;
}

}  // namespace rtclab::sim
