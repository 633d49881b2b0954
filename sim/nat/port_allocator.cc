#include "sim/nat/port_allocator.h"

#include <cassert>

namespace rtclab::nat {

PortAllocator::PortAllocator(topology::PortAllocation kind, topology::PortRange range,
                             SeededRng rng)
    : kind_{kind}, first_{range.first.value()}, last_{range.last.value()}, rng_{rng} {
  assert(first_ <= last_);
  for (auto& pool : pools_) pool.next = first_;
}

PortAllocator::Pool& PortAllocator::pool(ip::Protocol protocol) {
  switch (protocol) {
    case ip::Protocol::Udp: return pools_[0];
    case ip::Protocol::Tcp: return pools_[1];
    default: return pools_[2];
  }
}

std::uint16_t PortAllocator::after(std::uint16_t port) const {
  return port == last_ ? first_ : static_cast<std::uint16_t>(port + 1);
}

std::uint16_t PortAllocator::preferred(const Pool& pool, Port inside) {
  switch (kind_) {
    case topology::PortAllocation::Preserving:
    case topology::PortAllocation::Overloading: {
      const auto port = inside.value();
      return port < first_ || port > last_ ? first_ : port;
    }
    case topology::PortAllocation::Sequential: return pool.next;
    case topology::PortAllocation::Random:
      return static_cast<std::uint16_t>(first_ + rng_.below(std::uint64_t{last_} - first_ + 1));
  }
  return first_;
}

std::optional<Port> PortAllocator::allocate(ip::Protocol protocol, Port inside) {
  auto& of_protocol = pool(protocol);
  if (of_protocol.count > std::size_t{last_} - first_) return std::nullopt;
  auto port = preferred(of_protocol, inside);
  while (of_protocol.taken.test(port)) port = after(port);
  of_protocol.taken.set(port);
  ++of_protocol.count;
  of_protocol.next = after(port);
  return Port{port};
}

void PortAllocator::release(ip::Protocol protocol, Port port) {
  auto& of_protocol = pool(protocol);
  assert(of_protocol.taken.test(port.value()));
  of_protocol.taken.reset(port.value());
  --of_protocol.count;
}

}  // namespace rtclab::nat
