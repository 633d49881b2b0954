#include "agents/peer/media_stats.h"

#include <chrono>
#include <string_view>

namespace rtclab::peer {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
double milliseconds(Instant at) {
  return std::chrono::duration<double, std::milli>(at.time_since_epoch()).count();
}

// Of an NTP timestamp: milliseconds since 1970, as the timestamps of browsers count.
double ntp_milliseconds(std::uint64_t timestamp) {
  constexpr double kFrom1900To1970 = 2208988800.0;
  return (static_cast<double>(timestamp) / 4294967296.0 - kFrom1900To1970) * 1000;
}

// "IT1A3735928559": direction, transport, kind, SSRC, as browsers build them.
std::string stream_id(std::string_view prefix, const StreamNames& names, media::Kind kind,
                      std::uint32_t ssrc) {
  return std::string{prefix} + names.transport + (kind == media::Kind::Audio ? 'A' : 'V') +
         std::to_string(ssrc);
}
std::string source_id(const std::string& mid, const StreamNames& names) {
  return "S" + names.transport + '_' + mid;
}

// RTCRtpStreamStats. `direction`: of the codec's object, "I" or "O".
std::vector<StatsMember> of_stream(std::uint32_t ssrc, media::Kind kind, const StreamNames& names,
                                   std::string_view direction,
                                   std::optional<std::uint8_t> payload_type) {
  std::vector<StatsMember> members{{"ssrc", std::uint64_t{ssrc}},
                                   {"kind", std::string{to_string(kind)}},
                                   {"transportId", names.transport}};
  if (payload_type)
    members.push_back({"codecId", "CO" + std::string{direction} + names.transport + '_' +
                                      std::to_string(*payload_type)});
  return members;
}

void append(std::vector<StatsMember>& members, std::vector<StatsMember> more) {
  for (auto& each : more) members.push_back(std::move(each));
}

// What a stream in either direction may have.
template <class Stream>
void append_optional(std::vector<StatsMember>& members, const Stream& stream) {
  if (!stream.rid.empty()) members.push_back({"rid", stream.rid});
  if (stream.rtx_ssrc) members.push_back({"rtxSsrc", std::uint64_t{*stream.rtx_ssrc}});
}

std::vector<StatsMember> of_received_video(const media::InboundStatistics& stream) {
  return {{"framesReceived", stream.frames_received},
          {"framesDecoded", stream.frames_decoded},
          {"keyFramesDecoded", stream.key_frames_decoded},
          {"framesDropped", stream.frames_dropped},
          {"frameWidth", std::uint64_t{stream.frame_width}},
          {"frameHeight", std::uint64_t{stream.frame_height}},
          {"freezeCount", stream.freeze_count},
          {"totalFreezesDuration", seconds(stream.total_freezes_duration)},
          {"pliCount", stream.pli_count},
          {"firCount", stream.fir_count}};
}

// W3C webrtc-stats §8.3: samples are those of the codec's clock, which is Opus's of 48 kHz here.
std::vector<StatsMember> of_received_audio(const media::InboundStatistics& stream) {
  constexpr double kSamplesPerSecond = 48000;
  return {{"totalAudioEnergy", stream.total_audio_energy},
          {"totalSamplesDuration", seconds(stream.total_samples_duration)},
          {"totalSamplesReceived",
           static_cast<std::uint64_t>(seconds(stream.total_samples_duration) * kSamplesPerSecond)},
          {"concealedSamples",
           static_cast<std::uint64_t>(seconds(stream.concealed_duration) * kSamplesPerSecond)}};
}

}  // namespace

