// What was sent of one stream, so that it can be sent again.
//
// Spec: RFC 4588 §4 (a retransmission carries the payload, behind the original sequence number),
// RFC 8834 §6.1. Bounded in number and age; a packet goes out again at most once each round trip,
// for two NACKs may cross it.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "agents/rtp/types.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace rtclab::media {

struct SentPacket {
  rtp::SequenceNumber sequence{0};
  rtp::RtpTimestamp timestamp{0};
  bool marker = false;
  std::uint8_t payload_type = 0;
  Instant sent{};
  std::optional<Instant> resent{};
  unsigned times_resent = 0;
  Bytes payload{};
};

class PacketHistory {
 public:
  // `capacity`: a power of two.
  PacketHistory(std::size_t capacity, Duration age) : capacity_{capacity}, age_{age} {}

  void put(SentPacket packet);
  // The packet, if it is known and may go out again now; it counts as resent.
  [[nodiscard]] const SentPacket* resend(Instant now, rtp::SequenceNumber sequence,
                                         Duration round_trip_time);

 private:
  std::size_t capacity_;
  Duration age_;
  std::vector<SentPacket> slots_;  // by sequence number; empty until something is sent
};

}  // namespace rtclab::media
