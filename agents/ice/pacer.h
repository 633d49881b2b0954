// One new transaction each Ta: checks of all check lists and requests to servers together.
//
// Spec: RFC 8445 §6.1.4.2, §14.2. Resends are not paced: their RTO already grows with the number of
// checks.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/time.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace rtclab::ice {

class Pacer {
 public:
  // RFC 8445 §14.2: all agents together not more often than each 5 ms. Deviation: IceNoPacing.
  Pacer(Duration ta, const Deviations& deviations)
      : ta_{std::max<Duration>(ta, std::chrono::milliseconds{5})},
        unpaced_{deviations.has(Deviation::IceNoPacing)} {}

  [[nodiscard]] bool may_start(Instant now) const { return !due_ || now >= *due_; }
  // When the next transaction may start; in the past when nothing was started lately.
  [[nodiscard]] Instant due() const { return due_.value_or(Instant{}); }
  void note_started(Instant now) {
    if (!unpaced_) due_ = now + ta_;
  }
  [[nodiscard]] Duration ta() const { return ta_; }

 private:
  Duration ta_;
  bool unpaced_;
  std::optional<Instant> due_;
};

}  // namespace rtclab::ice
