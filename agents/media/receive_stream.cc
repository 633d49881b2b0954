#include "agents/media/receive_stream.h"

#include "agents/media/units.h"

#include <cmath>

namespace rtclab::media {
namespace {

using std::chrono::milliseconds;

constexpr PlayoutLimits kAudioLimits{.min = milliseconds{20}, .max = milliseconds{500}};
constexpr PlayoutLimits kVideoLimits{.min = milliseconds{10}, .max = milliseconds{500}};
// A hole that nobody will repair is waited for as long as packets may be out of order.
constexpr Duration kUnrepairedPatience = milliseconds{100};
// Between two requests for a key frame: it has to be made and sent.
constexpr Duration kKeyFramePause = milliseconds{200};
// The packets of the first frame may come in any order.
constexpr Duration kFirstKeyFramePatience = milliseconds{50};

std::variant<AudioBuffer, VideoBuffer> make_buffer(const ReceiveIdentity& identity,
                                                   Duration repair_limit) {
  if (identity.kind == Kind::Audio) return AudioBuffer{identity.clock_rate, kAudioLimits};
  return VideoBuffer{identity.clock_rate, kVideoLimits, repair_limit};
}

}  // namespace

ReceiveStream::ReceiveStream(ReceiveIdentity identity, const SessionOptions& options,
                             Ring<SessionEvent>& events)
    : identity_{std::move(identity)},
      fates_{options.fates},
      events_{events},
      reception_{identity_.clock_rate},
      nack_{NackLimits{.age = identity_.kind == Kind::Audio ? kAudioLimits.max
                                                            : options.repair_limit}},
      buffer_{make_buffer(identity_, options.repair_limit)} {
  statistics_.mid = identity_.mid;
  statistics_.rid = identity_.rid;
  statistics_.kind = identity_.kind;
  statistics_.ssrc = identity_.ssrc;
}

void ReceiveStream::set_feedback(const ReceiveFeedback& feedback, const SessionOptions& options) {
  feedback_ = feedback;
  if (auto* const video = std::get_if<VideoBuffer>(&buffer_))
    video->set_patience(feedback.nack ? options.repair_limit : kUnrepairedPatience);
}

void ReceiveStream::count(Instant now, const Packet& packet) {
  statistics_.last_packet = now;
  statistics_.payload_type = packet.payload_type;
  ++statistics_.packets_received;
  statistics_.bytes_received += packet.view.payload.size();
  statistics_.header_bytes_received += packet.view.header_size;
  heard_since_report_ = true;
  if (packet.audio_level) energy_per_second_ = std::pow(10.0, -(*packet.audio_level & 0x7f) / 10.0);
}

void ReceiveStream::receive(Instant now, const Packet& packet) {
  drain(now);
  const auto taken = reception_.receive(now, packet.view.sequence, packet.view.timestamp);
  if (taken.verdict == rtp::Sequence::Leap) return;
  if (taken.verdict == rtp::Sequence::Restart) restart();
  count(now, packet);
  const bool filler = packet.payload.empty();
  const auto facts = filler ? PayloadFacts{} : read_payload(packet.packetization, packet.payload);
  if (!facts) {
    ++statistics_.packets_discarded;
    return;
  }
  if (feedback_.nack) nack_.received(now, taken.sequence);
  insert(now, {.sequence = taken.sequence,
               .timestamp = packet.view.timestamp,
               .marker = packet.view.marker,
               .start = facts->start,
               .key = facts->key,
               .filler = filler,
               .payload_type = packet.payload_type,
               .width = facts->width,
               .height = facts->height,
               .picture = facts->picture});
}

void ReceiveStream::receive_rtx(Instant now, const Packet& rtx, rtp::SequenceNumber original) {
  drain(now);
  ++statistics_.retransmitted_packets_received;
  statistics_.retransmitted_bytes_received += rtx.view.payload.size();
  count(now, rtx);
  // Before anything of the stream itself has come, its sequence numbers have no turn yet.
  if (reception_.received() == 0) return;
  const bool filler = rtx.payload.empty();
  const auto facts = filler ? PayloadFacts{} : read_payload(rtx.packetization, rtx.payload);
  if (!facts) return;
  const auto sequence = rtp::unwrap(original, reception_.highest());
  if (feedback_.nack) nack_.received(now, sequence);
  insert(now, {.sequence = sequence,
               .timestamp = rtx.view.timestamp,
               .marker = rtx.view.marker,
               .start = facts->start,
               .key = facts->key,
               .filler = filler,
               .payload_type = rtx.payload_type,
               .arrival = Arrival::Repair,
               .width = facts->width,
               .height = facts->height,
               .picture = facts->picture});
}

void ReceiveStream::insert(Instant now, const BufferedPacket& packet) {
  std::visit([&](auto& buffer) { (void)buffer.insert(now, packet, *this); }, buffer_);
  const auto needed = std::visit([](const auto& buffer) { return buffer.needed_from(); }, buffer_);
  if (needed) nack_.forget_before(*needed);
}

// The source began anew: what came before has nothing to do with what comes.
void ReceiveStream::restart() {
  nack_ = NackTracker{nack_.limits()};
  const auto patience = feedback_.nack ? nack_.limits().age : kUnrepairedPatience;
  buffer_ = make_buffer(identity_, patience);
}

void ReceiveStream::receive_sender_report(Instant now, const rtp::SenderReport& report) {
  reception_.note_sender_report(now, report.ntp);
  auto& remote = statistics_.remote ? *statistics_.remote : statistics_.remote.emplace();
  remote.ssrc = identity_.ssrc;
  remote.packets_sent = report.packet_count;
  remote.bytes_sent = report.octet_count;
  ++remote.reports_sent;
  remote.remote_timestamp = report.ntp.value();
  remote.at = now;
}

void ReceiveStream::drain(Instant now) {
  std::visit([&](auto& buffer) { buffer.drain(now, *this); }, buffer_);
}

std::optional<Instant> ReceiveStream::next_wakeup() const {
  return std::visit([](const auto& buffer) { return buffer.next_wakeup(); }, buffer_);
}

std::optional<Instant> ReceiveStream::key_frame_due(Duration round_trip_time) const {
  const auto* const video = std::get_if<VideoBuffer>(&buffer_);
  if (video == nullptr || !(feedback_.pli || feedback_.fir)) return std::nullopt;
  const auto since = video->key_frame_needed();
  if (!since) return std::nullopt;
  if (key_asked_ && *key_asked_ >= *since) return *key_asked_ + round_trip_time + kKeyFramePause;
  return statistics_.frames_received > 0 ? *since : *since + kFirstKeyFramePatience;
}

std::optional<Instant> ReceiveStream::feedback_due(Duration round_trip_time) const {
  auto due = key_frame_due(round_trip_time);
  if (!feedback_.nack) return due;
  const auto nack = nack_.next_due(round_trip_time);
  if (!due || (nack && *nack < *due)) due = nack;
  return due;
}

void ReceiveStream::collect_nack(Instant now, Duration round_trip_time,
                                 std::vector<rtp::SequenceNumber>& out) {
  if (!feedback_.nack) return;
  const auto before = out.size();
  nack_.collect(now, round_trip_time, out);
  if (out.size() > before) ++statistics_.nack_count;
}

bool ReceiveStream::take_key_frame_request(Instant now, Duration round_trip_time) {
  const auto due = key_frame_due(round_trip_time);
  if (!due || *due > now) return false;
  key_asked_ = now;
  ++(feedback_.pli ? statistics_.pli_count : statistics_.fir_count);
  return true;
}

rtp::ReportBlock ReceiveStream::report(Instant now) {
  heard_since_report_ = false;
  return reception_.report(now, rtp::Ssrc{identity_.ssrc});
}

InboundStatistics ReceiveStream::statistics() const {
  auto snapshot = statistics_;
  snapshot.packets_lost = reception_.lost();
  snapshot.jitter = reception_.jitter();
  snapshot.jitter_buffer_target =
      std::visit([](const auto& buffer) { return buffer.target(); }, buffer_);
  return snapshot;
}

void ReceiveStream::packet(rtp::LongSequenceNumber sequence, PacketFate fate) {
  switch (fate) {
    case PacketFate::Late: ++statistics_.packets_discarded; break;
    case PacketFate::Lost: ++statistics_.packets_unrepaired; break;
    case PacketFate::Repaired: ++statistics_.packets_repaired; break;
    case PacketFate::Duplicate: ++statistics_.packets_duplicated; break;
  }
  if (fates_ == FateReports::None) return;
  events_.push(PacketFateKnown{identity_.ssrc, rtp::wrap(sequence).value(), fate});
}

void ReceiveStream::frame(const Frame& frame) {
  const bool shown = frame.fate == Fate::Shown || frame.fate == Fate::ShownLate;
  statistics_.total_samples_duration += frame.length;
  if (!shown) {
    statistics_.concealed_duration += frame.length;
    if (identity_.kind == Kind::Video) ++statistics_.frames_dropped;
    report_frame(frame);
    return;
  }
  ++statistics_.frames_received;
  ++statistics_.frames_decoded;
  ++statistics_.jitter_buffer_emitted;
  statistics_.jitter_buffer_delay += frame.shown - frame.first_arrival;
  statistics_.total_audio_energy += energy_per_second_ * in_seconds(frame.length);
  if (identity_.kind == Kind::Video) {
    if (frame.key) ++statistics_.key_frames_decoded;
    if (frame.width != 0) statistics_.frame_width = frame.width;
    if (frame.height != 0) statistics_.frame_height = frame.height;
  }
  if (!statistics_.time_to_first_frame) {
    statistics_.time_to_first_frame = frame.shown - identity_.wanted_since;
    events_.push(FirstFrame{identity_.ssrc, identity_.mid, *statistics_.time_to_first_frame});
  }
  if (const auto freeze =
          identity_.kind == Kind::Video ? smoothness_.shown(frame.shown) : std::nullopt) {
    ++statistics_.freeze_count;
    statistics_.total_freezes_duration += *freeze;
    events_.push(FreezeEnded{identity_.ssrc, *freeze});
  }
  report_frame(frame);
}

void ReceiveStream::report_frame(const Frame& frame) {
  if (fates_ == FateReports::None) return;
  if (fates_ == FateReports::Exceptions && frame.fate == Fate::Shown) return;
  const bool shown = frame.fate == Fate::Shown || frame.fate == Fate::ShownLate;
  events_.push(FrameFate{.ssrc = identity_.ssrc,
                         .timestamp = frame.timestamp.value(),
                         .fate = frame.fate,
                         .key = frame.key,
                         .packets = frame.packets,
                         .repaired = frame.repaired,
                         .delay = shown ? frame.shown - frame.first_arrival : Duration{}});
}

}  // namespace rtclab::media
