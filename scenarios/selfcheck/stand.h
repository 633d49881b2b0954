// A bench come to life: its two machines, and time that passes when a test waits.
#pragma once

#include "agents/base/event.h"
#include "scenarios/selfcheck/bench.h"
#include "sim/host/host.h"
#include "sim/world.h"

#include <chrono>
#include <functional>

namespace rtclab::selfcheck {

struct Stand {
  sim::World& world;
  const Bench& bench;
  sim::Host& probe;
  sim::Host& server;
  std::function<void(Instant, const Event&)> record;  // what the agent on the probe reports

  void wait(Duration time) const { world.run_until(world.now() + time); }
};

// Longer than any packet is on its way across a bench.
inline constexpr Duration kLongEnough = std::chrono::seconds{1};

}  // namespace rtclab::selfcheck
