#include "sim/link/simulation.h"

#include <ns3/event-id.h>
#include <ns3/nstime.h>
#include <ns3/object-factory.h>
#include <ns3/priority-queue-scheduler.h>
#include <ns3/simulator.h>

#include <cassert>
#include <utility>

namespace rtclab::sim {
namespace {

bool& alive() {
  static bool flag = false;
  return flag;
}

struct Limit {
  std::uint64_t most = 0;  // 0: none
  bool reached = false;
};
Limit& limit() {
  static Limit value;
  return value;
}

// The fastest of ns-3's schedulers at every queue length that was measured (61 to 225 ns an event).
// Every event of a run passes here, so here they are counted against the limit.
class CountingScheduler final : public ns3::PriorityQueueScheduler {
 public:
  static ns3::TypeId GetTypeId() {
    static const auto kId = ns3::TypeId("rtclab::CountingScheduler")
                                .SetParent<ns3::PriorityQueueScheduler>()
                                .AddConstructor<CountingScheduler>();
    return kId;
  }
  Event RemoveNext() override {
    auto& [most, reached] = limit();
    if (most != 0 && ns3::Simulator::GetEventCount() >= most) {
      reached = true;
      ns3::Simulator::Stop();
    }
    return PriorityQueueScheduler::RemoveNext();
  }
};

}  // namespace

Simulation::Simulation() {
  assert(!alive() && "ns-3 has one simulator a process");
  alive() = true;
  limit() = {};
  ns3::ObjectFactory scheduler;
  scheduler.SetTypeId(CountingScheduler::GetTypeId());
  ns3::Simulator::SetScheduler(scheduler);
}

Simulation::~Simulation() {
  ns3::Simulator::Destroy();
  alive() = false;
}

Instant Simulation::now() {
  return Instant{Duration{ns3::Simulator::Now().GetNanoSeconds()}};
}

void Simulation::schedule(Instant at, std::function<void()> action) {
  assert(at >= now());
  ns3::Simulator::Schedule(ns3::NanoSeconds((at - now()).count()), std::move(action));
}

// ns-3 stops before what was scheduled later for the same instant. So the end lets everything else
// of its instant go first, until it finds that nothing ran in between.
void Simulation::end_of_instant(std::uint64_t executed_before) {
  const auto executed = events_executed();
  if (executed == executed_before + 1) {
    reached_ = true;
    ns3::Simulator::Stop();
  } else {
    ns3::Simulator::ScheduleNow(&Simulation::end_of_instant, this, executed);
  }
}

bool Simulation::run_until(Instant until) {
  assert(until >= now());
  reached_ = false;
  const auto delay = ns3::NanoSeconds((until - now()).count());
  auto end = ns3::Simulator::Schedule(delay, &Simulation::end_of_instant, this, events_executed());
  ns3::Simulator::Run();
  ns3::Simulator::Cancel(end);  // of use only after stop(): nothing may end a later run
  return reached_;
}

void Simulation::stop() {
  ns3::Simulator::Stop();
}

std::uint64_t Simulation::events_executed() {
  return ns3::Simulator::GetEventCount();
}

void Simulation::limit_events(std::uint64_t most) {
  limit().most = most;
}

bool Simulation::limit_reached() {
  return limit().reached;
}

}  // namespace rtclab::sim
