#include "sim/host/agent_host.h"

#include <string>

namespace rtclab::sim {

void report_busy_loop(const std::string& machine, Instant now, const Wakeup& wakeup) {
  const auto text = [](Instant at) {
    return std::to_string(at.time_since_epoch().count()) + " ns";
  };
  throw std::logic_error("the agent on " + machine + " was drained at " + text(now) +
                         " and asks to be woken at " + text(wakeup.at) + " for \"" +
                         std::string{wakeup.reason} +
                         "\": a busy loop, rule 4 of agents/base/io.h");
}

}  // namespace rtclab::sim
