// RTCPeerConnection, sans-I/O: signalling state, transceivers, and the conductor of ICE, DTLS and
// SCTP.
//
// Spec: W3C webrtc-pc §4.4 (interface), §5 (RTP media), §6 (data channels), §8 (statistics); RFC
// 9429 (descriptions), RFC 8831 and RFC 8841 (data channels). Calls that return a promise there
// return an OperationId here and settle by OperationSettled. As there, a call only joins the
// operations chain (§4.4.1.2); the chain runs when the driver drains the agent, which takes the
// place of the event loop's turn: one operation for each time that all events have been taken.
// Left out: DTMF, the legacy callbacks and offerToReceive options, identity, setParameters.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/peer/configuration.h"
#include "agents/peer/data_channel_init.h"
#include "agents/peer/description.h"
#include "agents/peer/error.h"
#include "agents/peer/event.h"
#include "agents/peer/states.h"
#include "agents/peer/stats.h"
#include "agents/peer/transceiver.h"
#include "agents/peer/transport_info.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

class PeerConnection {
 public:
  // `rng` is only read here: the parts of the connection get streams of their own, seeded from it.
  PeerConnection(const Configuration& configuration, Rng& rng);
  ~PeerConnection();
  PeerConnection(PeerConnection&&) noexcept;
  PeerConnection& operator=(PeerConnection&&) noexcept;

  // --- the agent (agents/base/io.h) ---
  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;
  // What the application sees. Drain it after poll_output() has answered nullopt, then
  // poll_output() again if there was an event or the application called anything.
  [[nodiscard]] std::optional<Event> poll_event();

  // --- the interface: what returns a promise ---
  OperationId create_offer(Instant now, OfferOptions options = {});
  OperationId create_answer(Instant now);
  // Without a description: what the signalling state calls for (RFC 9429 §4.1.10).
  OperationId set_local_description(Instant now,
                                    std::optional<Description> description = std::nullopt);
  OperationId set_remote_description(Instant now, Description description);
  // nullopt: no candidates will come for any generation or section.
  OperationId add_ice_candidate(Instant now, std::optional<IceCandidateInit> candidate);
  // RTCRtpSender.replaceTrack; nullopt: no track.
  OperationId replace_track(Instant now, TransceiverId sender, std::optional<MediaTrack> track);

  // --- the interface: what returns at once ---
  Outcome<TransceiverId> add_transceiver(Instant now, MediaKind kind, TransceiverInit init = {});
  Outcome<TransceiverId> add_transceiver(Instant now, MediaTrack track, TransceiverInit init = {});
  // The sender that has the track now goes by the name of its transceiver.
  Outcome<TransceiverId> add_track(Instant now, MediaTrack track,
                                   std::vector<std::string> streams = {});
  Outcome<void> remove_track(Instant now, TransceiverId sender);
  Outcome<void> set_direction(Instant now, TransceiverId transceiver, Direction direction);
  Outcome<void> stop(Instant now, TransceiverId transceiver);
  Outcome<void> set_streams(Instant now, TransceiverId sender, std::vector<std::string> streams);
  Outcome<void> set_codec_preferences(Instant now, TransceiverId transceiver,
                                      std::vector<Codec> codecs);
  void restart_ice(Instant now);
  Outcome<void> set_configuration(Instant now, const Configuration& configuration);
  Outcome<ChannelId> create_data_channel(Instant now, std::string label, DataChannelInit init = {});
  Outcome<void> send(Instant now, ChannelId channel, Message message);
  void set_buffered_amount_low_threshold(ChannelId channel, std::uint64_t octets);
  void close_data_channel(Instant now, ChannelId channel);
  void close(Instant now);

  // --- attributes ---
  [[nodiscard]] const Configuration& configuration() const;
  [[nodiscard]] SignalingState signaling_state() const;
  [[nodiscard]] IceGatheringState ice_gathering_state() const;
  [[nodiscard]] IceConnectionState ice_connection_state() const;
  [[nodiscard]] ConnectionState connection_state() const;
  // All four with the candidates known so far (§4.4.2).
  [[nodiscard]] std::optional<Description> pending_local_description() const;
  [[nodiscard]] std::optional<Description> current_local_description() const;
  [[nodiscard]] std::optional<Description> pending_remote_description() const;
  [[nodiscard]] std::optional<Description> current_remote_description() const;
  // The pending one if there is one, else the current one.
  [[nodiscard]] std::optional<Description> local_description() const;
  [[nodiscard]] std::optional<Description> remote_description() const;
  [[nodiscard]] std::optional<bool> can_trickle_ice_candidates() const;
  // In the order of their creation. One that was stopped is gone once that is negotiated.
  [[nodiscard]] std::vector<TransceiverInfo> transceivers() const;
  [[nodiscard]] std::optional<TransceiverInfo> transceiver(TransceiverId id) const;
  // In the order of their creation.
  [[nodiscard]] std::vector<TransportInfo> transports() const;
  [[nodiscard]] std::optional<DataChannelState> data_channel_state(ChannelId channel) const;
  // RTCDataChannel.id: the SCTP stream; nullopt until it is known.
  [[nodiscard]] std::optional<std::uint16_t> data_channel_stream(ChannelId channel) const;
  [[nodiscard]] std::uint64_t buffered_amount(ChannelId channel) const;
  // getStats(), as of the latest call that told the time.
  [[nodiscard]] StatsReport stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

static_assert(Agent<PeerConnection>);

}  // namespace rtclab::peer
