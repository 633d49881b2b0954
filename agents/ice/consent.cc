#include "agents/ice/consent.h"

#include <algorithm>
#include <cassert>

namespace rtclab::ice {
namespace {

using namespace std::chrono_literals;

// One request, and an answer counts as long as the consent that it would renew could last.
constexpr stun::Schedule kOnce{.rto = kConsentExpiry, .rc = 1, .rm = 1};

}  // namespace

Consent::Consent(Instant granted, Rng& rng, const Deviations& deviations)
    : rng_{&rng}, deviations_{deviations}, renewed_{granted}, next_check_{granted} {
  plan_next_check(granted);
}

void Consent::plan_next_check(Instant now) {
  if (deviations_.has(Deviation::ConsentEverySecond)) {
    next_check_ = now + 1s;
  } else if (deviations_.has(Deviation::ConsentFixedInterval)) {
    next_check_ = now + kConsentPeriod;
  } else {
    // 0.8 to 1.2 times 5 s, in whole nanoseconds: 4 s and up to 2 s more.
    next_check_ = now + 4s + Duration{static_cast<Duration::rep>(rng_->below(2'000'000'001u))};
  }
}

std::optional<Instant> Consent::next_wakeup(Instant now) const {
  auto at = is_boundless() ? next_check_ : std::min(next_check_, expires());
  // Once reached, the disturbance is a state and no longer an appointment.
  if (disturbed_ && *disturbed_ > now) at = std::min(at, *disturbed_);
  for (const auto& each : outstanding_) {
    if (const auto wakeup = each.transaction.next_wakeup()) at = std::min(at, *wakeup);
  }
  return at;
}

stun::TransactionId Consent::pick_id(const stun::TransactionId& fresh) {
  if (!first_id_) first_id_ = fresh;
  return deviations_.has(Deviation::ConsentReusesTransactionId) ? *first_id_ : fresh;
}

void Consent::start_check(Instant now, const stun::Message& message, Bytes request) {
  // Under a reused id the new request takes the place of the old one: an id names one transaction
  // at a time.
  std::erase_if(outstanding_, [&](const Outstanding& each) {
    return each.transaction.id() == message.transaction;
  });
  const auto schedule = deviations_.has(Deviation::ConsentResends) ? stun::Schedule{} : kOnce;
  outstanding_.push_back(
      {stun::Transaction{message, std::move(request), schedule, deviations_}, now});
  if (++unanswered_ == 2) disturbed_ = now + kConsentGrace;
  plan_next_check(now);
}

std::vector<Bytes> Consent::due_requests(Instant now) {
  std::vector<Bytes> requests;
  for (auto& each : outstanding_) {
    if (each.transaction.poll(now) != stun::Transaction::Due::Send) continue;
    const auto request = each.transaction.request();
    requests.emplace_back(request.begin(), request.end());
  }
  std::erase_if(outstanding_, [](const Outstanding& each) { return each.transaction.is_over(); });
  return requests;
}

bool Consent::is_waiting_for(const stun::Message& response) const {
  return std::ranges::any_of(
      outstanding_, [&](const Outstanding& each) { return each.transaction.matches(response); });
}

Consent::Answered Consent::note_answer(Instant now, const stun::Message& response) {
  const auto answered = std::ranges::find_if(
      outstanding_, [&](const Outstanding& each) { return each.transaction.matches(response); });
  assert(answered != outstanding_.end());
  const Answered result{now - answered->started};
  outstanding_.erase(answered);
  renewed_ = now;
  unanswered_ = 0;
  disturbed_.reset();
  return result;
}

}  // namespace rtclab::ice
