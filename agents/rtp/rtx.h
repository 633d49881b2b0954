// The retransmission payload format: a lost packet once more, in a stream of its own.
//
// Spec: RFC 4588 §4 (format), §8.1 (one RTX payload type for each that it repeats). The RTX stream
// has its own SSRC and sequence numbers (session multiplexing is not used in WebRTC, RFC 8834
// §6.1).
#pragma once

#include "agents/base/result.h"
#include "agents/rtp/packet.h"

namespace rtclab::rtp {

// Octets before the original payload: the original sequence number.
inline constexpr std::size_t kRtxHeaderSize = 2;

// Where an RTX packet goes: its own numbers.
struct RtxPlace {
  PayloadType payload_type;
  SequenceNumber sequence_number;
  Ssrc ssrc;
};
// RFC 4588 §4: timestamp, marker, CSRCs and header extension are the original's; its padding is
// left out. A RID in the extension must become a repaired RID (RFC 8852 §3.2), by who knows the
// ids.
[[nodiscard]] Packet to_rtx(const Packet& original, const RtxPlace& place);

// The original. An RTX packet without payload (a probe) carries none.
[[nodiscard]] Result<Packet> from_rtx(const Packet& rtx, PayloadType original_type, Ssrc original);

}  // namespace rtclab::rtp
