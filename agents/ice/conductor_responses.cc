// The answers to our checks.
//
// Spec: RFC 8445 §7.2.5.
#include "agents/ice/conductor.h"
#include "agents/ice/trace.h"
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {
namespace {

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
         " ms";
}

std::string name(PairId id) {
  return "pair " + std::to_string(id.value());
}

}  // namespace

void Agent::Conductor::handle_response(Instant now, Stream& stream, const Arrival& arrival,
                                       const stun::Message& response) {
  const auto check = std::ranges::find_if(checks_, [&](const Check& each) {
    return each.stream == stream.id && each.transaction.matches(response);
  });
  if (check != checks_.end()) return handle_check_answer(now, stream, *check, arrival, response);
  if (handle_consent_answer(now, stream, stream.current, arrival, response)) return;
  if (stream.previous && handle_consent_answer(now, stream, *stream.previous, arrival, response))
    return;
  outbox_.trace(trace::datagram_ignored(arrival.path, "a response to no request of ours"));
}

void Agent::Conductor::handle_check_answer(Instant now, Stream& stream, Check& check,
                                           const Arrival& arrival, const stun::Message& response) {
  if (check.transaction.is_answered()) return;  // a second copy
  // RFC 8489 §9.1.4: what is not signed with the peer's password was never received.
  if (stun::check_integrity(arrival.bytes, stun::short_term_key(check.credentials.pwd)) !=
      stun::Check::Ok) {
    return outbox_.trace(trace::datagram_ignored(
        arrival.path, "a response that the peer's password does not verify"));
  }
  check.transaction.note_response(now);
  const auto round_trip = now - check.sent;
  stream.traffic.note_response(arrival.path, round_trip);
  const auto fail = [&](const std::string& outcome, const std::string& reason) {
    outbox_.trace(trace::check_answered(check.pair, check.transaction.id(), outcome, round_trip));
    check_failed(now, stream, check, reason);
  };
  // RFC 8445 §7.2.5.2.1.
  if (arrival.path != check.path) {
    return fail("not symmetric", "the answer came from " + arrival.path.remote.to_string() +
                                     " to " + arrival.path.local.to_string());
  }
  if (response.cls == stun::Class::Error) {
    const auto error = response.find<stun::ErrorCode>();
    const auto code = error ? error->code : 0;
    if (code == stun::error::kRoleConflict) {
      outbox_.trace(
          trace::check_answered(check.pair, check.transaction.id(), "error 487", round_trip));
      return handle_role_conflict(now, stream, check);
    }
    return fail("error " + std::to_string(code),
                "the peer refused the check: " + std::to_string(code));
  }
  const auto mapped = response.find<stun::XorMappedAddress>();
  if (!mapped || !stun::unknown_required(response).empty()) {
    return fail("unusable", "the answer does not say what address the peer saw");
  }
  outbox_.trace(trace::check_answered(check.pair, check.transaction.id(), "success", round_trip));
  check_passed(now, stream, check, mapped->endpoint, round_trip);
}

// RFC 8445 §7.2.5.1.
void Agent::Conductor::handle_role_conflict(Instant /*now*/, Stream& stream, const Check& check) {
  const auto wanted = opposite(check.content.role);
  if (configuration_.deviations.has(Deviation::IceIgnore487)) return;
  if (role_ != wanted) set_role_and_tell(wanted, "the peer answered 487 (Role Conflict)");
  tie_breaker_ = rng_->next();
  auto* const pair = stream.current.check_list.find(check.pair);
  if (pair == nullptr || pair->pruned) return;
  pair->nominating = false;
  if (pair->state == PairState::InProgress)
    move(stream, *pair, PairCause::RoleConflict, "role conflict");
  if (pair->state == PairState::Waiting)
    stream.current.check_list.enqueue(pair->id, CheckKind::Triggered);
}

// RFC 8445 §7.2.5.2 and §7.2.5.3.4.
void Agent::Conductor::check_failed(Instant /*now*/, Stream& stream, const Check& check,
                                    const std::string& reason) {
  auto& generation = stream.current;
  auto* const pair = generation.check_list.find(check.pair);
  if (pair == nullptr || pair->pruned) return;
  // A cancelled check whose pair was queued again: the new check decides (RFC 8445 §7.3.1.4).
  if (pair->state == PairState::Waiting) return;
  if (check.kind == CheckKind::Nominating && pair->nominating)
    return nomination_failed(stream, *pair, reason);
  if (pair->state == PairState::InProgress)
    return move(stream, *pair, PairCause::CheckFailed, reason);
  if (check.kind != CheckKind::Backup && check.kind != CheckKind::Reconnecting) return;
  auto* const valid_pair = pair->proves ? generation.check_list.find(*pair->proves) : nullptr;
  if (valid_pair == nullptr) return;
  // A backup that took over meanwhile lives by its consent.
  const bool is_in_use = valid_pair->id == generation.selected;
  if (is_in_use != (check.kind == CheckKind::Reconnecting)) return;
  end_pair(stream, generation, *valid_pair, reason);
}

