// Deliberate faults in the packets that leave, each changed after it was made as it ought to be.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/deviation.h"

namespace rtclab::sctp {

// What leaves in place of `packet`, which is one of ours.
class PacketDeviation {
 public:
  explicit PacketDeviation(const Deviations& deviations) : deviations_{deviations} {}
  [[nodiscard]] Bytes apply(Bytes packet);

 private:
  Deviations deviations_;
  bool emptied_ = false;  // SctpEmptyData: one is enough
};

}  // namespace rtclab::sctp
