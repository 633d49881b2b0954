#include "topologies/nat_terms.h"

#include "topologies/units.h"

#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>

namespace rtclab::topology {
namespace {

std::string text_of(Duration duration) {
  return units::format_duration(duration);
}
std::string text_of(std::unsigned_integral auto number) {
  return std::to_string(number);
}
std::string text_of(Port port) {
  return std::to_string(port.value());
}
std::string text_of(bool yes) {
  return yes ? "yes" : "no";
}
template <class E>
requires std::is_enum_v<E> std::string text_of(E word) {
  return std::string{to_string(word)};
}

// Words with a space between.
std::string text_of(const std::vector<Transport>& transports) {
  std::string text;
  for (const auto transport : transports) {
    text += (text.empty() ? "" : " ") + std::string{to_string(transport)};
  }
  return text;
}
std::string text_of(const std::vector<Service>& services) {
  std::string text;
  for (const auto& [transport, port] : services) {
    text += (text.empty() ? "" : " ") + std::string{to_string(transport)};
    if (port) text += "/" + text_of(*port);
  }
  return text;
}

class Terms {
 public:
  template <class T>
  void add(std::string_view attribute, const T& value, const T& usual) {
    if (value != usual) terms.push_back({attribute, text_of(value)});
  }
  template <class T>
  void add(std::string_view attribute, const std::optional<T>& value,
           const std::optional<T>& usual) {
    if (value && value != usual) terms.push_back({attribute, text_of(*value)});
  }

  std::vector<NatTerm> terms;
};

void add_lifetimes(Terms& to, const Lifetimes& nat, const Lifetimes& usual) {
  to.add("lifetime", nat.udp, usual.udp);
  to.add("answeredLifetime", nat.udp_answered, usual.udp_answered);
  to.add("answeredAfter", nat.udp_answered_after, usual.udp_answered_after);
  to.add("icmpLifetime", nat.icmp, usual.icmp);
  to.add("tcpOpeningLifetime", nat.tcp_opening, usual.tcp_opening);
  to.add("tcpEstablishedLifetime", nat.tcp_established, usual.tcp_established);
  to.add("tcpHalfClosedLifetime", nat.tcp_half_closed, usual.tcp_half_closed);
  to.add("tcpClosingLifetime", nat.tcp_closing, usual.tcp_closing);
  to.add("tcpResetLifetime", nat.tcp_reset, usual.tcp_reset);
}

}  // namespace

std::vector<NatTerm> terms_of(const NatBehaviour& nat) {
  const NatBehaviour usual;
  Terms to;
  to.add("mapping", nat.mapping, usual.mapping);
  to.add("filtering", nat.filtering, usual.filtering);
  to.add("tcpMapping", nat.tcp_mapping, usual.tcp_mapping);
  to.add("tcpFiltering", nat.tcp_filtering, usual.tcp_filtering);
  to.add("pooling", nat.pooling, usual.pooling);
  to.add("portAllocation", nat.port_allocation, usual.port_allocation);
  to.add("collision", nat.collision, usual.collision);
  to.add("firstPort", nat.ports.first, usual.ports.first);
  to.add("lastPort", nat.ports.last, usual.ports.last);
  to.add("portParity", nat.port_parity, usual.port_parity);
  to.add("portContiguity", nat.port_contiguity, usual.port_contiguity);
  to.add("portBlock", nat.port_block, usual.port_block);
  to.add("portReuseAfter", nat.port_reuse_after, usual.port_reuse_after);
  to.add("mappingsPerHost", nat.mappings_per_host, usual.mappings_per_host);
  to.add("mostMappings", nat.most_mappings, usual.most_mappings);
  to.add("exhaustion", nat.exhaustion, usual.exhaustion);
  add_lifetimes(to, nat.lifetimes, usual.lifetimes);
  to.add("refresh", nat.refresh, usual.refresh);
  to.add("hairpinning", nat.hairpinning, usual.hairpinning);
  to.add("unsolicitedSyn", nat.unsolicited_syn, usual.unsolicited_syn);
  to.add("fragments", nat.fragments, usual.fragments);
  if (!nat.translates_icmp_errors) to.terms.push_back({"icmpErrors", "dropped"});
  to.add("blocks", nat.policy.blocks, usual.policy.blocks);
  to.add("allows", nat.policy.allows, usual.policy.allows);
  return std::move(to.terms);
}

}  // namespace rtclab::topology
