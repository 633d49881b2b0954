// Local candidates: found, told to the peer, and lost.
//
// Spec: RFC 8445 §5.1.1, §5.1.3; RFC 8838 §9, §10.
#include "agents/ice/conductor.h"
#include "agents/ice/trace.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {

void Agent::Conductor::gather(Instant now) {
  if (closed_) return;
  std::vector<StreamId> begun;
  for (auto& stream : streams_) {
    if (stream.current.gathering != GatheringState::New) continue;
    stream.current.gathering = GatheringState::Gathering;
    stream.current.gathers_continually = is_continual();
    begun.push_back(stream.id);
  }
  update_gathering_state();
  for (const auto id : begun) gatherer_.start(now, id);
  settle(now);
}

void Agent::Conductor::update_gathering_state() {
  const auto any = [&](GatheringState state) {
    return std::ranges::any_of(streams_,
                               [&](const Stream& each) { return each.current.gathering == state; });
  };
  auto state = GatheringState::Complete;
  if (any(GatheringState::Gathering)) {
    state = GatheringState::Gathering;
  } else if (any(GatheringState::New) || streams_.empty()) {
    return;  // a stream that nobody has asked to gather for changes nothing
  }
  if (state == gathering_state_) return;
  gathering_state_ = state;
  outbox_.emit(GatheringStateChanged{state});
}

void Agent::Conductor::handle_reports(Instant now) {
  while (auto report = gatherer_.poll_report()) {
    std::visit([&](auto& each) { handle_report(now, std::move(each)); }, *report);
  }
}

void Agent::Conductor::handle_report(Instant now, Found found) {
  auto* const stream = find(found.stream);
  if (stream == nullptr || closed_) return;
  auto& generation = stream->current;
  auto& candidate = found.candidate;
  // RFC 8838 §13: nothing new is trickled in a session in which a pair is nominated. Who gathers
  // continually may nominate again, and so goes on (draft-thatcher-ice-renomination).
  if (generation.concluded && !is_continual() &&
      !configuration_.deviations.has(Deviation::TrickleAfterNomination))
    return;
  // RFC 8838 §13: nor after the peer was told that all is known. A NAT with short-lived mappings
  // shows the keepalive of a reflexive candidate ever new ports.
  if (generation.gathering == GatheringState::Complete &&
      !configuration_.deviations.has(Deviation::TrickleAfterNomination))
    return;
  // RFC 8445 §5.1.3, RFC 8838 §9: the same address from the same base is nothing new, whatever its
  // priority.
  const auto same = std::ranges::find_if(generation.local_candidates, [&](const Candidate& each) {
    return each.transport == candidate.transport && each.address == candidate.address &&
           each.base == candidate.base;
  });
  if (same != generation.local_candidates.end()) {
    // A check had shown this address before the server did: it gets its proper type, but the peer
    // was never told.
    if (same->type != CandidateType::PeerReflexive) return;
    generation.local_candidates.erase(same);
  }
  if (configuration_.hides_host_addresses && candidate.type == CandidateType::Host) {
    candidate.host_name = mdns_.register_address(now, candidate.address.ip);
    handle_names(now);
  }
  generation.local_candidates.push_back(candidate);
  outbox_.emit(CandidateGathered{found.stream, candidate, generation.local.ufrag});
  const auto remotes = generation.remote_candidates;
  for (const auto& remote : remotes) {
    // RFC 8445 §7.3.1.3: a peer-reflexive one of the peer is only paired with the base that it
    // showed itself to.
    if (remote.signalled) form_pair(*stream, candidate, remote.candidate);
  }
}

void Agent::Conductor::handle_report(Instant /*now*/, const Exhausted& exhausted) {
  auto* const stream = find(exhausted.stream);
  if (stream == nullptr || stream->current.gathering != GatheringState::Gathering) return;
  stream->current.gathering = GatheringState::Complete;
  outbox_.emit(EndOfCandidates{exhausted.stream, stream->current.local.ufrag});
  update_gathering_state();
}

void Agent::Conductor::handle_report(Instant /*now*/, const RelayLost& lost) {
  auto* const stream = find(lost.stream);
  if (stream == nullptr) return;
  Candidate relayed;
  relayed.transport = lost.transport;
  relayed.base = lost.base;
  lose_base(*stream, relayed, "the relay is lost: " + lost.reason);
}

void Agent::Conductor::handle_report(Instant /*now*/, const PermissionAnswered& answered) {
  if (answered.code == 0) return;  // the pairs are sendable now; the pacer sees to it
  for (auto& stream : streams_) {
    for (auto& pair : stream.current.check_list.pairs()) {
      if (pair.local.transport != answered.transport || pair.local.base != answered.base ||
          pair.remote.address.ip != answered.peer)
        continue;
      if (pair.state != PairState::Frozen && pair.state != PairState::Waiting) continue;
      stream.current.check_list.dequeue(pair.id);
      move(stream, pair, PairCause::PermissionRefused,
           "the relay refused the permission: " + std::to_string(answered.code));
    }
  }
}

void Agent::Conductor::handle_interface_down(const InterfaceDown& down) {
  gatherer_.remove_address(down.address);
  for (auto& stream : streams_) {
    const auto locals = stream.current.local_candidates;
    for (const auto& local : locals) {
      if (local.base.ip == down.address) lose_base(stream, local, down.name + " went down");
    }
    if (!stream.previous) continue;
    const auto* const old = stream.previous->find_selected();
    if (old != nullptr && old->local.base.ip == down.address) stream.previous->selected.reset();
  }
}

// RFC 8445 §5.1.1.4: what stood on an address that is gone is gone with it. Only the transport and
// the base of `local` count.
void Agent::Conductor::lose_base(Stream& stream, const Candidate& local,
                                 const std::string& reason) {
  auto& generation = stream.current;
  const auto stands_on_it = [&](const Candidate& each) {
    return each.transport == local.transport && each.base == local.base;
  };
  for (auto& pair : generation.check_list.pairs()) {
    if (!stands_on_it(pair.local)) continue;
    pair.valid = pair.nominated = pair.nominating = false;
    generation.check_list.dequeue(pair.id);
    cancel_checks(pair.id);
    if (pair.state != PairState::Failed) move(stream, pair, PairCause::AddressLost, reason);
  }
  std::erase_if(generation.local_candidates, stands_on_it);
}

}  // namespace rtclab::ice
