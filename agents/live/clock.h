// The clocks of a live run: agents are told steady time, files carry the calendar's.
//
// An Instant counts from the whole second in which the clock was made, so that capture and trace
// can name their epoch exactly. A calendar that is set meanwhile moves nothing.
#pragma once

#include "agents/base/time.h"

#include <chrono>

namespace rtclab::live {

class Clock {
 public:
  Clock();

  [[nodiscard]] Instant now() const;
  [[nodiscard]] std::chrono::steady_clock::time_point when(Instant at) const;
  // What Instant{} stands for, since 1970-01-01T00:00:00Z.
  [[nodiscard]] std::chrono::seconds epoch() const { return epoch_; }

 private:
  std::chrono::seconds epoch_;
  std::chrono::steady_clock::time_point zero_;
};

}  // namespace rtclab::live
