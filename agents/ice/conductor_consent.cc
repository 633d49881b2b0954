// Consent to send, and keepalives.
//
// Spec: RFC 7675 §5; RFC 8445 §11.
#include "agents/ice/conductor.h"
#include "agents/ice/nomination.h"
#include "agents/ice/trace.h"
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"

namespace rtclab::ice {

void Agent::Conductor::keep_consent(Instant now, Stream& stream, Generation& generation) {
  if (!generation.consent || !generation.remote || generation.failure) return;
  generation.consent_seen = now;
  auto& consent = *generation.consent;
  auto& pair = *generation.check_list.find(*generation.selected);
  if (consent.has_expired(now)) return lose_consent(now, stream, generation, "expired");
  if (consent.is_check_due(now)) {
    const auto content =
        CheckContent{.priority = content_of(stream, pair, CheckKind::Ordinary).priority,
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
    transmit(now, stream.id, pair.path(), request, Sent::Consent);
  }
}

bool Agent::Conductor::handle_consent_answer(Instant now, Stream& stream, Generation& generation,
                                             const Arrival& arrival,
                                             const stun::Message& response) {
  if (!generation.consent || !generation.consent->is_waiting_for(response)) return false;
  const auto& pair = *generation.check_list.find(*generation.selected);
  const bool is_from_peer =
      arrival.path == pair.path() &&
      stun::check_integrity(arrival.bytes, stun::short_term_key(generation.remote->pwd)) ==
          stun::Check::Ok;
  if (!is_from_peer) {
    outbox_.trace(trace::datagram_ignored(arrival.path, "a consent answer that is not the peer's"));
    return true;
  }
  if (response.cls == stun::Class::Success) {
    const auto answered = generation.consent->note_answer(now, response);
    stream.traffic.note_response(arrival.path, answered.round_trip);
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

void Agent::Conductor::lose_consent(Instant now, Stream& stream, Generation& generation,
                                    const std::string& outcome) {
  const auto lost = *generation.selected;
  outbox_.trace(trace::consent(stream.id, lost, outcome, std::nullopt));
  release_channel(now, generation, lost);
  generation.selected.reset();
  generation.consent.reset();
  const auto reason = outcome == "revoked" ? std::string{"the peer revoked its consent (403)"}
                                           : std::string{"consent expired: no answer for 30 s"};
  auto& pair = *generation.check_list.find(lost);
  pair.consent_lost = true;
  if (pair.checked_by) {
    if (auto* const source = generation.check_list.find(*pair.checked_by))
      source->consent_lost = true;
  }
  end_pair(stream, generation, pair, reason);
  if (&generation == &stream.current && !pair_for_data(stream)) lose_selection(now, stream, reason);
}

bool Agent::Conductor::is_kept_alive(const Generation& generation,
                                     const CandidatePair& pair) const {
  if (!pair.valid || generation.failure || !gatherer_.is_open(pair.path())) return false;
  const bool is_selected = generation.selected == pair.id;
  // A lite agent asks for no consent, so that its pair needs keepalives like any other.
  return is_lite() ? is_selected : !generation.concluded && !is_selected;
}

void Agent::Conductor::keep_alive(Instant now, Stream& stream) {
  for (auto& pair : stream.current.check_list.pairs()) {
    if (!is_kept_alive(stream.current, pair) || now < pair.last_sent + configuration_.keepalive)
      continue;
    // RFC 8445 §11: an indication without any authentication.
    const stun::Message indication{.cls = stun::Class::Indication,
                                   .method = stun::Method::Binding,
                                   .transaction = ids_.next(),
                                   .attributes = {}};
    pair.last_sent = now;
    gatherer_.send(
        now, stream.id, pair.path(),
        stun::seal(indication,
                   {.key = {}, .fingerprint = true, .deviations = configuration_.deviations}));
  }
}

}  // namespace rtclab::ice
