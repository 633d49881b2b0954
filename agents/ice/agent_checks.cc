// Connectivity checks: those that leave, those that arrive, and the answers to both.
//
// Spec: RFC 8445 §6.1.4.2 (which one next), §7.2 (as client), §7.3 (as server).
#include "agents/ice/conductor.h"
#include "agents/ice/trace.h"
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace rtclab::ice {
namespace {

// A peer that sends checks from ever new addresses learns nothing more than these (RFC 8445
// §19.5.1).
constexpr std::size_t kMaxLearnedCandidates = 100;

// More than a call with a few addresses on each side ever queues at once.
constexpr unsigned kTriggeredInARow = 4;

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
         " ms";
}

std::string name(PairId id) {
  return "pair " + std::to_string(id.value());
}

Role opposite(Role role) {
  return role == Role::Controlling ? Role::Controlled : Role::Controlling;
}

}  // namespace

// --- checks out ---

std::optional<Agent::Conductor::CheckWork> Agent::Conductor::next_check(Precedence first) const {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    if (auto work = next_check_of((turn_ + i) % streams_.size(), first)) return work;
  }
  return std::nullopt;
}

// RFC 8445 §6.1.4.2, steps 1 to 3, for one check list.
std::optional<Agent::Conductor::CheckWork> Agent::Conductor::next_check_of(std::size_t turn,
                                                                           Precedence first) const {
  const auto& generation = streams_[turn].current;
  if (!generation.remote || generation.failure) return std::nullopt;
  if (auto work = next_queued(turn, CheckKind::Nominating)) return work;
  if (first == Precedence::Ordinary) {
    if (auto work = next_ordinary(turn)) return work;
  }
  if (auto work = next_queued(turn, CheckKind::Triggered)) return work;
  return first == Precedence::Ordinary ? std::nullopt : next_ordinary(turn);
}

std::optional<Agent::Conductor::CheckWork> Agent::Conductor::next_queued(std::size_t turn,
                                                                         CheckKind kind) const {
  const auto& list = streams_[turn].current.check_list;
  for (const auto& queued : list.queue()) {
    if (queued.kind != kind) continue;
    const auto pair = std::ranges::find(list.pairs(), queued.pair, &CandidatePair::id);
    if (pair == list.pairs().end() || !is_sendable(*pair)) continue;
    return CheckWork{
        turn,
        queued.pair,
        kind,
        kind == CheckKind::Nominating ? "to nominate the pair" : "the peer checked this pair",
        {}};
  }
  return std::nullopt;
}

std::optional<Agent::Conductor::CheckWork> Agent::Conductor::next_ordinary(std::size_t turn) const {
  const auto& generation = streams_[turn].current;
  if (generation.concluded) return std::nullopt;
  std::vector<const CandidatePair*> list;
  const auto& queue = generation.check_list.queue();
  for (const auto& pair : generation.check_list.pairs()) {
    // A pair in the queue has its turn there; it would hide those that only ordinary checks reach.
    if (std::ranges::find(queue, pair.id, &CheckList::Queued::pair) != queue.end()) continue;
    if (pair.is_candidate_for_checks() && is_sendable(pair)) list.push_back(&pair);
  }
  const auto unfreeze = to_unfreeze(list, view_of_set());
  std::vector<CandidatePair> thawed;  // as they will be once unfrozen
  thawed.reserve(unfreeze.size());
  for (auto& pair : list) {
    if (std::ranges::find(unfreeze, pair->id) == unfreeze.end()) continue;
    thawed.push_back(*pair);
    thawed.back().state = PairState::Waiting;
    pair = &thawed.back();
  }
  const auto order = configuration_.deviations.has(Deviation::IceLowestPriorityFirst)
                         ? CheckOrder::LowestFirst
                         : CheckOrder::HighestFirst;
  const auto choice = next_ordinary_check(list, order);
  if (!choice) return std::nullopt;
  return CheckWork{turn, choice->pair, CheckKind::Ordinary, choice->reason, unfreeze};
}

