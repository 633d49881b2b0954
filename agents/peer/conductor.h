// The inside of a peer connection. Private to this folder.
//
// conductor_negotiation.cc holds the operations (descriptions and candidates),
// conductor_channels.cc the data channels, conductor.cc the parts and their drain order: ICE, DTLS,
// SCTP. What one of them hands to the next goes around in one call, so nothing ever waits for a
// timer that the protocols do not ask for.
#pragma once

#include "agents/ice/agent.h"
#include "agents/peer/description_plan.h"
#include "agents/peer/descriptions.h"
#include "agents/peer/operations_chain.h"
#include "agents/peer/peer_connection.h"
#include "agents/peer/remote_session.h"
#include "agents/peer/signaling.h"
#include "agents/peer/transport.h"
#include "agents/sctp/data_channel.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

class PeerConnection::Impl {
 public:
  Impl(const Configuration& configuration, Rng& rng);

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  std::optional<Output> poll_output();
  std::optional<Event> poll_event();
  std::optional<Wakeup> next_wakeup() const;

  OperationId create_offer(Instant now);
  OperationId create_answer(Instant now);
  OperationId set_local_description(Instant now, std::optional<Description> description);
  OperationId set_remote_description(Instant now, Description description);
  OperationId add_ice_candidate(Instant now, std::optional<IceCandidateInit> candidate);
  Outcome<ChannelId> create_data_channel(Instant now, std::string label, DataChannelInit init);
  Outcome<void> send(Instant now, ChannelId channel, Message message);
  void close_data_channel(Instant now, ChannelId channel);
  void close(Instant now);

  SignalingState signaling_state() const { return signaling_state_; }
  IceGatheringState ice_gathering_state() const { return gathering_state_; }
  IceConnectionState ice_connection_state() const { return ice_connection_state_; }
  ConnectionState connection_state() const { return connection_state_; }
  const Descriptions& descriptions() const { return descriptions_; }
  std::optional<bool> can_trickle() const { return can_trickle_; }
  std::optional<DataChannelState> data_channel_state(ChannelId channel) const;
  std::uint64_t buffered_amount(ChannelId channel) const;

 private:
  // What createOffer or createAnswer made last, and the state of things that it describes.
  struct Created {
    std::string text;
    sdp::SessionDescription sdp;
    std::uint64_t revision = 0;
  };

  // --- operations (conductor_negotiation.cc) ---
  OperationId chain(Instant now, std::string method, std::vector<Field> arguments,
                    std::function<Settlement()> run);
  OperationId reject_now(Instant now, std::string method, Error error);
  Outcome<Description> make_offer();
  Outcome<Description> make_answer();
  Outcome<void> apply_local(std::optional<Description> description);
  Outcome<void> set_local(SdpType type, const Created& created);
  Outcome<void> apply_remote(const Description& description);
  Outcome<void> set_remote(const Description& description);
  Outcome<void> rollback(Side side);
  Outcome<void> apply_candidate(const IceCandidateInit& candidate);

  DescriptionPlan plan_offer();
  DescriptionPlan plan_answer();
  TransportPart transport_part(sdp::Setup setup) const;
  sdp::Setup setup_for_answer(sdp::Setup offered) const;
  sdp::Origin next_origin();
  std::string unused_mid() const;
  // The section of our latest description that the data channels are in.
  std::optional<std::size_t> data_section() const;
  void ensure_transport();
  void discard_transport();
  void set_ice_role(ice::Role role);
  // Both descriptions of a round are known (an answer, or a provisional one): the transport may
  // begin.
  void commit(Side answerer);
  void give_candidates();
  void enter(SignalingState state);
  void describe_set(Side side, SdpType type);
  bool is_negotiation_needed() const;
  void update_negotiation_needed() { check_negotiation_ = true; }

  // --- the way down and up (conductor.cc, conductor_channels.cc) ---
  void turn();
  void pump(Instant now);
  bool drain_ice(Instant now);
  bool drain_dtls(Instant now);
  bool drain_sctp(Instant now);
  void react(Instant now, const ice::AgentEvent& event);
  void react(Instant now, const dtls::Event& event);
  void react(const sctp::ChannelEvent& event);
  void surface(const ice::CandidateGathered& gathered);
  void surface_end(const ice::EndOfCandidates& end);
  void begin_sctp(Instant now);

  // Which members exist in which state; asserted when the event loop's turn and each pump end.
  bool is_consistent() const;
  void set_signaling_state(SignalingState next);
  void set_gathering_state(IceGatheringState next);
  void update_connection_states();
  std::string label_of(ChannelId channel) const;
  void settle(OperationId id, std::string method, Settlement outcome);
  void trace(std::string_view name, std::vector<Field> fields);
  template <class E>
  void emit(E event) {
    outbox_.emplace_back(event.describe());
    events_.emplace_back(std::move(event));
  }

  Configuration configuration_;
  // Each part draws from a stream of its own, so that one more draw in ICE does not move SCTP.
  SeededRng ice_rng_;
  SeededRng dtls_rng_;
  SeededRng sctp_rng_;
  SeededRng sdp_rng_;
  dtls::Certificate certificate_;

  ice::Agent ice_;
  std::optional<Transport> transport_;
  sctp::DataChannels channels_;

  Instant now_{};  // of the latest call: the turn of the event loop that follows belongs to it
  OperationsChain chain_;
  Descriptions descriptions_;
  std::optional<Created> last_offer_;
  std::optional<Created> last_answer_;
  std::optional<RemoteSession> pending_session_;  // what the pending remote description means
  std::optional<RemoteSession> remote_session_;   // what the transport was told
  std::optional<bool> can_trickle_;
  std::optional<IceCandidateInit> last_surfaced_;

  std::string session_id_;
  std::uint64_t session_version_ = 0;
  // Goes up with whatever makes a created description outdated.
  std::uint64_t revision_ = 0;
  bool closed_ = false;
  bool has_channels_ = false;
  bool transport_active_ = false;  // a description with it has been set
  bool ice_role_known_ = false;
  bool end_of_candidates_ = false;  // of the local candidates of this generation
  bool negotiation_needed_ = false;
  bool check_negotiation_ = false;  // a queued task

  SignalingState signaling_state_ = SignalingState::Stable;
  IceGatheringState gathering_state_ = IceGatheringState::New;
  IceConnectionState ice_connection_state_ = IceConnectionState::New;
  ConnectionState connection_state_ = ConnectionState::New;

  std::deque<Output> outbox_;
  std::deque<Event> events_;
};

}  // namespace rtclab::peer
