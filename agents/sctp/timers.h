// The timers of an association: a table of deadlines, so that none can be leaked or run twice.
#pragma once

#include "agents/base/io.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rtclab::sctp {

enum class Timer : std::uint8_t {
  T1Init,
  T1Cookie,
  T2Shutdown,
  T3Retransmission,
  T5ShutdownGuard,
  WindowProbe,
  DelayedSack,
  Heartbeat,
  HeartbeatAnswer,
  StreamReset,
  kCount,
};

class Timers {
 public:
  void start(Timer timer, Instant at) { slot(timer) = at; }
  void stop(Timer timer) { slot(timer).reset(); }
  void stop_all() { deadlines_.fill(std::nullopt); }
  [[nodiscard]] bool running(Timer timer) const {
    return deadlines_[static_cast<std::size_t>(timer)].has_value();
  }
  // Stops the timer and says yes, when its time has come.
  [[nodiscard]] bool expired(Timer timer, Instant now) {
    if (!slot(timer) || *slot(timer) > now) return false;
    stop(timer);
    return true;
  }
  [[nodiscard]] std::optional<Wakeup> next() const {
    std::optional<Wakeup> earliest;
    for (std::size_t i = 0; i < deadlines_.size(); ++i) {
      if (!deadlines_[i]) continue;
      earliest = Wakeup::earliest(earliest, Wakeup{*deadlines_[i], kNames[i]});
    }
    return earliest;
  }

 private:
  static constexpr std::size_t kSize = static_cast<std::size_t>(Timer::kCount);
  static constexpr std::array<std::string_view, kSize> kNames{
      "sctp: T1-init",           "sctp: T1-cookie",    "sctp: T2-shutdown",  "sctp: T3-rtx",
      "sctp: T5-shutdown-guard", "sctp: window probe", "sctp: delayed SACK", "sctp: heartbeat",
      "sctp: heartbeat answer",  "sctp: stream reset"};

  std::optional<Instant>& slot(Timer timer) { return deadlines_[static_cast<std::size_t>(timer)]; }

  std::array<std::optional<Instant>, kSize> deadlines_;
};

}  // namespace rtclab::sctp
