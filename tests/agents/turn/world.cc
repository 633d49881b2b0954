#include "tests/agents/turn/world.h"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace rtclab::turn {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDelay = 10ms;

const tls::Identity& identity() {
  static const auto kIdentity = [] {
    SeededRng rng{44};
    return tls::Identity::self_signed(rng, {"turn.example.org"});
  }();
  return kIdentity;
}

bool is_listened_on(const Endpoint& local) {
  return local == kServer || local == kTlsServer;
}

Path reversed(const Path& path) {
  return {path.transport, path.remote, path.local};
}

}  // namespace

Config client_config(ServerTransport transport) {
  Config config{.server = transport == ServerTransport::Tls ? kTlsServer : kServer,
                .local = kClient,
                .username = "alice",
                .password = "secret"};
  config.transport = transport;
  if (is_stream(transport)) config.local.port = Port{0};
  if (transport == ServerTransport::Tls) {
    config.host = "turn.example.org";
    config.trust.fingerprints = {identity().fingerprint()};
  }
  return config;
}

Server::Config server_config() {
  Server::Config config{.realm = "example.org", .users = {{"alice", "secret"}, {"bob", "hidden"}}};
  config.transports = {ServerTransport::Udp, ServerTransport::Tcp, ServerTransport::Tls};
  config.identity = identity();
  return config;
}

World::World(Config client, Server::Config server)
    : client_{std::move(client), *rng_}, server_{std::move(server), *server_rng_} {
  server_.handle_input(now_, InterfaceUp{"eth0", kServer.ip});
  drain();
}

void World::drain() {
  for (bool busy = true; busy;) {
    busy = false;
    while (auto output = client_.poll_output()) {
      busy = true;
      take_from_client(std::move(*output));
    }
    while (auto event = client_.poll_event()) events_.push_back(std::move(*event));
    while (auto output = server_.poll_output()) {
      busy = true;
      take_from_server(std::move(*output));
    }
  }
  // The contract of agents/base/io.h.
  for (const auto& wakeup : {client_.next_wakeup(), server_.next_wakeup()}) {
    if (wakeup) BOOST_TEST_REQUIRE((wakeup->at > now_), wakeup->reason << " does not lie ahead");
  }
}

void World::take_from_client(Output output) {
  if (auto* const transmit = std::get_if<Transmit>(&output)) {
    const auto& path = transmit->path;
    from_client.push_back({now_, path, transmit->bytes});
    const bool may_be_lost = path.transport == Transport::Udp;
    if (may_be_lost && lost(path, transmit->bytes)) return;
    post(kDelay, {true, reversed(path), std::move(transmit->bytes)});
  } else if (auto* const open = std::get_if<OpenStream>(&output)) {
    open_stream(*open);
  } else if (auto* const close = std::get_if<CloseStream>(&output)) {
    post(kDelay, {true, reversed(close->path), News{std::nullopt, News::What::Closed}});
  } else if (auto* const event = std::get_if<Event>(&output)) {
    trace.push_back(std::move(*event));
  }
}

void World::open_stream(const OpenStream& open) {
  const Path path{Transport::Tcp, {open.local.ip, Port{next_port_++}}, open.remote};
  const auto outcome = refuse_streams ? News::What::Failed : News::What::Opened;
  post(2 * kDelay, {false, path, News{open.request, outcome}});
  if (!refuse_streams) post(kDelay, {true, reversed(path), News{std::nullopt, outcome}});
}

void World::take_from_server(Output output) {
  if (auto* const transmit = std::get_if<Transmit>(&output)) {
    const auto& path = transmit->path;
    const bool to_client = is_listened_on(path.local);
    (to_client ? from_server : to_peers).push_back({now_, path, transmit->bytes});
    const bool may_be_lost = path.transport == Transport::Udp;
    if (!to_client || (may_be_lost && lost(path, transmit->bytes))) return;
    post(kDelay, {false, reversed(path), std::move(transmit->bytes)});
  } else if (auto* const open = std::get_if<OpenSocket>(&output)) {
    if (port_is_foreign(open->local)) {
      server_.handle_input(now_, SocketFailed{open->request, "address in use"});
    } else {
      server_.handle_input(now_, SocketOpened{open->request, open->local});
    }
  } else if (auto* const stream = std::get_if<OpenStream>(&output)) {
    to_peer_streams.push_back(*stream);
  } else if (auto* const close = std::get_if<CloseStream>(&output)) {
    closed_streams.push_back(close->path);
    if (is_listened_on(close->path.local))
      post(kDelay, {false, reversed(close->path), News{std::nullopt, News::What::Closed}});
  } else if (auto* const event = std::get_if<Event>(&output)) {
    trace.push_back(std::move(*event));
  }
}

void World::deliver(const InFlight& what) {
  const auto hand_in = [&](const Input& input) {
    if (what.to_server) {
      if (is_listened_on(what.path.local)) server_.handle_input(now_, input);
    } else if (what.path.transport == Transport::Tcp || what.path.local == kClient) {
      client_.handle_input(now_, input);
    }
  };
  if (const auto* const bytes = std::get_if<Bytes>(&what.content))
    return hand_in(Received{what.path, *bytes});
  const auto& news = std::get<News>(what.content);
  switch (news.what) {
    case News::What::Opened: return hand_in(StreamOpened{news.request, what.path});
    case News::What::Failed: return hand_in(SocketFailed{*news.request, "connection refused"});
    case News::What::Closed: return hand_in(StreamClosed{what.path, "closed by the other side"});
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
      const auto next_one = wire_.extract(wire_.begin());
      deliver(next_one.mapped());
      drain();
    }
    client_.handle_timeout(now_);
    server_.handle_timeout(now_);
    drain();
  }
  now_ = end;
}

void World::peer_sends(const Endpoint& peer, std::string_view text) {
  const auto relayed = server_.allocations().begin()->second.relays.front().address;
  server_.handle_input(now_, Received{{Transport::Udp, relayed, peer}, as_octets(text)});
  drain();
}

void World::peer_accepts(const OpenStream& open) {
  server_.handle_input(now_, StreamOpened{open.request, {Transport::Tcp, open.local, open.remote}});
  drain();
}

void World::peer_connects(const Endpoint& peer) {
  const auto relayed = server_.allocations().begin()->second.relays.front().address;
  server_.handle_input(now_, StreamOpened{std::nullopt, {Transport::Tcp, relayed, peer}});
  drain();
}

void World::peer_streams(const Path& path, std::string_view text) {
  server_.handle_input(now_, Received{path, as_octets(text)});
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
