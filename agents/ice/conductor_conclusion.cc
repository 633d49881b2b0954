// Nomination, and the end of a check list.
//
// Spec: RFC 8445 §8.1 (full), §8.2 (lite), §8.3 (freeing); draft-thatcher-ice-renomination.
#include "agents/ice/conductor.h"
#include "agents/ice/nomination.h"
#include "agents/ice/pairing.h"
#include "agents/ice/trace.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {
namespace {

// RFC 8445 §8.3.1.
constexpr Duration kFreeAfter = std::chrono::seconds{3};

std::string name(PairId id) {
  return "pair " + std::to_string(id.value());
}

bool is_open(const CandidatePair& pair) {
  return pair.is_candidate_for_checks() && pair.state != PairState::Succeeded &&
         pair.state != PairState::Failed && !pair.nominating;
}

}  // namespace

bool Agent::Conductor::may_renominate(const Stream& stream) const {
  return is_continual() || (configuration_.renomination && stream.peer.renomination);
}

void Agent::Conductor::nominate_if_due(Instant now, Stream& stream) {
  auto& generation = stream.current;
  generation.reconsider.reset();
  const bool may = role_ == Role::Controlling && !is_lite() && generation.remote &&
                   !generation.failure && generation.first_valid;
  if (!may || std::ranges::any_of(generation.check_list.pairs(), &CandidatePair::nominating))
    return;
  const auto pairs = generation.check_list.view();
  if (generation.concluded) {
    const auto again = decide_renomination({.pairs = pairs,
                                            .selected = generation.selected,
                                            .last_value = generation.nominations,
                                            .may_change = may_renominate(stream)});
    if (again.nominate) begin_nomination(stream, *again.nominate, again.reason);
    return;
  }
  const bool candidates_may_come = generation.gathering != GatheringState::Complete ||
                                   !generation.remote_ended || !generation.unresolved.empty();
  const auto decision = decide_nomination({.pairs = pairs,
                                           .now = now,
                                           .first_valid = *generation.first_valid,
                                           .candidates_may_come = candidates_may_come});
  if (decision.nominate) return begin_nomination(stream, *decision.nominate, decision.reason);
  generation.reconsider = decision.reconsider;
  if (decision.reconsider && decision.best != generation.postponed) {
    generation.postponed = decision.best;
    outbox_.trace(trace::nomination_postponed(stream.id, decision.reason));
  }
}

// RFC 8445 §8.1.1: the check that produced the valid pair is repeated, with USE-CANDIDATE.
void Agent::Conductor::begin_nomination(Stream& stream, PairId valid_pair,
                                        const std::string& reason) {
  auto& generation = stream.current;
  const auto* const pair = generation.check_list.find(valid_pair);
  auto* const source = generation.check_list.find(pair->checked_by.value_or(pair->id));
  source->nominating = true;
  generation.nomination_reason = reason;
  generation.check_list.enqueue(source->id, CheckKind::Nominating);
}

void Agent::Conductor::nominate(Instant now, Stream& stream, CandidatePair& valid_pair,
                                const std::string& reason) {
  auto& generation = stream.current;
  // A peer that says so in each of its checks tells nothing new.
  if (valid_pair.nominated && pair_for_data(stream) == generation.selected) return;
  valid_pair.nominated = true;
  outbox_.trace(trace::pair_nominated(stream.id, valid_pair.id, reason));
  select_pair(now, stream, "nominated: " + reason);
  if (!generation.concluded) conclude(now, stream, valid_pair);
}

// RFC 8445 §8.1.2.
void Agent::Conductor::conclude(Instant now, Stream& stream, const CandidatePair& nominated) {
  auto& generation = stream.current;
  generation.concluded = true;
  generation.reconsider.reset();
  // The restart is over: the pair from before it carries nothing any more (RFC 8445 §12.1).
  const bool was_restart = std::exchange(stream.previous, std::nullopt).has_value();
  if (is_continual()) {
    // All pairs stay, to take over when this one is lost.
    if (!was_restart) return;
    std::vector<Path> kept;
    for (const auto& pair : generation.check_list.pairs()) kept.push_back(pair.path());
    return gatherer_.close_other_connections(stream.id, kept);
  }
  // RFC 8445 §8.3.2: a lite agent need not wait.
  const bool at_once = is_lite() || configuration_.deviations.has(Deviation::IceFreeAtOnce);
  generation.settle_at = at_once ? now : now + kFreeAfter;
  if (configuration_.deviations.has(Deviation::IceNominateTwoPairs) && role_ == Role::Controlling) {
    for (auto& pair : generation.check_list.pairs()) {
      if (is_open(pair) && pair.state != PairState::InProgress) trigger(stream, pair);
    }
    nominate_second(stream);
  } else {
    prune_open_pairs(stream, nominated);
  }
}

