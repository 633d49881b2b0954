// What a session can tell at any moment, as values: what W3C webrtc-pc §8.6 wants of streams, and
// more.
//
// Names follow W3C webrtc-stats. Ids, transports and tracks are the owner's business; `mid`, `rid`
// and the SSRC say which stream is meant. Octets count payload only, as webrtc-stats §8.4 asks,
// headers apart.
#pragma once

#include "agents/base/time.h"
#include "agents/media/configuration.h"
#include "agents/media/rate_controller.h"
#include "agents/media/source.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::media {

// From the report blocks about our stream: "remote-inbound-rtp".
struct RemoteInboundStatistics {
  std::uint32_t ssrc = 0;
  std::uint64_t packets_received = 0;  // what was sent less what was lost, as of the report
  std::int64_t packets_lost = 0;
  double fraction_lost = 0;                 // 0..1, of the latest report
  double jitter = 0;                        // seconds
  std::optional<double> round_trip_time{};  // seconds, the latest
  double total_round_trip_time = 0;
  std::uint64_t round_trip_time_measurements = 0;
  Instant at{};  // when the latest report came
};

// "outbound-rtp"
struct OutboundStatistics {
  std::string mid, rid;
  Kind kind = Kind::Audio;
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtx_ssrc{};
  std::optional<std::uint8_t> payload_type{};  // of the codec; nullopt: nothing sent yet
  bool active = true;
  std::uint64_t packets_sent = 0;  // retransmissions included, as webrtc-stats has it
  std::uint64_t bytes_sent = 0;
  std::uint64_t header_bytes_sent = 0;
  std::uint64_t retransmitted_packets_sent = 0;
  std::uint64_t retransmitted_bytes_sent = 0;
  std::uint64_t frames_encoded = 0, key_frames_encoded = 0, frames_sent = 0;
  std::uint16_t frame_width = 0, frame_height = 0;
  std::uint64_t nack_count = 0, pli_count = 0, fir_count = 0;  // received
  std::uint64_t target_bitrate = 0;                            // bit/s
  Duration total_packet_send_delay{};                          // in the pacer
  std::optional<RemoteInboundStatistics> remote{};
};

// From the SRs about a stream that we receive: "remote-outbound-rtp".
struct RemoteOutboundStatistics {
  std::uint32_t ssrc = 0;
  std::uint64_t packets_sent = 0, bytes_sent = 0;
  std::uint64_t reports_sent = 0;
  std::uint64_t remote_timestamp = 0;  // NTP format, of the latest SR
  Instant at{};                        // when it came
};

// "inbound-rtp"
struct InboundStatistics {
  std::string mid, rid;
  Kind kind = Kind::Audio;
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtx_ssrc{};
  std::optional<std::uint8_t> payload_type{};
  std::string cname{};
  std::uint64_t packets_received = 0, bytes_received = 0, header_bytes_received = 0;
  std::int64_t packets_lost = 0;        // RFC 3550 §6.4.1: expected less received; without repair
  double jitter = 0;                    // seconds
  std::uint64_t packets_discarded = 0;  // too late to be played
  std::uint64_t packets_duplicated = 0;
  std::uint64_t packets_repaired = 0;    // came by RTX and were of use
  std::uint64_t packets_unrepaired = 0;  // never came
  std::uint64_t retransmitted_packets_received = 0, retransmitted_bytes_received = 0;
  std::uint64_t nack_count = 0, pli_count = 0, fir_count = 0;  // sent; nack_count in NACK packets
  std::uint64_t frames_received = 0, frames_decoded = 0, key_frames_decoded = 0, frames_dropped = 0;
  std::uint16_t frame_width = 0, frame_height = 0;
  std::uint64_t freeze_count = 0;
  Duration total_freezes_duration{};
  std::optional<Duration> time_to_first_frame{};  // from the moment the section was to be received
  Duration jitter_buffer_delay{};                 // sum over what was shown
  std::uint64_t jitter_buffer_emitted = 0;
  Duration jitter_buffer_target{};    // the delay that it aims at now
  Duration total_samples_duration{};  // audio that was played, concealed parts included
  Duration concealed_duration{};      // audio that was not there when it was due
  double total_audio_energy = 0;
  std::optional<RemoteOutboundStatistics> remote{};
  std::optional<Instant> last_packet{};
};

// "media-source"
struct MediaSourceStatistics {
  std::string mid;
  Kind kind = Kind::Audio;
  SourceStatistics source{};
};

struct Statistics {
  std::vector<OutboundStatistics> outbound;  // by section, then encoding
  std::vector<InboundStatistics> inbound;    // in the order in which they were first heard
  std::vector<MediaSourceStatistics> media_sources;
  std::uint64_t rtp_packets_sent = 0, rtp_packets_received = 0;
  std::uint64_t rtcp_packets_sent = 0, rtcp_packets_received = 0;
  std::uint64_t packets_unknown = 0;  // belonged to no section (RFC 9143 §9.2)
  std::uint64_t packets_malformed = 0;
  RateDecision rate{};  // what the rate controller allows
  std::optional<Duration> round_trip_time{};
};

}  // namespace rtclab::media
