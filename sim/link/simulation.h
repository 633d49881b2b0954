// The one ns-3 simulator of this process, from its birth to its end.
//
// ns-3 holds its simulator in a static, so at most one Simulation lives at a time; the next one
// starts from the same state, and therefore gives the same bytes.
#pragma once

#include "agents/base/time.h"

#include <cstdint>
#include <functional>

namespace rtclab::sim {

class Simulation {
 public:
  Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  ~Simulation();  // drops what is still scheduled

  [[nodiscard]] static Instant now();
  // Calls `action` at `at`; actions of one instant run in the order in which they were scheduled.
  // Precondition: `at` is not in the past.
  static void schedule(Instant at, std::function<void()> action);
  // Runs everything up to and including `until`; afterwards now() is `until`.
  void run_until(Instant until);
  // Runs until `done` says so after an event, or until `limit`. Returns whether `done` was
  // satisfied.
  bool run_until(const std::function<bool()>& done, Instant limit);
  [[nodiscard]] static std::uint64_t events_executed();
};

}  // namespace rtclab::sim
