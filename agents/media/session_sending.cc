#include "agents/media/session_core.h"
#include "agents/rtp/extensions.h"

#include <algorithm>

namespace rtclab::media {

void Session::Core::pump(Instant now) {
  for (auto& source : inbound_) {
    if (source.gone) continue;
    if (const auto wakeup = source.stream->next_wakeup(); wakeup && *wakeup <= now)
      source.stream->drain(now);
  }
  if (!may_send()) return;
  produce(now);
  do_rtcp(now);
  while (auto packet = pacer_.pop(now)) send(now, std::move(*packet));
}

void Session::Core::produce(Instant now) {
  for (auto& [mid, feed] : feeds_) {
    if (!feed.running) continue;
    const auto next = feed.source->next_frame();
    if (!next || *next > now) continue;
    while (feed.source->produce(now, frame_)) {
      auto* const stream = stream_of(mid, frame_.layer);
      if (stream != nullptr && !frame_.payload.empty()) stream->packetize(now, frame_, pacer_);
    }
  }
}

// The numbers that belong to the moment of leaving are filled in here.
void Session::Core::send(Instant now, QueuedPacket packet) {
  auto* const stream = stream_by_id(packet.stream);
  if (stream == nullptr) return;  // it has left since
  if (packet.transport_sequence_at != 0)
    patch_u16(packet.bytes, packet.transport_sequence_at,
              sent_packets_.add(now, packet.bytes.size()).value());
  if (packet.send_time_at != 0)
    patch_u24(packet.bytes, packet.send_time_at, rtp::to_absolute_send_time(now).value());
  stream->note_sent(now, packet);
  breaker_.note_sent(now, packet.bytes.size());
  ++counters_.rtp_packets_sent;
  out_.push({.kind = PacketKind::Rtp, .bytes = std::move(packet.bytes)});
}

SendStream* Session::Core::stream_of(std::string_view mid, std::size_t layer) const {
  for (const auto& stream : streams_)
    if (stream->identity().layer == layer && stream->identity().mid == mid) return stream.get();
  return nullptr;
}

SendStream* Session::Core::stream_by_id(std::uint32_t id) {
  for (auto& stream : streams_)
    if (stream->identity().id == id) return stream.get();
  return nullptr;
}

SendStream* Session::Core::stream_by_ssrc(std::uint32_t ssrc) {
  for (auto& stream : streams_)
    if (stream->uses(ssrc)) return stream.get();
  return nullptr;
}

std::optional<OutgoingPacket> Session::Core::poll_packet() {
  if (out_.empty()) return std::nullopt;
  return out_.pop();
}

std::optional<SessionEvent> Session::Core::poll_event() {
  if (events_.empty()) return std::nullopt;
  return events_.pop();
}

std::optional<Wakeup> Session::Core::next_wakeup() const {
  std::optional<Wakeup> wakeup;
  const auto consider = [&wakeup](const std::optional<Instant>& at, std::string_view reason) {
    if (at && (!wakeup || *at < wakeup->at)) wakeup = Wakeup{*at, reason};
  };
  for (const auto& source : inbound_)
    if (!source.gone) consider(source.stream->next_wakeup(), "media: a frame is due");
  if (!may_send()) return wakeup;
  for (const auto& [mid, feed] : feeds_)
    if (feed.running) consider(feed.source->next_frame(), "media: source");
  consider(pacer_.next_wakeup(), "media: pacer");
  consider(scheduler_.next(feedback_due()), "media: RTCP");
  return wakeup;
}

}  // namespace rtclab::media
