#include "topologies/nat_reader.h"

#include "topologies/vocabulary.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace rtclab::topology {
namespace {

constexpr std::uint64_t kMostMappings = 1'000'000;

template <class E, std::size_t N>
void read(const xml::Element& element, std::string_view attribute,
          const std::array<xml::Choice<E>, N>& choices, E& value) {
  value = element.choice<E>(attribute, choices, value);
}

template <class E, std::size_t N>
void read(const xml::Element& element, std::string_view attribute,
          const std::array<xml::Choice<E>, N>& choices, std::optional<E>& value) {
  if (element.has(attribute)) value = element.choice<E>(attribute, choices);
}

// "tcp", "tcp/443".
std::optional<Service> parse_service(std::string_view word) {
  const auto slash = word.find('/');
  const auto name = word.substr(0, slash);
  const auto known = std::ranges::find(kTransports, name, &xml::Choice<Transport>::text);
  if (known == kTransports.end()) return std::nullopt;
  if (slash == std::string_view::npos) return Service{known->value};
  const auto number = word.substr(slash + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(number.begin(), number.end(), port);
  if (error != std::errc{} || end != number.end() || port == 0) return std::nullopt;
  return Service{known->value, Port{port}};
}

void read_policy(const xml::Element& element, Policy& policy) {
  if (element.has("blocks")) policy.blocks = element.choices<Transport>("blocks", kTransports);
  if (!element.has("allows")) return;
  policy.allows.clear();
  const auto text = element.text("allows");
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    const auto word = std::string_view{text}.substr(at, end - at);
    at = end + 1;
    if (const auto service = parse_service(word)) {
      policy.allows.push_back(*service);
      if (std::ranges::find(policy.blocks, service->transport) != policy.blocks.end()) {
        element.complain("allows", "what is allowed is blocked as well: \"" + std::string{word} +
                                       "\", expected it in one of the two");
        return;
      }
    } else {
      element.complain_value("allows", "transports and ports such as \"tcp/443 udp/3478 udp\"");
      return;
    }
  }
}

void read_lifetimes(const xml::Element& element, Lifetimes& lifetimes) {
  lifetimes.udp = read_lifetime(element, "lifetime", lifetimes.udp);
  if (element.has("answeredLifetime")) {
    lifetimes.udp_answered = read_lifetime(element, "answeredLifetime", lifetimes.udp);
  }
  lifetimes.udp_answered_after = element.duration("answeredAfter", lifetimes.udp_answered_after);
  lifetimes.icmp = read_lifetime(element, "icmpLifetime", lifetimes.icmp);
  lifetimes.tcp_opening = read_lifetime(element, "tcpOpeningLifetime", lifetimes.tcp_opening);
  lifetimes.tcp_established =
      read_lifetime(element, "tcpEstablishedLifetime", lifetimes.tcp_established);
  if (element.has("tcpHalfClosedLifetime")) {
    lifetimes.tcp_half_closed =
        read_lifetime(element, "tcpHalfClosedLifetime", lifetimes.tcp_established);
  }
  lifetimes.tcp_closing = read_lifetime(element, "tcpClosingLifetime", lifetimes.tcp_closing);
  lifetimes.tcp_reset = read_lifetime(element, "tcpResetLifetime", lifetimes.tcp_reset);
}

void read_allocation(const xml::Element& element, NatBehaviour& nat) {
  read(element, "pooling", kPoolings, nat.pooling);
  read(element, "portAllocation", kPortAllocations, nat.port_allocation);
  read(element, "collision", kCollisions, nat.collision);
  nat.ports = read_ports(element, "firstPort", "lastPort", nat.ports);
  nat.port_parity = element.yes_no("portParity", nat.port_parity);
  nat.port_contiguity = element.yes_no("portContiguity", nat.port_contiguity);
  if (element.has("portBlock")) {
    nat.port_block = static_cast<std::uint16_t>(element.number("portBlock", 1, 32768));
  }
  nat.port_reuse_after = element.duration("portReuseAfter", nat.port_reuse_after);
  if (element.has("mappingsPerHost")) {
    nat.mappings_per_host = element.number("mappingsPerHost", 1, kMostMappings);
  }
  if (element.has("mostMappings")) {
    nat.most_mappings = element.number("mostMappings", 1, kMostMappings);
  }
  read(element, "exhaustion", kExhaustions, nat.exhaustion);
}

}  // namespace

const std::vector<std::string_view>& firewall_attributes() {
  static const std::vector<std::string_view> kNames{"filtering",
                                                    "tcpFiltering",
                                                    "lifetime",
                                                    "answeredLifetime",
                                                    "answeredAfter",
                                                    "icmpLifetime",
                                                    "tcpOpeningLifetime",
                                                    "tcpEstablishedLifetime",
                                                    "tcpHalfClosedLifetime",
                                                    "tcpClosingLifetime",
                                                    "tcpResetLifetime",
                                                    "unsolicitedSyn",
                                                    "blocks",
                                                    "allows"};
  return kNames;
}

const std::vector<std::string_view>& nat_attributes() {
  static const auto kNames = [] {
    auto names = firewall_attributes();
    for (const auto* const name :
         {"preset", "mapping", "tcpMapping", "pooling", "portAllocation", "collision", "firstPort",
          "lastPort", "portParity", "portContiguity", "portBlock", "portReuseAfter",
          "mappingsPerHost", "mostMappings", "exhaustion", "refresh", "hairpinning", "fragments",
          "icmpErrors"}) {
      names.emplace_back(name);
    }
    return names;
  }();
  return kNames;
}

PortRange read_ports(const xml::Element& element, std::string_view first, std::string_view last,
                     PortRange usual) {
  const PortRange ports{element.port(first, usual.first), element.port(last, usual.last)};
  if (ports.first > ports.last) {
    element.complain(
        element.has(last) ? last : first,
        "the range of ports ends before it begins: " + std::to_string(ports.first.value()) +
            " to " + std::to_string(ports.last.value()));
  }
  return ports;
}

Duration read_lifetime(const xml::Element& element, std::string_view attribute, Duration usual) {
  const auto lifetime = element.duration(attribute, usual);
  if (lifetime <= Duration{0}) element.complain(attribute, "expected a lifetime above 0");
  return lifetime;
}

NatBehaviour read_nat_behaviour(const xml::Element& element, NatBehaviour nat) {
  read(element, "mapping", kMappings, nat.mapping);
  read(element, "filtering", kFilterings, nat.filtering);
  read(element, "tcpMapping", kMappings, nat.tcp_mapping);
  read(element, "tcpFiltering", kFilterings, nat.tcp_filtering);
  read_allocation(element, nat);
  read_lifetimes(element, nat.lifetimes);
  read(element, "refresh", kRefreshes, nat.refresh);
  read(element, "hairpinning", kHairpinnings, nat.hairpinning);
  read(element, "unsolicitedSyn", kUnsolicitedSyns, nat.unsolicited_syn);
  read(element, "fragments", kFragmentTreatments, nat.fragments);
  read(element, "icmpErrors", kIcmpErrorTreatments, nat.translates_icmp_errors);
  read_policy(element, nat.policy);
  return nat;
}

FirewallRules read_firewall_rules(const xml::Element& element, FirewallRules rules) {
  read(element, "filtering", kFilterings, rules.filtering);
  read(element, "tcpFiltering", kFilterings, rules.tcp_filtering);
  read_lifetimes(element, rules.lifetimes);
  read(element, "unsolicitedSyn", kUnsolicitedSyns, rules.unsolicited_syn);
  read_policy(element, rules.policy);
  return rules;
}

}  // namespace rtclab::topology
