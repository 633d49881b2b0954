// Which outside port a new mapping gets: RFC 4787 §4.2.
#pragma once

#include "agents/base/address.h"
#include "agents/base/ip_packet.h"
#include "agents/base/rng.h"
#include "topologies/topology.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>

namespace rtclab::nat {

// UDP ports, TCP ports and ICMP identifiers are counted apart.
class PortAllocator {
 public:
  PortAllocator(topology::PortAllocation kind, topology::PortRange range, SeededRng rng);

  // A port that is free, and is taken from now on; nullopt when none is left.
  // A preferred port that is taken gives way to the next free one; behind the last comes the first.
  [[nodiscard]] std::optional<Port> allocate(ip::Protocol protocol, Port inside);
  void release(ip::Protocol protocol, Port port);

 private:
  struct Pool {
    std::bitset<0x10000> taken;
    std::size_t count = 0;
    std::uint16_t next;  // Sequential: where the search begins
  };
  [[nodiscard]] Pool& pool(ip::Protocol protocol);
  [[nodiscard]] std::uint16_t preferred(const Pool& pool, Port inside);
  [[nodiscard]] std::uint16_t after(std::uint16_t port) const;

  topology::PortAllocation kind_;
  std::uint16_t first_;
  std::uint16_t last_;
  SeededRng rng_;
  std::array<Pool, 3> pools_;
};

}  // namespace rtclab::nat
