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
  // Runs everything up to and including `until`, also what is scheduled for that instant while it
  // runs. Afterwards now() is `until`, unless an action called stop(). Returns whether `until` was
  // reached.
  bool run_until(Instant until);
  // Ends run_until() after the current action.
  void stop();
  // Since the birth of this simulation.
  [[nodiscard]] static std::uint64_t events_executed();
  // run_until() ends, as by stop(), when so many events have run: also where time stands still,
  // which no timer of the simulation would notice. 0 is no limit, as at birth.
  static void limit_events(std::uint64_t most);
  [[nodiscard]] static bool limit_reached();

 private:
  void end_of_instant(std::uint64_t executed_before);
  bool reached_ = false;
};

}  // namespace rtclab::sim
