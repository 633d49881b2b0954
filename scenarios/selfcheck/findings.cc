#include "scenarios/selfcheck/findings.h"

#include "scenarios/selfcheck/excuses.h"
#include "sim/nat/behaviour.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

namespace rtclab::selfcheck {
namespace {

using namespace std::chrono_literals;
using topology::Filtering;
using topology::Hairpinning;
using topology::Mapping;
using topology::NatBehaviour;
using topology::PortAllocation;

// The tests cannot be finer: a watch begins with an answer, and ends with a packet on its way.
constexpr Duration kSlack = 500ms;

// How a declared term looks from outside. nullopt: it does not show, and `why` says so.
template <class T>
struct Appearance {
  std::optional<T> value;
  std::string why{};
};

Mapping to_mapping(stun::Dependence dependence) {
  return static_cast<Mapping>(dependence);
}
Filtering to_filtering(stun::Dependence dependence) {
  return static_cast<Filtering>(dependence);
}
static_assert(static_cast<int>(stun::Dependence::AddressDependent) ==
                  static_cast<int>(Mapping::AddressDependent) &&
              static_cast<int>(stun::Dependence::AddressAndPortDependent) ==
                  static_cast<int>(Filtering::AddressAndPortDependent));

Appearance<Mapping> mapping_of(const Declared& declared, Transport transport) {
  if (!declared.translates) return {Mapping::EndpointIndependent, "a firewall maps nothing"};
  const auto seen = nat::appears(declared.behaviour, declared.pool, transport);
  if (seen.by_chance) return {std::nullopt, seen.reason};
  if (seen.mapping == declared.behaviour.mapping_of(transport)) return {seen.mapping};
  return {seen.mapping, seen.reason};
}

Appearance<Filtering> filtering_of(const Declared& declared, Transport transport) {
  const auto filtering = declared.behaviour.filtering_of(transport);
  if (!declared.translates) return {filtering};
  const auto seen = nat::appears(declared.behaviour, declared.pool, transport);
  // A SYN may come in; but what answers it leaves by the mapping that its sender sees.
  const auto by_mapping = static_cast<Filtering>(declared.behaviour.mapping_of(transport));
  if (transport == Transport::Tcp && by_mapping > seen.filtering)
    return {by_mapping,
            "the answer to a SYN from elsewhere leaves through another mapping, and no connection "
            "comes about"};
  if (seen.filtering == filtering) return {filtering};
  return {seen.filtering, seen.reason};
}

// Our client opens the filter of its first socket for what the second one's mapping sends (RFC 5780
// §3.4 leaves that open), so it sees more of this than nat::appears() promises. A mapping for one
// destination opens no way for a request that comes back, unless it lets everybody in.
Appearance<Hairpinning> hairpinning_of(const Declared& declared) {
  const auto& nat = declared.behaviour;
  if (!declared.translates) return {std::nullopt, "a firewall has nothing to turn round"};
  if (nat.hairpinning == Hairpinning::None) return {Hairpinning::None};
  const bool open = nat.filtering == Filtering::EndpointIndependent;
  if (open) return {nat.hairpinning};
  if (nat.mapping != Mapping::EndpointIndependent)
    return {std::nullopt, "the filter refuses what comes back to a mapping of another destination"};
  if (nat.hairpinning == Hairpinning::InternalSource)
    return {Hairpinning::None, "the filter refuses a source that was never written to"};
  return {nat.hairpinning};
}

class Comparison {
 public:
  // Why a test that did not see what it should says nothing of such a NAT; empty: it does.
  using Excuse = std::function<std::string(std::string_view term)>;
  explicit Comparison(Excuse excuse) : excuse_{std::move(excuse)} {}

