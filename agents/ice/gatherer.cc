// Sockets, host candidates, and the course of a search. What arrives is in gatherer_inputs.cc,
// servers are in gatherer_probes.cc and gatherer_relays.cc, RFC 6062 in gatherer_relayed_tcp.cc.
#include "agents/ice/gatherer.h"

#include "agents/ice/check_policy.h"
#include "agents/ice/host_addresses.h"
#include "agents/ice/local_preference.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::ice {
namespace {

// Two families of 16 servers: the other-preference of TCP has room for 8192 in all.
constexpr std::size_t kServersPerAddress = 32;

}  // namespace

Gatherer::Gatherer(const Configuration& configuration, Rng& rng, Outbox& outbox)
    : configuration_{configuration},
      policy_{configuration.policy},
      rng_{&rng},
      outbox_{&outbox},
      foundations_{configuration.deviations},
      ids_{rng, configuration.deviations},
      connections_{configuration.deviations} {
  set_servers(std::move(configuration_.stun_servers), std::move(configuration_.turn_servers));
}

void Gatherer::set_servers(std::vector<Endpoint> stun_servers,
                           std::vector<TurnServer> turn_servers) {
  configuration_.stun_servers = std::move(stun_servers);
  configuration_.turn_servers = std::move(turn_servers);
  // A relay that is reached over UDP adds no delay of TCP: it ranks first.
  std::ranges::stable_sort(configuration_.turn_servers, {}, &TurnServer::transport);
}

void Gatherer::add_address(const std::string& interface, const Ip& address) {
  if (std::ranges::find(addresses_, address, &Address::ip) != addresses_.end()) return;
  addresses_.push_back({interface, address});
  const auto searching = searching_;
  for (const auto stream : searching) open_sockets(stream);
}

void Gatherer::remove_address(const Ip& address) {
  std::erase_if(addresses_, [&](const Address& each) { return each.ip == address; });
  const auto is_on_it = [&](const Endpoint& socket) { return socket.ip == address; };
  std::erase_if(probes_, [&](const Probe& each) { return is_on_it(each.socket); });
  std::erase_if(pending_, [&](const Pending& each) {
    if (const auto* const start = std::get_if<StartProbe>(&each)) return is_on_it(start->socket);
    if (const auto* const start = std::get_if<StartRelay>(&each)) return is_on_it(start->socket);
    const auto& asked = std::get<AskPermission>(each);
    const auto* const relay = find_relay(asked.transport, asked.base);
    return relay != nullptr && is_on_it(relay->socket);
  });
  lose_relays(address);
  connections_.forget(address, "its interface went down");
  pump_connections();
  std::erase_if(sockets_, [&](const Socket& each) {
    if (each.ip != address) return false;
    if (each.local) outbox_->put(CloseSocket{each.transport, *each.local});
    return true;
  });
  finish_searches();
}

void Gatherer::start(Instant now, StreamId stream) {
  policy_ = configuration_.policy;
  if (!is_searching(stream)) searching_.push_back(stream);
  // A search that is begun anew is for new candidates, of which the peer knows none.
  std::erase_if(ranks_, [&](const auto& each) {
    return each.first.first == stream && std::ranges::none_of(sockets_, [&](const Socket& socket) {
             return socket.stream == stream && socket.ip == each.second && !socket.closing;
           });
  });
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

// --- sockets ---

void Gatherer::open_sockets(StreamId stream) {
  std::vector<InterfaceAddress> known;
  for (const auto& address : addresses_) known.push_back({address.interface, address.ip});
  const auto ordered = by_preference(candidate_addresses(known), configuration_.deviations);
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const auto& ip = ordered[i];
    const bool is_open = std::ranges::any_of(sockets_, [&](const Socket& each) {
      return each.stream == stream && each.ip == ip && !each.closing;
    });
    if (is_open) continue;
    const auto rank = take_rank(stream, ip, i);
    open_socket(stream, ip, rank, std::nullopt);
    if (policy_ == CandidatePolicy::Relay) continue;
    if (configuration_.tcp.passive) open_socket(stream, ip, rank, TcpType::Passive);
    // RFC 6544 §4.4: a lite agent connects to nobody.
    if (configuration_.tcp.so && configuration_.level == Level::Full)
      open_socket(stream, ip, rank, TcpType::So);
  }
}

