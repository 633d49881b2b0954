#include "agents/ice/gatherer.h"

#include "agents/ice/check_policy.h"
#include "agents/ice/local_preference.h"
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::ice {
namespace {

// RFC 8445 §11: SHOULD be 15 s, MUST NOT be less. §5.1.1.4 gives no period of its own for the
// bindings at servers.
constexpr Duration kTr = std::chrono::seconds{15};

std::string stun_url(const Endpoint& server) {
  return "stun:" + server.to_string();
}

std::string turn_url(const Endpoint& server) {
  return "turn:" + server.to_string() + "?transport=udp";
}

// RFC 8445 §5.1.1.2: a server without room for an allocation may still tell the mapped address.
bool is_out_of_room(int code) {
  return code == stun::error::kAllocationQuotaReached || code == stun::error::kInsufficientCapacity;
}

}  // namespace

Gatherer::Gatherer(const Configuration& configuration, Rng& rng, Outbox& outbox)
    : configuration_{configuration},
      rng_{&rng},
      outbox_{&outbox},
      foundations_{configuration.deviations},
      ids_{rng, configuration.deviations} {}

void Gatherer::set_servers(std::vector<Endpoint> stun_servers,
                           std::vector<TurnServer> turn_servers) {
  configuration_.stun_servers = std::move(stun_servers);
  configuration_.turn_servers = std::move(turn_servers);
}

void Gatherer::add_address(const std::string& interface, const Ip& address) {
  // RFC 8445 §5.1.1.1: loopback addresses are no candidates.
  if (address.is_loopback() || address.is_unspecified()) return;
  if (std::ranges::find(addresses_, address, &Address::ip) != addresses_.end()) return;
  addresses_.push_back({interface, address});
}

void Gatherer::remove_address(const Ip& address) {
  std::erase_if(addresses_, [&](const Address& each) { return each.ip == address; });
  const auto is_on_it = [&](const Endpoint& socket) { return socket.ip == address; };
  std::erase_if(probes_, [&](const Probe& each) { return is_on_it(each.socket); });
  std::erase_if(pending_, [&](const Pending& each) {
    if (const auto* const start = std::get_if<StartProbe>(&each)) return is_on_it(start->socket);
    if (const auto* const start = std::get_if<StartRelay>(&each)) return is_on_it(start->socket);
    const auto* const relay = find_relay(std::get<AskPermission>(each).base);
    return relay != nullptr && is_on_it(relay->socket);
  });
  for (auto& relay : relays_) {
    if (relay.gone || !is_on_it(relay.socket)) continue;
    // The server cannot be told any more: the way to it is gone, and the allocation runs out by
    // itself.
    relay.gone = true;
    relay.settled = true;
    if (relay.relayed)
      reports_.emplace_back(RelayLost{relay.stream, *relay.relayed, "its interface went down"});
  }
  std::erase_if(sockets_, [&](const Socket& each) {
    if (each.ip != address) return false;
    if (each.local) outbox_->put(CloseSocket{Transport::Udp, *each.local});
    return true;
  });
  finish_searches();
}

void Gatherer::start(Instant now, StreamId stream) {
  if (!is_searching(stream)) searching_.push_back(stream);
  for (const auto& socket : sockets_) {
    if (socket.stream == stream && socket.local && !socket.closing) search_from(socket);
  }
  open_sockets(stream);
  for (auto& relay : relays_) pump(now, relay);
  finish_searches();
}

bool Gatherer::is_searching(StreamId stream) const {
  return std::ranges::find(searching_, stream) != searching_.end();
}

void Gatherer::open_sockets(StreamId stream) {
  std::vector<Ip> known;
  for (const auto& address : addresses_) known.push_back(address.ip);
  const auto ordered = by_preference(known);
  for (std::size_t rank = 0; rank < ordered.size(); ++rank) {
    const auto& ip = ordered[rank];
    const bool is_open = std::ranges::any_of(sockets_, [&](const Socket& each) {
      return each.stream == stream && each.ip == ip && !each.closing;
    });
    if (is_open) continue;
    sockets_.push_back({stream, ip, rank, next_request_, std::nullopt});
    outbox_->put(OpenSocket{next_request_, Transport::Udp, Endpoint{ip, Port{0}}});
    ++next_request_;
  }
}

void Gatherer::handle_socket_opened(Instant /*now*/, const SocketOpened& opened) {
  const auto socket = std::ranges::find(sockets_, opened.request, &Socket::request);
  if (socket == sockets_.end() || socket->local) return;
  socket->local = opened.local;
  if (socket->closing) {
    finish_closing();
    return;
  }
  search_from(*socket);
  finish_searches();
}

void Gatherer::handle_socket_failed(Instant /*now*/, const SocketFailed& failed) {
  const auto socket = std::ranges::find(sockets_, failed.request, &Socket::request);
  if (socket == sockets_.end()) return;
  outbox_->emit(GatheringFailed{socket->stream, Endpoint{socket->ip, Port{0}}, "", 0,
                                "no socket: " + failed.why});
  sockets_.erase(socket);
  finish_searches();
}

// Reports the host candidate and lines up what is to be asked from its socket.
void Gatherer::search_from(const Socket& socket) {
  found(socket, CandidateType::Host, *socket.local, *socket.local, std::nullopt, 0, "");
  for (std::size_t i = 0; i < configuration_.stun_servers.size(); ++i) {
    if (configuration_.policy == CandidatePolicy::All)
      probe(socket, configuration_.stun_servers[i], i);
  }
  for (std::size_t i = 0; i < configuration_.turn_servers.size(); ++i) {
    const auto& server = configuration_.turn_servers[i].server;
    if (server.ip.family() != socket.ip.family()) continue;
    const auto running = std::ranges::find_if(relays_, [&](const Relay& each) {
      return each.socket == *socket.local && each.client.config().server == server && !each.gone &&
             !each.closing;
    });
    const bool is_queued = std::ranges::any_of(pending_, [&](const Pending& each) {
      const auto* const relay = std::get_if<StartRelay>(&each);
      return relay != nullptr && relay->socket == *socket.local && relay->server_rank == i;
    });
    if (running == relays_.end()) {
      if (!is_queued) pending_.emplace_back(StartRelay{*socket.local, i});
    } else if (running->relayed) {
      found(socket, CandidateType::Relayed, *running->relayed, *running->relayed, server, i,
            turn_url(server));
    }
  }
}

void Gatherer::probe(const Socket& socket, const Endpoint& server, std::size_t server_rank) {
  if (server.ip.family() != socket.ip.family()) return;
  if (auto* const known = find_probe(*socket.local, server)) {
    known->settled = false;
  } else {
    probes_.push_back({socket.stream, *socket.local, server, server_rank, {}, {}, {}});
  }
  pending_.emplace_back(StartProbe{*socket.local, server});
}

void Gatherer::start_next(Instant now) {
  assert(has_pending());
  const auto next = std::move(pending_.front());
  pending_.pop_front();
  std::visit([&](const auto& pending) { start(now, pending); }, next);
  finish_searches();
}

void Gatherer::start(Instant now, const StartProbe& pending) {
  if (auto* const probe = find_probe(pending.socket, pending.server))
    begin_transaction(now, *probe);
}

void Gatherer::begin_transaction(Instant now, Probe& probe) {
  const stun::Message request{.cls = stun::Class::Request,
                              .method = stun::Method::Binding,
                              .transaction = ids_.next(),
                              .attributes = {}};
  // RFC 8445 §5.1.1.2: requests to a STUN server are not authenticated.
  probe.transaction.emplace(
      request,
      stun::seal(request,
                 {.key = {}, .fingerprint = true, .deviations = configuration_.deviations}),
      stun::Schedule{.rto = rto()}, configuration_.deviations);
  probe.refresh.reset();
  if (probe.transaction->poll(now) == stun::Transaction::Due::Send) {
    const auto octets = probe.transaction->request();
    outbox_->transmit(probe.socket, probe.server, {octets.begin(), octets.end()});
  }
}

void Gatherer::start(Instant now, const StartRelay& pending) {
  const auto* const socket = find_socket(pending.socket);
  if (socket == nullptr || pending.server_rank >= configuration_.turn_servers.size()) return;
  const auto& server = configuration_.turn_servers[pending.server_rank];
  turn::Config config;
  config.server = server.server;
  config.local = pending.socket;
  config.username = server.username;
  config.password = server.password;
  config.rto = rto();
  config.deviations = configuration_.deviations;
  relays_.push_back({socket->stream,
                     pending.socket,
                     pending.server_rank,
                     turn::Client{std::move(config), *rng_},
                     std::nullopt,
                     false,
                     false,
                     false,
                     {}});
  relays_.back().client.allocate(now);
  pump(now, relays_.back());
}

void Gatherer::request_permission(const Endpoint& base, const Ip& peer) {
  auto* const relay = find_relay(base);
  if (relay == nullptr) return;
  for (const auto& [ip, permission] : relay->permissions) {
    if (ip == peer) return;
  }
  relay->permissions.emplace_back(peer, Permission::Pending);
  pending_.emplace_back(AskPermission{base, peer});
}

void Gatherer::start(Instant now, const AskPermission& pending) {
  auto* const relay = find_relay(pending.base);
  if (relay == nullptr) return;
  relay->client.create_permission(now, pending.peer);
  pump(now, *relay);
}

Permission Gatherer::permission(const Endpoint& base, const Ip& peer) const {
  const auto* const relay = find_relay(base);
  if (relay == nullptr) return Permission::Refused;
  for (const auto& [ip, permission] : relay->permissions) {
    if (ip == peer) return permission;
  }
  return Permission::Pending;
}

void Gatherer::bind_channel(Instant now, const Endpoint& base, const Endpoint& peer) {
  if (auto* const relay = find_relay(base)) {
    relay->client.bind_channel(now, peer);
    pump(now, *relay);
  }
}

void Gatherer::send(Instant now, const Endpoint& base, const Endpoint& remote, ByteView bytes) {
  if (auto* const relay = find_relay(base)) {
    relay->client.send(now, remote, bytes);
    pump(now, *relay);
    return;
  }
  outbox_->transmit(base, remote, {bytes.begin(), bytes.end()});
}

void Gatherer::handle_datagram(Instant now, const Received& received) {
  const auto* const socket = find_socket(received.path.local);
  if (socket == nullptr) return;
  if (handle_probe_response(now, received)) return;
  for (auto& relay : relays_) {
    if (relay.gone || relay.socket != received.path.local) continue;
    if (relay.client.config().server != received.path.remote) continue;
    const bool taken = relay.client.handle_datagram(now, received.bytes);
    pump(now, relay);
    if (taken) return;
  }
  if (socket->closing) return;
  reports_.emplace_back(Arrival{socket->stream,
                                received.path.local,
                                received.path.remote,
                                {received.bytes.begin(), received.bytes.end()}});
}

bool Gatherer::handle_probe_response(Instant now, const Received& received) {
  auto* const probe = find_probe(received.path.local, received.path.remote);
  if (probe == nullptr || !probe->transaction || !stun::looks_like_stun(received.bytes))
    return false;
  const auto response = stun::Message::parse(received.bytes);
  if (!response || !probe->transaction->matches(*response)) return false;
  if (probe->transaction->is_answered()) return true;  // a second copy
  if (stun::check_fingerprint(received.bytes) == stun::Check::Bad) return false;

  probe->transaction->note_response(now);
  probe->refresh = now + kTr;
  // RFC 8445 §5.1.1.2: a server of RFC 3489 answers with MAPPED-ADDRESS.
  std::optional<Endpoint> mapped;
  if (const auto masked = response->find<stun::XorMappedAddress>()) {
    mapped = masked->endpoint;
  } else if (const auto plain = response->find<stun::MappedAddress>()) {
    mapped = plain->endpoint;
  }
  const auto* const socket = find_socket(probe->socket);
  const bool is_usable = response->cls == stun::Class::Success && mapped && socket != nullptr &&
                         stun::unknown_required(*response).empty();
  if (is_usable) {
    probe->mapped = mapped;
    found(*socket, CandidateType::ServerReflexive, *mapped, probe->socket, probe->server,
          probe->server_rank, stun_url(probe->server));
  } else if (!probe->settled) {
    const auto error = response->find<stun::ErrorCode>();
    outbox_->emit(GatheringFailed{probe->stream, probe->socket, stun_url(probe->server),
                                  error ? error->code : 0,
                                  error ? error->reason : "the answer holds no mapped address"});
  }
  probe->settled = true;
  finish_searches();
  return true;
}

void Gatherer::pump(Instant now, Relay& relay) {
  while (auto output = relay.client.poll_output()) outbox_->put(std::move(*output));
  while (const auto event = relay.client.poll_event()) handle_relay_event(now, relay, *event);
}

void Gatherer::handle_relay_event(Instant /*now*/, Relay& relay, const turn::ClientEvent& event) {
  const auto& server = relay.client.config().server;
  const auto* const socket = find_socket(relay.socket);
  if (const auto* const allocated = std::get_if<turn::Allocated>(&event)) {
    relay.relayed = allocated->relayed;
    relay.settled = true;
    if (socket != nullptr && !relay.closing) {
      // RFC 8445 §5.1.2.1: among the servers that told a reflexive address this one comes after
      // those of STUN, so that no two candidates have one priority.
      found(*socket, CandidateType::ServerReflexive, allocated->mapped, relay.socket, server,
            configuration_.stun_servers.size() + relay.server_rank, turn_url(server));
      found(*socket, CandidateType::Relayed, allocated->relayed, allocated->relayed, server,
            relay.server_rank, turn_url(server));
    }
  } else if (const auto* const failed = std::get_if<turn::AllocationFailed>(&event)) {
    give_up(relay, failed->code, failed->reason);
  } else if (const auto* const granted = std::get_if<turn::PermissionGranted>(&event)) {
    for (auto& [ip, permission] : relay.permissions) {
      if (ip == granted->ip) permission = Permission::Granted;
    }
    if (relay.relayed) reports_.emplace_back(PermissionAnswered{*relay.relayed, granted->ip, 0});
  } else if (const auto* const refused = std::get_if<turn::PermissionRefused>(&event)) {
    for (auto& [ip, permission] : relay.permissions) {
      if (ip == refused->ip) permission = Permission::Refused;
    }
    // 0 would read as granted: a refusal without a code is a server that did not answer.
    const int code = refused->code == 0 ? stun::error::kServerError : refused->code;
    if (relay.relayed) reports_.emplace_back(PermissionAnswered{*relay.relayed, refused->ip, code});
  } else if (const auto* const data = std::get_if<turn::Data>(&event)) {
    if (relay.relayed && !relay.closing) {
      reports_.emplace_back(Arrival{relay.stream, *relay.relayed, data->peer, data->bytes});
    }
  } else if (std::holds_alternative<turn::Closed>(event)) {
    relay.gone = true;
    relay.settled = true;
  }
  finish_searches();
}

void Gatherer::give_up(Relay& relay, int code, const std::string& reason) {
  const auto& server = relay.client.config().server;
  relay.gone = true;
  relay.settled = true;
  if (relay.closing) return;
  outbox_->emit(GatheringFailed{relay.stream, relay.socket, turn_url(server), code, reason});
  if (relay.relayed) reports_.emplace_back(RelayLost{relay.stream, *relay.relayed, reason});
  const auto* const socket = find_socket(relay.socket);
  if (socket != nullptr && is_out_of_room(code) && configuration_.policy == CandidatePolicy::All) {
    probe(*socket, server, configuration_.stun_servers.size() + relay.server_rank);
  }
}

void Gatherer::found(const Socket& socket, CandidateType type, const Endpoint& address,
                     const Endpoint& base, const std::optional<Endpoint>& server,
                     std::size_t server_rank, const std::string& url) {
  const bool hides_own_address = configuration_.policy == CandidatePolicy::Relay;
  if (hides_own_address && type != CandidateType::Relayed) return;
  // RFC 8445 §5.1.3: a reflexive address that is the host's own says that there is no NAT, and
  // nothing new.
  if (type == CandidateType::ServerReflexive && address == base) return;
  // RFC 8445 §5.1.1.2: a relayed candidate equal to a host candidate is discarded.
  if (type == CandidateType::Relayed && find_socket(address) != nullptr) return;

  Candidate candidate;
  candidate.type = type;
  candidate.address = address;
  candidate.base = base;
  candidate.url = url;
  std::optional<Ip> server_ip;
  if (server) server_ip = server->ip;
  candidate.foundation = foundations_.of({type, Transport::Udp, base.ip, server_ip});
  candidate.priority = configuration_.deviations.has(Deviation::SdpDuplicatePriority)
                           ? candidate_priority(CandidateType::Host, 65535, candidate.component)
                           : candidate_priority(type, local_preference(socket.rank, server_rank),
                                                candidate.component);
  if (type == CandidateType::ServerReflexive) candidate.related = base;
  if (type == CandidateType::Relayed) {
    // RFC 8839 §5.1 wants a related address; RFC 9429 §3.5.3: none of ours may leak under the
    // policy "relay".
    const auto* const relay = find_relay(address);
    candidate.related = Endpoint{Ip::v4(0), Port{0}};
    if (!hides_own_address && relay != nullptr) candidate.related = relay->client.mapped();
  }
  reports_.emplace_back(Found{socket.stream, std::move(candidate)});
}

void Gatherer::settle(Instant now, StreamId stream, const Endpoint& base_in_use) {
  for (auto& each : probes_) {
    if (each.stream == stream) each.refresh.reset();
  }
  for (auto& relay : relays_) {
    if (relay.stream != stream || relay.gone || relay.closing || relay.relayed == base_in_use)
      continue;
    relay.closing = true;
    relay.client.close(now);
    pump(now, relay);
  }
}

void Gatherer::close(Instant now, StreamId stream) {
  std::erase(searching_, stream);
  std::erase_if(probes_, [&](const Probe& each) { return each.stream == stream; });
  std::erase_if(pending_, [&](const Pending& each) {
    const auto belongs = [&](const Endpoint& local) {
      const auto* const socket = find_socket(local);
      return socket == nullptr || socket->stream == stream;
    };
    if (const auto* const probe = std::get_if<StartProbe>(&each)) return belongs(probe->socket);
    if (const auto* const relay = std::get_if<StartRelay>(&each)) return belongs(relay->socket);
    const auto* const relay = find_relay(std::get<AskPermission>(each).base);
    return relay == nullptr || relay->stream == stream;
  });
  for (auto& socket : sockets_) {
    if (socket.stream == stream) socket.closing = true;
  }
  for (auto& relay : relays_) {
    if (relay.stream != stream || relay.gone || relay.closing) continue;
    relay.closing = true;
    relay.client.close(now);
    pump(now, relay);
  }
  finish_closing();
}

void Gatherer::handle_timeout(Instant now) {
  for (auto& probe : probes_) {
    if (probe.transaction) {
      const auto due = probe.transaction->poll(now);
      if (due == stun::Transaction::Due::Send) {
        const auto octets = probe.transaction->request();
        outbox_->transmit(probe.socket, probe.server, {octets.begin(), octets.end()});
      } else if (due == stun::Transaction::Due::TimedOut) {
        if (!probe.settled) {
          outbox_->emit(GatheringFailed{probe.stream, probe.socket, stun_url(probe.server), 0,
                                        "no answer to 7 requests"});
        }
        probe.settled = true;
        if (probe.mapped) probe.refresh = now + kTr;
      }
    }
    if (probe.refresh && now >= *probe.refresh) {
      probe.refresh.reset();
      pending_.emplace_back(StartProbe{probe.socket, probe.server});
    }
  }
  for (auto& relay : relays_) {
    if (relay.gone) continue;
    relay.client.handle_timeout(now);
    pump(now, relay);
  }
  finish_searches();
  finish_closing();
}

std::optional<Wakeup> Gatherer::next_wakeup() const {
  std::optional<Wakeup> earliest;
  for (const auto& probe : probes_) {
    if (probe.transaction) {
      if (const auto at = probe.transaction->next_wakeup()) {
        earliest = Wakeup::earliest(earliest, Wakeup{*at, "ice: answer of a STUN server"});
      }
    }
    if (probe.refresh)
      earliest = Wakeup::earliest(earliest, Wakeup{*probe.refresh, "ice: candidate kept alive"});
  }
  for (const auto& relay : relays_) {
    if (!relay.gone) earliest = Wakeup::earliest(earliest, relay.client.next_wakeup());
  }
  return earliest;
}

std::optional<GatherReport> Gatherer::poll_report() {
  if (reports_.empty()) return std::nullopt;
  std::optional<GatherReport> front{std::move(reports_.front())};
  reports_.pop_front();
  return front;
}

void Gatherer::finish_searches() {
  const auto goes_on = [&](StreamId stream) {
    const auto is_of_stream = [&](const Endpoint& local) {
      const auto* const socket = find_socket(local);
      return socket != nullptr && socket->stream == stream;
    };
    return std::ranges::any_of(
               sockets_,
               [&](const Socket& each) { return each.stream == stream && !each.local; }) ||
           std::ranges::any_of(
               probes_,
               [&](const Probe& each) { return each.stream == stream && !each.settled; }) ||
           std::ranges::any_of(
               relays_,
               [&](const Relay& each) { return each.stream == stream && !each.settled; }) ||
           std::ranges::any_of(pending_, [&](const Pending& each) {
             const auto* const relay = std::get_if<StartRelay>(&each);
             return relay != nullptr && is_of_stream(relay->socket);
           });
  };
  std::erase_if(searching_, [&](StreamId stream) {
    if (goes_on(stream)) return false;
    reports_.emplace_back(Exhausted{stream});
    return true;
  });
}

void Gatherer::finish_closing() {
  std::erase_if(sockets_, [&](const Socket& socket) {
    if (!socket.closing || !socket.local) return false;
    const bool is_needed = std::ranges::any_of(
        relays_, [&](const Relay& relay) { return relay.socket == *socket.local && !relay.gone; });
    if (!is_needed) outbox_->put(CloseSocket{Transport::Udp, *socket.local});
    return !is_needed;
  });
}

const Gatherer::Socket* Gatherer::find_socket(const Endpoint& local) const {
  const auto socket = std::ranges::find(sockets_, std::optional{local}, &Socket::local);
  return socket == sockets_.end() ? nullptr : &*socket;
}

Gatherer::Probe* Gatherer::find_probe(const Endpoint& socket, const Endpoint& server) {
  const auto probe = std::ranges::find_if(
      probes_, [&](const Probe& each) { return each.socket == socket && each.server == server; });
  return probe == probes_.end() ? nullptr : &*probe;
}

const Gatherer::Relay* Gatherer::find_relay(const Endpoint& base) const {
  const auto relay = std::ranges::find_if(relays_, [&](const Relay& each) {
    return each.relayed == base && !each.gone && !each.closing;
  });
  return relay == relays_.end() ? nullptr : &*relay;
}

Gatherer::Relay* Gatherer::find_relay(const Endpoint& base) {
  return const_cast<Relay*>(std::as_const(*this).find_relay(base));
}

Duration Gatherer::rto() const {
  return gathering_rto(configuration_.ta, probes_.size() + relays_.size() + pending_.size());
}

}  // namespace rtclab::ice
