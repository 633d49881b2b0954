#include "agents/media/send_stream.h"

#include "agents/media/frame_cutter.h"
#include "agents/media/session.h"
#include "agents/rtp/rtx.h"

#include <algorithm>

namespace rtclab::media {
namespace {

// A second of video at 2.4 Mbit/s; what is older is rarely repaired in time.
constexpr std::size_t kHistoryPackets = 256;
constexpr Duration kHistoryAge = std::chrono::seconds{2};
constexpr unsigned kReportsAsSender = 2;

}  // namespace

// RFC 3550 §5.1: sequence numbers and timestamps begin anywhere; the sequence number in the lower
// half, so that a receiver of SRTP sees no turn within the first packets (RFC 3711 §3.3.1).
SendStream::SendStream(SendIdentity identity, std::uint32_t ssrc, std::uint32_t rtx_ssrc,
                       SeededRng rng, const Deviations& deviations)
    : identity_{std::move(identity)},
      ssrc_{ssrc},
      rtx_ssrc_{rtx_ssrc},
      deviations_{deviations},
      sequence_{
          rtp::unwrap_first(rtp::SequenceNumber{static_cast<std::uint16_t>(rng.below(1u << 15u))})},
      first_sequence_{sequence_},
      rtx_sequence_{static_cast<std::uint16_t>(rng.below(1u << 15u))},
      picture_id_{static_cast<std::uint16_t>(rng.below(1u << 15u))},
      clock_{.origin = rtp::RtpTimestamp{static_cast<std::uint32_t>(rng.next())}},
      history_{kHistoryPackets, kHistoryAge} {
  if (deviations_.has(Deviation::RtpStartsAtZero)) {
    first_sequence_ = sequence_ = rtp::unwrap_first(rtp::SequenceNumber{0});
    clock_.origin = rtp::RtpTimestamp{0};
  }
  if (deviations_.has(Deviation::RtpStartsHigh))
    first_sequence_ = sequence_ = rtp::unwrap_first(rtp::SequenceNumber{0xffff - 100});
  statistics_.mid = identity_.mid;
  statistics_.rid = identity_.rid;
  statistics_.kind = identity_.kind;
  statistics_.ssrc = ssrc_;
}

bool SendStream::uses(std::uint32_t ssrc) const {
  return ssrc == ssrc_ || (ssrc == rtx_ssrc_ && statistics_.rtx_ssrc.has_value());
}

void SendStream::set_format(const SendFormat& format, const ExtensionIds& ids,
                            std::size_t max_packet) {
  format_ = format;
  ids_ = ids;
  max_packet_ = max_packet;
  clock_.rate =
      deviations_.has(Deviation::RtpSlowTimestamps) ? format.clock_rate / 2 : format.clock_rate;
  statistics_.rtx_ssrc = format.rtx_type() ? std::optional{rtx_ssrc_} : std::nullopt;
}

OutgoingHeader SendStream::header_for(const EncodedFrame& frame) const {
  // RFC 9143 §15: until the remote is known to have got them.
  const bool named = !known_to_remote_;
  const bool mid = named && !deviations_.has(Deviation::RtpNoMid);
  const bool rid = named && !deviations_.has(Deviation::RtpNoRid);
  return {.payload_type = format_->type,
          .timestamp = clock_.at(frame.captured),
          .ssrc = ssrc_,
          .mid = mid ? std::string_view{identity_.mid} : std::string_view{},
          .rid = rid ? std::string_view{identity_.rid} : std::string_view{},
          .audio_level = frame.audio_level,
          .voice = !frame.comfort,
          .reserved_id = deviations_.has(Deviation::RtpReservedExtensionId)};
}

void SendStream::packetize(Instant now, const EncodedFrame& frame, Pacer& pacer) {
  if (!format_) return;
  auto header = header_for(frame);
  FrameCutter cutter{format_->packetization, frame, picture_id_};
  bool last = false;
  do {
    Bytes bytes;
    bytes.reserve(std::min(max_packet_, frame.payload.size() + 64) + kTrailerRoom);
    header.sequence = rtp::wrap(sequence_);
    auto places = write_header(bytes, header, ids_);
    // RTX of this packet must fit, too: two octets more.
    last = cutter.append_to(bytes, max_packet_ - places.size - rtp::kRtxHeaderSize);
    // RFC 3551 §4.1: for audio the marker begins a talk spurt, for video it ends a frame.
    const bool begins = frame.talk_spurt_begins || deviations_.has(Deviation::RtpMarkAll);
    const bool marker = identity_.kind == Kind::Audio ? begins : last;
    if (marker) bytes[1] |= std::byte{0x80};
    if (deviations_.has(Deviation::RtpWrongVersion)) bytes[0] ^= std::byte{0xc0};
    if (format_->rtx_type()) {
      history_.put({.sequence = header.sequence,
                    .timestamp = header.timestamp,
                    .marker = marker,
                    .payload_type = format_->type,
                    .sent = now,
                    .payload = {bytes.begin() + places.size, bytes.end()}});
    }
    pacer.push({.stream = identity_.id,
                .urgency = identity_.kind == Kind::Audio ? Urgency::AtOnce : Urgency::Paced,
                .last_of_frame = last,
                .header_size = places.size,
                .transport_sequence_at = places.transport_sequence,
                .send_time_at = places.send_time,
                .queued = now,
                .bytes = std::move(bytes)});
    ++sequence_;
    if (deviations_.has(Deviation::RtpSequenceSkips) && sequence_ % 50 == 0) ++sequence_;
  } while (!last);
  picture_id_ = static_cast<std::uint16_t>((picture_id_ + 1) & 0x7fff);
  ++statistics_.frames_encoded;
  if (frame.key && identity_.kind == Kind::Video) ++statistics_.key_frames_encoded;
  statistics_.frame_width = frame.width;
  statistics_.frame_height = frame.height;
}

// RFC 4588 §4: the original sequence number, then the original payload; timestamp and marker are
// the original's, the sequence number the RTX stream's own.
bool SendStream::retransmit(Instant now, rtp::SequenceNumber sequence, Duration round_trip_time,
                            Pacer& pacer) {
  if (!format_ || format_->rtx_types.empty()) return false;
  const auto* const sent = history_.resend(now, sequence, round_trip_time);
  const auto rtx_type = sent != nullptr ? format_->rtx_of(sent->payload_type) : std::nullopt;
  if (!rtx_type) return false;
  const bool as_original = deviations_.has(Deviation::RtxAsOriginal);
  const bool plain_rid = deviations_.has(Deviation::RtxPlainRid);
  const auto named = deviations_.has(Deviation::RtxOwnNumber) ? rtx_sequence_ : sequence;
  Bytes bytes;
  bytes.reserve(sent->payload.size() + 64 + kTrailerRoom);
  const auto places = write_header(
      bytes,
      {.marker = sent->marker,
       .payload_type = as_original ? sent->payload_type : *rtx_type,
       .sequence = as_original ? sequence : rtx_sequence_,
       .timestamp = sent->timestamp,
       .ssrc = as_original ? ssrc_ : rtx_ssrc_,
       .mid = identity_.mid,
       .rid = plain_rid ? std::string_view{identity_.rid} : std::string_view{},
       .repaired_rid = plain_rid ? std::string_view{} : std::string_view{identity_.rid}},
      ids_);
  if (!as_original) {
    bytes.resize(bytes.size() + rtp::kRtxHeaderSize);
    patch_u16(bytes, places.size, named.value());
  }
  bytes.insert(bytes.end(), sent->payload.begin(), sent->payload.end());
  pacer.push({.stream = identity_.id,
              .urgency = Urgency::Repair,
              .header_size = places.size,
              .transport_sequence_at = places.transport_sequence,
              .send_time_at = places.send_time,
              .queued = now,
              .bytes = std::move(bytes)});
  rtx_sequence_ = rtx_sequence_.plus(1);
  return true;
}

void SendStream::note_sent(Instant now, const QueuedPacket& packet) {
  const auto payload = packet.bytes.size() - packet.header_size;
  ++statistics_.packets_sent;
  statistics_.bytes_sent += payload;
  statistics_.header_bytes_sent += packet.header_size;
  statistics_.total_packet_send_delay += now - packet.queued;
  if (packet.urgency == Urgency::Repair) {
    ++statistics_.retransmitted_packets_sent;
    statistics_.retransmitted_bytes_sent += payload;
    ++rtx_packets_;
    rtx_octets_ += static_cast<std::uint32_t>(payload);
    rtx_reports_as_sender_ = kReportsAsSender;
    return;
  }
  if (format_) statistics_.payload_type = format_->type;
  if (packet.last_of_frame) ++statistics_.frames_sent;
  ++packets_;
  octets_ += static_cast<std::uint32_t>(payload);
  reports_as_sender_ = kReportsAsSender;
}

rtp::SenderReport SendStream::sender_report(Instant now, rtp::NtpTime ntp, bool rtx) const {
  return {.sender = rtp::Ssrc{rtx ? rtx_ssrc_ : ssrc_},
          .ntp = ntp,
          .timestamp = clock_.at(now),
          .packet_count = rtx ? rtx_packets_ : packets_,
          .octet_count = rtx ? rtx_octets_ : octets_};
}

void SendStream::note_reported() {
  if (reports_as_sender_ > 0) --reports_as_sender_;
  if (rtx_reports_as_sender_ > 0) --rtx_reports_as_sender_;
}

}  // namespace rtclab::media
