#include "tests/agents/turn/world.h"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace rtclab::turn {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDelay = 10ms;

}  // namespace

Config client_config() {
  return {.server = kServer, .local = kClient, .username = "alice", .password = "secret"};
}

Server::Config server_config() {
  return {.realm = "example.org", .users = {{"alice", "secret"}, {"bob", "hidden"}}};
}

World::World(Config client, Server::Config server)
    : client_{std::move(client), *rng_}, server_{std::move(server), *server_rng_} {
  server_.handle_input(now_, InterfaceUp{"eth0", kServer.ip});
  drain();
}

void World::post(Instant at, Path path, Bytes bytes) {
  wire_.emplace(at, std::pair{path, std::move(bytes)});
}

void World::drain() {
  for (bool busy = true; busy;) {
    busy = false;
    while (auto output = client_.poll_output()) {
      busy = true;
      if (auto* const transmit = std::get_if<Transmit>(&*output)) {
        from_client.push_back({now_, transmit->path, transmit->bytes});
        if (!lost(transmit->path, transmit->bytes))
          post(now_ + kDelay, transmit->path, std::move(transmit->bytes));
      } else if (auto* const event = std::get_if<Event>(&*output)) {
        trace.push_back(std::move(*event));
      }
    }
    while (auto event = client_.poll_event()) events_.push_back(std::move(*event));
    while (auto output = server_.poll_output()) {
      busy = true;
      if (auto* const transmit = std::get_if<Transmit>(&*output)) {
        const bool to_client = transmit->path.local == kServer;
        (to_client ? from_server : to_peers).push_back({now_, transmit->path, transmit->bytes});
        if (to_client && !lost(transmit->path, transmit->bytes)) {
          post(now_ + kDelay, transmit->path, std::move(transmit->bytes));
        }
      } else if (auto* const open = std::get_if<OpenSocket>(&*output)) {
        if (port_is_foreign(open->local)) {
          server_.handle_input(now_, SocketFailed{open->request, "address in use"});
        } else {
          server_.handle_input(now_, SocketOpened{open->request, open->local});
        }
      } else if (auto* const event = std::get_if<Event>(&*output)) {
        trace.push_back(std::move(*event));
      }
    }
  }
  // The contract of agents/base/io.h.
  for (const auto& wakeup : {client_.next_wakeup(), server_.next_wakeup()}) {
    if (wakeup) BOOST_TEST_REQUIRE((wakeup->at > now_), wakeup->reason << " does not lie ahead");
  }
}

void World::deliver(const Path& path, ByteView bytes) {
  if (path.remote == kServer) {
    server_.handle_input(now_, Received{{path.transport, path.remote, path.local}, bytes});
  } else if (path.remote == kClient) {
    client_.handle_datagram(now_, bytes);
  }
}

void World::run_for(Duration duration) {
  run_until(now_ + duration);
}

void World::run_until(Instant end) {
  drain();
  while (true) {
    auto next = Wakeup::earliest(client_.next_wakeup(), server_.next_wakeup());
    if (!wire_.empty()) next = Wakeup::earliest(next, Wakeup{wire_.begin()->first, "wire"});
    if (!next || next->at > end) break;
    now_ = next->at;
    while (!wire_.empty() && wire_.begin()->first <= now_) {
      const auto [path, bytes] = std::move(wire_.begin()->second);
      wire_.erase(wire_.begin());
      deliver(path, bytes);
      drain();
    }
    client_.handle_timeout(now_);
    server_.handle_timeout(now_);
    drain();
  }
  now_ = end;
}

void World::peer_sends(const Endpoint& peer, std::string_view text) {
  const auto relayed = server_.allocations().begin()->second.relayed;
  server_.handle_input(now_, Received{{Transport::Udp, relayed, peer}, as_octets(text)});
  drain();
}

std::vector<std::string> World::take_at_peer() {
  std::vector<std::string> texts;
  for (const auto& sent : std::exchange(to_peers, {})) {
    texts.push_back(sent.path.remote.to_string() + " " + std::string{as_text(sent.bytes)});
  }
  return texts;
}

std::vector<ClientEvent> World::take_events() {
  return std::exchange(events_, {});
}

std::vector<stun::Message> World::requests(stun::Method method) const {
  std::vector<stun::Message> found;
  for (const auto& sent : from_client) {
    const auto message = stun::Message::parse(sent.bytes);
    if (message && message->method == method) found.push_back(*message);
  }
  return found;
}

std::vector<Instant> World::request_times(stun::Method method) const {
  std::vector<Instant> times;
  for (const auto& sent : from_client) {
    const auto message = stun::Message::parse(sent.bytes);
    if (message && message->method == method) times.push_back(sent.at);
  }
  return times;
}

std::vector<stun::Message> World::responses(stun::Method method) const {
  std::vector<stun::Message> found;
  for (const auto& sent : from_server) {
    const auto message = stun::Message::parse(sent.bytes);
    if (message && message->method == method) found.push_back(*message);
  }
  return found;
}

int World::events_named(std::string_view name) const {
  return static_cast<int>(std::ranges::count(trace, name, &Event::name));
}

World an_allocation(Config client, Server::Config server) {
  World world{std::move(client), std::move(server)};
  world.client().allocate(world.now());
  world.run_for(100ms);
  BOOST_TEST_REQUIRE(world.take<Allocated>().size() == 1u);
  return world;
}

World a_permission(Config client, Server::Config server) {
  auto world = an_allocation(std::move(client), std::move(server));
  world.client().create_permission(world.now(), kPeer.ip);
  world.run_for(100ms);
  BOOST_TEST_REQUIRE(world.take<PermissionGranted>().size() == 1u);
  return world;
}

}  // namespace rtclab::turn
