#include "agents/media/sent_packets.h"

namespace rtclab::media {

rtp::SequenceNumber SentPackets::add(Instant now, std::size_t bytes) {
  while (!sent_.empty() &&
         (sent_.front().told || sent_.front().at + kAge < now || sent_.size() >= kMost))
    sent_.pop();
  sent_.push({.sequence = next_, .at = now, .bytes = bytes});
  return rtp::wrap(next_++);
}

void SentPackets::take(const rtp::TransportFeedback& feedback, std::vector<PacketResult>& out) {
  if (sent_.empty()) return;
  const auto arrivals = feedback.arrivals();
  auto sequence = rtp::unwrap(feedback.base_sequence_number, sent_.back().sequence);
  if (sequence + feedback.packets.size() > sent_.back().sequence + 1) return;
  for (const auto& arrival : arrivals) {
    const auto number = sequence++;
    if (number < sent_.front().sequence || number > sent_.back().sequence) continue;
    auto& packet = sent_[number - sent_.front().sequence];
    if (packet.told) continue;
    packet.told = true;
    out.push_back({.sent = packet.at, .received = arrival, .bytes = packet.bytes});
  }
}

}  // namespace rtclab::media
