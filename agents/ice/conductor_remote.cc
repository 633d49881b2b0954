// The peer: its credentials, its candidates, and the names that stand in for their addresses.
//
// Spec: RFC 8445 §9, RFC 8838 §11 and §14, draft-ietf-mmusic-mdns-ice-candidates §3.2.
#include "agents/ice/conductor.h"
#include "agents/ice/trace.h"
#include "agents/mdns/candidate_name.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {
namespace {

// RFC 8445 §6.1.2.5 and §19.5.1: a peer must not make us spend without bound.
constexpr std::ptrdiff_t kMaxRemoteCandidates = 100;

}  // namespace

void Agent::Conductor::set_remote_credentials(Instant now, StreamId id,
                                              const Credentials& credentials) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_ || stream->current.remote == credentials) return;
  if (stream->current.remote) {
    // The peer restarted, and we keep our credentials: its old candidates and all pairs with them
    // are void.
    Generation fresh{stream->current.local};
    fresh.local_candidates = stream->current.local_candidates;
    std::erase_if(fresh.local_candidates,
                  [](const Candidate& each) { return each.type == CandidateType::PeerReflexive; });
    fresh.gathering = stream->current.gathering;
    fresh.gathers_continually = stream->current.gathers_continually;
    fresh.early_checks = std::move(stream->current.early_checks);
    replace_generation(*stream, std::move(fresh));
  }
  auto& generation = stream->current;
  generation.remote = credentials;
  generation.started = now;
  // RFC 8445 §7.3: what was answered early takes its course now.
  const auto early = std::exchange(generation.early_checks, {});
  for (const auto& received : early) {
    if (received.check.remote_ufrag == credentials.ufrag) act_on_check(now, *stream, received);
  }
  settle(now);
}

void Agent::Conductor::ignore_remote(const Stream& stream, const Candidate& candidate,
                                     const std::string& reason) {
  outbox_.trace(trace::remote_candidate_ignored(stream.id, candidate, reason));
}

void Agent::Conductor::add_remote_candidate(Instant now, StreamId id, Candidate candidate) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_) return;
  if (std::exchange(stream->current.end_is_inferred, false)) stream->current.remote_ended = false;
  // RFC 8838 §14: MUST ignore.
  if (stream->current.remote_ended &&
      !configuration_.deviations.has(Deviation::TrickleUseLateCandidates))
    return ignore_remote(*stream, candidate, "it came after end-of-candidates");
  if (candidate.component != 1)
    return ignore_remote(*stream, candidate,
                         "its component has no use here: RTP and RTCP share one (rtcp-mux)");
  if (candidate.transport == Transport::Tcp && !candidate.tcp_type)
    return ignore_remote(*stream, candidate, "it does not say who connects");
  if (candidate.address.port == Port{0})
    return ignore_remote(*stream, candidate, "it is no address to send to");
  if (!candidate.host_name.empty()) {
    ask_for_address(now, *stream, candidate);
  } else if (candidate.address.ip.is_unspecified()) {
    ignore_remote(*stream, candidate, "it is no address to send to");
  } else {
    accept_remote(*stream, candidate);
  }
  settle(now);
}

void Agent::Conductor::accept_remote(Stream& stream, const Candidate& told) {
  auto& generation = stream.current;
  auto candidate = told;
  candidate.base = candidate.address;
  if (auto* const known = generation.find_remote(candidate.transport, candidate.address)) {
    if (known->signalled)
      return ignore_remote(stream, candidate,
                           "its address is known from a candidate that came before");
    // RFC 8445 §7.3.1.3, RFC 8838 §11: the peer tells what a check of it had shown; its word counts
    // from now on.
    *known = {candidate, true};
    for (auto& pair : generation.check_list.pairs()) {
      if (pair.remote.address != candidate.address || pair.remote.transport != candidate.transport)
        continue;
      pair.remote = candidate;
      pair.priority = priority_of(pair.local, pair.remote);
    }
  } else if (std::ranges::count(generation.remote_candidates, true, &RemoteCandidate::signalled) >=
             kMaxRemoteCandidates) {
    return ignore_remote(stream, candidate, "the peer has 100 candidates already");
  } else {
    generation.remote_candidates.push_back({candidate, true});
  }
  outbox_.trace(trace::remote_candidate_added(stream.id, candidate, trace::Source::Signalled));
  const auto locals = generation.local_candidates;
  for (const auto& local : locals) {
    // RFC 8445 §7.2.5.3.1: a peer-reflexive one of ours is in its valid pair, and needs no others.
    if (local.type != CandidateType::PeerReflexive) form_pair(stream, local, candidate);
  }
}

void Agent::Conductor::end_of_remote_candidates(Instant now, StreamId id, RemoteEnd end) {
  auto* const stream = find(id);
  if (stream == nullptr) return;
  auto& generation = stream->current;
  const bool was_said = generation.remote_ended && !generation.end_is_inferred;
  generation.remote_ended = true;
  generation.end_is_inferred = end == RemoteEnd::Inferred && !was_said;
  settle(now);
}

// --- names ---

void Agent::Conductor::ask_for_address(Instant now, Stream& stream, const Candidate& candidate) {
  auto& unresolved = stream.current.unresolved;
  if (!mdns::is_candidate_name(candidate.host_name))
    return ignore_remote(stream, candidate, "its name is not a UUID under .local");
  if (static_cast<std::ptrdiff_t>(unresolved.size()) >= kMaxRemoteCandidates)
    return ignore_remote(stream, candidate, "100 names are being asked for already");
  unresolved.push_back(candidate);
  mdns_.resolve(now, candidate.host_name);
  handle_names(now);
}

void Agent::Conductor::handle_names(Instant now) {
  while (auto output = mdns_.poll_output()) outbox_.put(std::move(*output));
  while (const auto event = mdns_.poll_event()) {
    std::visit([&](const auto& each) { handle_name(now, each); }, *event);
  }
}

void Agent::Conductor::handle_name(Instant /*now*/, const mdns::Resolved& resolved) {
  for (auto& stream : streams_) {
    const auto asked = stream.current.unresolved;
    std::erase_if(stream.current.unresolved,
                  [&](const Candidate& each) { return each.host_name == resolved.name; });
    for (auto candidate : asked) {
      if (candidate.host_name != resolved.name) continue;
      candidate.address.ip = resolved.address;
      accept_remote(stream, candidate);
    }
  }
}

void Agent::Conductor::handle_name(Instant /*now*/, const mdns::ResolutionFailed& failed) {
  for (auto& stream : streams_) {
    std::erase_if(stream.current.unresolved, [&](const Candidate& each) {
      if (each.host_name != failed.name) return false;
      ignore_remote(stream, each, "its name has no address: " + failed.reason);
      return true;
    });
  }
}

}  // namespace rtclab::ice
