// The peer's consent to be sent data on one pair, and how it is kept fresh.
//
// Spec: RFC 7675 §5.1. Checks leave every 5 s x U(0.8, 1.2) and are never resent; any answer to any
// of them within 30 s renews; 30 s without one end it for good. RFC 8445 §11: they are the pair's
// keepalives, too. Deviations: ConsentEverySecond, ConsentFixedInterval,
// ConsentReusesTransactionId, ConsentResends.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/transaction.h"

#include <chrono>
#include <optional>
#include <vector>

namespace rtclab::ice {

inline constexpr Duration kConsentExpiry = std::chrono::seconds{30};
inline constexpr Duration kConsentPeriod = std::chrono::seconds{5};
// The connection counts as disturbed when two checks in a row have no answer, the second one for
// this long.
inline constexpr Duration kConsentGrace = std::chrono::seconds{1};

class Consent {
 public:
  // `granted` is when the check that gave the consent was answered. `rng` outlives the object.
  Consent(Instant granted, Rng& rng, const Deviations& deviations);

  [[nodiscard]] bool has_expired(Instant now) const { return !is_boundless() && now >= expires(); }
  [[nodiscard]] Instant expires() const { return renewed_ + kConsentExpiry; }
  [[nodiscard]] bool is_check_due(Instant now) const { return now >= next_check_; }
  [[nodiscard]] bool is_disturbed(Instant now) const { return disturbed_ && now >= *disturbed_; }
  [[nodiscard]] std::optional<Instant> next_wakeup(Instant now) const;

  // The id for the next check: `fresh` unless the agent reuses the first.
  [[nodiscard]] stun::TransactionId pick_id(const stun::TransactionId& fresh);
  void start_check(Instant now, const stun::Message& message, Bytes request);
  // The requests to transmit now: each once, unless the agent resends them.
  [[nodiscard]] std::vector<Bytes> due_requests(Instant now);

  struct Answered {
    Duration round_trip;  // since the check was started
  };
  [[nodiscard]] bool is_waiting_for(const stun::Message& response) const;
  // A success response whose integrity was verified. Precondition: is_waiting_for(response).
  Answered note_answer(Instant now, const stun::Message& response);

 private:
  struct Outstanding {
    stun::Transaction transaction;
    Instant started;
  };
  void plan_next_check(Instant now);
  // Deviation: ConsentSendAfterExpiry.
  [[nodiscard]] bool is_boundless() const {
    return deviations_.has(Deviation::ConsentSendAfterExpiry);
  }

  Rng* rng_;
  Deviations deviations_;
  Instant renewed_;
  Instant next_check_;
  unsigned unanswered_ = 0;           // checks started since the last answer
  std::optional<Instant> disturbed_;  // when silence becomes a disturbance
  std::optional<stun::TransactionId> first_id_;
  std::vector<Outstanding> outstanding_;
};

}  // namespace rtclab::ice
