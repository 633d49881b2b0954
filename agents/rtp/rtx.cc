#include "agents/rtp/rtx.h"

namespace rtclab::rtp {

//    |            OSN                |   original RTP packet payload |
Packet to_rtx(const Packet& original, const RtxPlace& place) {
  auto rtx = original;
  rtx.payload_type = place.payload_type;
  rtx.sequence_number = place.sequence_number;
  rtx.ssrc = place.ssrc;
  rtx.padding = 0;
  rtx.payload = ByteWriter{original.payload.size() + kRtxHeaderSize}
                    .u16(original.sequence_number.value())
                    .octets(original.payload)
                    .take();
  return rtx;
}

Result<Packet> from_rtx(const Packet& rtx, PayloadType original_type, Ssrc original) {
  ByteReader in{rtx.payload};
  const SequenceNumber sequence_number{in.u16()};
  if (!in.ok()) return fail(Flaw::Truncated, rtx.payload.size(), {4588, "4"});
  auto packet = rtx;
  packet.payload_type = original_type;
  packet.sequence_number = sequence_number;
  packet.ssrc = original;
  packet.padding = 0;
  const auto payload = in.rest();
  packet.payload.assign(payload.begin(), payload.end());
  return packet;
}

}  // namespace rtclab::rtp
