#include "topologies/nat.h"

namespace rtclab::topology {

FirewallRules firewall_rules_of(const NatBehaviour& nat) {
  return {nat.filtering, nat.tcp_filtering, nat.lifetimes, nat.unsolicited_syn, nat.policy};
}

std::string_view to_string(Mapping mapping) {
  switch (mapping) {
    case Mapping::EndpointIndependent: return "EIM";
    case Mapping::AddressDependent: return "ADM";
    case Mapping::AddressAndPortDependent: return "APDM";
  }
  __builtin_unreachable();
}

std::string_view to_string(Filtering filtering) {
  switch (filtering) {
    case Filtering::EndpointIndependent: return "EIF";
    case Filtering::AddressDependent: return "ADF";
    case Filtering::AddressAndPortDependent: return "APDF";
  }
  __builtin_unreachable();
}

std::string_view to_string(PortAllocation allocation) {
  switch (allocation) {
    case PortAllocation::Preserving: return "preserving";
    case PortAllocation::Overloading: return "overloading";
    case PortAllocation::Sequential: return "sequential";
    case PortAllocation::Random: return "random";
  }
  __builtin_unreachable();
}

std::string_view to_string(Refresh refresh) {
  switch (refresh) {
    case Refresh::Outbound: return "outbound";
    case Refresh::Inbound: return "inbound";
    case Refresh::Both: return "both";
  }
  __builtin_unreachable();
}

std::string_view to_string(Hairpinning hairpinning) {
  switch (hairpinning) {
    case Hairpinning::None: return "none";
    case Hairpinning::InternalSource: return "internal-source";
    case Hairpinning::ExternalSource: return "external-source";
  }
  __builtin_unreachable();
}

std::string_view to_string(Collision collision) {
  switch (collision) {
    case Collision::Next: return "next";
    case Collision::Random: return "random";
  }
  __builtin_unreachable();
}

std::string_view to_string(Pooling pooling) {
  switch (pooling) {
    case Pooling::Paired: return "paired";
    case Pooling::Arbitrary: return "arbitrary";
  }
  __builtin_unreachable();
}

std::string_view to_string(UnsolicitedSyn answer) {
  switch (answer) {
    case UnsolicitedSyn::Silent: return "silent";
    case UnsolicitedSyn::Icmp: return "icmp";
    case UnsolicitedSyn::Reset: return "reset";
  }
  __builtin_unreachable();
}

std::string_view to_string(Fragments fragments) {
  switch (fragments) {
    case Fragments::Dropped: return "dropped";
    case Fragments::InOrder: return "in-order";
    case Fragments::OutOfOrder: return "out-of-order";
  }
  __builtin_unreachable();
}

std::string_view to_string(Exhaustion exhaustion) {
  switch (exhaustion) {
    case Exhaustion::Icmp: return "icmp";
    case Exhaustion::HostUnreachable: return "host-unreachable";
    case Exhaustion::Silent: return "silent";
    case Exhaustion::Evict: return "evict";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::topology
