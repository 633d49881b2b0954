// Feedback of receivers to senders, without the transport-wide kind (transport_feedback.h).
//
// Spec: RFC 4585 §6 (NACK, PLI), RFC 5104 §4.2, §4.3.1 (TMMBR, TMMBN, FIR),
// draft-alvestrand-rmcat-remb-03 §2.2 (REMB). Slice loss and reference picture indications are kept
// as octets.
#pragma once

#include "agents/base/bytes.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <span>
#include <vector>

namespace rtclab::rtp {

// One NACK item: a lost packet, and which of the 16 after it are lost too; the lowest bit is the
// next one (RFC 4585 §6.2.1).
struct NackItem {
  SequenceNumber packet_id{0};
  std::uint16_t following_lost = 0;  // BLP
  friend bool operator==(const NackItem&, const NackItem&) = default;
};
struct Nack {
  Ssrc sender{0};
  Ssrc media{0};
  std::vector<NackItem> items;  // at least one

  // The fewest items that name these packets, which are in rising order.
  [[nodiscard]] static std::vector<NackItem> items_for(std::span<const SequenceNumber> lost);
  [[nodiscard]] std::vector<SequenceNumber> lost() const;
  friend bool operator==(const Nack&, const Nack&) = default;
};

// RFC 5104 §4.2.1: how fast one stream may be sent, or, in TMMBN, who limits it.
struct BitrateLimit {
  Ssrc ssrc{0};
  std::uint64_t bitrate = 0;          // bit/s; on the wire 17 bits of it
  std::uint16_t packet_overhead = 0;  // octets, 9 bits
  friend bool operator==(const BitrateLimit&, const BitrateLimit&) = default;
};
struct Tmmbr {
  Ssrc sender{0};
  std::vector<BitrateLimit> limits;  // at least one
  friend bool operator==(const Tmmbr&, const Tmmbr&) = default;
};
struct Tmmbn {
  Ssrc sender{0};
  std::vector<BitrateLimit> limits;  // may be empty
  friend bool operator==(const Tmmbn&, const Tmmbn&) = default;
};

struct PictureLossIndication {
  Ssrc sender{0};
  Ssrc media{0};
  friend bool operator==(const PictureLossIndication&, const PictureLossIndication&) = default;
};

// RFC 5104 §4.3.1: the media SSRC in the header is 0; the entries name the streams.
struct FullIntraRequestEntry {
  Ssrc ssrc{0};
  std::uint8_t sequence_number = 0;  // one more for each new command, the same for a repetition
  friend bool operator==(const FullIntraRequestEntry&, const FullIntraRequestEntry&) = default;
};
struct FullIntraRequest {
  Ssrc sender{0};
  std::vector<FullIntraRequestEntry> entries;  // at least one
  friend bool operator==(const FullIntraRequest&, const FullIntraRequest&) = default;
};

// The receiver's estimate of what the path carries, for all `ssrcs` together.
struct ReceiverEstimatedMaximumBitrate {
  Ssrc sender{0};
  std::uint64_t bitrate = 0;  // bit/s; on the wire 18 bits of it
  std::vector<Ssrc> ssrcs;    // at most 255
  friend bool operator==(const ReceiverEstimatedMaximumBitrate&,
                         const ReceiverEstimatedMaximumBitrate&) = default;
};

}  // namespace rtclab::rtp
