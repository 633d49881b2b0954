#include "agents/ice/host_addresses.h"

#include <algorithm>

namespace rtclab::ice {
namespace {

bool is_in(const Ip& address, std::string_view prefix) {
  const auto block = Prefix::parse(prefix);
  return block && block->contains(address);
}

}  // namespace

std::optional<std::string_view> why_no_candidate(const Ip& address) {
  if (address.is_unspecified()) return "it is the unspecified address";
  if (address.is_loopback()) return "it is a loopback address";
  if (address.is_v4()) {
    if (is_in(address, "224.0.0.0/4")) return "it is a multicast address";
    return std::nullopt;
  }
  if (is_in(address, "ff00::/8")) return "it is a multicast address";
  if (is_in(address, "::/96")) return "it is a deprecated IPv4-compatible address";
  if (is_in(address, "fec0::/10")) return "it is a deprecated site-local address";
  return std::nullopt;
}

std::vector<Ip> candidate_addresses(std::span<const InterfaceAddress> addresses) {
  std::vector<Ip> chosen;
  for (const auto& each : addresses) {
    if (why_no_candidate(each.ip)) continue;
    const bool is_outdone =
        each.ip.is_link_local() && std::ranges::any_of(addresses, [&](const auto& other) {
          return other.interface == each.interface && other.ip.family() == each.ip.family() &&
                 !other.ip.is_link_local() && !why_no_candidate(other.ip);
        });
    if (!is_outdone) chosen.push_back(each.ip);
  }
  return chosen;
}

}  // namespace rtclab::ice
