// Two peers behind NATs who try to reach each other the way ICE does, on translation cores alone:
// no network, no time, no loss. What the peers do is the least that RFC 8445 has them do.
#pragma once

#include "agents/base/ip_packet.h"
#include "sim/nat/translator.h"

#include <optional>
#include <set>
#include <string>

namespace rtclab::nat {

struct PunchingPeer {
  Translator translator;
  Endpoint inside;
  Endpoint advertised;              // as a STUN server saw it
  std::set<Endpoint> candidates{};  // of the other: signalled, and learned from its checks
  std::set<Endpoint> answered{};  // where a check was answered by the very endpoint it was sent to
};

class Punching {
 public:
  // Each NAT has so many addresses outside.
  Punching(const topology::NatBehaviour& a, const topology::NatBehaviour& b, std::uint64_t seed,
           int addresses = 1)
      : a_{peer("192.168.1", "198.51.100", a, seed, addresses)},
        b_{peer("192.168.2", "198.51.101", b, seed + 1, addresses)} {
    for (auto* const peer : {&a_, &b_}) {
      auto to_server = packet(peer->inside, *Endpoint::parse("203.0.113.1:3478"));
      std::ignore = peer->translator.from_inside(now_, to_server);
      peer->advertised = Flow::of(to_server)->source;
    }
    a_.candidates.insert(b_.advertised);
    b_.candidates.insert(a_.advertised);
  }

  // Whether each side gets an answer at some candidate. Eight rounds are enough for whatever
  // settles.
  [[nodiscard]] bool connects() {
    for (int round = 0; round < 8 && (a_.answered.empty() || b_.answered.empty()); ++round) {
      check_all(a_, b_);
      check_all(b_, a_);
    }
    return !a_.answered.empty() && !b_.answered.empty();
  }

 private:
  static PunchingPeer peer(const std::string& net, const std::string& outside,
                           const topology::NatBehaviour& behaviour, std::uint64_t seed,
                           int addresses) {
    topology::Nat nat;
    nat.name = "nat " + outside;
    nat.behaviour = behaviour;
    nat.inside = {"inside", {*Prefix::parse(net + ".1/24")}};
    nat.outside.name = "outside";
    for (int i = 1; i <= addresses; ++i) {
      nat.outside.addresses.push_back(*Prefix::parse(outside + "." + std::to_string(i) + "/24"));
    }
    return {Translator{nat, SeededRng{seed}, [](Instant, const Event&) {}},
            *Endpoint::parse(net + ".10:5000"),
            {}};
  }

  static Bytes packet(const Endpoint& from, const Endpoint& to) {
    return ip::build_udp(from, to, as_octets("check"), 0);
  }

  // Carries a packet from one inside host to the other; the flow that the receiver sees.
  std::optional<Flow> carry(PunchingPeer& from, PunchingPeer& to, const Endpoint& destination) {
    auto bytes = packet(from.inside, destination);
    if (from.translator.from_inside(now_, bytes).outcome != Verdict::Outcome::ToOutside) return {};
    if (to.translator.from_outside(now_, bytes).outcome != Verdict::Outcome::ToInside) return {};
    return Flow::of(bytes);
  }

  // RFC 8445 §7.2.5.2.1: an answer counts only from the endpoint that was asked. §7.3.1.3: who asks
  // becomes a peer-reflexive candidate, which is checked in turn (§7.3.1.4).
  void check_all(PunchingPeer& asking, PunchingPeer& asked) {
    for (const auto& candidate : std::set{asking.candidates}) {
      const auto request = carry(asking, asked, candidate);
      if (!request) continue;
      asked.candidates.insert(request->source);
      const auto response = carry(asked, asking, request->source);
      if (response && response->source == candidate) asking.answered.insert(candidate);
    }
  }

  Instant now_{};
  PunchingPeer a_;
  PunchingPeer b_;
};

}  // namespace rtclab::nat