std::vector<Stats> inbound_stats(const media::InboundStatistics& stream, const StreamNames& names) {
  Stats inbound{.id = stream_id("I", names, stream.kind, stream.ssrc), .type = "inbound-rtp"};
  auto& members = inbound.members;
  members = of_stream(stream.ssrc, stream.kind, names, "I", stream.payload_type);
  append(members, {{"trackIdentifier", names.track},
                   {"mid", stream.mid},
                   {"packetsReceived", stream.packets_received},
                   {"packetsLost", stream.packets_lost},
                   {"jitter", stream.jitter},
                   {"bytesReceived", stream.bytes_received},
                   {"headerBytesReceived", stream.header_bytes_received},
                   {"packetsDiscarded", stream.packets_discarded},
                   {"nackCount", stream.nack_count},
                   {"retransmittedPacketsReceived", stream.retransmitted_packets_received},
                   {"retransmittedBytesReceived", stream.retransmitted_bytes_received},
                   {"jitterBufferDelay", seconds(stream.jitter_buffer_delay)},
                   {"jitterBufferEmittedCount", stream.jitter_buffer_emitted},
                   {"jitterBufferTargetDelay", seconds(stream.jitter_buffer_target)}});
  append(members,
         stream.kind == media::Kind::Video ? of_received_video(stream) : of_received_audio(stream));
  append_optional(members, stream);
  if (stream.last_packet)
    members.push_back({"lastPacketReceivedTimestamp", milliseconds(*stream.last_packet)});
  if (!stream.remote) return {std::move(inbound)};

  const auto& remote = *stream.remote;
  Stats outbound{.id = stream_id("RO", names, stream.kind, stream.ssrc),
                 .type = "remote-outbound-rtp"};
  outbound.members = of_stream(stream.ssrc, stream.kind, names, "I", stream.payload_type);
  append(outbound.members, {{"localId", inbound.id},
                            {"packetsSent", remote.packets_sent},
                            {"bytesSent", remote.bytes_sent},
                            {"reportsSent", remote.reports_sent},
                            {"remoteTimestamp", ntp_milliseconds(remote.remote_timestamp)}});
  members.push_back({"remoteId", outbound.id});
  return {std::move(inbound), std::move(outbound)};
}

std::vector<Stats> outbound_stats(const media::OutboundStatistics& stream,
                                  const StreamNames& names) {
  Stats outbound{.id = stream_id("O", names, stream.kind, stream.ssrc), .type = "outbound-rtp"};
  auto& members = outbound.members;
  members = of_stream(stream.ssrc, stream.kind, names, "O", stream.payload_type);
  append(members, {{"mid", stream.mid},
                   {"active", stream.active},
                   {"packetsSent", stream.packets_sent},
                   {"bytesSent", stream.bytes_sent},
                   {"headerBytesSent", stream.header_bytes_sent},
                   {"retransmittedPacketsSent", stream.retransmitted_packets_sent},
                   {"retransmittedBytesSent", stream.retransmitted_bytes_sent},
                   {"targetBitrate", static_cast<double>(stream.target_bitrate)},
                   {"totalPacketSendDelay", seconds(stream.total_packet_send_delay)},
                   {"nackCount", stream.nack_count}});
  if (stream.kind == media::Kind::Video)
    append(members, {{"framesEncoded", stream.frames_encoded},
                     {"keyFramesEncoded", stream.key_frames_encoded},
                     {"framesSent", stream.frames_sent},
                     {"frameWidth", std::uint64_t{stream.frame_width}},
                     {"frameHeight", std::uint64_t{stream.frame_height}},
                     {"pliCount", stream.pli_count},
                     {"firCount", stream.fir_count}});
  if (!names.track.empty()) members.push_back({"mediaSourceId", source_id(stream.mid, names)});
  append_optional(members, stream);
  if (!stream.remote) return {std::move(outbound)};

  const auto& remote = *stream.remote;
  Stats inbound{.id = stream_id("RI", names, stream.kind, stream.ssrc),
                .type = "remote-inbound-rtp"};
  inbound.members = of_stream(stream.ssrc, stream.kind, names, "O", stream.payload_type);
  append(inbound.members, {{"localId", outbound.id},
                           {"packetsReceived", remote.packets_received},
                           {"packetsLost", remote.packets_lost},
                           {"fractionLost", remote.fraction_lost},
                           {"jitter", remote.jitter},
                           {"totalRoundTripTime", remote.total_round_trip_time},
                           {"roundTripTimeMeasurements", remote.round_trip_time_measurements}});
  if (remote.round_trip_time) inbound.members.push_back({"roundTripTime", *remote.round_trip_time});
  members.push_back({"remoteId", inbound.id});
  return {std::move(outbound), std::move(inbound)};
}

Stats media_source_stats(const media::MediaSourceStatistics& source, const StreamNames& names) {
  Stats stats{
      .id = source_id(source.mid, names),
      .type = "media-source",
      .members = {{"trackIdentifier", names.track}, {"kind", std::string{to_string(source.kind)}}}};
  if (source.kind == media::Kind::Audio) {
    append(stats.members,
           {{"audioLevel", source.source.audio_level},
            {"totalAudioEnergy", source.source.total_audio_energy},
            {"totalSamplesDuration", seconds(source.source.total_samples_duration)}});
  } else {
    append(stats.members, {{"width", std::uint64_t{source.source.width}},
                           {"height", std::uint64_t{source.source.height}},
                           {"frames", source.source.frames},
                           {"framesPerSecond", source.source.frames_per_second}});
  }
  return stats;
}

}  // namespace rtclab::peer
