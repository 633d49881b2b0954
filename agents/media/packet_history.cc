#include "agents/media/packet_history.h"

namespace rtclab::media {

void PacketHistory::put(SentPacket packet) {
  if (slots_.empty()) slots_.resize(capacity_);
  auto& slot = slots_[packet.sequence.value() & (capacity_ - 1)];
  slot = std::move(packet);
}

const SentPacket* PacketHistory::resend(Instant now, rtp::SequenceNumber sequence,
                                        Duration round_trip_time) {
  if (slots_.empty()) return nullptr;
  auto& slot = slots_[sequence.value() & (capacity_ - 1)];
  if (slot.payload.empty() || slot.sequence != sequence || slot.sent + age_ < now) return nullptr;
  if (slot.resent && *slot.resent + round_trip_time > now) return nullptr;
  slot.resent = now;
  ++slot.times_resent;
  return &slot;
}

}  // namespace rtclab::media
