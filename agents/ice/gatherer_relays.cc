// Relayed candidates: allocations at TURN servers, over UDP, TCP or TLS.
//
// Spec: RFC 8445 §5.1.1.2, RFC 8656 by turn::Client, RFC 6544 §11.2 (a connection to the server
// that is lost).
#include "agents/ice/gatherer.h"
#include "agents/stun/error_code.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::ice {
namespace {

// RFC 7065 §3.1.
std::string turn_url(const TurnServer& server) {
  const auto scheme = server.transport == turn::ServerTransport::Tls ? "turns:" : "turn:";
  const auto transport = server.transport == turn::ServerTransport::Udp ? "udp" : "tcp";
  const auto host = server.host.empty()
                        ? server.server.to_string()
                        : server.host + ':' + std::to_string(server.server.port.value());
  return scheme + host + "?transport=" + transport;
}

// RFC 8445 §5.1.1.2: a server without room for an allocation may still tell the mapped address.
bool is_out_of_room(int code) {
  return code == stun::error::kAllocationQuotaReached || code == stun::error::kInsufficientCapacity;
}

}  // namespace

void Gatherer::search_relays(const Socket& socket) {
  for (std::size_t i = 0; i < configuration_.turn_servers.size(); ++i) {
    search_relay(socket, i, Transport::Udp);
    // RFC 6062 §4.1: only over a stream to the server.
    if (configuration_.tcp.relayed && turn::is_stream(configuration_.turn_servers[i].transport))
      search_relay(socket, i, Transport::Tcp);
  }
}

void Gatherer::search_relay(const Socket& socket, std::size_t server_rank, Transport relays_over) {
  const auto& server = configuration_.turn_servers[server_rank];
  if (server.server.ip.family() != socket.ip.family()) return;
  const auto running = std::ranges::find_if(relays_, [&](const Relay& each) {
    return each.socket == *socket.local && each.server == server.server &&
           each.client.config().transport == server.transport && each.relays_over == relays_over &&
           !each.gone && !each.closing;
  });
  const bool is_queued = std::ranges::any_of(pending_, [&](const Pending& each) {
    const auto* const relay = std::get_if<StartRelay>(&each);
    return relay != nullptr && relay->socket == *socket.local &&
           relay->server_rank == server_rank && relay->relays_over == relays_over;
  });
  if (running != relays_.end()) {
    found_relayed(socket, *running);
  } else if (!is_queued) {
    pending_.emplace_back(StartRelay{*socket.local, server_rank, relays_over});
  }
}

// RFC 8656 §7.1: a host that has IPv6 asks for both families, for it may have peers of both. Others
// ask in the way that servers understand which know no IPv6.
turn::RelayFamilies Gatherer::relay_families() const {
  const bool has_v6 = std::ranges::any_of(
      sockets_, [](const Socket& each) { return !each.ip.is_v4() && !each.ip.is_link_local(); });
  return has_v6 ? turn::RelayFamilies::Both : turn::RelayFamilies::V4;
}

void Gatherer::found_relayed(const Socket& socket, const Relay& relay) {
  if (relay.server_rank >= configuration_.turn_servers.size()) return;
  const auto url = turn_url(configuration_.turn_servers[relay.server_rank]);
  for (std::size_t i = 0; i < relay.relayed.size(); ++i) {
    const auto& relayed = relay.relayed[i];
    // Two addresses of one server must not have one priority.
    const Origin origin{relay.server, relay.server_rank * 2 + i, url};
    if (relay.relays_over == Transport::Udp) {
      found(socket, CandidateType::Relayed, relayed, relayed, origin);
      continue;
    }
    // RFC 6544 §4.1 and §4.5: where peers connect to, and a placeholder for connecting to them.
    found_tcp(socket, CandidateType::Relayed, TcpType::Passive, relayed, origin);
    found_tcp(socket, CandidateType::Relayed, TcpType::Active, {relayed.ip, kDiscardPort}, origin);
  }
}

void Gatherer::start_next(Instant now) {
  assert(has_pending());
  const auto next = std::move(pending_.front());
  pending_.pop_front();
  std::visit([&](const auto& pending) { start(now, pending); }, next);
  finish_searches();
}

