// When a channel's number, or its peer, may be bound otherwise: at the server as soon as the
// binding is over, by a client five minutes later.
//
// Spec: RFC 8656 §12 and §12.2.
#include "agents/stun/attributes.h"
#include "agents/turn/channel_data.h"
#include "scenarios/validate/access.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/recording.h"
#include "scenarios/validate/timers.h"
#include "scenarios/validate/turn_asker.h"
#include "scenarios/validate/turn_side.h"
#include "sim/host/agent_host.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <map>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;
using evidence::Direction;
using stun::Class;
using stun::Method;

constexpr Duration kBinding = 600s;
constexpr Duration kClientToServer = 25ms;
constexpr std::uint16_t kNumber = turn::kFirstChannel;
constexpr std::uint16_t kOtherNumber = turn::kFirstChannel + 7;

Endpoint peer(sim::World& world, std::size_t n) {
  return {*world.host(kB).address(Family::V4), Port{static_cast<std::uint16_t>(10000 + n)}};
}

// Two channels are bound. A nanosecond before they end, and when they do, one's number is asked for
// another peer, and the other's peer for another number.
evidence::Evidence ask_otherwise(std::uint64_t seed) {
  const auto topology = two_sides({}, {});
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  auto rng = world.fork("client");
  const auto& server = topology.turn_servers.front();
  sim::AgentHost<TurnAsker> client{world.host(kA),
                                   {recording.recorder_of(std::string{kA})},
                                   TurnAsker::Config{{server.interface.address().ip, server.port},
                                                     server.users.front().name,
                                                     server.users.front().password},
                                   rng};
  const auto ask = [&](const turn::Wish& wish) {
    client.call([&](Instant now, TurnAsker& asker) { asker.ask(now, wish); });
  };
  bool is_planned = false;
  recording.on_event = [&](Instant at, std::string_view, const Event& event) {
    if (event.name != "turn:channel_bound" || is_planned) return;
    is_planned = true;
    for (const auto early : {1ns, 0ns}) {
      world.schedule(at + kBinding - early - kClientToServer, [&] {
        ask(turn::ChannelBind{peer(world, 2), kNumber});
        ask(turn::ChannelBind{peer(world, 1), kOtherNumber});
      });
    }
  };
  world.schedule(Instant{1s}, [&] { ask(turn::Allocate{}); });
  world.schedule(Instant{2s}, [&] {
    ask(turn::ChannelBind{peer(world, 0), kNumber});
    ask(turn::ChannelBind{peer(world, 1), turn::kFirstChannel + 1});
  });
  // The allocation would end with the channels.
  world.schedule(Instant{300s}, [&] { ask(turn::Refresh{1200, std::nullopt}); });
  world.run_until(Instant{kBinding + 60s});
  world.end_capture();
  return recording.read();
}

// What the server answers to each ChannelBind for this number and peer, in order.
std::string answers_to(const evidence::Evidence& evidence, std::uint16_t number, Port peer_port) {
  std::map<stun::TransactionId, bool> wanted;
  for (const auto* const packet : stun_at(evidence, "turn.eth0", Direction::Inbound, true)) {
    const auto& message = *packet->dissection.stun;
    const auto channel = message.find<stun::ChannelNumber>();
    const auto to = message.find<stun::XorPeerAddress>();
    if (channel && to && channel->value == number && to->endpoint.port == peer_port)
      wanted[message.transaction] = true;
  }
  std::string text;
  for (const auto* const packet : stun_at(evidence, "turn.eth0", Direction::Outbound, false)) {
    const auto& message = *packet->dissection.stun;
    if (!wanted.contains(message.transaction)) continue;
    const auto error = message.find<stun::ErrorCode>();
    text += fmt::format("{}{}", text.empty() ? "" : ", then ",
                        error ? std::to_string(error->code) : "success");
  }
  return text;
}

// A client binds all numbers, lets the channels go, and wants one more.
evidence::Evidence spend_all(std::uint64_t seed) {
  const auto topology = two_sides({}, {});
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  auto rng = world.fork("client");
  const auto& server = topology.turn_servers.front();
  turn::Config config;
  config.server = {server.interface.address().ip, server.port};
  config.username = server.users.front().name;
  config.password = server.users.front().password;
  sim::AgentHost<TurnSide> client{world.host(kA),
                                  {recording.recorder_of(std::string{kA})},
                                  config,
                                  peer(world, 0),
                                  TurnSide::Wants::Channel,
                                  rng};
  constexpr std::size_t kNumbers = turn::kLastChannel - turn::kFirstChannel + 1;
  world.schedule(Instant{1s}, [&] {
    client.call([&](Instant now, TurnSide& side) {
      for (std::size_t n = 1; n < kNumbers; ++n) side.client()->bind_channel(now, peer(world, n));
    });
  });
  world.schedule(Instant{100s}, [&] {
    client.call([&](Instant now, TurnSide& side) {
      for (std::size_t n = 0; n < kNumbers; ++n) side.client()->unbind_channel(now, peer(world, n));
      side.client()->bind_channel(now, peer(world, kNumbers));
    });
  });
  world.run_until(Instant{1000s});
  world.end_capture();
  return recording.read();
}

// From the answer that bound a number first to the request that gives it to another peer.
void add_reuse(Checks& checks, const evidence::Evidence& evidence) {
  struct Binding {
    Endpoint peer;
    std::optional<Duration> answered;
  };
  std::map<std::uint16_t, Binding> bindings;
  std::map<stun::TransactionId, std::uint16_t> asked;
  std::optional<Duration> wait;
  const auto is_at_client = [&](const evidence::Packet& packet) {
    return evidence.interfaces[packet.interface].name == "a.eth0";
  };
  for (const auto& packet : evidence.packets) {
    const auto& stun = packet.dissection.stun;
    if (!stun || stun->method != Method::ChannelBind || !is_at_client(packet)) continue;
    const auto channel = stun->find<stun::ChannelNumber>();
    if (stun->cls == Class::Request && channel) {
      const auto to = stun->find<stun::XorPeerAddress>()->endpoint;
      const auto [known, is_new] = bindings.try_emplace(channel->value, Binding{to, {}});
      asked[stun->transaction] = channel->value;
      if (known->second.peer != to && known->second.answered && !wait)
        wait = packet.at - *known->second.answered;
    } else if (stun->cls == Class::Success && asked.contains(stun->transaction)) {
      bindings.at(asked.at(stun->transaction)).answered = packet.at;
    }
  }
  checks.rows.push_back(check_text("channel: so many numbers a client binds", "4096",
                                   std::to_string(bindings.size())));
  checks.rows.push_back(check_time(
      "channel: let go, its number is given to another peer so long after the answer that bound it "
      "(RFC 8656 §12: 600 s, and 300 s more)",
      kBinding + 300s, wait.value_or(Duration{})));
}

}  // namespace

void add_channel_reuse(Checks& checks, std::uint64_t seed) {
  const auto evidence = ask_otherwise(seed);
  constexpr auto kExpected = "400, then success";
  checks.rows.push_back(
      check_text("channel: its number for another peer, a nanosecond before its end and at it (RFC "
                 "8656 §12.2)",
                 kExpected, answers_to(evidence, kNumber, Port{10002})));
  checks.rows.push_back(
      check_text("channel: another number for its peer, a nanosecond before its end and at it (RFC "
                 "8656 §12.2)",
                 kExpected, answers_to(evidence, kOtherNumber, Port{10001})));
  add_reuse(checks, spend_all(seed));
}

}  // namespace rtclab::validate
