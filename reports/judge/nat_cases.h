// What the checkers of NATs have in common: how long a mapping surely lives, and what counts as
// declared.
#pragma once

#include "reports/judge/checkers.h"
#include "reports/judge/nat_traffic.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace rtclab::judge {

// Of a requirement that was not kept: whether the NAT was declared to be so.
template <class Says>
Outcome kept_or_declared(bool kept, const NatDeclaration* declared, Says says) {
  if (kept) return Outcome::Kept;
  return declared != nullptr && says(*declared) ? Outcome::Declared : Outcome::Broken;
}

inline Duration declared_udp(const NatDeclaration& declared) {
  const auto plain = declared.lifetime("udp");
  const auto answered = declared.lifetime("udp_answered");
  return answered > Duration{} ? std::min(plain, answered) : plain;
}

// A mapping that was used less than that ago is there, however the NAT is made: what it was
// declared to be, else shorter than any that is known.
inline Duration sure_life(const NatTraffic& nat, Duration at, NatProtocol protocol) {
  using namespace std::chrono_literals;
  const auto* const declared = nat.declared_at(at);
  switch (protocol) {
    case NatProtocol::Udp: return declared != nullptr ? declared_udp(*declared) : Duration{20s};
    case NatProtocol::Tcp:
      return declared != nullptr
                 ? std::min({declared->lifetime("tcp_opening"), declared->lifetime("tcp_closing"),
                             declared->lifetime("tcp_reset")})
                 : Duration{10s};
    case NatProtocol::IcmpQuery:
      return declared != nullptr ? declared->lifetime("icmp") : Duration{10s};
  }
  __builtin_unreachable();
}

// Between two passages nothing happened to the NAT itself.
inline bool is_steady(const NatTraffic& nat, const NatPassage& from, const NatPassage& to) {
  return nat.is_steady(from.at(), to.at());
}

// Stopped by the NAT's own decision: not on a link, nor as any router would have stopped it.
inline bool is_refused(const NatPassage& passage) {
  if (passage.passed()) return false;
  const std::string_view why{passage.arrived->comment};
  return why.find("hop limit") == why.npos && why.find("do not fit") == why.npos &&
         !why.starts_with("lost") && !why.starts_with("dropped on ");
}

// f(nat, passage)
template <class F>
void for_each_passage(const Docket& docket, NatProtocol protocol, F f) {
  for (const auto& nat : docket.nats()) {
    for (const auto& passage : nat.passages) {
      if (passage.protocol == protocol) f(nat, passage);
    }
  }
}

}  // namespace rtclab::judge