void Agent::Conductor::run_pacer(Instant now) {
  while (pacer_.may_start(now)) {
    // Deviation from RFC 8445 §6.1.4.2 step 1: after some triggered checks in a row the others have
    // their turn. Two NATs with address-and-port-dependent mapping and endpoint-independent
    // filtering show each other a new port with each check, whose triggered check shows the next
    // one: the relay would never be tried.
    const bool has_patience = triggered_in_a_row_ < kTriggeredInARow;
    const auto work = next_check(has_patience ? Precedence::Triggered : Precedence::Ordinary);
    const bool is_urgent = work && (work->kind == CheckKind::Nominating ||
                                    (work->kind == CheckKind::Triggered && has_patience));
    const bool gathers = gatherer_.has_pending() && !is_urgent && (!work || gathering_has_turn_);
    if (!gathers && !work) return;
    triggered_in_a_row_ =
        !gathers && work->kind == CheckKind::Triggered ? triggered_in_a_row_ + 1 : 0;
    if (gathers) {
      gatherer_.start_next(now);
      gathering_has_turn_ = false;
    } else {
      start_check(now, *work);
      gathering_has_turn_ = true;
      turn_ = (work->turn + 1) % streams_.size();
    }
    pacer_.note_started(now);
    handle_reports(now);
  }
}

CheckContent Agent::Conductor::content_of(const CandidatePair& pair, CheckKind kind) {
  const auto& deviations = configuration_.deviations;
  if (deviations.has(Deviation::IceTieBreakerPerCheck)) tie_breaker_ = rng_->next();
  // RFC 8445 §7.1.1: the local candidate's priority as if it were peer-reflexive, since that is
  // what the peer may see.
  const auto as_reflexive = Priority{(pair.local.priority.value() & 0x00ffffffu) |
                                     type_preference(CandidateType::PeerReflexive) << 24u};
  const bool breaks_rules = role_ == Role::Controlling
                                ? deviations.has(Deviation::IceNominateBeforeSuccess)
                                : deviations.has(Deviation::IceControlledNominates);
  return {
      .priority = deviations.has(Deviation::IcePriorityAsHost) ? pair.local.priority : as_reflexive,
      .role = role_,
      .tie_breaker = tie_breaker_,
      .use_candidate = kind == CheckKind::Nominating || breaks_rules};
}

Duration Agent::Conductor::rto_for_checks() const {
  if (configuration_.deviations.has(Deviation::IceShortRto)) return 100ms;
  std::size_t to_perform = 0;
  std::size_t on_their_way = 0;
  for (const auto* pair : view_of_set()) {
    if (!pair->is_candidate_for_checks()) continue;
    if (pair->state == PairState::Succeeded || pair->state == PairState::Failed) continue;
    ++to_perform;
    if (pair->state != PairState::Frozen) ++on_their_way;
  }
  return check_rto(pacer_.ta(), to_perform, on_their_way);
}

void Agent::Conductor::start_check(Instant now, const CheckWork& work) {
  auto& stream = streams_[work.turn];
  auto& generation = stream.current;
  for (const auto id : work.unfreeze) {
    move(stream, *generation.check_list.find(id), PairCause::Unfrozen,
         "nothing else with its foundation is under way");
  }
  auto& pair = *generation.check_list.find(work.pair);
  generation.check_list.dequeue(pair.id);
  const auto rto = rto_for_checks();
  // A nominating check repeats one that passed: the pair stays Succeeded, so that data flows on and
  // a check of the peer does not cancel the nomination. Deviation from RFC 8445 §6.1.4.2 step 1,
  // which names In-Progress for all checks.
  if (pair.state == PairState::Waiting) move(stream, pair, PairCause::CheckSent, "check sent");

  const auto content = content_of(pair, work.kind);
  const auto message = make_check(ids_.next(), content, generation.local, *generation.remote,
                                  configuration_.deviations);
  checks_.push_back(
      {.stream = stream.id,
       .pair = pair.id,
       .kind = work.kind,
       .content = content,
       .base = pair.local.base,
       .remote = pair.remote.address,
       .credentials = *generation.remote,
       .sent = now,
       .transaction = stun::Transaction{
           message, seal_check(message, *generation.remote, configuration_.deviations),
           stun::Schedule{.rto = rto}, configuration_.deviations}});
  auto& check = checks_.back();
  outbox_.trace(
      trace::check_sent(stream.id, pair.id, check.transaction.id(), work.kind, work.reason));
  if (check.transaction.poll(now) == stun::Transaction::Due::Send) {
    gatherer_.send(now, check.base, check.remote, check.transaction.request());
  }
}

