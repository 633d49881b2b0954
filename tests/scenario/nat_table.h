// What the judge says of NATs that are configured, or faulty, in one respect: the one table.
// nats_test.cc plays each row, and a NAT without it.
#pragma once

#include "sim/nat/fault.h"
#include "topologies/nat.h"

#include <functional>
#include <set>
#include <string_view>
#include <vector>

namespace rtclab::test {

// The NAT that a row differs from. Both keep every clause.
enum class Base {
  Open,    // EIM, EIF, hairpinning, parity, five minutes
  Strict,  // the same with APDF
};

struct NatRow {
  std::string_view what;
  Base base;
  std::function<void(topology::NatBehaviour&)> change;
  // Exactly these are not kept, and said to be declared so.
  std::vector<std::string_view> declared{};
  // Exactly these are broken: nothing declares them.
  std::vector<std::string_view> broken{};
  std::set<nat::Fault> faults{};
  // A term of the declaration that is not so, where only that shows a clause broken.
  std::string_view term{};
  std::string_view lie{};
  bool one_address = false;  // outside, so that two hosts meet there
};

inline std::vector<NatRow> nat_table() {
  using namespace std::chrono_literals;
  using topology::NatBehaviour;
  using enum Base;
  using nat::Fault;
  using H = topology::Hairpinning;
  using M = topology::Mapping;
  using P = topology::PortAllocation;
  const auto nothing = [](NatBehaviour&) {};
  // clang-format off
  return {
      // what a configuration can say
      {"address-dependent mapping", Strict, [](auto& nat) { nat.mapping = M::AddressDependent; },
       {"nat-4787-REQ-1-eim", "nat-5382-REQ-1-tcp-eim", "nat-5508-REQ-1a-icmp-eim"}},
      {"symmetric", Strict, [](auto& nat) { nat.mapping = M::AddressAndPortDependent; },
       {"nat-4787-REQ-1-eim", "nat-5382-REQ-1-tcp-eim", "nat-5508-REQ-1a-icmp-eim"}},
      {"symmetric for TCP", Strict, [](auto& nat) { nat.tcp_mapping = M::AddressAndPortDependent; },
       {"nat-5382-REQ-1-tcp-eim"}},
      {"arbitrary pooling", Strict, [](auto& nat) { nat.pooling = topology::Pooling::Arbitrary; },
       {"nat-4787-REQ-2-paired-pooling"}},
      {"shared ports", Strict, [](auto& nat) { nat.mapping = M::AddressAndPortDependent; nat.port_allocation = P::Overloading; },
       {"nat-4787-REQ-3-no-overload", "nat-5382-REQ-1-tcp-eim", "nat-5382-REQ-7-tcp-no-overload"}, {}, {}, {}, {}, true},
      {"sequential ports", Strict, [](auto& nat) { nat.port_allocation = P::Sequential; },
       {"nat-7857-10-port-random"}},
      {"no parity", Strict, [](auto& nat) { nat.port_parity = false; },
       {"nat-4787-REQ-4-parity"}},
      {"thirty seconds for UDP", Strict, [](auto& nat) { nat.lifetimes.udp = 30s; },
       {"nat-4787-REQ-5-udp-120s", "nat-4787-REQ-5c-udp-300s"}},
      {"two and a half minutes for UDP", Strict, [](auto& nat) { nat.lifetimes.udp = 150s; },
       {"nat-4787-REQ-5c-udp-300s"}},
      {"refreshed from outside only", Strict, [](auto& nat) { nat.refresh = topology::Refresh::Inbound; },
       {"nat-4787-REQ-6-outbound-refresh"}},
      {"no hairpinning", Open, [](auto& nat) { nat.hairpinning = H::None; },
       {"nat-4787-REQ-9-hairpin", "nat-5382-REQ-8-tcp-hairpin", "nat-7857-13-hairpin-icmp"}},
      {"hairpinning with the inside's source", Open, [](auto& nat) { nat.hairpinning = H::InternalSource; },
       {"nat-4787-REQ-9a-hairpin-source"}},
      {"ICMP errors stay outside", Strict, [](auto& nat) { nat.translates_icmp_errors = false; },
       {"nat-4787-REQ-12a-icmp-source", "nat-4787-REQ-12b-icmp-unreach", "nat-5382-REQ-9-icmp-tcp", "nat-5508-REQ-5-error-outbound", "nat-5508-REQ-7-hairpin-errors"}},
      {"SYNs are answered with RST", Strict, [](auto& nat) { nat.unsolicited_syn = topology::UnsolicitedSyn::Reset; },
       {"nat-5382-REQ-4-syn-6s", "nat-5382-REQ-4-syn-icmp-after"}},
      {"SYNs are never answered", Strict, [](auto& nat) { nat.unsolicited_syn = topology::UnsolicitedSyn::Silent; },
       {"nat-5382-REQ-4-syn-icmp-after"}},
      {"an hour for TCP", Strict, [](auto& nat) { nat.lifetimes.tcp_established = 3600s; },
       {"nat-5382-REQ-5-tcp-idle-124min"}},
      {"five seconds for what opens", Strict, [](auto& nat) { nat.lifetimes.tcp_opening = 5s; },
       {"nat-5382-REQ-5-tcp-transitory-4min"}},
      {"ten seconds after a RST", Strict, [](auto& nat) { nat.lifetimes.tcp_reset = 10s; },
       {"nat-7857-2.2-rst-keep"}},
      {"ten seconds for pings", Strict, [](auto& nat) { nat.lifetimes.icmp = 10s; },
       {"nat-5508-REQ-2-icmp-60s"}},
      // what it is not, whatever it says
      {"a declared filter that is not there", Strict, nothing, {}, {"nat-4787-REQ-8-filtering"}, {}, "filtering", "ADF"},
      {"a declared filter for TCP that is not there", Strict, nothing, {}, {"nat-5382-REQ-3-tcp-filter", "nat-5382-REQ-8-tcp-hairpin"}, {}, "tcp_filtering", "EIF"},
      {"declared to be refreshed from outside", Strict, nothing, {}, {"nat-4787-REQ-6a-inbound-refresh"}, {}, "refresh", "both"},
      {"declared to be endpoint-independent", Strict, [](auto& nat) { nat.mapping = M::AddressAndPortDependent; },
       {"nat-5382-REQ-1-tcp-eim"}, {"nat-4787-REQ-1-eim", "nat-4787-REQ-9-hairpin", "nat-5508-REQ-1a-icmp-eim"}, {}, "mapping", "EIM"},
      // what nobody would configure
      {"payloads are rewritten", Strict, nothing, {}, {"nat-4787-REQ-10-alg-off", "nat-5382-REQ-6-tcp-alg-off"}, {Fault::RewritesPayload}},
      {"an ICMP error ends a mapping", Strict, nothing, {}, {"nat-4787-REQ-12-icmp-no-kill", "nat-5382-REQ-10-icmp-no-kill-tcp", "nat-4787-REQ-12a-icmp-source", "nat-4787-REQ-12b-icmp-unreach", "nat-5382-REQ-1-tcp-eim", "nat-5382-REQ-5-tcp-transitory-4min"}, {Fault::ErrorsEndMappings}},
      {"ICMP errors are not translated within", Strict, nothing, {}, {"nat-5508-REQ-4-error-inbound"}, {Fault::ErrorsUntranslated}},
      {"ICMP errors leave damaged", Strict, nothing, {}, {"nat-5508-REQ-4-error-inbound"}, {Fault::ErrorsWithBadChecksum}},
      {"damaged ICMP errors pass", Strict, nothing, {}, {"nat-5508-REQ-3-bad-checksum"}, {Fault::DamagedErrorsPass}},
      {"what is refused refreshes", Strict, nothing, {}, {"nat-7857-7-eif-refresh-drop"}, {Fault::RefusedRefresh}},
      {"ICMP errors refresh", Strict, nothing, {}, {"nat-5508-REQ-6-error-no-refresh"}, {Fault::ErrorsRefresh}},
      {"ICMP errors of the inside refresh", Strict, nothing, {}, {"nat-7857-8-no-refresh-on-error", "nat-4787-REQ-6a-inbound-refresh"}, {Fault::OwnErrorsRefresh}},
      {"no RST comes in", Strict, nothing, {}, {"nat-7857-2.2-rst-translate"}, {Fault::ResetsSwallowed}},
      {"no ICMP query leaves", Strict, nothing, {}, {"nat-5508-REQ-1-icmp-query"}, {Fault::QueriesDropped}},
      {"a mapping of UDP lets TCP in", Open, nothing, {}, {"nat-7857-6-eif-proto"}, {Fault::UdpOpensTcp}},
  };
  // clang-format on
}

}  // namespace rtclab::test
