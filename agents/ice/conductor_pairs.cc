// Pairs: formed, limited, pruned, moved through their states.
//
// Spec: RFC 8445 §6.1.2, RFC 8838 §10 to §12, RFC 6544 §6.2.
#include "agents/ice/conductor.h"
#include "agents/ice/pairing.h"
#include "agents/ice/trace.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

namespace rtclab::ice {

PairPriority Agent::Conductor::priority_of(const Candidate& local, const Candidate& remote) const {
  return role_ == Role::Controlling ? pair_priority(local.priority, remote.priority)
                                    : pair_priority(remote.priority, local.priority);
}

// The check list set is that of one ICE session (RFC 8445 §4): what a session that is over still
// had on its way may freeze nothing.
std::vector<const CandidatePair*> Agent::Conductor::view_of_set() const {
  std::vector<const CandidatePair*> all;
  for (const auto& stream : streams_) {
    if (stream.current.superseded) continue;
    for (const auto& pair : stream.current.check_list.pairs()) all.push_back(&pair);
  }
  return all;
}

bool Agent::Conductor::is_sendable(const CandidatePair& pair) const {
  // RFC 6544 §11.1: a passive candidate awaits the peer's connection.
  if (pair.local.tcp_type == TcpType::Passive) return gatherer_.is_open(pair.path());
  return pair.local.type != CandidateType::Relayed ||
         configuration_.deviations.has(Deviation::TurnSendWithoutPermission) ||
         gatherer_.permission(pair.local.transport, pair.local.base, pair.remote.address.ip) ==
             Permission::Granted;
}

void Agent::Conductor::form_pair(Stream& stream, const Candidate& local, const Candidate& remote) {
  auto& generation = stream.current;
  // RFC 8445 §6.2: lite agents have no check list.
  if (generation.failure || generation.superseded || !checks_pairs()) return;
  const auto prune_unseen = [&](const std::string& reason) {
    outbox_.trace(trace::pair_pruned(stream.id, std::nullopt, local, remote, reason));
  };
  const auto decision = decide_pairing(local, remote);
  if (decision.kind == PairingDecision::Kind::Awaited) {
    // RFC 6062 §5.3: the relay turns down whom we have not permitted.
    if (local.type == CandidateType::Relayed)
      gatherer_.request_permission(local.transport, local.base, remote.address.ip);
    return prune_unseen(std::string{decision.reason});
  }
  if (decision.kind == PairingDecision::Kind::Never) return;
  // RFC 8445 §6.1.2.4: nothing can be sent from a reflexive address, only from its base.
  const auto* const base = generation.find_base(local.transport, local.base);
  if (base == nullptr) return;
  const Path path{local.transport, base->base, remote.address};
  if (const auto* const twin = generation.check_list.find_checked(path)) {
    const auto twin_name = "pair " + std::to_string(twin->id.value());
    return prune_unseen(base->address == local.address
                            ? "redundant: " + twin_name + " is the same"
                            : "redundant: checks leave from the base, as those of " + twin_name +
                                  " do");
  }
  if (generation.concluded && !is_continual()) return prune_unseen("it came after the nomination");

  CandidatePair pair;
  pair.local = *base;
  pair.remote = remote;
  pair.priority = priority_of(pair.local, pair.remote);
  const auto initial = initial_state(pair, view_of_set());
  pair.state = initial.state;
  add_pair(stream, std::move(pair), initial.reason);
}

CandidatePair& Agent::Conductor::add_pair(Stream& stream, CandidatePair pair,
                                          const std::string& reason) {
  pair.id = PairId{next_pair_++};
  auto& added = stream.current.check_list.add(std::move(pair));
  outbox_.trace(trace::pair_added(stream.id, added, reason));
  if (!added.on_check_list) return added;
  if (added.local.type == CandidateType::Relayed) {
    gatherer_.request_permission(added.local.transport, added.local.base, added.remote.address.ip);
  }
  keep_within_limit(added);
  return added;
}

// RFC 8445 §6.1.2.5, RFC 8838 §11 step 5.
void Agent::Conductor::keep_within_limit(const CandidatePair& added) {
  if (configuration_.deviations.has(Deviation::IceNoPairLimit)) return;
  std::vector<ListedPair> set;
  for (const auto& each : streams_) {
    if (each.current.superseded) continue;
    const auto& pairs = each.current.check_list.pairs();
    const auto length = static_cast<std::size_t>(
        std::ranges::count_if(pairs, &CandidatePair::is_candidate_for_checks));
    for (const auto& other : pairs) {
      if (other.is_candidate_for_checks() && other.id != added.id) set.push_back({&other, length});
    }
  }
  if (const auto drop = to_drop(added, set, configuration_.max_pairs)) {
    for (auto& each : streams_) {
      if (auto* const dropped = each.current.check_list.find(drop->pair))
        prune(each, *dropped, drop->reason);
    }
  }
}

void Agent::Conductor::move(Stream& stream, CandidatePair& pair, PairCause cause,
                            const std::string& reason) {
  const auto to = next(pair.state, cause);
  assert(to.has_value());
  if (*to == pair.state) return;
  const auto from = std::exchange(pair.state, *to);
  outbox_.trace(trace::pair_state_changed(stream.id, pair.id, from, *to, reason));
}

void Agent::Conductor::prune(Stream& stream, CandidatePair& pair, const std::string& reason) {
  if (pair.pruned) return;
  pair.pruned = true;
  stream.current.check_list.dequeue(pair.id);
  cancel_checks(pair.id);
  outbox_.trace(trace::pair_pruned(stream.id, pair.id, pair.local, pair.remote, reason));
}

// A pair that worked and works no more, with the one whose check had proved it.
void Agent::Conductor::end_pair(Stream& stream, Generation& generation, CandidatePair& pair,
                                const std::string& reason) {
  const auto end = [&](CandidatePair& each) {
    each.valid = each.nominated = each.nominating = each.is_broken = false;
    generation.check_list.dequeue(each.id);
    if (each.state == PairState::Succeeded) move(stream, each, PairCause::CheckFailed, reason);
  };
  if (pair.checked_by && *pair.checked_by != pair.id) {
    if (auto* const source = generation.check_list.find(*pair.checked_by)) end(*source);
  }
  end(pair);
}

}  // namespace rtclab::ice
