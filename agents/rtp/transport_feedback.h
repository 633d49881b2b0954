// Transport-wide feedback: when each packet of a transport arrived, by its transport-wide sequence
// number.
//
// Spec: draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1. All kinds of chunks are read; what
// is written takes, chunk by chunk, the one that covers most packets.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/base/time.h"
#include "agents/rtp/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::rtp {

// The step of arrival deltas, and of the reference time.
inline constexpr Duration kArrivalDeltaStep = std::chrono::microseconds{250};
inline constexpr Duration kReferenceTimeStep = std::chrono::milliseconds{64};

// No sender has more packets in flight, whereas 36 octets can tell of 65535: a run of "not
// received" costs two for each 8191. What is longer is refused.
inline constexpr std::size_t kMostPacketStatuses = 8192;

struct PacketStatus {
  bool received = false;
  // Since the packet received before it, or since the reference time for the first, in steps of
  // 250 µs.
  std::int16_t delta = 0;
  friend bool operator==(const PacketStatus&, const PacketStatus&) = default;
};

struct TransportFeedback {
  Ssrc sender{0};
  Ssrc media{0};
  SequenceNumber base_sequence_number{0};  // of the first packet
  std::int32_t reference_time = 0;         // 24 bits, signed, in steps of 64 ms
  std::uint8_t feedback_count = 0;         // one more for each feedback sent
  std::vector<PacketStatus> packets;       // 1 to kMostPacketStatuses, by rising number
  friend bool operator==(const TransportFeedback&, const TransportFeedback&) = default;

  // The arrival of each packet on the receiver's clock; nullopt for those not received.
  [[nodiscard]] std::vector<std::optional<Duration>> arrivals() const;

  // Behind the two SSRCs of a feedback message; `offset` is where that begins.
  [[nodiscard]] static Result<TransportFeedback> parse_control(ByteView octets, std::size_t offset);
  void write_control(ByteWriter& out) const;
};

}  // namespace rtclab::rtp
