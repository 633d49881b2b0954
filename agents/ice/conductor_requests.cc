// What arrives, and the peer's checks.
//
// Spec: RFC 8445 §7.3, RFC 6544 §7.2.
#include "agents/ice/conductor.h"
#include "agents/ice/trace.h"
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {
namespace {

// A peer that sends checks from ever new addresses learns nothing more than these (RFC 8445
// §19.5.1).
constexpr std::size_t kMaxLearnedCandidates = 100;
// §19.5.1 also limits the checks that an agent performs. Where each answer comes from another
// address than was asked, a pair fails, and the peer's check in return lets it be checked again, to
// fail again: two NATs with a pool of addresses would keep two agents at it for ever.
constexpr std::size_t kMaxRevivals = 100;

}  // namespace

void Agent::Conductor::handle_report(Instant now, const Arrival& arrival) {
  auto* const stream = find(arrival.stream);
  if (stream == nullptr || closed_) return;
  const auto ignore = [&](const std::string& reason) {
    outbox_.trace(trace::datagram_ignored(arrival.path, reason));
  };
  // Under the policy "relay" the sockets below the allocations are no candidates, and nobody may
  // reach us there.
  const auto is_ours = [&](const Generation& generation) {
    return generation.find_base(arrival.path.transport, arrival.path.local) != nullptr;
  };
  if (!is_ours(stream->current) && !(stream->previous && is_ours(*stream->previous))) {
    return ignore("it came to an address that is no candidate");
  }

  if (!stun::looks_like_stun(arrival.bytes)) {
    // Data can overtake the answer with the peer's credentials, but not the first check: its sender
    // is known by then.
    const auto knows = [&](Generation& generation) {
      return generation.find_remote(arrival.path.transport, arrival.path.remote) != nullptr ||
             std::ranges::any_of(generation.early_checks, [&](const EarlyCheck& each) {
               return each.path.transport == arrival.path.transport &&
                      each.path.remote == arrival.path.remote;
             });
    };
    if (knows(stream->current) || (stream->previous && knows(*stream->previous))) {
      stream->traffic.note_data(arrival.path, arrival.bytes.size());
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
        const auto answer = success_response(*message, arrival.path.remote);
        gatherer_.send(now, stream->id, arrival.path,
                       seal_response(answer, {}, configuration_.deviations));
      }
      return;
  }
}

void Agent::Conductor::handle_request(Instant now, Stream& stream, const Arrival& arrival,
                                      const stun::Message& request) {
  stream.traffic.note_request(arrival.path);
  auto* generation = &stream.current;
  const auto ufrag = addressed_ufrag(request);
  if (stream.previous && ufrag == stream.previous->local.ufrag &&
      ufrag != stream.current.local.ufrag) {
    generation = &*stream.previous;
  }
  const bool is_addressed = ufrag == generation->local.ufrag;
  const auto answer = [&](const stun::Message& response, std::string_view password) {
    transmit(now, stream.id, arrival.path,
             seal_response(response, password, configuration_.deviations), Sent::Answer);
  };

  const auto reading =
      read_check(request, arrival.bytes, is_addressed ? &generation->local : nullptr);
  if (const auto* const refusal = std::get_if<stun::Message>(&reading)) {
    const auto code = refusal->find<stun::ErrorCode>()->code;
    outbox_.trace(
        trace::check_refused(arrival.path, code, std::string{stun::error::reason_phrase(code)}));
    // RFC 8489 §9.1.3: 400 and 401 are not signed, for there is no key both sides agree on.
    const bool has_key = code == stun::error::kUnknownAttribute ||
                         configuration_.deviations.has(Deviation::StunRefusalSigned);
    return answer(*refusal, has_key ? std::string_view{generation->local.pwd} : std::string_view{});
  }

  const auto& check = std::get<ReceivedCheck>(reading);
  outbox_.trace(
      trace::check_received(stream.id, arrival.path, check.use_candidate, check.nomination));
  if (const auto code = repair_roles(now, check)) {
    outbox_.trace(trace::check_refused(
        arrival.path, *code,
        "both are " + std::string{to_string(role_)} + " and our tie-breaker decides"));
    return answer(error_response(request, *code), generation->local.pwd);
  }
  // A third of all transaction ids.
  const auto draw = std::to_integer<unsigned>(request.transaction.octets[0]);
  const bool skips = configuration_.deviations.has(Deviation::IceSkipAnswers) && draw % 3 == 0;
  if (!skips) answer(success_response(request, arrival.path.remote), generation->local.pwd);

  if (generation != &stream.current)
    return;  // RFC 8445 §9: only kept alive, its checks lead nowhere any more
  const EarlyCheck received{arrival.path, check};
  // Of a superseded session (§9), too: nothing is done, but data may come that way.
  const bool is_known = generation->remote && generation->remote->ufrag == check.remote_ufrag;
  if (!is_known || generation->superseded) {
    const auto same = std::ranges::find_if(generation->early_checks, [&](const EarlyCheck& each) {
      return each.path == received.path && each.check.remote_ufrag == check.remote_ufrag;
    });
    if (same != generation->early_checks.end()) {
      same->check.use_candidate = same->check.use_candidate || check.use_candidate;
      same->check.nomination = std::max(same->check.nomination, check.nomination);
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
  // The procedures are those of full agents; a lite one never controls a full peer.
  if (is_lite()) return std::nullopt;
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
  if (generation.find_base(received.path.transport, received.path.local) == nullptr ||
      generation.failure)
    return;
  if (is_lite()) return act_as_lite(now, stream, received);
  const bool nominates = received.check.nominates() && role_ == Role::Controlled;
  auto* pair = generation.check_list.find_checked(received.path);

  // Once a pair is nominated only another nomination matters: a peer of RFC 5245 may nominate
  // several (RFC 8445 §8.1.1). A lost TCP connection comes back as a new pair (RFC 6544 §11.1).
  const auto* const selected = generation.find_selected();
  const bool looks_for_more = is_continual() || (selected != nullptr && selected->is_broken);
  if (generation.concluded && !nominates && !looks_for_more) return;
  if (pair != nullptr && pair->consent_lost) return;
  if (configuration_.deviations.has(Deviation::IceNoTriggeredChecks)) return;

  if (pair == nullptr) {
    const bool is_new =
        generation.find_remote(received.path.transport, received.path.remote) == nullptr;
    if (is_new && !has_room_to_learn(generation, received.check)) return;
    pair = &add_received_pair(stream, received);
    if (pair->pruned) return;
  }
  if (nominates) {
    pair->nomination_received = true;
    pair->nomination = std::max(pair->nomination, received.check.nomination.value_or(0));
  }
  if (pair->state == PairState::Failed && !nominates && ++generation.revived > kMaxRevivals) return;
  trigger(stream, *pair);
  if (nominates && pair->state == PairState::Succeeded && pair->proves) {
    if (auto* const valid_pair = generation.check_list.find(*pair->proves);
        valid_pair != nullptr && valid_pair->valid) {
      raise_nomination(*valid_pair, pair->nomination);
      nominate(now, stream, *valid_pair, "the controlling peer nominated it");
    }
  }
}

CandidatePair& Agent::Conductor::add_received_pair(Stream& stream, const EarlyCheck& received) {
  CandidatePair fresh;
  fresh.local = *stream.current.find_base(received.path.transport, received.path.local);
  fresh.remote = learn_remote(stream, received);
  fresh.priority = priority_of(fresh.local, fresh.remote);
  fresh.state = PairState::Waiting;
  return add_pair(stream, std::move(fresh), "the peer checked it");
}

// RFC 8445 §7.3.2: without a check of its own a lite agent believes the nomination.
void Agent::Conductor::act_as_lite(Instant now, Stream& stream, const EarlyCheck& received) {
  if (!received.check.nominates()) return;
  auto& generation = stream.current;
  auto* pair = generation.check_list.find_checked(received.path);
  if (pair == nullptr) {
    const bool is_new =
        generation.find_remote(received.path.transport, received.path.remote) == nullptr;
    if (is_new && !has_room_to_learn(generation, received.check)) return;
    pair = &add_received_pair(stream, received);
    if (pair->pruned) return;
  }
  raise_nomination(*pair, received.check.nomination.value_or(0));
  if (pair->state == PairState::Waiting)
    move(stream, *pair, PairCause::CheckPassed, "nominated by the full peer, which checked it");
  pair->valid = true;
  pair->is_broken = false;
  pair->proves = pair->checked_by = pair->id;
  pair->last_sent = now;
  drop_replaced(stream, *pair);
  nominate(now, stream, *pair, "the controlling peer nominated it");
}

bool Agent::Conductor::has_room_to_learn(Generation& generation, const ReceivedCheck& check) {
  if (generation.learned < kMaxLearnedCandidates) return true;
  // A nomination must not be missed, though the way to it was long: candidates that led to nothing
  // make room for it.
  if (!check.nominates()) return false;
  generation.check_list.forget([](const CandidatePair& pair) {
    return pair.state == PairState::Failed && !pair.consent_lost &&
           pair.remote.type == CandidateType::PeerReflexive;
  });
  std::erase_if(generation.remote_candidates, [&](const RemoteCandidate& each) {
    return !each.signalled &&
           std::ranges::none_of(generation.check_list.pairs(), [&](const CandidatePair& pair) {
             return pair.remote.transport == each.candidate.transport &&
                    pair.remote.address == each.candidate.address;
           });
  });
  const auto kept =
      std::ranges::count(generation.remote_candidates, false, &RemoteCandidate::signalled);
  return static_cast<std::size_t>(kept) < kMaxLearnedCandidates;
}

const Candidate& Agent::Conductor::learn_remote(Stream& stream, const EarlyCheck& received) {
  auto& generation = stream.current;
  const auto& [transport, local, remote] = received.path;
  if (const auto* const known = generation.find_remote(transport, remote)) return known->candidate;
  Candidate learned;
  learned.type = CandidateType::PeerReflexive;
  learned.transport = transport;
  // RFC 6544 §7.2: whoever connects to a passive candidate is active.
  if (const auto* const own = generation.find_base(transport, local); own && own->tcp_type)
    learned.tcp_type = own->tcp_type == TcpType::Passive  ? TcpType::Active
                       : own->tcp_type == TcpType::Active ? TcpType::Passive
                                                          : TcpType::So;
  learned.address = remote;
  learned.base = remote;
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
  if (std::exchange(pair.pruned, false)) keep_within_limit(pair);
  if (pair.pruned) return;
  if (pair.state == PairState::InProgress) cancel_checks(pair.id);
  if (pair.state != PairState::Waiting)
    move(stream, pair, PairCause::Triggered, "the peer checked this pair");
  stream.current.check_list.enqueue(pair.id, CheckKind::Triggered);
}

}  // namespace rtclab::ice
