#include "agents/stun/transaction.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::stun {

Transaction::Transaction(const Message& message, Bytes request, Schedule schedule,
                         Deviations deviations)
    : id_{message.transaction},
      method_{message.method},
      request_{std::move(request)},
      schedule_{schedule},
      deviations_{deviations} {
  if (deviations_.has(Deviation::StunResendNineTimes) && schedule.rc > 1) schedule_.rc = 9;
  assert(schedule.rc >= 1 && schedule.rc <= 32 && schedule.rto > Duration::zero());
}

Transaction::Due Transaction::poll(Instant now) {
  if (state_ == State::Running && sends_ == 0) {
    first_sent_ = now;
    sends_ = 1;
    deadline_ = now + wait_after_send();
    return Due::Send;
  }
  if (!deadline_ || now < *deadline_) return Due::Nothing;
  if (state_ == State::Answered) {  // only with StunResendAfterResponse is there a deadline left
    ++sends_;
    deadline_.reset();
    return Due::Send;
  }
  if (state_ == State::Running && sends_ < schedule_.rc) {
    ++sends_;
    deadline_ = now + wait_after_send();
    return Due::Send;
  }
  state_ = State::TimedOut;
  deadline_.reset();
  return Due::TimedOut;
}

// RFC 8489 §6.2.1: the wait doubles after each request; after the last one it is Rm times the RTO.
Duration Transaction::wait_after_send() const {
  if (sends_ == schedule_.rc) return schedule_.rto * schedule_.rm;
  if (deviations_.has(Deviation::StunResendFixedInterval)) return schedule_.rto;
  // Nine times by the standard's waits would take two minutes.
  constexpr unsigned kMostDoublings = 2;
  const auto doublings = deviations_.has(Deviation::StunResendNineTimes)
                             ? std::min(sends_ - 1, kMostDoublings)
                             : sends_ - 1;
  return schedule_.rto * (std::int64_t{1} << doublings);
}

bool Transaction::matches(const Message& response) const {
  const bool is_response = response.cls == Class::Success || response.cls == Class::Error;
  return is_response && response.transaction == id_ && response.method == method_;
}

std::optional<Duration> Transaction::note_response(Instant now) {
  assert(state_ != State::TimedOut);
  if (state_ == State::Answered) return std::nullopt;
  state_ = State::Answered;
  deadline_.reset();
  if (deviations_.has(Deviation::StunResendAfterResponse)) deadline_ = now + schedule_.rto;
  if (sends_ != 1) return std::nullopt;
  return now - first_sent_;
}

void Transaction::cancel() {
  if (state_ != State::Running) return;
  state_ = State::Cancelled;
  // The wait is as long as if every request had still been sent.
  while (deadline_ && sends_ < schedule_.rc) {
    ++sends_;
    *deadline_ += wait_after_send();
  }
}

bool Transaction::is_over() const {
  if (state_ == State::Running) return false;
  return !deadline_.has_value();
}

void RtoEstimator::note_round_trip(Instant now, Duration sample) {
  if (!learned_) {
    learned_ = Learned{sample, sample / 2, now};
    return;
  }
  // RFC 6298 §2.3 with alpha 1/8 and beta 1/4.
  const auto error =
      learned_->smoothed > sample ? learned_->smoothed - sample : sample - learned_->smoothed;
  learned_->variation += (error - learned_->variation) / 4;
  learned_->smoothed += (sample - learned_->smoothed) / 8;
  learned_->at = now;
}

Duration RtoEstimator::rto(Instant now) const {
  constexpr Duration kFloor =
      std::chrono::milliseconds{500};  // RFC 8489 §6.2.1: SHOULD be greater than 500 ms
  constexpr Duration kKept = std::chrono::minutes{10};  // RFC 8489 §6.2.1: stale after ten minutes
  if (!learned_ || now - learned_->at > kKept) return kFloor;
  return std::max(kFloor, learned_->smoothed + 4 * learned_->variation);
}

}  // namespace rtclab::stun
