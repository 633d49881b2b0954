// A client transaction: when its request is sent, sent again, and given up.
//
// Spec: RFC 8489 §6.2.1 (UDP), §6.2.2 (reliable transports); RFC 8445 §14.3 and RFC 7675 §5.1
// choose other numbers. With the defaults a request leaves at 0, .5, 1.5, 3.5, 7.5, 15.5 and 31.5 s
// and fails at 39.5 s.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/base/time.h"
#include "agents/stun/message.h"

#include <chrono>
#include <optional>

namespace rtclab::stun {

struct Schedule {
  Duration rto = std::chrono::milliseconds{500};  // RFC 8489 §6.2.1: SHOULD be at least 500 ms.
  unsigned rc = 7;                                // requests in all
  unsigned rm = 16;  // the wait after the last one, in units of the RTO

  // RFC 8489 §6.2.2: one request, Ti = 39.5 s.
  [[nodiscard]] static Schedule reliable() { return {std::chrono::milliseconds{39500}, 1, 1}; }
};

class Transaction {
 public:
  // `request` is what seal() made of `message`. Nothing happens before the first poll().
  Transaction(const Message& message, Bytes request, Schedule schedule = {},
              Deviations deviations = {});

  [[nodiscard]] const TransactionId& id() const { return id_; }
  [[nodiscard]] Method method() const { return method_; }
  [[nodiscard]] ByteView request() const { return request_; }
  [[nodiscard]] unsigned sends() const { return sends_; }

  enum class Due { Nothing, Send, TimedOut };
  // What is due at `now`: Send: transmit request() once; TimedOut: reported once, no response
  // counts any more. Call at once after construction, and at next_wakeup().
  [[nodiscard]] Due poll(Instant now);
  // nullopt once the transaction is over.
  [[nodiscard]] std::optional<Instant> next_wakeup() const { return deadline_; }

  // Whether `response` answers this request: its id, its method, its class. True also after a
  // timeout.
  [[nodiscard]] bool matches(const Message& response) const;
  // The response was accepted: no further request (RFC 8489 §6.2.1). Yields the round trip, unless
  // a resend makes it ambiguous (Karn's rule). An owner that wants StunResendAfterResponse to work
  // keeps the transaction until is_over().
  std::optional<Duration> note_response(Instant now);
  // Sends no more, yet still takes a response until the schedule ends (RFC 8445 §7.2.5.2.1 cancels
  // like this).
  void cancel();

  [[nodiscard]] bool is_answered() const { return state_ == State::Answered; }
  [[nodiscard]] bool is_cancelled() const { return state_ == State::Cancelled; }
  [[nodiscard]] bool is_over() const;

 private:
  enum class State { Running, Cancelled, Answered, TimedOut };

  [[nodiscard]] Duration wait_after_send() const;

  TransactionId id_;
  Method method_;
  Bytes request_;
  Schedule schedule_;
  Deviations deviations_;
  State state_ = State::Running;
  unsigned sends_ = 0;
  Instant first_sent_{};
  std::optional<Instant> deadline_;
};

// Learns the RTO towards one server (RFC 8489 §6.2.1, RFC 6298): Karn's rule is the caller's,
// through Transaction::note_response(). What was learned is forgotten after ten minutes without a
// sample.
class RtoEstimator {
 public:
  void note_round_trip(Instant now, Duration sample);
  // Never less than 500 ms.
  [[nodiscard]] Duration rto(Instant now) const;

 private:
  struct Learned {
    Duration smoothed;
    Duration variation;
    Instant at;
  };
  std::optional<Learned> learned_;
};

}  // namespace rtclab::stun
