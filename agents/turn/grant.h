// Something that a server grants for a while and a client keeps renewing: a permission, a channel.
//
// Spec: RFC 8656 §9 and §12. Time is counted from when the request left, so that our picture never
// outlives the server's.
#pragma once

#include "agents/base/time.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace rtclab::turn {

// When to renew what lasts for `lifetime`: a minute before the end (RFC 8656 §8 suggests that for
// allocations), for then a request may need all of its 39.5 s (RFC 8489 §6.2.1); halfway where life
// is too short for it.
[[nodiscard]] inline Duration renewal_after(Duration lifetime) {
  constexpr Duration kBefore = std::chrono::seconds{60};
  constexpr Duration kLeast = std::chrono::seconds{1};
  return std::max(kLeast, lifetime > 2 * kBefore ? lifetime - kBefore : lifetime / 2);
}

// For an agent that deviates and never renews.
inline constexpr Duration kForEver = std::chrono::hours{24 * 365};

class Grant {
 public:
  enum class State { Wanted, Asked, Granted, Renewing, Refused };

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool stands() const {
    return state_ == State::Granted || state_ == State::Renewing;
  }
  [[nodiscard]] bool stands(Instant now) const { return stands() && now < expires_; }
  // Whether a request is due now.
  [[nodiscard]] bool is_due(Instant now) const {
    return state_ == State::Wanted || (state_ == State::Granted && now >= renew_at_);
  }
  [[nodiscard]] std::optional<Instant> next_wakeup() const {
    return state_ == State::Granted ? std::optional{renew_at_} : std::nullopt;
  }

  void note_asked() { state_ = state_ == State::Granted ? State::Renewing : State::Asked; }
  void note_granted(Instant asked_at, Duration lifetime) {
    state_ = State::Granted;
    renew_at_ = asked_at + renewal_after(lifetime);
    expires_ = asked_at + lifetime;
  }
  void note_refused() { state_ = State::Refused; }
  // A refusal does not stand for ever: the owner asks for another try.
  void want_again() {
    if (state_ == State::Refused) state_ = State::Wanted;
  }

 private:
  State state_ = State::Wanted;
  Instant renew_at_{};
  Instant expires_{};
};

}  // namespace rtclab::turn
