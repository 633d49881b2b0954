#include "sim/nat/routes.h"

#include <cassert>

namespace rtclab::sim {
namespace {

constexpr unsigned kV4Bits = 32;

Ip net_of(const Ip& address, unsigned bits) {
  const auto mask = bits == 0 ? 0u : ~0u << (kV4Bits - bits);
  return Ip::v4(address.v4_number() & mask);
}

}  // namespace

void Routes::set(const Prefix& prefix, Interface& way) {
  assert(prefix.ip.is_v4() && prefix.bits <= kV4Bits);
  by_length_[prefix.bits][net_of(prefix.ip, prefix.bits)] = &way;
}

Interface* Routes::find(const Ip& destination) const {
  if (!destination.is_v4()) return nullptr;
  for (const auto& [bits, nets] : by_length_) {
    const auto found = nets.find(net_of(destination, bits));
    if (found != nets.end()) return found->second;
  }
  return nullptr;
}

}  // namespace rtclab::sim
