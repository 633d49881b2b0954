#include "agents/media/session_core.h"
#include "agents/media/units.h"

#include <algorithm>

namespace rtclab::media {
namespace {

// A key frame answers all requests that were on their way while it was made.
constexpr Duration kKeyFrameSpacing = std::chrono::milliseconds{300};
constexpr Duration kAssumedRoundTrip = std::chrono::milliseconds{100};

}  // namespace

void Session::Core::handle_rtcp(Instant now, ByteView octets) {
  if (closed_) return;
  const auto compound = rtp::CompoundPacket::parse(octets);
  if (!compound) {
    ++counters_.packets_malformed;
    events_.push(PacketDiscarded{compound.error()});
    return pump(now);
  }
  ++counters_.rtcp_packets_received;
  const auto reports = std::ranges::count_if(compound->packets, [](const auto& packet) {
    return std::holds_alternative<rtp::SenderReport>(packet) ||
           std::holds_alternative<rtp::ReceiverReport>(packet);
  });
  scheduler_.note_size(octets.size(), static_cast<std::size_t>(reports));
  for (const auto& packet : compound->packets) {
    const auto sender = rtp::sender(packet);
    if (sender && is_ours(sender->value())) {
      collide(sender->value());
      break;
    }
    if (sender) note_heard(now, sender->value());
    std::visit([&](const auto& value) { receive(now, value); }, packet);
  }
  pump(now);
}

void Session::Core::note_heard(Instant now, std::uint32_t ssrc) {
  if (auto* const source = find_inbound(ssrc)) source->heard = now;
}

void Session::Core::receive(Instant now, const rtp::SenderReport& report) {
  if (auto* const source = find_inbound(report.sender.value()))
    source->stream->receive_sender_report(now, report);
  receive_blocks(now, report.blocks);
}

void Session::Core::receive(Instant now, const rtp::ReceiverReport& report) {
  receive_blocks(now, report.blocks);
}

void Session::Core::receive_blocks(Instant now, const std::vector<rtp::ReportBlock>& blocks) {
  double lost = 0, weight = 0;
  for (const auto& block : blocks) {
    auto* const stream = stream_by_ssrc(block.source.value());
    if (stream == nullptr || stream->ssrc() != block.source.value()) continue;
    receive_block(now, *stream, block);
    // Streams count by what they send.
    const auto packets = static_cast<double>(stream->statistics().packets_sent);
    lost += packets * block.fraction_lost / 256;
    weight += packets;
  }
  if (weight == 0) return;
  controller_->on_loss_report(
      {.now = now, .fraction_lost = lost / weight, .round_trip_time = round_trip_time_});
  update_targets();
}

void Session::Core::receive_block(Instant now, SendStream& stream, const rtp::ReportBlock& block) {
  stream.note_known_to_remote();
  auto& statistics = stream.statistics();
  auto& remote = statistics.remote ? *statistics.remote : statistics.remote.emplace();
  remote.ssrc = stream.ssrc();
  remote.packets_lost = block.cumulative_lost;
  const auto expected = static_cast<std::int64_t>(
      rtp::unwrap(
          rtp::SequenceNumber{static_cast<std::uint16_t>(block.extended_highest_sequence_number)},
          stream.next_sequence()) +
      1 - stream.first_sequence());
  remote.packets_received =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, expected - remote.packets_lost));
  remote.fraction_lost = block.fraction_lost / 256.0;
  remote.jitter =
      stream.format() ? static_cast<double>(block.jitter) / stream.format()->clock_rate : 0;
  remote.at = now;
  std::optional<Duration> measured;
  if (block.last_sr.value() != 0) {
    measured =
        rtp::round_trip_time(rtp::compact(ntp(now)), block.last_sr, block.delay_since_last_sr);
    note_round_trip(*measured);
    const auto seconds = in_seconds(*measured);
    remote.round_trip_time = seconds;
    remote.total_round_trip_time += seconds;
    ++remote.round_trip_time_measurements;
  }
  breaker_.note_report(now, {.ssrc = stream.ssrc(),
                             .highest_sequence = block.extended_highest_sequence_number,
                             .fraction_lost = remote.fraction_lost,
                             .round_trip_time = measured.value_or(round_trip())});
}

// Smoothed by an eighth, as TCP does.
void Session::Core::note_round_trip(Duration measured) {
  round_trip_time_ =
      round_trip_time_ ? *round_trip_time_ + (measured - *round_trip_time_) / 8 : measured;
}