void Agent::Conductor::cancel_checks(PairId pair) {
  for (auto& check : checks_) {
    if (check.pair != pair || check.cancelled || check.transaction.is_answered()) continue;
    check.transaction.cancel();
    check.cancelled = true;
  }
}

void Agent::Conductor::handle_check_timeouts(Instant now) {
  for (auto& check : checks_) {
    const auto due = check.transaction.poll(now);
    if (due == stun::Transaction::Due::Send) {
      gatherer_.send(now, check.base, check.remote, check.transaction.request());
    } else if (due == stun::Transaction::Due::TimedOut && !check.cancelled) {
      outbox_.trace(
          trace::check_answered(check.pair, check.transaction.id(), "timeout", std::nullopt));
      if (auto* const stream = find(check.stream)) {
        check_failed(now, *stream, check,
                     "no answer to " + std::to_string(check.transaction.sends()) +
                         " requests: filtered or lost on the way");
      }
    }
  }
  checks_.remove_if([](const Check& each) { return each.transaction.is_over(); });
}

// --- what arrives ---

void Agent::Conductor::handle_report(Instant now, const Arrival& arrival) {
  auto* const stream = find(arrival.stream);
  if (stream == nullptr || closed_) return;
  const auto ignore = [&](const std::string& reason) {
    outbox_.trace(trace::datagram_ignored(arrival.base, arrival.remote, reason));
  };
  // Under the policy "relay" the sockets below the allocations are no candidates, and nobody may
  // reach us there.
  const auto is_ours = [&](const Generation& generation) {
    return generation.find_base(arrival.base) != nullptr;
  };
  if (!is_ours(stream->current) && !(stream->previous && is_ours(*stream->previous))) {
    return ignore("it came to an address that is no candidate");
  }

  if (!stun::looks_like_stun(arrival.bytes)) {
    // Data can overtake the answer with the peer's credentials, but not the first check: its sender
    // is known by then.
    const auto knows = [&](Generation& generation) {
      return generation.find_remote(arrival.remote) != nullptr ||
             std::ranges::any_of(generation.early_checks, [&](const EarlyCheck& each) {
               return each.remote == arrival.remote;
             });
    };
    if (knows(stream->current) || (stream->previous && knows(*stream->previous))) {
      return outbox_.deliver({stream->id, arrival.bytes});
    }
    return ignore("data from an address that no check came from");
  }
  const auto message = stun::Message::parse(arrival.bytes);
  if (!message) return outbox_.trace(PacketDiscarded{message.error()}.describe());
  if (stun::check_fingerprint(arrival.bytes) == stun::Check::Bad)
    return ignore("its FINGERPRINT is wrong");
  if (message->method != stun::Method::Binding)
    return ignore("not a Binding message but " + message->name());

  switch (message->cls) {
    case stun::Class::Request: return handle_request(now, *stream, arrival, *message);
    case stun::Class::Success:
    case stun::Class::Error: return handle_response(now, *stream, arrival, *message);
    case stun::Class::Indication:
      // RFC 8445 §11: a keepalive of the peer; nothing to do.
      if (configuration_.deviations.has(Deviation::StunAnswerIndications)) {
        const auto answer = success_response(*message, arrival.remote);
        gatherer_.send(now, arrival.base, arrival.remote,
                       seal_response(answer, {}, configuration_.deviations));
      }
      return;
  }
}

// --- checks in ---