// An address that came later goes behind those that the peer knows already: two candidates of one
// rank would have one priority.
std::size_t Gatherer::take_rank(StreamId stream, const Ip& ip, std::size_t wanted) {
  while (ranks_.try_emplace({stream, wanted}, ip).first->second != ip) ++wanted;
  return wanted;
}

void Gatherer::open_socket(StreamId stream, const Ip& ip, std::size_t rank,
                           std::optional<TcpType> listening) {
  const auto transport = listening ? Transport::Tcp : Transport::Udp;
  sockets_.push_back({stream, transport, listening, ip, rank, next_request_, std::nullopt});
  outbox_->put(OpenSocket{next_request_, transport, Endpoint{ip, Port{0}}, std::nullopt});
  ++next_request_;
}

void Gatherer::handle_socket_opened(const SocketOpened& opened) {
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

void Gatherer::handle_socket_failed(Instant now, const SocketFailed& failed) {
  if (connections_.handle_failed(failed.request, failed.why)) return pump_connections();
  if (answer_relay(now, failed.request, failed)) return;
  const auto socket = std::ranges::find(sockets_, failed.request, &Socket::request);
  if (socket == sockets_.end() || socket->local) return;
  outbox_->emit(GatheringFailed{socket->stream, Endpoint{socket->ip, Port{0}}, "", 0,
                                "no socket: " + failed.why});
  sockets_.erase(socket);
  finish_searches();
}

// Reports the host candidates and lines up what is to be asked from the socket.
void Gatherer::search_from(const Socket& socket) {
  if (socket.transport == Transport::Tcp)
    return found_tcp(socket, CandidateType::Host, *socket.tcp_type, *socket.local);
  found(socket, CandidateType::Host, *socket.local, *socket.local);
  // RFC 8445 §5.2: nothing but host candidates.
  if (configuration_.level == Level::Lite) return;
  // RFC 6544 §5.1: an active candidate has no socket before it is used.
  if (configuration_.tcp.active) {
    const bool shows_port = configuration_.deviations.has(Deviation::IceTcpActivePort);
    found_tcp(socket, CandidateType::Host, TcpType::Active,
              {socket.ip, shows_port ? socket.local->port : kDiscardPort});
  }
  for (std::size_t i = 0; i < configuration_.stun_servers.size(); ++i) {
    if (policy_ == CandidatePolicy::All) probe(socket, configuration_.stun_servers[i], i);
  }
  search_relays(socket);
}

// --- candidates ---

void Gatherer::found(const Socket& socket, CandidateType type, const Endpoint& address,
                     const Endpoint& base, const std::optional<Origin>& origin) {
  if (policy_ == CandidatePolicy::Relay && type != CandidateType::Relayed) return;
  // RFC 8445 §5.1.3: a reflexive address that is the host's own says that there is no NAT, and
  // nothing new.
  if (type == CandidateType::ServerReflexive && address == base) return;
  // RFC 8445 §5.1.1.2: a relayed candidate equal to a host candidate is discarded.
  if (type == CandidateType::Relayed && find_socket(address) != nullptr) return;

  Candidate candidate;
  candidate.type = type;
  candidate.address = address;
  candidate.base = base;
  std::optional<Ip> server;
  if (origin) {
    candidate.url = origin->url;
    server = origin->server.ip;
  }
  candidate.foundation = foundations_.of({type, Transport::Udp, base.ip, server});
  const auto preference = local_preference(socket.rank, origin ? origin->rank : 0);
  candidate.priority = configuration_.deviations.has(Deviation::SdpDuplicatePriority)
                           ? candidate_priority(126, 65535, candidate.component)
                           : candidate_priority(type_preference(type, Transport::Udp), preference,
                                                candidate.component);
  candidate.related = related_to(candidate);
  reports_.emplace_back(Found{socket.stream, std::move(candidate)});
}

void Gatherer::found_tcp(const Socket& socket, CandidateType type, TcpType tcp_type,
                         const Endpoint& address, const std::optional<Origin>& origin) {
  if (policy_ == CandidatePolicy::Relay && type != CandidateType::Relayed) return;
  const auto& deviations = configuration_.deviations;
  Candidate candidate;
  candidate.transport = Transport::Tcp;
  candidate.type = type;
  candidate.tcp_type = tcp_type;
  candidate.address = candidate.base = address;
  std::optional<Ip> server;
  if (origin) {
    candidate.url = origin->url;
    server = origin->server.ip;
  }
  candidate.foundation = foundations_.of({type, Transport::Tcp, address.ip, server});
  // RFC 6544 §4.2: the other-preference is unique among candidates of one type and direction.
  const auto rank = origin ? socket.rank * kServersPerAddress + origin->rank : socket.rank;
  const bool above_udp = deviations.has(Deviation::IceTcpAboveUdp) && !origin;
  const auto preference =
      above_udp ? type_preference(type, Transport::Udp) + 1 : type_preference(type, Transport::Tcp);
  candidate.priority = candidate_priority(
      preference, tcp_local_preference(type, tcp_type, rank, deviations), candidate.component);
  candidate.related = related_to(candidate);
  reports_.emplace_back(Found{socket.stream, std::move(candidate)});
}

// RFC 8839 §5.1 wants a related address. RFC 9429 §3.5.3: none of ours may leak under the policy
// "relay"; draft-ietf-mmusic-mdns-ice-candidates §3.1.2.2: nor where host addresses are hidden.
std::optional<Endpoint> Gatherer::related_to(const Candidate& candidate) const {
  const Endpoint nothing{candidate.address.ip.is_v4() ? Ip::v4(0) : Ip{}, kDiscardPort};
  if (candidate.type == CandidateType::ServerReflexive) {
    const bool hides = configuration_.hides_host_addresses &&
                       !configuration_.deviations.has(Deviation::MdnsShowsRelatedAddress);
    return hides ? nothing : candidate.base;
  }
  if (candidate.type != CandidateType::Relayed) return std::nullopt;
  const auto* const relay = find_relay(candidate.transport, candidate.base);
  if (policy_ == CandidatePolicy::Relay || relay == nullptr || !relay->client.mapped())
    return nothing;
  // Without a NAT the mapped address is the host's own.
  const auto mapped = relay->client.mapped();
  return configuration_.hides_host_addresses && mapped->ip == relay->socket.ip ? nothing : mapped;
}

// --- the end of searches and streams ---

void Gatherer::settle(Instant now, StreamId stream, const std::vector<Path>& in_use) {
  now_ = now;
  for (auto& each : probes_) {
    if (each.stream == stream) each.refresh.reset();
  }
  for (auto& relay : relays_) {
    if (relay.stream != stream) continue;
    const auto is_used = [&](const Endpoint& base) {
      return std::ranges::any_of(in_use, [&](const Path& path) {
        return path.transport == relay.relays_over && path.local == base;
      });
    };
    if (std::ranges::none_of(bases_of(relay), is_used)) {
      close_relay(now, relay);
      continue;
    }
    // RFC 8656 §8.1: the other half of a dual allocation.
    std::erase_if(relay.relayed, [&](const Endpoint& each) {
      const bool goes = relay.relays_over == Transport::Udp && !is_used(each);
      if (goes) relay.client.release(now, each.ip.family());
      return goes;
    });
    pump(now, relay);
  }
  if (!configuration_.deviations.has(Deviation::IceTcpKeepsConnections))
    close_other_connections(stream, in_use);
}

void Gatherer::close_other_connections(StreamId stream, const std::vector<Path>& kept) {
  connections_.close_others(stream, kept);
  pump_connections();
}

void Gatherer::close(Instant now, StreamId stream) {
  now_ = now;
  std::erase(searching_, stream);
  std::erase_if(probes_, [&](const Probe& each) { return each.stream == stream; });
  std::erase_if(pending_, [&](const Pending& each) {
    const auto belongs = [&](const Endpoint& local) {
      const auto* const socket = find_socket(local);
      return socket == nullptr || socket->stream == stream;
    };
    if (const auto* const probe = std::get_if<StartProbe>(&each)) return belongs(probe->socket);
    if (const auto* const relay = std::get_if<StartRelay>(&each)) return belongs(relay->socket);
    const auto& asked = std::get<AskPermission>(each);
    const auto* const relay = find_relay(asked.transport, asked.base);
    return relay == nullptr || relay->stream == stream;
  });
  for (auto& socket : sockets_) {
    if (socket.stream == stream) socket.closing = true;
  }
  close_other_connections(stream, {});
  for (auto& relay : relays_) {
    if (relay.stream == stream) close_relay(now, relay);
  }
  finish_closing();
}

void Gatherer::handle_timeout(Instant now) {
  now_ = now;
  handle_probe_timeouts(now);
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

bool Gatherer::goes_on(StreamId stream) const {
  const auto is_of_stream = [&](const Endpoint& local) {
    const auto* const socket = find_socket(local);
    return socket != nullptr && socket->stream == stream;
  };
  return std::ranges::any_of(
             sockets_, [&](const Socket& each) { return each.stream == stream && !each.local; }) ||
         std::ranges::any_of(
             probes_, [&](const Probe& each) { return each.stream == stream && !each.settled; }) ||
         std::ranges::any_of(
             relays_, [&](const Relay& each) { return each.stream == stream && !each.settled; }) ||
         std::ranges::any_of(pending_, [&](const Pending& each) {
           const auto* const relay = std::get_if<StartRelay>(&each);
           return relay != nullptr && is_of_stream(relay->socket);
         });
}

void Gatherer::finish_searches() {
  if (configuration_.gathering == GatheringPolicy::Continually) return;
  std::erase_if(searching_, [&](StreamId stream) {
    if (goes_on(stream)) return false;
    reports_.emplace_back(Exhausted{stream});
    return true;
  });
}

void Gatherer::finish_closing() {
  std::erase_if(sockets_, [&](const Socket& socket) {
    if (!socket.closing || !socket.local) return false;
    const bool is_needed =
        socket.transport == Transport::Udp && std::ranges::any_of(relays_, [&](const Relay& relay) {
          return relay.socket == *socket.local && !relay.gone;
        });
    if (!is_needed) outbox_->put(CloseSocket{socket.transport, *socket.local});
    return !is_needed;
  });
}

const Gatherer::Socket* Gatherer::find_socket(const Endpoint& local, Transport transport) const {
  const auto socket = std::ranges::find_if(sockets_, [&](const Socket& each) {
    return each.transport == transport && each.local == local;
  });
  return socket == sockets_.end() ? nullptr : &*socket;
}

bool Gatherer::has_relays() const {
  return std::ranges::any_of(relays_, [](const Relay& relay) { return !relay.gone; });
}

// RFC 8445 §14.3 counts the candidates that servers are asked for. A probe that waits for its turn
// is in probes_ already; a socket that is not open yet has all of its own to come.
Duration Gatherer::rto() const {
  const auto waits = [](const Pending& each) { return std::holds_alternative<StartRelay>(each); };
  auto candidates = probes_.size() + relays_.size() +
                    static_cast<std::size_t>(std::ranges::count_if(pending_, waits));
  for (const auto& socket : sockets_) {
    if (socket.transport == Transport::Udp && !socket.local) candidates += servers_for(socket);
  }
  return gathering_rto(configuration_.ta, candidates);
}

std::size_t Gatherer::servers_for(const Socket& socket) const {
  const auto is_reached = [&](const Endpoint& server) {
    return server.ip.family() == socket.ip.family();
  };
  auto count = std::ranges::count_if(configuration_.turn_servers, is_reached, &TurnServer::server);
  if (policy_ == CandidatePolicy::All)
    count += std::ranges::count_if(configuration_.stun_servers, is_reached);
  return static_cast<std::size_t>(count);
}

}  // namespace rtclab::ice
