#include "sim/nat/policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::nat {
namespace {

bool is_of(Transport transport, ip::Protocol protocol) {
  return protocol == (transport == Transport::Udp ? ip::Protocol::Udp : ip::Protocol::Tcp);
}

std::string text_of(const topology::Service& service) {
  const auto transport = to_string(service.transport);
  return service.port ? fmt::format("{}/{}", transport, service.port->value())
                      : std::string{transport};
}

}  // namespace

std::optional<std::string> blocked_by(const topology::Policy& policy, ip::Protocol protocol) {
  const bool blocked = std::ranges::any_of(
      policy.blocks, [&](Transport transport) { return is_of(transport, protocol); });
  if (!blocked) return std::nullopt;
  return fmt::format("{} is blocked", protocol_name(protocol));
}

std::optional<std::string> not_allowed_by(const topology::Policy& policy, const Flow& outbound) {
  const bool allowed = policy.allows.empty() ||
                       std::ranges::any_of(policy.allows, [&](const topology::Service& service) {
                         return is_of(service.transport, outbound.protocol) &&
                                (!service.port || service.port == outbound.destination.port);
                       });
  if (allowed) return std::nullopt;
  std::string names;
  for (const auto& service : policy.allows) names += (names.empty() ? "" : " ") + text_of(service);
  const auto whom = outbound.destination.port == Port{0} ? outbound.destination.ip.to_string()
                                                         : outbound.destination.to_string();
  return fmt::format("policy: of what begins here only {} passes, not {} to {}", names,
                     protocol_name(outbound.protocol), whom);
}

}  // namespace rtclab::nat
