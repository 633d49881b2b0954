#include "sim/host/timer.h"

#include "sim/link/simulation.h"

#include <ns3/simulator.h>

#include <cassert>

namespace rtclab::sim {

// Cancel(), because Remove() of an event that belongs to an earlier simulation corrupts the heap.
Timer::~Timer() {
  ns3::Simulator::Cancel(event_);
}

void Timer::arm(std::optional<Instant> at) {
  if (at == armed_) return;
  // Remove(), because a cancelled event would stay in the queue, and the run alive, until its time.
  if (armed_) ns3::Simulator::Remove(event_);
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
