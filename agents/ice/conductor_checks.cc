// Connectivity checks that leave: which one next, and when.
//
// Spec: RFC 8445 §6.1.4.2 (which one next), §7.1 and §7.2 (what it carries), §14.3 (RTO).
#include "agents/ice/conductor.h"
#include "agents/ice/trace.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {
namespace {

// More than a call with a few addresses on each side ever queues at once.
constexpr unsigned kTriggeredInARow = 4;

std::string_view why_queued(CheckKind kind) {
  switch (kind) {
    case CheckKind::Ordinary: return "its turn has come";
    case CheckKind::Triggered: return "the peer checked this pair";
    case CheckKind::Nominating: return "to nominate the pair";
    case CheckKind::Backup: return "to keep a pair fresh that may take over";
    case CheckKind::Reconnecting: return "to prove the new TCP connection of the pair";
  }
  __builtin_unreachable();
}

std::string why_unanswered(unsigned sends) {
  if (sends == 1) return "no answer within 39.5 s";
  return "no answer to " + std::to_string(sends) + " requests: filtered or lost on the way";
}

}  // namespace

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
  if (!generation.remote || generation.failure || generation.superseded || !checks_pairs())
    return std::nullopt;
  for (const auto kind : {CheckKind::Nominating, CheckKind::Reconnecting}) {
    if (auto work = next_queued(turn, kind)) return work;
  }
  if (first == Precedence::Ordinary) {
    if (auto work = next_ordinary(turn)) return work;
  }
  if (auto work = next_queued(turn, CheckKind::Triggered)) return work;
  if (first == Precedence::Triggered) {
    if (auto work = next_ordinary(turn)) return work;
  }
  return next_queued(turn, CheckKind::Backup);
}

std::optional<Agent::Conductor::CheckWork> Agent::Conductor::next_queued(std::size_t turn,
                                                                         CheckKind kind) const {
  const auto& list = streams_[turn].current.check_list;
  for (const auto& queued : list.queue()) {
    if (queued.kind != kind) continue;
    const auto pair = std::ranges::find(list.pairs(), queued.pair, &CandidatePair::id);
    if (pair == list.pairs().end() || !is_sendable(*pair)) continue;
    return CheckWork{turn, queued.pair, kind, std::string{why_queued(kind)}, {}};
  }
  return std::nullopt;
}

std::optional<Agent::Conductor::CheckWork> Agent::Conductor::next_ordinary(std::size_t turn) const {
  const auto& generation = streams_[turn].current;
  if (generation.concluded && !is_continual()) return std::nullopt;
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
    const bool is_urgent =
        work && (work->kind == CheckKind::Nominating || work->kind == CheckKind::Reconnecting ||
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

CheckContent Agent::Conductor::content_of(Stream& stream, const CandidatePair& pair,
                                          CheckKind kind) {
  const auto& deviations = configuration_.deviations;
  if (deviations.has(Deviation::IceTieBreakerPerCheck)) tie_breaker_ = rng_->next();
  // RFC 8445 §7.1.1: the local candidate's priority as if it were peer-reflexive, since that is
  // what the peer may see.
  const auto as_reflexive =
      Priority{(pair.local.priority.value() & 0x00ffffffu) |
               type_preference(CandidateType::PeerReflexive, pair.local.transport) << 24u};
  const bool breaks_rules = role_ == Role::Controlling
                                ? deviations.has(Deviation::IceNominateBeforeSuccess)
                                : deviations.has(Deviation::IceControlledNominates);
  CheckContent content{
      .priority = deviations.has(Deviation::IcePriorityAsHost) ? pair.local.priority : as_reflexive,
      .role = role_,
      .tie_breaker = tie_breaker_,
      .use_candidate = kind == CheckKind::Nominating || breaks_rules};
  // draft-thatcher-ice-renomination §4: the largest value is the one that counts.
  if (kind == CheckKind::Nominating && configuration_.renomination && stream.peer.renomination)
    content.nomination = ++stream.current.nominations;
  return content;
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

// RFC 6544 §7.1: over TCP nothing is sent again; the check waits as long as resends would take.
stun::Schedule Agent::Conductor::schedule_for(const CandidatePair& pair) const {
  const bool resends = pair.local.transport == Transport::Udp ||
                       configuration_.deviations.has(Deviation::IceTcpResend);
  return resends ? stun::Schedule{.rto = rto_for_checks()} : stun::Schedule::reliable();
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
  const auto schedule = schedule_for(pair);
  // A nominating check repeats one that passed: the pair stays Succeeded, so that data flows on and
  // a check of the peer does not cancel the nomination. Deviation from RFC 8445 §6.1.4.2 step 1,
  // which names In-Progress for all checks.
  if (pair.state == PairState::Waiting) move(stream, pair, PairCause::CheckSent, "check sent");

  const auto content = content_of(stream, pair, work.kind);
  const auto message = make_check(ids_.next(), content, generation.local, *generation.remote,
                                  configuration_.deviations);
  checks_.push_back(
      {.stream = stream.id,
       .pair = pair.id,
       .kind = work.kind,
       .content = content,
       .path = pair.path(),
       .credentials = *generation.remote,
       .sent = now,
       .transaction = stun::Transaction{
           message, seal_check(message, *generation.remote, configuration_.deviations), schedule,
           configuration_.deviations}});
  auto& check = checks_.back();
  outbox_.trace(
      trace::check_sent(stream.id, pair.id, check.transaction.id(), work.kind, work.reason));
  if (check.transaction.poll(now) == stun::Transaction::Due::Send) {
    transmit(now, check.stream, check.path, check.transaction.request(), Sent::Check);
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
      transmit(now, check.stream, check.path, check.transaction.request(), Sent::Repetition);
    } else if (due == stun::Transaction::Due::TimedOut && !check.cancelled) {
      outbox_.trace(
          trace::check_answered(check.pair, check.transaction.id(), "timeout", std::nullopt));
      if (auto* const stream = find(check.stream)) {
        check_failed(now, *stream, check, why_unanswered(check.transaction.sends()));
      }
    }
  }
  checks_.remove_if([](const Check& each) { return each.transaction.is_over(); });
}

}  // namespace rtclab::ice
