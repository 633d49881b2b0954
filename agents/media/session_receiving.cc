#include "agents/media/red.h"
#include "agents/media/session_core.h"
#include "agents/rtp/extensions.h"
#include "agents/rtp/rtx.h"

#include <algorithm>

namespace rtclab::media {
namespace {

constexpr unsigned kSilentIntervals = 5;  // RFC 3550 §6.3.5
constexpr std::size_t kMostUnknownTold = 64;
constexpr std::size_t kMostSources = 128;

const PayloadFormat* format_of(const Section& section, std::uint8_t type) {
  const auto found = std::ranges::find(section.receive, type, &PayloadFormat::type);
  return found == section.receive.end() ? nullptr : &*found;
}

// The codec's own octets: RED taken off; parity and the like only take a sequence number.
struct CodecPayload {
  std::uint8_t type = 0;
  Packetization packetization = Packetization::Whole;
  ByteView octets{};
};
CodecPayload unwrap_codec(const Section& section, std::uint8_t type, ByteView payload) {
  const auto* format = format_of(section, type);
  if (format != nullptr && same_codec(format->codec, "red")) {
    const auto block = primary_of_red(payload);
    format = block ? format_of(section, block->payload_type) : nullptr;
    if (block) payload = block->payload;
  }
  if (format == nullptr) return {.type = type};
  const auto packetization = packetization_of(section.kind, format->codec);
  const bool parity = section.kind == Kind::Video && is_auxiliary_codec(format->codec);
  return {.type = format->type,
          .packetization = packetization,
          .octets = parity ? ByteView{} : payload};
}

}  // namespace

void Session::Core::handle_rtp(Instant now, ByteView octets) {
  if (closed_) return;
  const auto packet = PacketView::parse(octets);
  if (packet) {
    ++counters_.rtp_packets_received;
    receive(now, *packet);
  } else {
    ++counters_.packets_malformed;
    events_.push(PacketDiscarded{packet.error()});
  }
  pump(now);
}

void Session::Core::receive(Instant now, const PacketView& packet) {
  const auto ssrc = packet.ssrc.value();
  if (is_ours(ssrc)) return collide(ssrc);
  const auto route = demultiplexer_.route(packet);
  if (!route) return unknown(packet, demultiplexer_.why());
  const auto& section = sections_[route->section].value;
  if (!section.receives) return unknown(packet, "its section receives nothing");
  if (deviates(Deviation::RtpSignalledOnly) && !is_signalled_remote(ssrc))
    return unknown(packet, "no description names it");
  if (wants_transport_feedback_) {
    const auto number = packet.find(section.extensions.transport_cc);
    if (const auto sequence = number ? rtp::read_transport_sequence_number(*number) : std::nullopt)
      arrivals_.add(now, *sequence);
  }
  if (wants_remb_) {
    const auto data = packet.find(section.extensions.abs_send_time);
    if (const auto sent = data ? rtp::read_absolute_send_time(*data) : std::nullopt)
      estimate_.add(now, *sent, packet.header_size + packet.payload.size());
  }
  if (same_codec(route->format->codec, "rtx")) return receive_rtx(now, packet, *route);
  auto& source = inbound(now, *route);
  source.heard = now;
  const auto codec = unwrap_codec(section, packet.payload_type.value(), packet.payload);
  const auto level = packet.find(section.extensions.audio_level);
  source.stream->receive(
      now, {.view = packet,
            .payload = codec.octets,
            .payload_type = codec.type,
            .packetization = codec.packetization,
            .audio_level = level && !level->empty()
                               ? std::optional{std::to_integer<std::uint8_t>((*level)[0])}
                               : std::nullopt});
}

// RFC 4588 §4: behind the original sequence number stands the original payload.
void Session::Core::receive_rtx(Instant now, const PacketView& packet, const Route& route) {
  auto* const source = route.stream ? find_inbound(*route.stream) : nullptr;
  if (source == nullptr || source->gone || !route.format->apt) return;
  source->rtx_ssrc = packet.ssrc.value();
  source->heard = now;
  source->stream->counters().rtx_ssrc = packet.ssrc.value();
  if (packet.payload.size() < rtp::kRtxHeaderSize) return;  // a probe of the path
  ByteReader in{packet.payload};
  const rtp::SequenceNumber original{in.u16()};
  const auto codec = unwrap_codec(sections_[route.section].value, *route.format->apt, in.rest());
  source->stream->receive_rtx(now,
                              {.view = packet,
                               .payload = codec.octets,
                               .payload_type = codec.type,
                               .packetization = codec.packetization},
                              original);
}

Session::Core::Inbound* Session::Core::find_inbound(std::uint32_t ssrc) {
  const auto found = std::ranges::find_if(
      inbound_, [ssrc](const auto& source) { return source.stream->identity().ssrc == ssrc; });
  return found == inbound_.end() ? nullptr : &*found;
}

ReceiveFeedback Session::Core::feedback_of(const Section& section) const {
  ReceiveFeedback feedback;
  if (deviates(Deviation::FeedbackUnasked)) return {.nack = true, .pli = true};
  for (const auto& format : section.receive) {
    for (const auto& what : format.feedback) {
      feedback.nack = feedback.nack || what == "nack";
      feedback.pli = feedback.pli || what == "nack pli";
      feedback.fir = feedback.fir || what == "ccm fir";
    }
  }
  return feedback;
}

// RFC 8834 §4.8: sources need not be signalled.
Session::Core::Inbound& Session::Core::inbound(Instant now, const Route& route) {
  const auto ssrc = *route.stream;
  const auto& state = sections_[route.section];
  auto* known = find_inbound(ssrc);
  if (known != nullptr && !known->gone && known->stream->identity().mid == state.value.mid)
    return *known;
  if (known != nullptr) inbound_.erase(inbound_.begin() + (known - inbound_.data()));
  if (inbound_.size() >= kMostSources) inbound_.erase(inbound_.begin());
  ReceiveIdentity identity{.ssrc = ssrc,
                           .mid = state.value.mid,
                           .rid = route.rid,
                           .kind = state.value.kind,
                           .clock_rate = route.format->clock_rate,
                           .wanted_since = state.wanted_since.value_or(now)};
  auto stream = std::make_unique<ReceiveStream>(std::move(identity), options_, events_);
  stream->set_feedback(feedback_of(state.value), options_);
  events_.push(SourceAdded{ssrc, state.value.mid, route.rid, route.by});
  inbound_.push_back({.stream = std::move(stream), .heard = now});
  update_bandwidth();
  return inbound_.back();
}

void Session::Core::unknown(const PacketView& packet, std::string_view why) {
  ++counters_.packets_unknown;
  const auto ssrc = packet.ssrc.value();
  if (std::ranges::count(unknown_told_, ssrc) > 0 || unknown_told_.size() >= kMostUnknownTold)
    return;
  unknown_told_.push_back(ssrc);
  events_.push(UnknownPacket{ssrc, packet.payload_type.value(), why});
}

// RFC 3550 §8.2.
void Session::Core::collide(std::uint32_t ssrc) {
  if (deviates(Deviation::RtpIgnoreCollision)) return;
  if (ssrc == receiver_ssrc_) {
    leaving_.push_back(ssrc);
    receiver_ssrc_ = draw_ssrc();
  }
  if (auto* const stream = stream_by_ssrc(ssrc)) change_ssrc(*stream);
}

void Session::Core::remove_source(Inbound& source, std::string_view why) {
  source.gone = true;
  const auto& identity = source.stream->identity();
  demultiplexer_.forget(identity.ssrc);
  events_.push(SourceRemoved{identity.ssrc, identity.mid, why});
  update_bandwidth();
}

void Session::Core::time_sources_out(Instant now) {
  const auto silence =
      kSilentIntervals * std::max<Duration>(scheduler_.timeout_interval(), std::chrono::seconds{1});
  for (auto& source : inbound_)
    if (!source.gone && source.heard + silence < now) remove_source(source, "timeout");
}

}  // namespace rtclab::media