void Gatherer::start(Instant now, const StartRelay& pending) {
  const auto* const socket = find_socket(pending.socket);
  if (socket == nullptr || pending.server_rank >= configuration_.turn_servers.size()) return;
  const auto& server = configuration_.turn_servers[pending.server_rank];
  turn::Config config;
  config.server = server.server;
  config.local = pending.socket;
  if (turn::is_stream(server.transport)) config.local.port = Port{0};
  config.transport = server.transport;
  config.host = server.host;
  config.trust = configuration_.trust;
  config.families = relay_families();
  config.relays_over = pending.relays_over;
  config.username = server.username;
  config.password = server.password;
  config.rto = rto();
  config.deviations = configuration_.deviations;
  relays_.push_back({.stream = socket->stream,
                     .socket = pending.socket,
                     .server_rank = pending.server_rank,
                     .server = server.server,
                     .client = turn::Client{std::move(config), *rng_},
                     .relays_over = pending.relays_over});
  relays_.back().client.allocate(now);
  pump(now, relays_.back());
}

void Gatherer::request_permission(Transport transport, const Endpoint& base, const Ip& peer) {
  auto* const relay = find_relay(transport, base);
  if (relay == nullptr) return;
  for (const auto& [ip, permission] : relay->permissions) {
    if (ip == peer) return;
  }
  relay->permissions.emplace_back(peer, Permission::Pending);
  pending_.emplace_back(AskPermission{transport, base, peer});
}

void Gatherer::start(Instant now, const AskPermission& pending) {
  auto* const relay = find_relay(pending.transport, pending.base);
  if (relay == nullptr) return;
  relay->client.create_permission(now, pending.peer);
  pump(now, *relay);
}

Permission Gatherer::permission(Transport transport, const Endpoint& base, const Ip& peer) const {
  const auto* const relay = find_relay(transport, base);
  if (relay == nullptr) return Permission::Refused;
  for (const auto& [ip, permission] : relay->permissions) {
    if (ip == peer) return permission;
  }
  return Permission::Pending;
}

void Gatherer::bind_channel(Instant now, const Endpoint& base, const Endpoint& peer) {
  if (auto* const relay = find_relay(Transport::Udp, base)) {
    relay->client.bind_channel(now, peer);
    pump(now, *relay);
  }
}

void Gatherer::unbind_channel(Instant now, const Endpoint& base, const Endpoint& peer) {
  if (auto* const relay = find_relay(Transport::Udp, base)) {
    relay->client.unbind_channel(now, peer);
    pump(now, *relay);
  }
}

// --- what goes to and comes from the clients ---

void Gatherer::pump(Instant now, Relay& relay) {
  static_cast<void>(now);
  while (auto output = relay.client.poll_output()) {
    if (auto* const open = std::get_if<OpenStream>(&*output)) {
      relay.requests.emplace_back(next_request_, open->request);
      open->request = next_request_++;
    }
    outbox_->put(std::move(*output));
  }
  while (const auto event = relay.client.poll_event()) {
    std::visit([&](const auto& each) { handle_relay_event(relay, each); }, *event);
    finish_searches();
  }
}

bool Gatherer::pass_to_relays(Instant now, const Input& input) {
  for (auto& relay : relays_) {
    if (relay.gone) continue;
    const bool taken = relay.client.handle_input(now, input);
    pump(now, relay);
    if (taken) return true;
  }
  return false;
}

bool Gatherer::answer_relay(Instant now, std::uint32_t request, Input input) {
  for (auto& relay : relays_) {
    const auto known =
        std::ranges::find(relay.requests, request, &std::pair<std::uint32_t, std::uint32_t>::first);
    if (known == relay.requests.end()) continue;
    if (auto* const opened = std::get_if<StreamOpened>(&input)) opened->request = known->second;
    if (auto* const failed = std::get_if<SocketFailed>(&input)) failed->request = known->second;
    relay.requests.erase(known);
    relay.client.handle_input(now, input);
    pump(now, relay);
    return true;
  }
  return false;
}

void Gatherer::handle_relay_event(Relay& relay, const turn::Allocated& allocated) {
  relay.relayed = {allocated.relayed};
  if (allocated.additional) relay.relayed.push_back(*allocated.additional);
  relay.settled = true;
  const auto* const socket = find_socket(relay.socket);
  if (socket == nullptr || relay.closing) return;
  // What the server saw over TCP is no address of the UDP socket. RFC 8445 §5.1.2.1: among the
  // servers that told a reflexive address this one comes after those of STUN, so that no two
  // candidates have one priority.
  if (!turn::is_stream(relay.client.config().transport) &&
      relay.server_rank < configuration_.turn_servers.size()) {
    found(*socket, CandidateType::ServerReflexive, allocated.mapped, relay.socket,
          Origin{relay.server, configuration_.stun_servers.size() + relay.server_rank,
                 turn_url(configuration_.turn_servers[relay.server_rank])});
  }
  found_relayed(*socket, relay);
}

