#include "sim/nat/port_allocator.h"

#include <algorithm>
#include <cassert>

namespace rtclab::nat {
namespace {

using topology::Collision;
using topology::Pooling;
using topology::PortAllocation;

constexpr std::uint16_t kLastWellKnown = 1023;

std::size_t number_of(ip::Protocol protocol) {
  switch (protocol) {
    case ip::Protocol::Udp: return 0;
    case ip::Protocol::Tcp: return 1;
    default: return 2;
  }
}

}  // namespace

// The ports from `first` to `last` that a mapping may have; with parity those like the inside port.
struct PortAllocator::Choices {
  unsigned first;
  unsigned step;
  std::uint64_t count;

  static Choices of(unsigned first, unsigned last, bool parity, Port inside) {
    if (parity) first += (first ^ inside.value()) & 1u;
    const unsigned step = parity ? 2 : 1;
    return {first, step, first > last ? 0 : (last - first) / step + 1};
  }
  [[nodiscard]] Port at(std::uint64_t index) const {
    return Port{static_cast<std::uint16_t>(first + step * (index % count))};
  }
  // Of the port, or else of the next one that is a choice.
  [[nodiscard]] std::uint64_t index_of(std::uint16_t port) const {
    return port <= first ? 0 : (port - first + step - 1) / step;
  }
};

PortAllocator::PortAllocator(const topology::NatBehaviour& behaviour, std::vector<Ip> addresses,
                             SeededRng rng)
    : behaviour_{behaviour}, addresses_{std::move(addresses)}, rng_{rng} {
  assert(!addresses_.empty() && behaviour_.ports.first <= behaviour_.ports.last);
}

PortAllocator::Pool& PortAllocator::pool(const Ip& address, ip::Protocol protocol) {
  auto& made = pools_[address][number_of(protocol)];
  if (!made) {
    made = std::make_unique<Pool>();
    made->next = behaviour_.ports.first.value();
  }
  return *made;
}

bool PortAllocator::overloads() const {
  return behaviour_.port_allocation == PortAllocation::Overloading;
}

bool PortAllocator::is_free(const Request& request, const Endpoint& outside) {
  const auto& there = pool(outside.ip, request.protocol);
  const auto port = outside.port.value();
  return overloads() ? !there.used.contains({port, request.destination}) : !there.taken.test(port);
}

std::optional<Endpoint> PortAllocator::allocate(const Request& request, Instant now) {
  while (!resting_.empty() && std::get<Instant>(resting_.front()) <= now) {
    const auto [at, protocol, outside] = resting_.front();
    resting_.pop_front();
    free_port(protocol, outside);
  }
  const auto found = find(request);
  if (found) take(request, *found);
  const auto inside = insides_.find(request.inside.ip);
  if (inside == insides_.end()) return found;
  // A block in which nothing was free after all.
  std::erase_if(inside->second.blocks, [&](const Block& block) {
    return block.held == 0 && blocks_.erase({block.address, block.first}) > 0;
  });
  if (inside->second.held == 0) insides_.erase(inside);
  return found;
}

bool PortAllocator::reserve(const Request& request, const Endpoint& outside) {
  const auto& ports = behaviour_.ports;
  if (std::ranges::find(addresses_, outside.ip) == addresses_.end()) return false;
  if (outside.port < ports.first || outside.port > ports.last) return false;
  if (!is_free(request, outside)) return false;
  if (const auto only = address_of(request.inside.ip); only && *only != outside.ip) return false;
  if (behaviour_.port_block) {
    auto& inside = insides_[request.inside.ip];
    const auto begin = block_begin(outside.port.value());
    if (block_at(inside, outside) == nullptr) {
      if (!blocks_.emplace(outside.ip, begin).second) {
        if (inside.held == 0) insides_.erase(request.inside.ip);
        return false;
      }
      inside.blocks.push_back({outside.ip, begin});
    }
  }
  take(request, outside);
  return true;
}

void PortAllocator::take(const Request& request, const Endpoint& outside) {
  auto& there = pool(outside.ip, request.protocol);
  const auto port = outside.port.value();
  if (!there.taken.test(port)) ++there.count;
  there.taken.set(port);
  there.next = outside.port >= behaviour_.ports.last ? behaviour_.ports.first.value()
                                                     : static_cast<std::uint16_t>(port + 1);
  if (overloads()) {
    ++there.users[port];
    there.used.emplace(port, request.destination);
    shown_[{request.protocol, request.inside}].emplace_back(outside, request.destination);
  }
  auto& inside = insides_[request.inside.ip];
  if (++inside.held == 1 && behaviour_.pooling == Pooling::Paired) {
    inside.address = outside.ip;
    ++hosts_at_[outside.ip];
  }
  if (auto* const block = block_at(inside, outside)) ++block->held;
}

void PortAllocator::release(const Request& request, const Endpoint& outside, Instant now) {
  auto& there = pool(outside.ip, request.protocol);
  const auto port = outside.port.value();
  assert(there.taken.test(port));
  if (overloads()) {
    there.used.erase({port, request.destination});
    const auto shown = shown_.find({request.protocol, request.inside});
    shown->second.erase(std::ranges::find(shown->second, std::pair{outside, request.destination}));
    if (shown->second.empty()) shown_.erase(shown);
    if (--there.users[port] == 0) {
      there.users.erase(port);
      free_port(request.protocol, outside);
    }
  } else if (behaviour_.port_reuse_after > Duration{0}) {
    resting_.emplace_back(now + behaviour_.port_reuse_after, request.protocol, outside);
  } else {
    free_port(request.protocol, outside);
  }

  const auto found = insides_.find(request.inside.ip);
  auto& inside = found->second;
  if (auto* const block = block_at(inside, outside); block != nullptr && --block->held == 0) {
    blocks_.erase({block->address, block->first});
    inside.blocks.erase(inside.blocks.begin() + (block - inside.blocks.data()));
  }
  if (--inside.held > 0) return;
  if (inside.address) --hosts_at_[*inside.address];
  insides_.erase(found);
}

void PortAllocator::free_port(ip::Protocol protocol, const Endpoint& outside) {
  auto& there = pool(outside.ip, protocol);
  there.taken.reset(outside.port.value());
  --there.count;
}

std::size_t PortAllocator::held_by(const Ip& host) const {
  const auto found = insides_.find(host);
  return found == insides_.end() ? 0 : found->second.held;
}

std::optional<Ip> PortAllocator::address_of(const Ip& host) const {
  const auto found = insides_.find(host);
  return found == insides_.end() ? std::nullopt : found->second.address;
}

// In the order in which they are to be tried.
std::vector<Ip> PortAllocator::addresses_for(const Ip& host) {
  if (addresses_.size() == 1) return addresses_;
  auto tried = addresses_;
  if (behaviour_.pooling == Pooling::Arbitrary) {
    const auto first = rng_.below(tried.size());
    std::rotate(tried.begin(), tried.begin() + static_cast<std::ptrdiff_t>(first), tried.end());
    return tried;
  }
  // RFC 7857 §4: a host that has an address gets no port of another one.
  if (const auto only = address_of(host)) return {*only};
  const auto hosts_at = [this](const Ip& address) {
    const auto found = hosts_at_.find(address);
    return found == hosts_at_.end() ? std::size_t{0} : found->second;
  };
  std::ranges::stable_sort(tried, {}, hosts_at);
  return tried;
}

// RFC 4787 REQ-3 a: well-known ports stay among each other as long as one is free, and so do the
// others. Identifiers of ICMP have no such halves.
std::vector<PortAllocator::Window> PortAllocator::windows(const Request& request) const {
  const auto first = behaviour_.ports.first.value();
  const auto last = behaviour_.ports.last.value();
  const bool halves =
      request.protocol == ip::Protocol::Udp || request.protocol == ip::Protocol::Tcp;
  if (!halves || first > kLastWellKnown || last <= kLastWellKnown) return {{first, last}};
  const Window low{first, kLastWellKnown};
  const Window high{kLastWellKnown + 1, last};
  if (request.inside.port.value() <= kLastWellKnown) return {low, high};
  return {high, low};
}

std::optional<Endpoint> PortAllocator::find(const Request& request) {
  if (const auto kept = find_beside(request)) return kept;
  if (behaviour_.port_block) return find_in_blocks(request);
  for (const auto& address : addresses_for(request.inside.ip)) {
    for (const auto& window : windows(request)) {
      if (const auto found = find_in(request, address, window)) return found;
    }
  }
  return std::nullopt;
}

std::optional<Endpoint> PortAllocator::find_beside(const Request& request) {
  if (!request.beside || request.beside->port >= behaviour_.ports.last) return std::nullopt;
  const Endpoint next{request.beside->ip,
                      Port{static_cast<std::uint16_t>(request.beside->port.value() + 1)}};
  if (behaviour_.port_block) {
    const auto inside = insides_.find(request.inside.ip);
    if (inside == insides_.end() || block_at(inside->second, next) == nullptr) return std::nullopt;
  }
  return is_free(request, next) ? std::optional{next} : std::nullopt;
}

std::optional<Endpoint> PortAllocator::find_in_blocks(const Request& request) {
  const auto search = [&](const Block& block) {
    return find_in(request, block.address, window_of(block));
  };
  if (const auto inside = insides_.find(request.inside.ip); inside != insides_.end()) {
    for (const auto& block : inside->second.blocks) {
      if (const auto found = search(block)) return found;
    }
  }
  if (!add_block(request)) return std::nullopt;
  return search(insides_[request.inside.ip].blocks.back());
}

std::optional<Endpoint> PortAllocator::find_in(const Request& request, const Ip& address,
                                               Window window) {
  // RFC 7857 §3 allows what Linux does: an endpoint that shows as some port already tries that one
  // first, so that it looks the same to as many destinations as possible.
  if (const auto shown = find_shown(request, address)) return shown;
  // RFC 4787 §4.2.2 is about UDP.
  const bool parity = behaviour_.port_parity && request.protocol == ip::Protocol::Udp;
  const auto choices = Choices::of(window.first, window.last, parity, request.inside.port);
  if (choices.count == 0) return std::nullopt;
  auto index = wanted(request, address, window, choices);
  for (std::uint64_t i = 0; i < choices.count; ++i) {
    const Endpoint outside{address, choices.at(index + i)};
    if (is_free(request, outside)) return outside;
    if (i == 0 && draws_on_collision()) index = rng_.below(choices.count);
  }
  // The one that was given up for a drawn one was looked at before; all others are taken.
  return std::nullopt;
}

// The newest first, as the kernel's list has it.
std::optional<Endpoint> PortAllocator::find_shown(const Request& request, const Ip& address) {
  const auto shown = shown_.find({request.protocol, request.inside});
  if (shown == shown_.end()) return std::nullopt;
  const auto& mappings = shown->second;
  const auto usable = std::find_if(mappings.rbegin(), mappings.rend(), [&](const auto& mapping) {
    return mapping.first.ip == address && is_free(request, mapping.first);
  });
  return usable == mappings.rend() ? std::nullopt : std::optional{usable->first};
}

// RFC 7857 §9: a port that cannot be kept should be drawn; many NATs take the next one.
bool PortAllocator::draws_on_collision() const {
  return behaviour_.collision == Collision::Random &&
         (overloads() || behaviour_.port_allocation == PortAllocation::Preserving);
}

// Which of the choices is looked at first.
std::uint64_t PortAllocator::wanted(const Request& request, const Ip& address, Window window,
                                    const Choices& choices) {
  const auto inside = request.inside.port.value();
  const auto contains = [&](std::uint16_t port) {
    return window.first <= port && port <= window.last;
  };
  switch (behaviour_.port_allocation) {
    case PortAllocation::Preserving:
    case PortAllocation::Overloading:
      if (contains(inside)) return choices.index_of(inside);
      return draws_on_collision() ? rng_.below(choices.count) : 0;
    case PortAllocation::Sequential: {
      const auto next = pool(address, request.protocol).next;
      return contains(next) ? choices.index_of(next) : 0;
    }
    case PortAllocation::Random: return rng_.below(choices.count);
  }
  __builtin_unreachable();
}

// Blocks begin with the first port of the range; the last one may be smaller.
std::uint16_t PortAllocator::block_begin(std::uint16_t port) const {
  const unsigned first = behaviour_.ports.first.value();
  return static_cast<std::uint16_t>(port - (port - first) % *behaviour_.port_block);
}

PortAllocator::Window PortAllocator::window_of(const Block& block) const {
  const auto last =
      std::min<unsigned>(block.first + *behaviour_.port_block - 1u, behaviour_.ports.last.value());
  return {block.first, static_cast<std::uint16_t>(last)};
}

PortAllocator::Block* PortAllocator::block_at(Inside& inside, const Endpoint& outside) const {
  if (!behaviour_.port_block) return nullptr;
  const auto begin = block_begin(outside.port.value());
  const auto found = std::ranges::find_if(inside.blocks, [&](const Block& block) {
    return block.address == outside.ip && block.first == begin;
  });
  return found == inside.blocks.end() ? nullptr : &*found;
}

// RFC 7422 §2: a host that has used up its block gets another one.
bool PortAllocator::add_block(const Request& request) {
  for (const auto& address : addresses_for(request.inside.ip)) {
    const auto free = free_blocks(address);
    if (free.empty()) continue;
    auto chosen = free.begin();
    const auto& ports = behaviour_.ports;
    const auto port = std::clamp(request.inside.port, ports.first, ports.last).value();
    switch (behaviour_.port_allocation) {
      case PortAllocation::Preserving:
      case PortAllocation::Overloading:
        chosen = std::ranges::find(free, block_begin(port));
        if (chosen == free.end()) chosen = free.begin();
        break;
      case PortAllocation::Sequential: break;
      case PortAllocation::Random:
        chosen += static_cast<std::ptrdiff_t>(rng_.below(free.size()));
        break;
    }
    insides_[request.inside.ip].blocks.push_back({address, *chosen});
    blocks_.emplace(address, *chosen);
    return true;
  }
  return false;
}

std::vector<std::uint16_t> PortAllocator::free_blocks(const Ip& address) const {
  std::vector<std::uint16_t> free;
  const unsigned last = behaviour_.ports.last.value();
  for (unsigned first = behaviour_.ports.first.value(); first <= last;
       first += *behaviour_.port_block) {
    const auto begin = static_cast<std::uint16_t>(first);
    if (!blocks_.contains({address, begin})) free.push_back(begin);
  }
  return free;
}

}  // namespace rtclab::nat
