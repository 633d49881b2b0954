// One deadline of one owner, on the simulator's clock.
#pragma once

#include "agents/base/time.h"

#include <ns3/event-id.h>

#include <functional>
#include <optional>

namespace rtclab::sim {

class Timer {
 public:
  explicit Timer(std::function<void()> on_time) : on_time_{std::move(on_time)} {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  // Sets the deadline anew; nullopt takes it away. Not moved, it costs nothing.
  // Precondition: `at` is not in the past.
  void arm(std::optional<Instant> at);

 private:
  void fire();

  std::function<void()> on_time_;
  std::optional<Instant> armed_;
  ns3::EventId event_;
};

}  // namespace rtclab::sim
