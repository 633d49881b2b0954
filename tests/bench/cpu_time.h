// The clock of all benches: CPU time of this process, so that a busy machine disturbs it little.
#pragma once

#include <ctime>

namespace rtclab::bench {

inline double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace rtclab::bench
