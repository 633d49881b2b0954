// The pair that data uses, those that may take over, and the state that the owner sees.
//
// Spec: RFC 8445 §12.1, RFC 7675 §5.1, RFC 8863.
#include "agents/ice/agent_state.h"
#include "agents/ice/conductor.h"
#include "agents/ice/nomination.h"
#include "agents/ice/trace.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {

std::optional<PairId> Agent::Conductor::pair_for_data(const Stream& stream) const {
  const auto& generation = stream.current;
  const bool is_decided = generation.concluded && !may_renominate(stream);
  return best_pair_for_data(generation.check_list.view(),
                            is_decided ? Eligible::Nominated : Eligible::AllValid);
}

void Agent::Conductor::select_pair(Instant now, Stream& stream, const std::string& reason) {
  auto& generation = stream.current;
  // RFC 7675 §5.1: a pair whose last answer is 30 s old may not be sent on, though it was valid
  // once.
  for (auto& pair : generation.check_list.pairs()) {
    const bool is_stale = pair.valid && pair.id != generation.selected && pair.last_success &&
                          now >= *pair.last_success + kConsentExpiry;
    if (is_stale) pair.valid = pair.nominated = false;
  }
  const auto best = pair_for_data(stream);
  if (best == generation.selected) return;
  if (generation.selected) release_channel(now, generation, *generation.selected);
  generation.selected = best;
  generation.consent.reset();
  if (!best)
    return lose_selection(now, stream,
                          "the selected pair is lost, and no other may take its place");
  generation.lost.reset();
  const auto& pair = *generation.check_list.find(*best);
  if (!needs_no_consent(pair))
    generation.consent.emplace(*pair.last_success, *rng_, configuration_.deviations);
  generation.consent_seen = now;
  // RFC 8445 §12.1: a channel saves 32 octets in each datagram that goes through the relay.
  if (pair.local.type == CandidateType::Relayed && pair.local.transport == Transport::Udp)
    gatherer_.bind_channel(now, pair.local.base, pair.remote.address);
  outbox_.emit(SelectedPairChanged{stream.id, pair.id, pair.local, pair.remote, reason});
}

// The channel of a pair that data no longer takes is not renewed.
void Agent::Conductor::release_channel(Instant now, Generation& generation, PairId pair) {
  const auto* const left = generation.check_list.find(pair);
  if (left != nullptr && left->local.type == CandidateType::Relayed)
    gatherer_.unbind_channel(now, left->local.base, left->remote.address);
}

// Once a pair had been chosen for good only a restart can help, unless the agent looks for pairs as
// long as the call lasts: then those that worked are checked again, and new ones may come.
void Agent::Conductor::lose_selection(Instant now, Stream& stream, const std::string& reason) {
  auto& generation = stream.current;
  if (!is_continual()) {
    if (generation.concluded) generation.failure = reason;
    return;
  }
  generation.lost = reason;
  generation.concluded = false;
  generation.started = now;  // RFC 8863: the peer's way to us may take as long again
  generation.patience_pending = true;
  generation.first_valid.reset();
  for (auto& pair : generation.check_list.pairs()) {
    pair.valid = pair.nominated = false;
    const bool is_worth_it = pair.is_candidate_for_checks() && !pair.consent_lost;
    if (is_worth_it && pair.state == PairState::Succeeded)
      move(stream, pair, PairCause::Rechecked,
           "the pair in use is lost: does this one still work?");
  }
}

// --- pairs that may take over ---

bool Agent::Conductor::is_being_checked(const Generation& generation, PairId pair) const {
  const auto& queue = generation.check_list.queue();
  return std::ranges::find(queue, pair, &CheckList::Queued::pair) != queue.end() ||
         std::ranges::any_of(checks_, [&](const Check& each) {
           return each.pair == pair && !each.cancelled && !each.transaction.is_answered();
         });
}

std::optional<Instant> Agent::Conductor::backup_due(const Generation& generation,
                                                    const CandidatePair& pair) const {
  const bool is_backup = is_continual() && generation.concluded && !generation.failure &&
                         !generation.superseded && pair.valid && !pair.is_broken && pair.id != generation.selected &&
                         pair.last_success;
  if (!is_backup || is_being_checked(generation, pair.checked_by.value_or(pair.id)))
    return std::nullopt;
  return *pair.last_success + configuration_.keepalive;
}

// RFC 8445 §11 would be content with indications; a check also tells whether the pair still works.
void Agent::Conductor::keep_backups(Instant now, Stream& stream) {
  auto& generation = stream.current;
  for (auto& pair : generation.check_list.pairs()) {
    const auto due = backup_due(generation, pair);
    if (due && now >= *due)
      generation.check_list.enqueue(pair.checked_by.value_or(pair.id), CheckKind::Backup);
  }
}

// --- the state ---

void Agent::Conductor::update_state(Instant now, Stream& stream) {
  auto verdict = judge_state(stream, now);
  if (verdict.state == stream.state) return;
  const auto from = std::exchange(stream.state, verdict.state);
  outbox_.emit(StateChanged{stream.id, from, verdict.state, std::move(verdict.reason)});
}

}  // namespace rtclab::ice
