// What a receiver remembers of packets with a transport-wide sequence number until it has told the
// sender.
//
// Spec: draft-holmer-rmcat-transport-wide-cc-extensions-01 §3. Each packet is told of once: one
// that comes after a feedback has called it missing stays missing.
#pragma once

#include "agents/base/time.h"
#include "agents/rtp/transport_feedback.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::media {

class TransportArrivals {
 public:
  void add(Instant now, rtp::SequenceNumber sequence);
  [[nodiscard]] bool empty() const { return arrivals_.empty(); }
  // When feedback is due; nullopt: there is nothing to tell.
  [[nodiscard]] std::optional<Instant> due() const;
  // What has come since the last call; nullopt when that is nothing.
  [[nodiscard]] std::optional<rtp::TransportFeedback> take(Instant now, rtp::Ssrc sender,
                                                           rtp::Ssrc media);

 private:
  struct Packet {
    rtp::LongSequenceNumber sequence;
    Instant at;
  };
  std::optional<rtp::LongSequenceNumber> latest_;
  rtp::LongSequenceNumber next_ = 0;  // the first that no feedback has told of
  bool told_any_ = false;
  std::vector<Packet> arrivals_;
  std::optional<Instant> told_at_;
  std::uint8_t count_ = 0;
};

}  // namespace rtclab::media
