#include "tests/agents/ice/call.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice::test {
namespace {

const Endpoint kStunServer = endpoint("198.51.100.1:3478");
const Endpoint kTurnServer = endpoint("198.51.100.2:3478");

const tls::Identity& turn_identity() {
  static const auto kIdentity = [] {
    SeededRng rng{44};
    return tls::Identity::self_signed(rng, {"turn.example.org"});
  }();
  return kIdentity;
}

}  // namespace

std::string text_of(const Event& event, std::string_view key) {
  const auto* const value = event.find(key);
  if (value == nullptr) return {};
  if (const auto* const text = std::get_if<std::string>(value)) return *text;
  if (const auto* const number = std::get_if<std::uint64_t>(value)) return std::to_string(*number);
  return {};
}

void Side::after_drain(Instant) {
  while (const auto event = agent.poll_event()) {
    if (const auto* const received = std::get_if<DataReceived>(&*event))
      data.push_back(received->bytes);
    if (const auto* const gathered = std::get_if<CandidateGathered>(&*event))
      candidates.push_back(gathered->candidate);
    if (tell) tell(*event);
  }
}

std::vector<TracedEvent> Side::traced(std::string_view name) const {
  std::vector<TracedEvent> found;
  std::ranges::copy_if(trace, std::back_inserter(found),
                       [&](const TracedEvent& each) { return each.event.name == name; });
  return found;
}

std::optional<Instant> Side::first(std::string_view name, std::string_view key,
                                   std::string_view value) const {
  for (const auto& each : trace) {
    if (each.event.name == name && text_of(each.event, key) == value) return each.at;
  }
  return std::nullopt;
}

std::optional<Instant> Side::entered(State wanted) const {
  return first("ice:state_changed", "to", to_string(wanted));
}

Call::Call(CallOptions options)
    : world{options.seed},
      options_{std::move(options)},
      rng_a_{world.fork("a")},
      rng_b_{world.fork("b")},
      rng_turn_{world.fork("turn")} {
  const auto behind = [&](const Home& home, const char* outside) {
    return home.nat ? &world.add_nat(*home.nat, *Ip::parse(outside)) : nullptr;
  };
  auto* const nat_a = behind(options_.a, "203.0.113.1");
  auto* const nat_b = options_.same_lan ? nat_a : behind(options_.b, "203.0.113.2");
  // A firewall's host has the public address itself.
  const auto address = [](const Home& home, const char* inside, const char* outside) {
    return std::vector{*Ip::parse(home.nat && home.nat->translates ? inside : outside)};
  };
  auto& machine_a =
      world.add_machine("a", address(options_.a, "192.168.1.10", "203.0.113.1"), nat_a);
  auto& machine_b =
      options_.same_lan
          ? world.add_machine("b", {*Ip::parse("192.168.1.11")}, nat_b)
          : world.add_machine("b", address(options_.b, "192.168.2.10", "203.0.113.2"), nat_b);
  for (const auto text : options_.a.also) machine_a.addresses.push_back(*Ip::parse(text));
  for (const auto text : options_.b.also) machine_b.addresses.push_back(*Ip::parse(text));
  auto& stun_machine = world.add_machine("stun", {kStunServer.ip});
  auto& turn_machine = world.add_machine("turn", {kTurnServer.ip});
  stun_ = std::make_unique<ActorFor<stun::Server>>(stun::Server::Config{});
  turn::Server::Config turn_config;
  turn_config.users = {{"user", "secret"}};
  turn_config.transports = {turn::ServerTransport::Udp, turn::ServerTransport::Tcp,
                            turn::ServerTransport::Tls};
  turn_config.identity = turn_identity();
  turn_machine_ = &turn_machine;
  turn_ = std::make_unique<ActorFor<turn::Server>>(turn_config, rng_turn_);
  world.boot(stun_machine, *stun_);
  world.boot(turn_machine, *turn_);

  for (auto* configuration : {&options_.agent_a, &options_.agent_b}) {
    if (options_.has_stun) configuration->stun_servers = {kStunServer};
    if (!options_.has_turn) continue;
    for (const auto transport : options_.turn_transports) {
      configuration->turn_servers.push_back({{kTurnServer.ip, turn::default_port(transport)},
                                             "user",
                                             "secret",
                                             transport,
                                             "turn.example.org"});
    }
    configuration->trust.fingerprints = {turn_identity().fingerprint()};
  }
  a = std::make_unique<Side>(options_.agent_a, rng_a_);
  b = std::make_unique<Side>(options_.agent_b, rng_b_);
  a->machine = &machine_a;
  b->machine = &machine_b;
  world.boot(machine_a, *a);
  world.boot(machine_b, *b);
  b->agent.set_role(world.now(), Role::Controlled);
  world.drain(machine_b);
  connect(*a, *b);
  connect(*b, *a);
}

void Call::connect(Side& from, Side& to) {
  from.tell = [this, &to](const AgentEvent& event) {
    if (!trickles) return;
    if (const auto* const gathered = std::get_if<CandidateGathered>(&event)) {
      world.after(options_.signalling, [this, &to, candidate = gathered->candidate] {
        to.agent.add_remote_candidate(world.now(), to.stream, candidate);
        world.drain(*to.machine);
      });
    }
    if (std::holds_alternative<EndOfCandidates>(event) && options_.sends_end_of_candidates) {
      world.after(options_.signalling, [this, &to] {
        to.agent.end_of_remote_candidates(world.now(), to.stream);
        world.drain(*to.machine);
      });
    }
  };
}

void Call::gather(Side& side) {
  side.agent.gather(world.now());
  world.drain(*side.machine);
}

void Call::give_credentials(Side& from, Side& to) {
  world.after(options_.signalling, [this, &to, options = from.options,
                                    credentials = from.agent.local_credentials(from.stream)] {
    to.agent.set_remote_options(world.now(), to.stream, options);
    to.agent.set_remote_credentials(world.now(), to.stream, credentials);
    world.drain(*to.machine);
  });
}

void Call::start() {
  give_credentials(*a, *b);
  gather(*a);
  world.after(options_.signalling, [this] {
    give_credentials(*b, *a);
    gather(*b);
  });
}

bool Call::passes(Side& from, Side& to) {
  const auto before = to.data.size();
  const bool was_sent = from.agent.send(world.now(), from.stream,
                                        to_octets("\x16"
                                                  "data"));
  world.drain(*from.machine);
  return was_sent && world.run_until([&] { return to.data.size() == before + 1; }, 1s);
}

bool Call::run_until_completed(Duration limit) {
  return world.run_until([this] { return both(State::Completed); }, limit);
}

}  // namespace rtclab::ice::test