Duration Session::Core::round_trip() const {
  return round_trip_time_.value_or(kAssumedRoundTrip);
}

void Session::Core::receive(Instant, const rtp::SourceDescription& description) {
  for (const auto& chunk : description.chunks) {
    const auto ssrc = chunk.source.value();
    if (const auto mid = chunk.find(rtp::SdesType::Mid)) demultiplexer_.learn(ssrc, *mid);
    auto* const source = find_inbound(ssrc);
    const auto cname = chunk.find(rtp::SdesType::Cname);
    if (source != nullptr && cname) source->stream->counters().cname = *cname;
  }
}

void Session::Core::receive(Instant now, const rtp::Goodbye& goodbye) {
  for (const auto ssrc : goodbye.sources) {
    auto* const source = find_inbound(ssrc.value());
    if (source == nullptr || source->gone) continue;
    source->stream->drain(now);
    remove_source(*source, "bye");
  }
}

void Session::Core::receive(Instant now, const rtp::Nack& nack) {
  auto* const stream = stream_by_ssrc(nack.media.value());
  if (stream == nullptr) return;
  ++stream->statistics().nack_count;
  for (const auto sequence : nack.lost())
    (void)stream->retransmit(now, sequence, round_trip(), pacer_);
}

void Session::Core::receive(Instant now, const rtp::PictureLossIndication& indication) {
  if (auto* const stream = stream_by_ssrc(indication.media.value())) {
    ++stream->statistics().pli_count;
    request_key_frame(now, *stream, KeyFrameCause::Pli);
  }
}

// RFC 5104 §4.3.1.2: a repetition of a request, with the same number, is no new one.
void Session::Core::receive(Instant now, const rtp::FullIntraRequest& request) {
  for (const auto& entry : request.entries) {
    auto* const stream = stream_by_ssrc(entry.ssrc.value());
    if (stream == nullptr) continue;
    ++stream->statistics().fir_count;
    const auto seen = fir_seen_.find(entry.ssrc.value());
    if (seen != fir_seen_.end() && seen->second == entry.sequence_number) continue;
    fir_seen_[entry.ssrc.value()] = entry.sequence_number;
    request_key_frame(now, *stream, KeyFrameCause::Fir);
  }
}

void Session::Core::request_key_frame(Instant now, SendStream& stream, KeyFrameCause cause) {
  const auto made = key_frame_made_.find(stream.ssrc());
  const auto ignored =
      cause == KeyFrameCause::Pli ? Deviation::RtpIgnorePli : Deviation::RtpIgnoreFir;
  if (deviates(ignored)) return;
  if (made != key_frame_made_.end() && now - made->second < kKeyFrameSpacing) return;
  const auto feed = feeds_.find(stream.identity().mid);
  if (feed == feeds_.end() || !feed->second.source) return;
  key_frame_made_[stream.ssrc()] = now;
  events_.push(KeyFrameRequested{stream.ssrc(), cause});
  feed->second.source->request_key_frame(stream.identity().layer);
}

void Session::Core::receive(Instant now, const rtp::TransportFeedback& feedback) {
  results_.clear();
  sent_packets_.take(feedback, results_);
  if (results_.empty()) return;
  controller_->on_feedback({.now = now, .packets = results_, .round_trip_time = round_trip_time_});
  update_targets();
}

void Session::Core::receive(Instant now, const rtp::ReceiverEstimatedMaximumBitrate& estimate) {
  controller_->on_remb(now, estimate.bitrate);
  update_targets();
}

// RFC 5104 §4.2.1: obeyed, and confirmed by a TMMBN with what bounds us now.
void Session::Core::receive(Instant, const rtp::Tmmbr& request) {
  for (const auto& limit : request.limits) {
    if (stream_by_ssrc(limit.ssrc.value()) == nullptr) continue;
    if (!deviates(Deviation::RtpIgnoreTmmbr)) limits_[limit.ssrc.value()] = limit.bitrate;
    if (deviates(Deviation::TmmbrUnconfirmed)) continue;
    limits_to_confirm_.push_back({.ssrc = request.sender,
                                  .bitrate = limit.bitrate,
                                  .packet_overhead = limit.packet_overhead});
  }
  update_targets();
}

}  // namespace rtclab::media
