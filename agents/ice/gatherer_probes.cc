// Reflexive candidates: what STUN servers see.
//
// Spec: RFC 8445 §5.1.1.2, §5.1.1.4.
#include "agents/ice/gatherer.h"
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {
namespace {

std::string stun_url(const Endpoint& server) {
  return "stun:" + server.to_string();
}

// RFC 8445 §5.1.1.2: a server of RFC 3489 answers with MAPPED-ADDRESS.
std::optional<Endpoint> mapped_address(const stun::Message& response) {
  if (response.cls != stun::Class::Success || !stun::unknown_required(response).empty())
    return std::nullopt;
  if (const auto masked = response.find<stun::XorMappedAddress>()) return masked->endpoint;
  if (const auto plain = response.find<stun::MappedAddress>()) return plain->endpoint;
  return std::nullopt;
}

}  // namespace

void Gatherer::probe(const Socket& socket, const Endpoint& server, std::size_t server_rank) {
  if (server.ip.family() != socket.ip.family()) return;
  if (auto* const known = find_probe(*socket.local, server)) {
    known->settled = false;
  } else {
    probes_.push_back({socket.stream, *socket.local, server, server_rank, {}, {}, {}});
  }
  pending_.emplace_back(StartProbe{*socket.local, server});
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

bool Gatherer::handle_probe_response(Instant now, const Received& received) {
  auto* const probe = find_probe(received.path.local, received.path.remote);
  if (probe == nullptr || !probe->transaction || !stun::looks_like_stun(received.bytes))
    return false;
  const auto response = stun::Message::parse(received.bytes);
  if (!response || !probe->transaction->matches(*response)) return false;
  // A second copy, or an answer after the transaction was given up.
  if (probe->transaction->is_answered() || probe->transaction->is_over()) return true;
  if (stun::check_fingerprint(received.bytes) == stun::Check::Bad) return false;

  probe->transaction->note_response(now);
  probe->refresh = now + configuration_.keepalive;
  const auto mapped = mapped_address(*response);
  const auto* const socket = find_socket(probe->socket);
  if (mapped && socket != nullptr) {
    // The NAT has another mapping by now: a candidate more, behind all that the peer knows, for
    // each has a priority of its own (RFC 8445 §5.1.2).
    if (probe->mapped && probe->mapped != mapped) ++probe->moves;
    probe->mapped = mapped;
    const auto servers = configuration_.stun_servers.size() + configuration_.turn_servers.size();
    found(*socket, CandidateType::ServerReflexive, *mapped, probe->socket,
          Origin{probe->server, probe->server_rank + probe->moves * servers,
                 stun_url(probe->server)});
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

void Gatherer::handle_probe_timeouts(Instant now) {
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
        if (probe.mapped) probe.refresh = now + configuration_.keepalive;
      }
    }
    if (probe.refresh && now >= *probe.refresh) {
      probe.refresh.reset();
      pending_.emplace_back(StartProbe{probe.socket, probe.server});
    }
  }
}

Gatherer::Probe* Gatherer::find_probe(const Endpoint& socket, const Endpoint& server) {
  const auto probe = std::ranges::find_if(
      probes_, [&](const Probe& each) { return each.socket == socket && each.server == server; });
  return probe == probes_.end() ? nullptr : &*probe;
}

}  // namespace rtclab::ice
