#include "tests/support/simulated_call.h"

#include <fmt/format.h>

#include <cassert>
#include <chrono>
#include <variant>

namespace rtclab::test {
namespace {

constexpr Duration kSignalling = std::chrono::milliseconds{1};
constexpr std::uint32_t kTen = 10u << 24u;  // 10.0.0.0

}  // namespace

topology::Topology side_by_side(std::size_t count, const topology::LinkQuality& quality) {
  assert(count <= 65536);
  topology::Topology topology;
  topology.name = "side-by-side";
  for (std::uint32_t n = 0; n < count; ++n) {
    const auto host = [n](std::string_view who, std::uint32_t number) {
      const auto address = Ip::v4(kTen + (n << 8u) + number);
      return topology::Host{fmt::format("{}-{}", who, n), {{"eth0", {Prefix{address, 24}}}}};
    };
    const auto& alice = topology.hosts.emplace_back(host("alice", 1)).name;
    const auto a = topology::LinkEnd{alice, "eth0"};
    const auto& bob = topology.hosts.emplace_back(host("bob", 2)).name;
    topology.links.push_back({a, {bob, "eth0"}, quality, quality});
  }
  return topology;
}

SentDatagrams sent_by(const peer::PeerConnection& peer) {
  SentDatagrams sum;
  const auto report = peer.stats();
  for (const auto* const transport : report.all("transport")) {
    sum.packets += std::get<std::uint64_t>(*transport->find("packetsSent"));
    sum.octets += std::get<std::uint64_t>(*transport->find("bytesSent"));
  }
  return sum;
}

SimulatedCall::Peer::Peer(SimulatedCall& call, sim::World& world, const std::string& machine,
                          std::uint64_t seed)
    : rng{seed},
      host{world.host(machine),
           {[](Instant, const Event&) {},
            [&call](Instant now, auto& agent) { return call.take(now, agent); }},
           call.options_.configuration,
           rng} {}

SimulatedCall::SimulatedCall(sim::World& world, std::size_t link, Options options)
    : world_{world},
      options_{std::move(options)},
      alice_{*this, world, fmt::format("alice-{}", link), 2 * options_.seed},
      bob_{*this, world, fmt::format("bob-{}", link), 2 * options_.seed + 1} {}

void SimulatedCall::begin() {
  alice([](Instant now, peer::PeerConnection& agent) { agent.set_local_description(now); });
}

bool SimulatedCall::take(Instant now, peer::PeerConnection& agent) {
  bool any = false;
  while (const auto event = agent.poll_event()) {
    any = true;
    if (const auto* ice = std::get_if<peer::IceCandidateEvent>(&*event); ice && ice->candidate) {
      later(now, is_alice(agent) ? bob_ : alice_,
            [candidate = *ice->candidate](Instant at, peer::PeerConnection& to) {
              to.add_ice_candidate(at, candidate);
            });
    } else if (std::holds_alternative<peer::OperationSettled>(*event)) {
      signal(now, agent);
    }
    options_.on_event(now, agent, *event);
  }
  return any;
}

// Offer and answer, each sent once when it is set; Bob answers when he has the offer.
void SimulatedCall::signal(Instant now, peer::PeerConnection& agent) {
  using State = peer::SignalingState;
  auto& self = is_alice(agent) ? alice_ : bob_;
  const auto state = agent.signaling_state();
  if (state == State::HaveRemoteOffer && !self.answering) {
    self.answering = true;
    agent.set_local_description(now);
    return;
  }
  const auto ready = is_alice(agent) ? State::HaveLocalOffer : State::Stable;
  if (self.described || state != ready || !agent.local_description()) return;
  self.described = true;
  later(now, is_alice(agent) ? bob_ : alice_,
        [description = *agent.local_description()](Instant at, peer::PeerConnection& to) {
          to.set_remote_description(at, description);
        });
}

template <class F>
void SimulatedCall::later(Instant now, Peer& whom, F action) {
  world_.schedule(now + kSignalling,
                  [&whom, action = std::move(action)] { whom.host.call(action); });
}

}  // namespace rtclab::test
