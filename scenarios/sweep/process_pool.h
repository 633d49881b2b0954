// Plays runs in processes of this machine that stay warm: each is forked once and plays one run
// after the other, because ns-3 has one simulator a process.
//
// What a run breaks, it breaks alone. A process that dies takes the run that it had with it, as a
// row that says how it died; one that does not answer in time is killed and leaves such a row, too.
// A new process takes its place, and the runs that waited in the old one are dealt out again.
#pragma once

#include "scenarios/sweep/dealer.h"

#include <chrono>
#include <functional>

namespace rtclab::sweep {

struct PoolOptions {
  unsigned processes = 1;
  std::chrono::milliseconds patience = std::chrono::minutes{2};  // with one run, of real time
};

// `play` is called in the processes, `on_turn` here, whenever something has happened and several
// times a second; it answers whether to go on. Returns whether all runs were played. Precondition:
// one thread, and no simulation is alive here.
[[nodiscard]] bool play_in_processes(Dealer& dealer, const std::function<Row(RunNumber)>& play,
                                     const PoolOptions& options,
                                     const std::function<bool()>& on_turn);

}  // namespace rtclab::sweep