void Agent::Conductor::handle_request(Instant now, Stream& stream, const Arrival& arrival,
                                      const stun::Message& request) {
  auto* generation = &stream.current;
  const auto ufrag = addressed_ufrag(request);
  if (stream.previous && ufrag == stream.previous->local.ufrag &&
      ufrag != stream.current.local.ufrag) {
    generation = &*stream.previous;
  }
  const bool is_addressed = ufrag == generation->local.ufrag;
  const auto answer = [&](const stun::Message& response, std::string_view password) {
    gatherer_.send(now, arrival.base, arrival.remote,
                   seal_response(response, password, configuration_.deviations));
  };

  const auto reading =
      read_check(request, arrival.bytes, is_addressed ? &generation->local : nullptr);
  if (const auto* const refusal = std::get_if<stun::Message>(&reading)) {
    const auto code = refusal->find<stun::ErrorCode>()->code;
    outbox_.trace(trace::check_refused(arrival.base, arrival.remote, code,
                                       std::string{stun::error::reason_phrase(code)}));
    // RFC 8489 §9.1.3: 400 and 401 are not signed, for there is no key both sides agree on.
    const bool has_key = code == stun::error::kUnknownAttribute;
    return answer(*refusal, has_key ? std::string_view{generation->local.pwd} : std::string_view{});
  }

  const auto& check = std::get<ReceivedCheck>(reading);
  outbox_.trace(
      trace::check_received(stream.id, arrival.base, arrival.remote, check.use_candidate));
  if (const auto code = repair_roles(now, check)) {
    outbox_.trace(trace::check_refused(
        arrival.base, arrival.remote, *code,
        "both are " + std::string{to_string(role_)} + " and our tie-breaker decides"));
    return answer(error_response(request, *code), generation->local.pwd);
  }
  answer(success_response(request, arrival.remote), generation->local.pwd);

  if (generation != &stream.current)
    return;  // RFC 8445 §9: only kept alive, its checks lead nowhere any more
  const EarlyCheck received{arrival.base, arrival.remote, check};
  if (!generation->remote || generation->remote->ufrag != check.remote_ufrag) {
    const auto same = std::ranges::find_if(generation->early_checks, [&](const EarlyCheck& each) {
      return each.base == received.base && each.remote == received.remote &&
             each.check.remote_ufrag == check.remote_ufrag;
    });
    if (same != generation->early_checks.end()) {
      same->check.use_candidate = same->check.use_candidate || check.use_candidate;
    } else if (generation->early_checks.size() < kMaxLearnedCandidates) {
      generation->early_checks.push_back(received);
    }
    return;
  }
  act_on_check(now, stream, received);
}

// RFC 8445 §7.3.1.1.
std::optional<int> Agent::Conductor::repair_roles(Instant /*now*/, const ReceivedCheck& check) {
  if (configuration_.deviations.has(Deviation::IceIgnoreRoleConflict)) return std::nullopt;
  if (!check.role || *check.role != role_) return std::nullopt;
  const bool we_win = tie_breaker_ >= check.tie_breaker;
  if (we_win == (role_ == Role::Controlling)) return stun::error::kRoleConflict;
  set_role_and_tell(opposite(role_),
                    we_win ? "the peer is controlled, too, and our tie-breaker is not smaller"
                           : "the peer is controlling, too, and its tie-breaker is larger");
  return std::nullopt;
}

// RFC 8445 §7.3.1.3 to §7.3.1.5.
void Agent::Conductor::act_on_check(Instant now, Stream& stream, const EarlyCheck& received) {
  auto& generation = stream.current;
  const auto* const base = generation.find_base(received.base);
  if (base == nullptr || generation.failure) return;
  const bool nominates = received.check.use_candidate && role_ == Role::Controlled;
  auto* pair = generation.check_list.find_checked(received.base, received.remote);

  // Once a pair is nominated only another nomination matters: a peer of RFC 5245 may nominate
  // several (RFC 8445 §8.1.1).
  if (generation.concluded && !nominates) return;
  if (pair != nullptr && pair->consent_lost) return;
  if (configuration_.deviations.has(Deviation::IceNoTriggeredChecks)) return;

  if (pair == nullptr) {
    const bool is_new = generation.find_remote(received.remote) == nullptr;
    if (is_new && !has_room_to_learn(generation, received.check)) return;
    CandidatePair fresh;
    fresh.local = *base;
    fresh.remote = learn_remote(stream, received);
    fresh.priority = priority_of(fresh.local, fresh.remote);
    fresh.state = PairState::Waiting;
    pair = &add_pair(stream, std::move(fresh), "the peer checked it");
    if (pair->pruned) return;
  }
  if (nominates) pair->nomination_received = true;
  trigger(stream, *pair);
  if (nominates && pair->state == PairState::Succeeded && pair->proves) {
    if (auto* const valid_pair = generation.check_list.find(*pair->proves);
        valid_pair != nullptr && valid_pair->valid) {
      nominate(now, stream, *valid_pair, "the controlling peer nominated it");
    }
  }
}

