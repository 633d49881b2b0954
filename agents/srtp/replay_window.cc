#include "agents/srtp/replay_window.h"

#include <cassert>

namespace rtclab::srtp {

Freshness ReplayWindow::check(std::uint64_t index) const {
  if (empty_ || index > highest_) return Freshness::Fresh;
  if (highest_ - index >= kReplayWindow) return Freshness::TooOld;
  return seen_.test(index % kReplayWindow) ? Freshness::Replayed : Freshness::Fresh;
}

void ReplayWindow::add(std::uint64_t index) {
  assert(check(index) == Freshness::Fresh);
  if (!empty_ && index > highest_) {
    // What lies between was not seen; its bits are those of indices that leave the window.
    if (index - highest_ >= kReplayWindow)
      seen_.reset();
    else
      for (auto skipped = highest_ + 1; skipped != index; ++skipped)
        seen_.reset(skipped % kReplayWindow);
  }
  if (empty_ || index > highest_) highest_ = index;
  empty_ = false;
  seen_.set(index % kReplayWindow);
}

}  // namespace rtclab::srtp
