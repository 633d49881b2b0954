#include "sim/link/timer.h"

#include "sim/link/simulation.h"

#include <ns3/simulator.h>

#include <cassert>

namespace rtclab::sim {

// The event may belong to an earlier simulation: to Cancel() that is all the same.
Timer::~Timer() {
  ns3::Simulator::Cancel(event_);
}

void Timer::arm(std::optional<Instant> at) {
  if (at == armed_) return;
  // Not Remove(), which looks through the whole queue and orders it anew.
  if (armed_) ns3::Simulator::Cancel(event_);
  armed_ = at;
  if (!at) return;
  assert(*at >= Simulation::now());
  const auto delay = ns3::NanoSeconds((*at - Simulation::now()).count());
  event_ = ns3::Simulator::Schedule(delay, &Timer::fire, this);
}

void Timer::fire() {
  armed_.reset();
  on_time_();
}

}  // namespace rtclab::sim
