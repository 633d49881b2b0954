// An agent that makes many STUN transactions over UDP, one after the other begins, and notes what
// became of each.
//
// Spec: RFC 8489 §6.2.1. What sends, sends again and gives up is stun::Transaction, as in every
// agent of ours.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/stun/transaction.h"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace rtclab::validate {

struct StunOutcome {
  unsigned sends = 0;
  Instant begun{};
  std::optional<Instant> answered{};  // nullopt: it failed, or still goes on
};

class StunSeries {
 public:
  struct Config {
    Endpoint server;
    std::size_t count = 1;
    Duration spacing = std::chrono::milliseconds{1};  // from one beginning to the next
  };
  // `rng` outlives this object.
  StunSeries(const Config& config, Rng& rng) : config_{config}, rng_{&rng} {}

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

  [[nodiscard]] const std::vector<StunOutcome>& outcomes() const { return outcomes_; }

 private:
  using Number = std::size_t;

  void begin(Instant now);
  void poll(Instant now, Number number);
  void handle_received(Instant now, const Received& received);

  Config config_;
  Rng* rng_;
  std::optional<Endpoint> local_;
  std::optional<Instant> next_begin_;
  std::vector<StunOutcome> outcomes_;
  std::map<Number, stun::Transaction> running_;
  std::map<stun::TransactionId, Number> numbers_;
  std::set<std::pair<Instant, Number>> deadlines_;
  std::deque<Output> outbox_;
};

static_assert(rtclab::Agent<StunSeries>);

}  // namespace rtclab::validate