bool Agent::Conductor::has_room_to_learn(Generation& generation, const ReceivedCheck& check) {
  if (generation.learned < kMaxLearnedCandidates) return true;
  // A nomination must not be missed, though the way to it was long: candidates that led to nothing
  // make room for it.
  if (!check.use_candidate) return false;
  generation.check_list.forget([](const CandidatePair& pair) {
    return pair.state == PairState::Failed && !pair.consent_lost &&
           pair.remote.type == CandidateType::PeerReflexive;
  });
  std::erase_if(generation.remote_candidates, [&](const RemoteCandidate& each) {
    return !each.signalled &&
           std::ranges::none_of(generation.check_list.pairs(), [&](const CandidatePair& pair) {
             return pair.remote.address == each.candidate.address;
           });
  });
  const auto kept =
      std::ranges::count(generation.remote_candidates, false, &RemoteCandidate::signalled);
  return static_cast<std::size_t>(kept) < kMaxLearnedCandidates;
}

const Candidate& Agent::Conductor::learn_remote(Stream& stream, const EarlyCheck& received) {
  auto& generation = stream.current;
  if (const auto* const known = generation.find_remote(received.remote)) return known->candidate;
  Candidate learned;
  learned.type = CandidateType::PeerReflexive;
  learned.address = received.remote;
  learned.base = received.remote;
  learned.priority = received.check.priority;
  // RFC 8445 §7.3.1.3: arbitrary, but unlike all others. A slash keeps it apart from what most
  // peers choose.
  do {
    learned.foundation = "prflx/" + std::to_string(next_reflexive_++);
  } while (std::ranges::any_of(generation.remote_candidates, [&](const RemoteCandidate& each) {
    return each.candidate.foundation == learned.foundation;
  }));
  ++generation.learned;
  generation.remote_candidates.push_back({learned, false});
  outbox_.trace(trace::remote_candidate_added(stream.id, learned, trace::Source::PeerReflexive));
  return generation.remote_candidates.back().candidate;
}

// RFC 8445 §7.3.1.4.
void Agent::Conductor::trigger(Stream& stream, CandidatePair& pair) {
  if (pair.state == PairState::Succeeded) return;
  pair.pruned = false;
  if (pair.state == PairState::InProgress) cancel_checks(pair.id);
  if (pair.state != PairState::Waiting)
    move(stream, pair, PairCause::Triggered, "the peer checked this pair");
  stream.current.check_list.enqueue(pair.id, CheckKind::Triggered);
}

// --- answers in ---

void Agent::Conductor::handle_response(Instant now, Stream& stream, const Arrival& arrival,
                                       const stun::Message& response) {
  const auto check = std::ranges::find_if(checks_, [&](const Check& each) {
    return each.stream == stream.id && each.transaction.matches(response);
  });
  if (check != checks_.end()) return handle_check_answer(now, stream, *check, arrival, response);
  if (handle_consent_answer(now, stream, stream.current, arrival, response)) return;
  if (stream.previous && handle_consent_answer(now, stream, *stream.previous, arrival, response))
    return;
  outbox_.trace(
      trace::datagram_ignored(arrival.base, arrival.remote, "a response to no request of ours"));
}