  template <class T>
  void add(std::string term, std::string declared, const Appearance<T>& expected,
           const std::optional<T>& seen, std::string reason) {
    Finding finding{.term = std::move(term), .declared = std::move(declared)};
    if (expected.value) finding.expected = word(*expected.value);
    if (seen) finding.seen = word(*seen);
    if (expected.value && seen)
      finding.agreement = *expected.value == *seen ? Agreement::Agrees : Agreement::Differs;
    else if (expected.value)
      finding.agreement = Agreement::Differs;  // it should have shown
    finding.reason = std::move(reason);
    conclude(std::move(finding), expected.why);
  }

  void add_lifetime(std::string term, Duration declared, const Appearance<Duration>& expected,
                    const std::optional<LifetimeBounds>& seen, std::string reason) {
    Finding finding{.term = std::move(term), .declared = to_text(declared)};
    finding.expected = to_text(*expected.value);
    finding.reason = std::move(reason);
    if (seen) {
      finding.seen = to_text(*seen);
      const bool fits = seen->at_least <= *expected.value + kSlack &&
                        (!seen->less_than || *seen->less_than >= *expected.value - kSlack);
      finding.agreement = fits ? Agreement::Agrees : Agreement::Differs;
    } else {
      finding.agreement = Agreement::Differs;
    }
    conclude(std::move(finding), expected.why);
  }

  // Whether the transport passes at all; where it must not, nothing else can be seen.
  bool add_passage(bool declared, bool seen, const std::string& reason) {
    add<bool>("passes", declared ? "yes" : "no", {declared}, seen,
              seen ? "the server answered" : reason);
    return declared && seen;
  }

  [[nodiscard]] Findings take() { return std::move(findings_); }

 private:
  static std::string word(bool value) { return value ? "yes" : "no"; }
  template <class T>
  static std::string word(T value) {
    return std::string{to_string(value)};
  }

  void conclude(Finding finding, const std::string& why) {
    const auto add_reason = [&](const std::string& more) {
      if (!more.empty()) finding.reason += (finding.reason.empty() ? "" : "; ") + more;
    };
    add_reason(why);
    if (finding.agreement == Agreement::Differs) {
      const auto excuse = excuse_(finding.term);
      add_reason(excuse);
      if (!excuse.empty()) {
        finding.expected.clear();
        finding.agreement = Agreement::Hidden;
      }
    }
    findings_.push_back(std::move(finding));
  }

