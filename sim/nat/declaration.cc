#include "sim/nat/declaration.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::nat {
namespace {

template <class T>
Field word(std::string_view key, T value) {
  return {key, std::string{to_string(value)}};
}

Field seconds(std::string_view key, Duration lifetime) {
  return {key, std::chrono::duration<double>(lifetime).count()};
}

std::string addresses_of(const topology::Interface& interface) {
  std::string text;
  for (const auto& address : interface.addresses) {
    if (!address.ip.is_v4()) continue;
    text += (text.empty() ? "" : " ") + address.ip.to_string();
  }
  return text;
}

// "tcp/443 udp"
std::string services_of(const std::vector<topology::Service>& services) {
  std::string text;
  for (const auto& service : services) {
    text += (text.empty() ? "" : " ") + std::string{to_string(service.transport)};
    if (service.port) text += "/" + std::to_string(service.port->value());
  }
  return text;
}

}  // namespace

Event declaration_of(const topology::NatBehaviour& nat, const topology::Interface& outside) {
  const auto& lifetimes = nat.lifetimes;
  Event event{.name = "nat:declared",
              .fields = {word("mapping", nat.mapping),
                         word("filtering", nat.filtering),
                         word("tcp_mapping", nat.mapping_of(Transport::Tcp)),
                         word("tcp_filtering", nat.filtering_of(Transport::Tcp)),
                         word("pooling", nat.pooling),
                         word("port_allocation", nat.port_allocation),
                         {"first_port", std::uint64_t{nat.ports.first.value()}},
                         {"last_port", std::uint64_t{nat.ports.last.value()}},
                         {"port_parity", nat.port_parity},
                         {"port_contiguity", nat.port_contiguity},
                         word("exhaustion", nat.exhaustion),
                         seconds("udp_s", lifetimes.udp),
                         seconds("icmp_s", lifetimes.icmp),
                         seconds("tcp_opening_s", lifetimes.tcp_opening),
                         seconds("tcp_established_s", lifetimes.tcp_established),
                         seconds("tcp_closing_s", lifetimes.tcp_closing),
                         seconds("tcp_reset_s", lifetimes.tcp_reset),
                         word("refresh", nat.refresh),
                         word("hairpinning", nat.hairpinning),
                         word("unsolicited_syn", nat.unsolicited_syn),
                         word("fragments", nat.fragments),
                         {"translates_icmp_errors", nat.translates_icmp_errors},
                         {"outside", addresses_of(outside)}},
              .rule = std::nullopt};
  const auto add = [&](std::string_view key, std::uint64_t value) {
    event.fields.push_back({key, value});
  };
  if (nat.port_block) add("port_block", *nat.port_block);
  if (nat.mappings_per_host) add("mappings_per_host", *nat.mappings_per_host);
  if (nat.most_mappings) add("most_mappings", *nat.most_mappings);
  if (!nat.policy.allows.empty())
    event.fields.push_back({"allows", services_of(nat.policy.allows)});
  if (lifetimes.udp_answered) {
    event.fields.push_back(seconds("udp_answered_s", *lifetimes.udp_answered));
    event.fields.push_back(seconds("udp_answered_after_s", lifetimes.udp_answered_after));
  }
  return event;
}

}  // namespace rtclab::nat