void Gatherer::handle_relay_event(Relay& relay, const turn::AllocationFailed& failed) {
  give_up(relay, failed.code, failed.reason);
}

void Gatherer::handle_relay_event(Relay& relay, const turn::PermissionGranted& granted) {
  answer_permission(relay, granted.ip, Permission::Granted, 0);
}

void Gatherer::handle_relay_event(Relay& relay, const turn::PermissionRefused& refused) {
  // 0 would read as granted: a refusal without a code is a server that did not answer.
  const int code = refused.code == 0 ? stun::error::kServerError : refused.code;
  answer_permission(relay, refused.ip, Permission::Refused, code);
}

void Gatherer::answer_permission(Relay& relay, const Ip& peer, Permission permission, int code) {
  for (auto& [ip, state] : relay.permissions) {
    if (ip == peer) state = permission;
  }
  for (const auto& base : bases_of(relay))
    reports_.emplace_back(PermissionAnswered{relay.relays_over, base, peer, code});
}

void Gatherer::handle_relay_event(Relay& relay, const turn::Data& data) {
  if (relay.closing) return;
  const auto relayed = std::ranges::find_if(relay.relayed, [&](const Endpoint& each) {
    return each.ip.family() == data.peer.ip.family();
  });
  if (relayed == relay.relayed.end()) return;
  reports_.emplace_back(Arrival{relay.stream, {Transport::Udp, *relayed, data.peer}, data.bytes});
}

void Gatherer::handle_relay_event(Relay& relay, const turn::Closed& /*closed*/) {
  relay.gone = true;
  relay.settled = true;
}

void Gatherer::give_up(Relay& relay, int code, const std::string& reason) {
  relay.gone = true;
  relay.settled = true;
  if (relay.closing) return;
  const bool is_known = relay.server_rank < configuration_.turn_servers.size();
  outbox_->emit(GatheringFailed{
      relay.stream, relay.socket,
      is_known ? turn_url(configuration_.turn_servers[relay.server_rank]) : "", code, reason});
  for (const auto& base : bases_of(relay))
    reports_.emplace_back(RelayLost{relay.stream, relay.relays_over, base, reason});
  const auto* const socket = find_socket(relay.socket);
  const bool may_ask =
      policy_ == CandidatePolicy::All && !turn::is_stream(relay.client.config().transport);
  if (socket != nullptr && is_out_of_room(code) && may_ask)
    probe(*socket, relay.server, configuration_.stun_servers.size() + relay.server_rank);
}

void Gatherer::close_relay(Instant now, Relay& relay) {
  if (relay.gone || relay.closing) return;
  relay.closing = true;
  relay.client.close(now);
  pump(now, relay);
}

void Gatherer::lose_relays(const Ip& address) {
  for (auto& relay : relays_) {
    if (relay.gone || relay.socket.ip != address) continue;
    // The server cannot be told any more: the way to it is gone, and the allocation runs out by
    // itself.
    relay.gone = true;
    relay.settled = true;
    for (const auto& base : bases_of(relay))
      reports_.emplace_back(
          RelayLost{relay.stream, relay.relays_over, base, "its interface went down"});
  }
}

std::vector<Endpoint> Gatherer::bases_of(const Relay& relay) {
  auto bases = relay.relayed;
  if (relay.relays_over == Transport::Udp) return bases;
  for (const auto& relayed : relay.relayed) bases.push_back({relayed.ip, kDiscardPort});
  return bases;
}

bool Gatherer::is_at(const Relay& relay, Transport transport, const Endpoint& base) {
  const auto bases = bases_of(relay);
  return relay.relays_over == transport && !relay.gone && !relay.closing &&
         std::ranges::find(bases, base) != bases.end();
}

const Gatherer::Relay* Gatherer::find_relay(Transport transport, const Endpoint& base) const {
  const auto relay = std::ranges::find_if(
      relays_, [&](const Relay& each) { return is_at(each, transport, base); });
  return relay == relays_.end() ? nullptr : &*relay;
}

Gatherer::Relay* Gatherer::find_relay(Transport transport, const Endpoint& base) {
  return const_cast<Relay*>(std::as_const(*this).find_relay(transport, base));
}

}  // namespace rtclab::ice