  Excuse excuse_;
  Findings findings_;
};

// What is used more often than `settling` counts as in use; the tests are silent for so long.
Appearance<Duration> answered_lifetime_of(const topology::Lifetimes& lifetimes) {
  const auto answered = lifetimes.udp_answered.value_or(lifetimes.udp);
  if (answered == lifetimes.udp || lifetimes.udp_answered_after + kSlack < lifetimes.udp)
    return {answered};
  return {lifetimes.udp,
          fmt::format("a mapping counts as answered after {}, and the test is silent for longer "
                      "than the {} that it lasts until then",
                      to_text(lifetimes.udp_answered_after), to_text(lifetimes.udp))};
}

template <class T, class F>
std::optional<T> mapped_to(const std::optional<F>& value, T (*to)(F)) {
  return value ? std::optional{to(*value)} : std::nullopt;
}

std::optional<Hairpinning> hairpinning_seen(const stun::NatBehaviour& seen) {
  if (!seen.hairpinning.value) return std::nullopt;
  if (!*seen.hairpinning.value) return Hairpinning::None;
  return seen.hairpin_source.value == stun::HairpinSource::Internal ? Hairpinning::InternalSource
                                                                    : Hairpinning::ExternalSource;
}

// One of a single host's ports: what a block or a range leaves of preservation is not told apart.
Appearance<PortAllocation> allocation_of(const NatBehaviour& nat, const PortsSeen& seen) {
  const bool apart = seen.same_port_of_another && !seen.ports.empty() &&
                     seen.same_port_of_another->ip != seen.ports.front().outside.ip;
  if (nat.port_allocation == PortAllocation::Overloading && apart &&
      judge_allocation(seen) == PortAllocation::Preserving)
    return {std::nullopt, "the other host has another outside address, so nothing is shared"};
  if (nat.port_allocation == PortAllocation::Overloading &&
      nat.mapping == Mapping::EndpointIndependent)
    return {PortAllocation::Preserving,
            "a mapping for all destinations leaves none for another that would share its port"};
  if (nat.port_allocation != PortAllocation::Random && nat.port_block)
    return {std::nullopt, "blocks of ports decide before the allocation does"};
  return {nat.port_allocation};
}

void compare_ports(Comparison& comparison, const UdpSeen& seen, const Declared& declared) {
  const auto& nat = declared.behaviour;
  comparison.add<PortAllocation>("ports", std::string{to_string(nat.port_allocation)},
                                 allocation_of(nat, seen.ports), judge_allocation(seen.ports),
                                 fmt::format("{} ports of one host", seen.ports.ports.size()));
  if (declared.pool > 1) {
    comparison.add<topology::Pooling>("pooling", std::string{to_string(nat.pooling)}, {nat.pooling},
                                      judge_pooling(seen.ports),
                                      fmt::format("{} outside addresses", declared.pool));
  }
  // Kept ports keep their parity whatever the NAT wants.
  const bool keeps = nat.port_allocation == PortAllocation::Preserving ||
                     nat.port_allocation == PortAllocation::Overloading;
  const bool parity = nat.port_parity || keeps;
  comparison.add<bool>("parity", parity ? "yes" : "no", {parity}, judge_parity(seen.ports),
                       fmt::format("{} ports of one host", seen.ports.ports.size()));
}

}  // namespace

std::string_view to_string(Agreement agreement) {
  switch (agreement) {
    case Agreement::Agrees: return "agrees";
    case Agreement::Differs: return "differs";
    case Agreement::Hidden: return "hidden";
  }
  __builtin_unreachable();
}

const Finding* find(const Findings& findings, std::string_view term) {
  const auto found = std::ranges::find(findings, term, &Finding::term);
  return found == findings.end() ? nullptr : &*found;
}

Findings compare(const UdpSeen& seen, const Declared& declared) {
  const auto& nat = declared.behaviour;
  const auto& rfc5780 = seen.rfc5780;
  Comparison comparison{[&](std::string_view term) { return excuse_over_udp(seen, nat, term); }};
  const bool may_pass = !ports_out(nat.policy, Transport::Udp).empty();
  if (!comparison.add_passage(may_pass, rfc5780.mapped.value.has_value(), rfc5780.mapped.reason))
    return comparison.take();
  comparison.add<Mapping>("mapping", std::string{to_string(nat.mapping)},
                          mapping_of(declared, Transport::Udp),
                          mapped_to(rfc5780.mapping.value, to_mapping), rfc5780.mapping.reason);
  comparison.add<Filtering>(
      "filtering", std::string{to_string(nat.filtering)}, filtering_of(declared, Transport::Udp),
      mapped_to(rfc5780.filtering.value, to_filtering), rfc5780.filtering.reason);
  if (declared.translates) {
    auto reason = rfc5780.hairpinning.reason;
    if (rfc5780.hairpin_source.value) reason += ", " + rfc5780.hairpin_source.reason;
    comparison.add<Hairpinning>("hairpinning", std::string{to_string(nat.hairpinning)},
                                hairpinning_of(declared), hairpinning_seen(rfc5780),
                                std::move(reason));
  }
  comparison.add_lifetime("lifetime", nat.lifetimes.udp_answered.value_or(nat.lifetimes.udp),
                          answered_lifetime_of(nat.lifetimes),
                          seen.answered ? seen.answered : rfc5780.lifetime.value,
                          seen.answered ? "a search of our own" : rfc5780.lifetime.reason);
  if (!lets_out(nat.policy, Transport::Udp, Port{7001})) return comparison.take();
  comparison.add_lifetime("lifetime unanswered", nat.lifetimes.udp, {nat.lifetimes.udp},
                          seen.unanswered, "a search of our own");
  if (declared.translates) compare_ports(comparison, seen, declared);
  comparison.add<topology::Refresh>("refresh", std::string{to_string(nat.refresh)}, {nat.refresh},
                                    judge_refresh(seen),
                                    "one packet in the middle of the lifetime");
  comparison.add<bool>("ICMP errors", nat.translates_icmp_errors ? "yes" : "no",
                       {nat.translates_icmp_errors}, seen.icmp_errors,
                       "a packet to a closed port outside");
  return comparison.take();
}

Findings compare(const TcpSeen& seen, const Declared& declared) {
  const auto& nat = declared.behaviour;
  Comparison comparison{[&](std::string_view) { return excuse_over_tcp(nat); }};
  const auto ports = ports_out(nat.policy, Transport::Tcp);
  if (!comparison.add_passage(!ports.empty(), seen.passes, seen.mapping.reason))
    return comparison.take();
  const auto mapping = nat.mapping_of(Transport::Tcp);
  auto expected = mapping_of(declared, Transport::Tcp);
  if (ports.size() < 2 && expected.value != Mapping::EndpointIndependent)
    expected = {std::nullopt, "two ports of the server would have to be reached"};
  comparison.add<Mapping>("mapping", std::string{to_string(mapping)}, expected,
                          mapped_to(seen.mapping.value, to_mapping), seen.mapping.reason);
  const auto filtering = nat.filtering_of(Transport::Tcp);
  comparison.add<Filtering>("filtering", std::string{to_string(filtering)},
                            filtering_of(declared, Transport::Tcp),
                            mapped_to(seen.filtering.value, to_filtering), seen.filtering.reason);
  if (declared.translates || filtering != Filtering::EndpointIndependent) {
    comparison.add<topology::UnsolicitedSyn>(
        "unsolicited SYN", std::string{to_string(nat.unsolicited_syn)}, {nat.unsolicited_syn},
        seen.unsolicited_syn, "a SYN of our own to a port that nobody uses");
  }
  if (lets_out(nat.policy, Transport::Tcp, Port{7001})) {
    comparison.add_lifetime("lifetime", nat.lifetimes.tcp_established,
                            {nat.lifetimes.tcp_established}, seen.established,
                            "a search of our own among silent connections");
  }
  return comparison.take();
}

bool lets_out(const topology::Policy& policy, Transport transport, Port port) {
  if (std::ranges::find(policy.blocks, transport) != policy.blocks.end()) return false;
  return policy.allows.empty() || std::ranges::any_of(policy.allows, [&](const auto& service) {
           return service.transport == transport && (!service.port || *service.port == port);
         });
}

std::vector<Port> ports_out(const topology::Policy& policy, Transport transport) {
  std::vector<Port> ports;
  const auto add = [&](Port port) {
    const bool is_new = std::ranges::find(ports, port) == ports.end();
    if (is_new && ports.size() < 2 && lets_out(policy, transport, port)) ports.push_back(port);
  };
  add(Port{3478});
  add(Port{3479});
  for (const auto& service : policy.allows) {
    if (service.transport == transport && service.port) add(*service.port);
  }
  return ports;
}

Declared chain(const std::vector<Declared>& gates) {
  auto whole = gates.front();
  for (const auto& gate : gates) {
    auto& sum = whole.behaviour;
    const auto& part = gate.behaviour;
    const auto mapping = [](const Declared& each) {
      return *mapping_of(each, Transport::Udp).value;
    };
    sum.mapping = std::max(mapping(whole), mapping(gate));
    sum.filtering = std::max(sum.filtering, part.filtering);
    sum.lifetimes.udp = std::min(sum.lifetimes.udp_answered.value_or(sum.lifetimes.udp),
                                 part.lifetimes.udp_answered.value_or(part.lifetimes.udp));
    sum.lifetimes.udp_answered.reset();
    sum.port_allocation = PortAllocation::Random;  // what one shares with another does not show
    whole.translates = whole.translates || gate.translates;
    for (const auto transport : part.policy.blocks) sum.policy.blocks.push_back(transport);
  }
  return whole;
}

}  // namespace rtclab::selfcheck
