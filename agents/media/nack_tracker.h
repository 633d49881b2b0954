// Which packets of a stream are missing, when to ask for them, and when to stop asking.
//
// Spec: RFC 4585 §6.2.1 (NACK). Which packets to name and how often is ours to say: a packet is
// asked for when those after it have come and 10 ms have passed, for it may only be out of order;
// again each round trip and 10 ms; ten times at most, and not longer than it could be of use.
#pragma once

#include "agents/base/time.h"
#include "agents/rtp/types.h"

#include <optional>
#include <vector>

namespace rtclab::media {

struct NackLimits {
  Duration reordering = std::chrono::milliseconds{10};
  Duration age = std::chrono::seconds{1};
  unsigned tries = 10;
  std::size_t packets = 256;  // beyond so many the oldest are forgotten
};

class NackTracker {
 public:
  explicit NackTracker(const NackLimits& limits) : limits_{limits} {}

  // A packet came, by itself or by RTX. In whatever order.
  void received(Instant now, rtp::LongSequenceNumber sequence);
  // Packets before this one are not needed any more.
  void forget_before(rtp::LongSequenceNumber sequence);
  // The packets to ask for now, in rising order; they count as asked for.
  void collect(Instant now, Duration round_trip_time, std::vector<rtp::SequenceNumber>& out);
  [[nodiscard]] std::optional<Instant> next_due(Duration round_trip_time) const;
  [[nodiscard]] const NackLimits& limits() const { return limits_; }
  [[nodiscard]] std::size_t missing() const { return missing_.size(); }

 private:
  struct Missing {
    rtp::LongSequenceNumber sequence;
    Instant noticed;
    std::optional<Instant> asked{};
    unsigned tries = 0;
  };
  [[nodiscard]] Instant due(const Missing& packet, Duration round_trip_time) const;

  NackLimits limits_;
  std::optional<rtp::LongSequenceNumber> highest_;
  std::vector<Missing> missing_;  // by rising sequence number
};

}  // namespace rtclab::media
