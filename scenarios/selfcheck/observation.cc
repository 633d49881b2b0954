#include "scenarios/selfcheck/observation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace rtclab::selfcheck {
namespace {

// One port after the other, with room for those of another parity and those that others took.
bool counts_up(const std::vector<PortsSeen::One>& ports) {
  constexpr int kFurthest = 4;
  std::size_t turns = 0;
  for (std::size_t i = 1; i < ports.size(); ++i) {
    const int step = ports[i].outside.port.value() - ports[i - 1].outside.port.value();
    if (step < 0 && ++turns == 1) continue;  // from the last port to the first
    if (step < 1 || step > kFurthest) return false;
  }
  return true;
}

}  // namespace

std::string to_text(Duration duration) {
  return fmt::format("{:.12g} s", std::chrono::duration<double>(duration).count());
}

std::string to_text(const LifetimeBounds& bounds) {
  if (!bounds.less_than) return to_text(bounds.at_least) + " or more";
  return fmt::format("{:.0f} to {:.0f} s", std::chrono::duration<double>(bounds.at_least).count(),
                     std::chrono::duration<double>(*bounds.less_than).count());
}

LifetimeBounds search_lifetime(Duration longest, Duration precision,
                               const std::function<bool(Duration)>& is_alive) {
  if (is_alive(longest)) return {longest, std::nullopt};
  LifetimeBounds bounds{Duration{0}, longest};
  while (*bounds.less_than - bounds.at_least > precision) {
    const auto middle = bounds.at_least + (*bounds.less_than - bounds.at_least) / 2;
    if (is_alive(middle))
      bounds.at_least = middle;
    else
      bounds.less_than = middle;
  }
  return bounds;
}

std::optional<topology::PortAllocation> judge_allocation(const PortsSeen& seen) {
  using topology::PortAllocation;
  if (seen.ports.size() < 4) return std::nullopt;
  const auto is_kept = [](const PortsSeen::One& one) { return one.outside.port == one.inside; };
  if (std::ranges::all_of(seen.ports, is_kept)) {
    const bool shared = seen.same_port_of_another &&
                        seen.same_port_of_another->port == seen.ports.front().outside.port &&
                        seen.same_port_of_another->ip == seen.ports.front().outside.ip;
    return shared ? PortAllocation::Overloading : PortAllocation::Preserving;
  }
  return counts_up(seen.ports) ? PortAllocation::Sequential : PortAllocation::Random;
}

std::optional<topology::Pooling> judge_pooling(const PortsSeen& seen) {
  if (seen.ports.size() < 2) return std::nullopt;
  const bool one = std::ranges::all_of(seen.ports, [&](const PortsSeen::One& each) {
    return each.outside.ip == seen.ports.front().outside.ip;
  });
  return one ? topology::Pooling::Paired : topology::Pooling::Arbitrary;
}

std::optional<bool> judge_parity(const PortsSeen& seen) {
  if (seen.ports.size() < 2) return std::nullopt;
  return std::ranges::all_of(seen.ports, [](const PortsSeen::One& one) {
    return one.inside.value() % 2 == one.outside.port.value() % 2;
  });
}

std::optional<topology::Refresh> judge_refresh(const UdpSeen& seen) {
  using topology::Refresh;
  if (!seen.outbound_refreshes || !seen.inbound_refreshes) return std::nullopt;
  if (*seen.outbound_refreshes && *seen.inbound_refreshes) return Refresh::Both;
  if (*seen.outbound_refreshes) return Refresh::Outbound;
  return *seen.inbound_refreshes ? std::optional{Refresh::Inbound} : std::nullopt;
}

}  // namespace rtclab::selfcheck