void Agent::Conductor::handle_check_answer(Instant now, Stream& stream, Check& check,
                                           const Arrival& arrival, const stun::Message& response) {
  if (check.transaction.is_answered()) return;  // a second copy
  // RFC 8489 §9.1.4: what is not signed with the peer's password was never received.
  if (stun::check_integrity(arrival.bytes, stun::short_term_key(check.credentials.pwd)) !=
      stun::Check::Ok) {
    return outbox_.trace(trace::datagram_ignored(
        arrival.base, arrival.remote, "a response that the peer's password does not verify"));
  }
  check.transaction.note_response(now);
  const auto round_trip = now - check.sent;
  const auto fail = [&](const std::string& outcome, const std::string& reason) {
    outbox_.trace(trace::check_answered(check.pair, check.transaction.id(), outcome, round_trip));
    check_failed(now, stream, check, reason);
  };
  // RFC 8445 §7.2.5.2.1.
  if (arrival.base != check.base || arrival.remote != check.remote) {
    return fail("not symmetric", "the answer came from " + arrival.remote.to_string() + " to " +
                                     arrival.base.to_string());
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
void Agent::Conductor::check_failed(Instant now, Stream& stream, const Check& check,
                                    const std::string& reason) {
  auto& generation = stream.current;
  auto* const pair = generation.check_list.find(check.pair);
  if (pair == nullptr || pair->pruned) return;
  // A cancelled check whose pair was queued again: the new check decides (RFC 8445 §7.3.1.4).
  if (pair->state == PairState::Waiting) return;
  if (check.kind == CheckKind::Nominating && pair->nominating) {
    pair->nominating = false;
    // After the conclusion only the deviation that nominates a second pair comes here: the first
    // one stays.
    if (generation.concluded) return;
    generation.failure = "the nominating check of " + name(pair->id) + " failed: " + reason;
    if (auto* const valid_pair =
            pair->proves ? generation.check_list.find(*pair->proves) : nullptr) {
      valid_pair->valid = false;
      if (valid_pair != pair) move(stream, *valid_pair, PairCause::CheckFailed, reason);
    }
    move(stream, *pair, PairCause::CheckFailed, reason);
    return;
  }
  if (pair->state == PairState::InProgress) move(stream, *pair, PairCause::CheckFailed, reason);
  static_cast<void>(now);
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
  // A nomination that is queued by now stays queued; a triggered check has nothing left to find
  // out.
  if (!pair->nominating) generation.check_list.dequeue(pair->id);
  if (!generation.first_valid) generation.first_valid = now;

  // RFC 8445 §7.2.5.3.3: what worked for one stream is likely to work for the others.
  for (auto& each : streams_) {
    for (auto& other : each.current.check_list.pairs()) {
      const bool is_alike = other.is_candidate_for_checks() && other.state == PairState::Frozen &&
                            other.foundation() == pair->foundation();
      if (is_alike)
        move(each, other, PairCause::Unfrozen,
             name(pair->id) + " with the same foundation succeeded");
    }
  }

  // RFC 8445 §7.2.5.3.4. Whoever switched roles in the meantime nominates nothing.
  if (role_ == Role::Controlling && check.content.role == Role::Controlling &&
      check.content.use_candidate) {
    pair->nominating = false;
    nominate(now, stream, valid_pair,
             check.kind == CheckKind::Nominating ? generation.nomination_reason
                                                 : "its first check nominated it");
  } else if (role_ == Role::Controlled && pair->nomination_received) {
    nominate(now, stream, valid_pair, "the controlling peer nominated it");
  } else {
    select_pair(now, stream, "the best valid pair so far; " + reason);
    if (generation.concluded && configuration_.deviations.has(Deviation::IceNominateTwoPairs))
      nominate_second(stream);
  }
}

// RFC 8445 §7.2.5.3.1 and §7.2.5.3.2: the valid pair that the check produced.
CandidatePair& Agent::Conductor::prove(Stream& stream, CandidatePair& checked, const Check& check,
                                       const Endpoint& mapped, const std::string& reason) {
  auto& generation = stream.current;
  const auto* local = generation.find_local(mapped, checked.local.base);
  if (local == nullptr) {
    Candidate reflexive;
    reflexive.type = CandidateType::PeerReflexive;
    reflexive.address = mapped;
    reflexive.base = checked.local.base;
    reflexive.priority = check.content.priority;
    reflexive.related = checked.local.base;
    reflexive.foundation = gatherer_.foundations().of(
        {CandidateType::PeerReflexive, Transport::Udp, checked.local.base.ip, std::nullopt});
    local = &generation.local_candidates.emplace_back(std::move(reflexive));
  }
  auto* valid_pair = mapped == checked.local.address
                         ? &checked
                         : generation.check_list.find_exact(mapped, checked.remote.address);
  if (valid_pair == nullptr) {
    CandidatePair fresh;
    fresh.local = *local;
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