// RFC 8445 §8.3, RFC 6544 §8.
void Agent::Conductor::free_candidates(Instant now, Stream& stream) {
  auto& generation = stream.current;
  if (!generation.settle_at || now < *generation.settle_at || !generation.selected) return;
  generation.settle_at.reset();
  const auto* const selected = generation.check_list.find(*generation.selected);
  // IceNominateTwoPairs has left pairs open, and their relays are about to go.
  if (configuration_.deviations.has(Deviation::IceNominateTwoPairs))
    prune_open_pairs(stream, *selected);
  gatherer_.settle(now, stream.id, {selected->path()});
}

// RFC 8445 §8.2: nobody checks; each agent chooses by itself once all candidates are known.
void Agent::Conductor::pair_two_lite_agents(Instant now, Stream& stream) {
  auto& generation = stream.current;
  const bool is_time = is_lite() && stream.peer.level == Level::Lite && generation.remote &&
                       generation.remote_ended && generation.gathering == GatheringState::Complete;
  if (!is_time || generation.concluded || generation.failure) return;
  std::optional<CandidatePair> best;
  std::size_t possible = 0;
  for (const auto& local : generation.local_candidates) {
    for (const auto& remote : generation.remote_candidates) {
      const auto decision = decide_pairing(local, remote.candidate);
      if (decision.kind != PairingDecision::Kind::Pair) continue;
      ++possible;
      const auto priority = priority_of(local, remote.candidate);
      if (best && best->priority >= priority) continue;
      best.emplace();
      best->local = local;
      best->remote = remote.candidate;
      best->priority = priority;
      best->state = PairState::Succeeded;
    }
  }
  if (!best) return;
  const auto reason = possible == 1 ? std::string{"the only pair of two lite agents"}
                                    : "the best of " + std::to_string(possible) +
                                          " pairs of two lite agents, which neither checks";
  auto& pair = add_pair(stream, std::move(*best), reason);
  pair.valid = true;
  pair.proves = pair.checked_by = pair.id;
  pair.last_sent = now;
  nominate(now, stream, pair, reason);
}

void Agent::Conductor::prune_open_pairs(Stream& stream, const CandidatePair& nominated) {
  auto& generation = stream.current;
  const auto selected_priority = checked_priority(nominated, generation.check_list.view());
  for (auto& pair : generation.check_list.pairs()) {
    if (!is_open(pair)) continue;
    prune(stream, pair,
          pair.priority < selected_priority
              ? "lower priority than the selected pair"
              : "not answered by the time " + name(nominated.id) + " was nominated");
  }
}

// Deviation IceNominateTwoPairs: the best other pair that works is nominated, too.
void Agent::Conductor::nominate_second(Stream& stream) {
  auto& generation = stream.current;
  if (role_ != Role::Controlling || generation.second_nomination_done) return;
  const auto pairs = generation.check_list.view();
  const auto first = std::ranges::find_if(pairs, [](const auto* pair) { return pair->nominated; });
  CandidatePair* second = nullptr;
  for (auto& pair : generation.check_list.pairs()) {
    const bool is_other = pair.is_candidate_for_checks() && pair.state == PairState::Succeeded &&
                          (first == pairs.end() || pair.id != (*first)->checked_by) &&
                          is_sendable(pair);
    if (is_other && (second == nullptr || pair.priority > second->priority)) second = &pair;
  }
  if (second == nullptr) return;
  generation.second_nomination_done = true;
  second->nominating = true;
  generation.nomination_reason = "a second nomination, against the rules";
  generation.check_list.enqueue(second->id, CheckKind::Nominating);
  if (first != pairs.end()) prune_open_pairs(stream, **first);
}

}  // namespace rtclab::ice
