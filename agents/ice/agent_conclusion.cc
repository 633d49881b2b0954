// What follows from the checks: nomination, the selected pair, consent to send, and the state that
// the owner sees.
//
// Spec: RFC 8445 §8.1 (concluding), §11 (keepalives), §12.1 (which pair data uses); RFC 7675; RFC
// 8863.
#include "agents/ice/agent_state.h"
#include "agents/ice/conductor.h"
#include "agents/ice/nomination.h"
#include "agents/ice/trace.h"
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"

#include <algorithm>
#include <cassert>
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

// Runs after every input: does what is due now, so that nothing but time or the network can change
// anything.
void Agent::Conductor::settle(Instant now) {
  // Also after an input: it may come at the very instant of a deadline, and then nothing may stay
  // due (agents/base/io.h).
  gatherer_.handle_timeout(now);
  handle_reports(now);
  if (closed_) return;
  handle_check_timeouts(now);
  for (auto& stream : streams_) {
    if (stream.previous) {
      keep_consent(now, stream, *stream.previous);
      if (!stream.previous->selected) stream.previous.reset();
    }
    // Another pair may have to take over, and its own consent be due or gone.
    std::optional<PairId> kept;
    do {
      select_pair(now, stream, "the pair before it is lost");
      kept = stream.current.selected;
      keep_consent(now, stream, stream.current);
    } while (stream.current.selected != kept);
    nominate_if_due(now, stream);
  }
  run_pacer(now);
  for (auto& stream : streams_) {
    keep_alive(now, stream);
    auto& generation = stream.current;
    if (generation.settle_at && now >= *generation.settle_at && generation.selected) {
      generation.settle_at.reset();
      const auto* const selected = generation.check_list.find(*generation.selected);
      // IceNominateTwoPairs has left pairs open, and their relays are about to go.
      if (configuration_.deviations.has(Deviation::IceNominateTwoPairs))
        prune_open_pairs(stream, *selected);
      gatherer_.settle(now, stream.id, selected->local.base);
    }
    if (generation.started && now >= *generation.started + kPatience)
      generation.patience_pending = false;
    if (auto failure = hopelessness(generation, now); failure && !generation.failure) {
      generation.failure = std::move(failure);
    }
  }
  handle_reports(now);
  for (auto& stream : streams_) update_state(now, stream);
}

void Agent::Conductor::set_role_and_tell(Role role, const std::string& reason) {
  if (role == role_) return;
  role_ = role;
  outbox_.emit(RoleChanged{role, reason});
  // RFC 8445 §7.3.1.1: the priorities depend on the role, and so does who nominates.
  for (auto& stream : streams_) {
    for (auto& pair : stream.current.check_list.pairs()) {
      pair.priority = priority_of(pair.local, pair.remote);
      if (pair.nominating) stream.current.check_list.dequeue(pair.id);
      pair.nominating = false;
      pair.nomination_received = false;
    }
    stream.current.reconsider.reset();
  }
}

// --- nomination ---

void Agent::Conductor::nominate_if_due(Instant now, Stream& stream) {
  auto& generation = stream.current;
  generation.reconsider.reset();
  const bool may = role_ == Role::Controlling && generation.remote && !generation.concluded &&
                   !generation.failure && generation.first_valid;
  if (!may || std::ranges::any_of(generation.check_list.pairs(), &CandidatePair::nominating))
    return;
  const auto pairs = generation.check_list.view();
  const auto decision =
      decide_nomination({.pairs = pairs,
                         .now = now,
                         .first_valid = *generation.first_valid,
                         .candidates_may_come = generation.gathering != GatheringState::Complete ||
                                                !generation.remote_ended});
  if (!decision.nominate) {
    generation.reconsider = decision.reconsider;
    if (decision.reconsider && decision.best != generation.postponed) {
      generation.postponed = decision.best;
      outbox_.trace(trace::nomination_postponed(stream.id, decision.reason));
    }
    return;
  }
  // RFC 8445 §8.1.1: the check that produced the valid pair is repeated, with USE-CANDIDATE.
  const auto* const valid_pair = generation.check_list.find(*decision.nominate);
  auto* const source = generation.check_list.find(valid_pair->checked_by.value_or(valid_pair->id));
  source->nominating = true;
  generation.nomination_reason = decision.reason;
  generation.check_list.enqueue(source->id, CheckKind::Nominating);
}

void Agent::Conductor::nominate(Instant now, Stream& stream, CandidatePair& valid_pair,
                                const std::string& reason) {
  if (valid_pair.nominated) return;
  valid_pair.nominated = true;
  outbox_.trace(trace::pair_nominated(stream.id, valid_pair.id, reason));
  select_pair(now, stream, "nominated: " + reason);
  if (!stream.current.concluded) conclude(now, stream, valid_pair);
}

