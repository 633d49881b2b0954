// The addresses of this machine, as agents are told of them.
//
// Left out: interfaces that are down, loopback unless asked for, and IPv6 link-local addresses,
// which mean nothing without a zone that candidates cannot carry (RFC 8839 §5.1). An address that
// cannot be bound yet (duplicate address detection, RFC 4862 §5.4) is left out until it can.
#pragma once

#include "agents/base/address.h"
#include "agents/base/io.h"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace rtclab::live {

enum class Loopback : std::uint8_t { Hidden, Shown };

struct InterfaceAddress {
  std::string interface;  // "eth0"
  Ip address;
  friend auto operator<=>(const InterfaceAddress&, const InterfaceAddress&) = default;
};

// Sorted by name and address: the kernel's order is nobody's choice.
[[nodiscard]] std::vector<InterfaceAddress> interface_addresses(Loopback loopback);

// InterfaceDown for what `after` lacks, then InterfaceUp for what is new in it. Both sorted.
[[nodiscard]] std::vector<Input> changes(const std::vector<InterfaceAddress>& before,
                                         const std::vector<InterfaceAddress>& after);

}  // namespace rtclab::live