void Agent::Conductor::nomination_failed(Stream& stream, CandidatePair& pair,
                                         const std::string& reason) {
  auto& generation = stream.current;
  pair.nominating = false;
  auto* const valid_pair = pair.proves ? generation.check_list.find(*pair.proves) : nullptr;
  if (generation.concluded) {
    // The pair nominated before stays; this one has shown that it does not work (any more).
    // IceNominateTwoPairs comes here, too.
    if (valid_pair != nullptr && valid_pair->id != generation.selected)
      end_pair(stream, generation, *valid_pair, reason);
    return;
  }
  const auto why = "the nominating check of " + name(pair.id) + " failed: " + reason;
  if (is_continual()) {
    if (valid_pair != nullptr) end_pair(stream, generation, *valid_pair, why);
    return;
  }
  generation.failure = why;
  if (valid_pair != nullptr) {
    valid_pair->valid = false;
    if (valid_pair != &pair) move(stream, *valid_pair, PairCause::CheckFailed, reason);
  }
  move(stream, pair, PairCause::CheckFailed, reason);
}

// RFC 8445 §7.2.5.3.
void Agent::Conductor::check_passed(Instant now, Stream& stream, const Check& check,
                                    const Endpoint& mapped, Duration round_trip) {
  auto& generation = stream.current;
  auto* const pair = generation.check_list.find(check.pair);
  if (pair == nullptr || pair->consent_lost || generation.failure) return;
  const auto reason = "check passed in " + milliseconds(round_trip);
  if (pair->state != PairState::Succeeded) move(stream, *pair, PairCause::CheckPassed, reason);
  if (pair->pruned) return;  // RFC 8445 §8.1.2: cancelled by the nomination of another pair

  auto& valid_pair = prove(stream, *pair, check, mapped, reason);
  valid_pair.last_success = now;
  valid_pair.last_sent = now;
  valid_pair.round_trip = round_trip;
  valid_pair.is_broken = false;
  drop_replaced(stream, valid_pair);
  // A nomination that is queued by now stays queued; a triggered check has nothing left to find
  // out.
  if (!pair->nominating) generation.check_list.dequeue(pair->id);
  if (!generation.first_valid) generation.first_valid = now;

  unfreeze_alike(*pair);

  // RFC 8445 §7.2.5.3.4. Whoever switched roles in the meantime nominates nothing.
  if (role_ == Role::Controlling && check.content.role == Role::Controlling &&
      check.content.use_candidate) {
    pair->nominating = false;
    raise_nomination(valid_pair, check.content.nomination.value_or(0));
    nominate(now, stream, valid_pair,
             check.kind == CheckKind::Nominating ? generation.nomination_reason
                                                 : "its first check nominated it");
  } else if (role_ == Role::Controlled && pair->nomination_received) {
    raise_nomination(valid_pair, pair->nomination);
    nominate(now, stream, valid_pair, "the controlling peer nominated it");
  } else {
    select_pair(now, stream, "the best valid pair so far; " + reason);
    if (generation.concluded && configuration_.deviations.has(Deviation::IceNominateTwoPairs))
      nominate_second(stream);
  }
}

// RFC 8445 §7.2.5.3.3: what worked for one stream is likely to work for the others.
void Agent::Conductor::unfreeze_alike(const CandidatePair& passed) {
  for (auto& each : streams_) {
    if (each.current.superseded) continue;
    for (auto& other : each.current.check_list.pairs()) {
      const bool is_alike = other.is_candidate_for_checks() && other.state == PairState::Frozen &&
                            other.foundation() == passed.foundation();
      if (is_alike)
        move(each, other, PairCause::Unfrozen,
             name(passed.id) + " with the same foundation succeeded");
    }
  }
}

// RFC 8445 §7.2.5.3.1 and §7.2.5.3.2: the valid pair that the check produced.
CandidatePair& Agent::Conductor::prove(Stream& stream, CandidatePair& checked, const Check& check,
                                       const Endpoint& mapped, const std::string& reason) {
  auto& generation = stream.current;
  const auto transport = checked.local.transport;
  const auto* local = generation.find_local(transport, mapped, checked.local.base);
  if (local == nullptr) {
    Candidate reflexive;
    reflexive.type = CandidateType::PeerReflexive;
    reflexive.transport = transport;
    reflexive.tcp_type = checked.local.tcp_type;
    reflexive.address = mapped;
    reflexive.base = checked.local.base;
    reflexive.priority = check.content.priority;
    reflexive.related = checked.local.base;
    reflexive.foundation = gatherer_.foundations().of(
        {CandidateType::PeerReflexive, transport, checked.local.base.ip, std::nullopt});
    local = &generation.local_candidates.emplace_back(std::move(reflexive));
  }
  auto* valid_pair =
      mapped == checked.local.address
          ? &checked
          : generation.check_list.find_exact({transport, mapped, checked.remote.address});
  if (valid_pair == nullptr) {
    CandidatePair fresh;
    fresh.local = *local;
    // A candidate with this address may have another base: a relay's port that also waits for
    // peers. The pair's way is that of the check.
    fresh.local.base = checked.local.base;
    fresh.local.tcp_type = checked.local.tcp_type;
    fresh.remote = checked.remote;
    fresh.priority = priority_of(fresh.local, fresh.remote);
    fresh.state = PairState::Succeeded;
    fresh.on_check_list = false;
    valid_pair = &add_pair(stream, std::move(fresh),
                           "the answer to the check of " + name(checked.id) +
                               " shows that the peer sees " + mapped.to_string());
  } else if (valid_pair->state != PairState::Succeeded) {
    move(stream, *valid_pair, PairCause::CheckPassed, reason);
  }
  valid_pair->valid = true;
  if (!valid_pair->checked_by) valid_pair->checked_by = checked.id;
  checked.proves = valid_pair->id;
  return *valid_pair;
}

}  // namespace rtclab::ice
