// RTCPeerConnection, sans-I/O: signalling state, and the conductor of ICE, DTLS and SCTP.
//
// Spec: W3C webrtc-pc §4.4 (interface), RFC 9429 (descriptions), RFC 8831 and RFC 8841 (data
// channels). Calls that return a promise there return an OperationId here and settle by
// OperationSettled. As there, a call only joins the operations chain (§4.4.1.2); the chain runs
// when the driver drains the agent, which takes the place of the event loop's turn.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/peer/configuration.h"
#include "agents/peer/data_channel_init.h"
#include "agents/peer/description.h"
#include "agents/peer/error.h"
#include "agents/peer/event.h"
#include "agents/peer/states.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

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
  // poll_output() again if the application called anything.
  [[nodiscard]] std::optional<Event> poll_event();

  // --- the interface: what returns a promise ---
  OperationId create_offer(Instant now);
  OperationId create_answer(Instant now);
  // Without a description: what the signalling state calls for (RFC 9429 §4.1.10).
  OperationId set_local_description(Instant now,
                                    std::optional<Description> description = std::nullopt);
  OperationId set_remote_description(Instant now, Description description);
  // nullopt: no candidates will come for any generation or section.
  OperationId add_ice_candidate(Instant now, std::optional<IceCandidateInit> candidate);

  // --- the interface: what returns at once ---
  Outcome<ChannelId> create_data_channel(Instant now, std::string label, DataChannelInit init = {});
  Outcome<void> send(Instant now, ChannelId channel, Message message);
  void close_data_channel(Instant now, ChannelId channel);
  void close(Instant now);

  // --- attributes ---
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
  [[nodiscard]] std::optional<DataChannelState> data_channel_state(ChannelId channel) const;
  [[nodiscard]] std::uint64_t buffered_amount(ChannelId channel) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

static_assert(Agent<PeerConnection>);

}  // namespace rtclab::peer
