#include "tests/support/bulk.h"

#include "agents/peer/peer_connection.h"
#include "sim/host/agent_host.h"
#include "sim/world.h"

#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

namespace rtclab::test {
namespace {

using namespace std::chrono_literals;

// More than two bandwidth-delay products of the links that are tried, less than the send buffer.
constexpr std::uint64_t kKept = 2u << 20u;

topology::Topology two_hosts(const topology::LinkQuality& quality) {
  topology::Topology topology;
  topology.name = "one-link";
  const auto host = [](std::string name, std::string_view address) {
    return topology::Host{std::move(name), {{"eth0", {Prefix{*Ip::parse(address), 24}}}}};
  };
  topology.hosts = {host("alice", "192.0.2.1"), host("bob", "192.0.2.2")};
  topology.links = {{{"alice", "eth0"}, {"bob", "eth0"}, quality, quality}};
  return topology;
}

class Transfer;

// A peer on its machine. Signalling is a call of the other one, a millisecond later.
class BulkPeer {
 public:
  BulkPeer(Transfer& transfer, sim::World& world, const std::string& name, std::uint64_t seed)
      : transfer_{transfer},
        rng_{seed},
        host_{world.host(name),
              {[](Instant, const Event&) {}, [this](Instant now, auto& agent) { return take(now, agent); }},
              peer::Configuration{},
              rng_} {}

  template <class F>
  auto call(F&& f) {
    return host_.call(std::forward<F>(f));
  }

 private:
  bool take(Instant now, peer::PeerConnection& agent);

  Transfer& transfer_;
  SeededRng rng_;
  sim::AgentHost<peer::PeerConnection> host_;
};

class Transfer {
 public:
  explicit Transfer(const Bulk& bulk)
      : bulk_{bulk},
        topology_{two_hosts(bulk.link)},
        world_{topology_, {.seed = bulk.seed}},
        alice_{*this, world_, "alice", 2 * bulk.seed},
        bob_{*this, world_, "bob", 2 * bulk.seed + 1} {}

  BulkResult run() {
    alice_.call([&](Instant now, peer::PeerConnection& pc) {
      channel_ = *pc.create_data_channel(now, "bulk", bulk_.channel);
      pc.set_buffered_amount_low_threshold(channel_, kKept / 2);
      pc.set_local_description(now);
    });
    for (Instant until{100ms}; !opened_ && until < Instant{10s}; until += 100ms) world_.run_until(until);
    if (!opened_) throw std::runtime_error{"the channel did not open"};
    world_.run_until(*opened_ + bulk_.warm_up);
    const auto before = result_.octets_in_all;
    world_.run_until(*opened_ + bulk_.warm_up + bulk_.measured);
    result_.octets = result_.octets_in_all - before;
    result_.octets_per_second = static_cast<double>(result_.octets) /
                                std::chrono::duration<double>(bulk_.measured).count();
    world_.end_capture();
    return result_;
  }

  // What the application does about an event. `self` is in the middle of its drain.
  void react(Instant now, BulkPeer& self, peer::PeerConnection& pc, const peer::Event& event) {
    auto& other = &self == &alice_ ? bob_ : alice_;
    if (const auto* ice = std::get_if<peer::IceCandidateEvent>(&event)) {
      if (!ice->candidate) return;
      later(now, [&other, candidate = *ice->candidate](Instant at, peer::PeerConnection& to) {
        to.add_ice_candidate(at, candidate);
      }, other);
    } else if (std::holds_alternative<peer::OperationSettled>(event)) {
      signal(now, pc, other, &self == &alice_);
    } else if (std::holds_alternative<peer::ChannelOpen>(event) && &self == &alice_) {
      opened_ = now;
      fill(now, pc);
    } else if (std::holds_alternative<peer::ChannelBufferedAmountLow>(event)) {
      fill(now, pc);
    } else if (const auto* message = std::get_if<peer::ChannelMessage>(&event)) {
      ++result_.messages_in_all;
      result_.octets_in_all += std::visit([](const auto& data) { return data.size(); }, message->message);
    }
  }

 private:
  template <class F>
  void later(Instant now, F action, BulkPeer& who) {
    world_.schedule(now + 1ms, [&who, action] { who.call(action); });
  }

  // Offer and answer, each sent once when it is set; Bob answers when he has the offer.
  void signal(Instant now, peer::PeerConnection& pc, BulkPeer& other, bool is_alice) {
    auto& sent = is_alice ? offered_ : answered_;
    const auto ready = is_alice ? peer::SignalingState::HaveLocalOffer : peer::SignalingState::Stable;
    if (!is_alice && pc.signaling_state() == peer::SignalingState::HaveRemoteOffer && !answering_) {
      answering_ = true;
      pc.set_local_description(now);
      return;
    }
    if (sent || pc.signaling_state() != ready || !pc.local_description()) return;
    sent = true;
    later(now, [description = *pc.local_description()](Instant at, peer::PeerConnection& to) {
      to.set_remote_description(at, description);
    }, other);
  }

  void fill(Instant now, peer::PeerConnection& pc) {
    while (pc.buffered_amount(channel_) < kKept) {
      if (!pc.send(now, channel_, Bytes(bulk_.message_size))) return;
    }
  }

  Bulk bulk_;
  topology::Topology topology_;
  sim::World world_;
  BulkPeer alice_;
  BulkPeer bob_;
  peer::ChannelId channel_{0};
  bool offered_ = false;
  bool answering_ = false;
  bool answered_ = false;
  std::optional<Instant> opened_;
  BulkResult result_;
};

bool BulkPeer::take(Instant now, peer::PeerConnection& agent) {
  bool any = false;
  while (const auto event = agent.poll_event()) {
    any = true;
    transfer_.react(now, *this, agent, *event);
  }
  return any;
}

}  // namespace

BulkResult run_bulk(const Bulk& bulk) {
  return Transfer{bulk}.run();
}

}  // namespace rtclab::test