// RFC 8445 §8.1.2.
void Agent::Conductor::conclude(Instant now, Stream& stream, const CandidatePair& nominated) {
  auto& generation = stream.current;
  generation.concluded = true;
  generation.settle_at = now + kFreeAfter;
  generation.reconsider.reset();
  if (configuration_.deviations.has(Deviation::IceNominateTwoPairs) && role_ == Role::Controlling) {
    for (auto& pair : generation.check_list.pairs()) {
      if (is_open(pair) && pair.state != PairState::InProgress) trigger(stream, pair);
    }
    nominate_second(stream);
  } else {
    prune_open_pairs(stream, nominated);
  }
  // The restart is over: the pair from before it carries nothing any more (RFC 8445 §12.1).
  stream.previous.reset();
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

// --- the pair that data uses ---

void Agent::Conductor::select_pair(Instant now, Stream& stream, const std::string& reason) {
  auto& generation = stream.current;
  // RFC 7675 §5.1: a pair whose last answer is 30 s old may not be sent on, though it was valid
  // once.
  for (auto& pair : generation.check_list.pairs()) {
    const bool is_stale = pair.valid && pair.id != generation.selected && pair.last_success &&
                          now >= *pair.last_success + kConsentExpiry;
    if (is_stale) pair.valid = pair.nominated = false;
  }
  const auto best = best_pair_for_data(generation.check_list.view());
  if (best == generation.selected) return;
  generation.selected = best;
  generation.consent.reset();
  if (!best) {
    if (generation.concluded)
      generation.failure = "the selected pair is lost, and no other is valid";
    return;
  }
  const auto& pair = *generation.check_list.find(*best);
  generation.consent.emplace(*pair.last_success, *rng_, configuration_.deviations);
  generation.consent_seen = now;
  // RFC 8445 §12.1: a channel saves 32 octets in each datagram that goes through the relay.
  if (pair.local.type == CandidateType::Relayed)
    gatherer_.bind_channel(now, pair.local.base, pair.remote.address);
  outbox_.emit(SelectedPairChanged{stream.id, pair.id, pair.local, pair.remote, reason});
}

// --- consent and keepalives ---

void Agent::Conductor::keep_consent(Instant now, Stream& stream, Generation& generation) {
  if (!generation.consent || !generation.remote || generation.failure) return;
  generation.consent_seen = now;
  auto& consent = *generation.consent;
  if (consent.has_expired(now)) return lose_consent(now, stream, generation, "expired");

  auto& pair = *generation.check_list.find(*generation.selected);
  if (consent.is_check_due(now)) {
    const auto content = CheckContent{.priority = content_of(pair, CheckKind::Ordinary).priority,
                                      .role = role_,
                                      .tie_breaker = tie_breaker_,
                                      .use_candidate = false};
    const auto message = make_check(consent.pick_id(ids_.next()), content, generation.local,
                                    *generation.remote, configuration_.deviations);
    consent.start_check(now, message,
                        seal_check(message, *generation.remote, configuration_.deviations));
  }
  for (const auto& request : consent.due_requests(now)) {
    pair.last_sent = now;
    gatherer_.send(now, pair.local.base, pair.remote.address, request);
  }
}

bool Agent::Conductor::handle_consent_answer(Instant now, Stream& stream, Generation& generation,
                                             const Arrival& arrival,
                                             const stun::Message& response) {
  if (!generation.consent || !generation.consent->is_waiting_for(response)) return false;
  const auto& pair = *generation.check_list.find(*generation.selected);
  const bool is_from_peer =
      arrival.base == pair.local.base && arrival.remote == pair.remote.address &&
      stun::check_integrity(arrival.bytes, stun::short_term_key(generation.remote->pwd)) ==
          stun::Check::Ok;
  if (!is_from_peer) {
    outbox_.trace(trace::datagram_ignored(arrival.base, arrival.remote,
                                          "a consent answer that is not the peer's"));
    return true;
  }
  if (response.cls == stun::Class::Success) {
    const auto answered = generation.consent->note_answer(now, response);
    if (auto* const renewed = generation.check_list.find(pair.id)) renewed->last_success = now;
    outbox_.trace(trace::consent(stream.id, pair.id, "renewed", answered.round_trip));
    return true;
  }
  const auto error = response.find<stun::ErrorCode>();
  // RFC 7675 §5.2: consent is taken back at once.
  if (error && error->code == stun::error::kForbidden)
    lose_consent(now, stream, generation, "revoked");
  return true;
}

void Agent::Conductor::lose_consent(Instant /*now*/, Stream& stream, Generation& generation,
                                    const std::string& outcome) {
  const auto lost = *generation.selected;
  outbox_.trace(trace::consent(stream.id, lost, outcome, std::nullopt));
  generation.selected.reset();
  generation.consent.reset();
  const auto reason = outcome == "revoked" ? std::string{"the peer revoked its consent (403)"}
                                           : std::string{"consent expired: no answer for 30 s"};
  auto& pair = *generation.check_list.find(lost);
  const auto end = [&](CandidatePair& each) {
    each.valid = each.nominated = each.nominating = false;
    each.consent_lost = true;
    generation.check_list.dequeue(each.id);
    if (each.state != PairState::Succeeded) return;
    move(stream, each, PairCause::CheckFailed, reason);
  };
  if (pair.checked_by && *pair.checked_by != pair.id) {
    if (auto* const source = generation.check_list.find(*pair.checked_by)) end(*source);
  }
  end(pair);
  // Without another pair to send on, only a restart can help once a pair had been chosen for good.
  const auto others = best_pair_for_data(generation.check_list.view());
  if (!others && generation.concluded) generation.failure = reason;
}

void Agent::Conductor::keep_alive(Instant now, Stream& stream) {
  auto& generation = stream.current;
  if (generation.concluded) return;
  for (auto& pair : generation.check_list.pairs()) {
    if (!pair.valid || generation.selected == pair.id || now < pair.last_sent + kKeepalivePeriod)
      continue;
    // RFC 8445 §11: an indication without any authentication.
    const stun::Message indication{.cls = stun::Class::Indication,
                                   .method = stun::Method::Binding,
                                   .transaction = ids_.next(),
                                   .attributes = {}};
    pair.last_sent = now;
    gatherer_.send(
        now, pair.local.base, pair.remote.address,
        stun::seal(indication,
                   {.key = {}, .fingerprint = true, .deviations = configuration_.deviations}));
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
