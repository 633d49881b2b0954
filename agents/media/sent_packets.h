// What was sent with a transport-wide sequence number and has not been told of yet.
//
// Spec: draft-holmer-rmcat-transport-wide-cc-extensions-01 §2 (one numbering for all streams of a
// transport).
#pragma once

#include "agents/base/time.h"
#include "agents/media/rate_controller.h"
#include "agents/media/ring.h"
#include "agents/rtp/transport_feedback.h"
#include "agents/rtp/types.h"

#include <optional>
#include <vector>

namespace rtclab::media {

class SentPackets {
 public:
  // The number of a packet that leaves now.
  rtp::SequenceNumber add(Instant now, std::size_t bytes);
  // Appends what the feedback says, in the order of sending; a packet is told of once. Who
  // tells of packets that were never sent is not believed at all.
  void take(const rtp::TransportFeedback& feedback, std::vector<PacketResult>& out);

 private:
  struct Sent {
    rtp::LongSequenceNumber sequence = 0;
    Instant at{};
    std::size_t bytes = 0;
    bool told = false;
  };
  static constexpr std::size_t kMost = 4096;
  static constexpr Duration kAge = std::chrono::seconds{5};

  rtp::LongSequenceNumber next_ = rtp::unwrap_first(rtp::SequenceNumber{1});
  Ring<Sent> sent_;  // without gaps in the numbers
};

}  // namespace rtclab::media
