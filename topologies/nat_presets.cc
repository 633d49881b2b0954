#include "topologies/nat_presets.h"

#include <algorithm>
#include <vector>

namespace rtclab::topology {
namespace {

using namespace std::chrono_literals;

// The four kinds of RFC 3489 §5, which had no words for the rest; so the rest is that of a plain
// home router: ports are drawn, five minutes, no hairpinning.
NatBehaviour classic(Mapping mapping, Filtering filtering) {
  return {.mapping = mapping,
          .filtering = filtering,
          .port_allocation = PortAllocation::Random,
          .refresh = Refresh::Both};
}

NatBehaviour rfc4787() {
  return {.mapping = Mapping::EndpointIndependent,
          .filtering = Filtering::EndpointIndependent,
          .port_allocation = PortAllocation::Random,
          .port_parity = true,
          .hairpinning = Hairpinning::ExternalSource,
          .unsolicited_syn = UnsolicitedSyn::Icmp};
}

// Each flow is an entry of its own that knows both ends, and a port is good for as many flows as
// have different destinations.
NatBehaviour linux_masquerade() {
  return {.mapping = Mapping::AddressAndPortDependent,
          .filtering = Filtering::AddressAndPortDependent,
          .port_allocation = PortAllocation::Overloading,
          .collision = Collision::Random,
          .ports = {Port{1}, Port{65535}},
          .exhaustion = Exhaustion::Silent,
          .lifetimes = {.udp = 30s,
                        .udp_answered = 120s,
                        .udp_answered_after = 2s,
                        .icmp = 30s,
                        .tcp_opening = 120s,
                        .tcp_established = 432000s,
                        .tcp_closing = 120s,
                        .tcp_reset = 10s,
                        .tcp_half_closed = 60s},
          .refresh = Refresh::Both};
}

NatBehaviour linux_masquerade_random() {
  auto nat = linux_masquerade();
  nat.port_allocation = PortAllocation::Random;
  nat.collision = Collision::Next;
  nat.ports = {Port{1024}, Port{65535}};
  return nat;
}

NatBehaviour openwrt() {
  auto nat = linux_masquerade();
  nat.lifetimes.udp = 60s;
  nat.lifetimes.udp_answered = 180s;
  nat.lifetimes.tcp_established = 7440s;
  return nat;
}

NatBehaviour cgn() {
  return {.mapping = Mapping::EndpointIndependent,
          .filtering = Filtering::EndpointIndependent,
          .pooling = Pooling::Paired,
          .port_allocation = PortAllocation::Random,
          .port_block = 512,
          .port_reuse_after = 120s,
          .mappings_per_host = 2048,
          .exhaustion = Exhaustion::HostUnreachable,
          .hairpinning = Hairpinning::ExternalSource,
          .unsolicited_syn = UnsolicitedSyn::Icmp};
}

NatBehaviour cgn_strict() {
  auto nat = cgn();
  nat.mapping = Mapping::AddressAndPortDependent;
  nat.filtering = Filtering::AddressAndPortDependent;
  nat.pooling = Pooling::Arbitrary;
  nat.port_block.reset();
  nat.port_reuse_after = Duration{0};
  nat.mappings_per_host = 1000;
  nat.hairpinning = Hairpinning::None;
  nat.unsolicited_syn = UnsolicitedSyn::Silent;
  nat.lifetimes.udp = 60s;
  return nat;
}

NatBehaviour mobile_carrier() {
  return {.mapping = Mapping::AddressAndPortDependent,
          .filtering = Filtering::AddressAndPortDependent,
          .pooling = Pooling::Paired,
          .port_allocation = PortAllocation::Random,
          .mappings_per_host = 500,
          .exhaustion = Exhaustion::Silent,
          .lifetimes = {.udp = 65s, .tcp_established = 1800s},
          .refresh = Refresh::Both};
}

// RFC 6146 §3: NAT64 keeps RFC 4787's MUSTs, and its lifetimes are named in §4.
NatBehaviour mobile_ipv6_only() {
  return {.mapping = Mapping::EndpointIndependent,
          .filtering = Filtering::AddressDependent,
          .port_allocation = PortAllocation::Random,
          .lifetimes = {.udp = 300s},
          .hairpinning = Hairpinning::ExternalSource,
          .unsolicited_syn = UnsolicitedSyn::Icmp};
}

NatBehaviour corporate() {
  auto nat = classic(Mapping::AddressAndPortDependent, Filtering::AddressAndPortDependent);
  nat.policy.allows = {{Transport::Tcp, Port{443}}};
  return nat;
}

NatBehaviour hotel_wifi() {
  auto nat = classic(Mapping::EndpointIndependent, Filtering::AddressAndPortDependent);
  nat.policy.blocks = {Transport::Udp};
  return nat;
}

NatBehaviour symmetric_sequential() {
  auto nat = classic(Mapping::AddressAndPortDependent, Filtering::AddressAndPortDependent);
  nat.port_allocation = PortAllocation::Sequential;
  return nat;
}

std::vector<NatPreset> made() {
  using M = Mapping;
  using F = Filtering;
  return {
      {"rfc4787", "all that RFC 4787, 5382 and 5508 require",
       "RFC 4787 §12 with every MUST and the choice for the most transparency where it gives one: "
       "EIM, EIF (REQ-8), hairpinning with the external source (REQ-9), parity (REQ-4), five "
       "minutes (REQ-5); RFC 5382 REQ-4: a late ICMP error for SYNs.",
       rfc4787()},
      {"full-cone", "RFC 3489's full cone NAT",
       "RFC 3489 §5: the same outside port for every destination, and everybody may send to it.",
       classic(M::EndpointIndependent, F::EndpointIndependent)},
      {"address-restricted", "RFC 3489's restricted cone NAT",
       "RFC 3489 §5: one outside port; only addresses that were sent to get in, from any port.",
       classic(M::EndpointIndependent, F::AddressDependent)},
      {"port-restricted", "RFC 3489's port restricted cone NAT",
       "RFC 3489 §5: one outside port; only endpoints that were sent to get in.",
       classic(M::EndpointIndependent, F::AddressAndPortDependent)},
      {"symmetric", "RFC 3489's symmetric NAT",
       "RFC 3489 §5: another outside port for each destination, and only that destination gets in. "
       "The port is drawn, so nobody can predict it.",
       classic(M::AddressAndPortDependent, F::AddressAndPortDependent)},
      {"symmetric-sequential", "a symmetric NAT that counts its ports up",
       "As symmetric, but RFC 4787 §4.2's sequential assignment, which old home routers had: the "
       "next port can be predicted.",
       symmetric_sequential()},
      {"linux-masquerade", "a Linux router with MASQUERADE",
       "nf_conntrack and nf_nat of Linux 5 and later: an entry for each 5-tuple, the inside port "
       "is kept when the result is unique, timeouts of nf_conntrack-sysctl.rst (30 s for UDP, 120 "
       "s for a stream that lasts over 2 s, 5 days for TCP, a minute when one side has closed), "
       "either direction refreshes, no hairpinning without further rules. Seen through coturn's "
       "RFC 5780 client it is EIM with APDF, because one host's flows share a port.",
       linux_masquerade()},
      {"linux-masquerade-random", "MASQUERADE with --random-fully",
       "As linux-masquerade, but NF_NAT_RANGE_PROTO_RANDOM_FULLY draws a port for each flow, so "
       "that it is symmetric; coturn's RFC 5780 client found APDM and APDF.",
       linux_masquerade_random()},
      {"openwrt", "OpenWrt's firewall as it comes",
       "Linux's MASQUERADE with OpenWrt's /etc/sysctl.d/11-nf-conntrack.conf: 60 s for UDP, 180 s "
       "for a stream, 7440 s for TCP. Its NAT loopback is for ports that are forwarded by hand, "
       "and "
       "there are none.",
       openwrt()},
      {"cgn", "a carrier's NAT as RFC 6888 wants it",
       "RFC 6888 §3: EIM and EIF (REQ-1, REQ-7), a host keeps its outside address (REQ-2) and has "
       "a limit (REQ-4), here 2048; a port rests for 120 s (REQ-8) and who gets none is told with "
       "3/1 "
       "(REQ-11); blocks of 512 ports as RFC 7422 describes; lifetimes, hairpinning and the answer "
       "to SYNs are those of RFC 4787 and 5382 (REQ-1).",
       cgn()},
      {"cgn-strict", "a carrier's NAT that saves ports",
       "Against RFC 6888 REQ-2 and REQ-7, as customers complain of it: APDM and APDF, each mapping "
       "draws its own outside address, a minute for UDP and 1000 mappings for a host.",
       cgn_strict()},
      {"mobile-carrier", "a mobile carrier's NAT for IPv4",
       "Chosen, as a bad case that occurs: APDM and APDF, UDP forgotten after 65 s and TCP after "
       "30 "
       "min of silence, no answer when a host's 500 mappings are used up.",
       mobile_carrier()},
      {"mobile-ipv6-only", "a mobile carrier's NAT64",
       "RFC 6146: for a <nat64>: EIM, address-dependent filtering where that is configured (§3.5), "
       "UDP 5 min, TCP 2 h 4 min and 4 min, ICMP 60 s (§4), hairpinning (§3.8).",
       mobile_ipv6_only()},
      {"corporate", "an office that lets out TCP to port 443 only",
       "Chosen: a symmetric NAT, and of what the inside begins only TCP to port 443 passes: the "
       "case "
       "that RFC 8835 §3.4 has TURN over TLS for.",
       corporate()},
      {"hotel-wifi", "a guest network that blocks UDP",
       "Chosen: a port-restricted NAT that drops all UDP: the case that RFC 8835 §3.4 has TURN "
       "over "
       "TCP for.",
       hotel_wifi()},
  };
}

}  // namespace

std::span<const NatPreset> nat_presets() {
  static const auto kPresets = made();
  return kPresets;
}

const NatPreset* find_nat_preset(std::string_view name) {
  const auto presets = nat_presets();
  const auto found = std::ranges::find(presets, name, &NatPreset::name);
  return found == presets.end() ? nullptr : &*found;
}

}  // namespace rtclab::topology
