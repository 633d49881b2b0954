// The inside of a peer connection. Private to this folder.
//
//   conductor.cc               the agent: inputs, the parts and their drain order, the event loop
//   conductor_calls.cc         calls that join the operations chain
//   conductor_offer.cc         createOffer                conductor_answer.cc   createAnswer
//   conductor_local.cc         setLocalDescription        conductor_remote.cc setRemoteDescription
//   conductor_commit.cc        what an answer settles     conductor_rollback.cc rollback
//   conductor_candidates.cc    candidates, both ways      conductor_ice.cc      restarts,
//   configuration conductor_transceivers.cc  transceivers and tracks    conductor_channels.cc data
//   channels conductor_media.cc         RTP                        conductor_states.cc states,
//   close conductor_stats.cc         attributes, getStats
//
// What ICE, DTLS and SCTP hand to each other goes around in one call, so nothing ever waits for a
// timer that the protocols do not ask for.
#pragma once

#include "agents/ice/agent.h"
#include "agents/peer/candidate_pool.h"
#include "agents/peer/channels.h"
#include "agents/peer/created_description.h"
#include "agents/peer/description_plan.h"
#include "agents/peer/descriptions.h"
#include "agents/peer/operations_chain.h"
#include "agents/peer/peer_connection.h"
#include "agents/peer/remote_session.h"
#include "agents/peer/signaling.h"
#include "agents/peer/transceivers.h"
#include "agents/peer/transports.h"

#include <deque>
#include <map>
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

  OperationId create_offer(Instant now, OfferOptions options);
  OperationId create_answer(Instant now);
  OperationId set_local_description(Instant now, std::optional<Description> description);
  OperationId set_remote_description(Instant now, Description description);
  OperationId add_ice_candidate(Instant now, std::optional<IceCandidateInit> candidate);
  OperationId replace_track(Instant now, TransceiverId sender, std::optional<MediaTrack> track);

  Outcome<TransceiverId> add_transceiver(Instant now, MediaKind kind,
                                         std::optional<MediaTrack> track, TransceiverInit init);
  Outcome<TransceiverId> add_track(Instant now, const MediaTrack& track,
                                   std::vector<std::string> streams);
  Outcome<void> remove_track(Instant now, TransceiverId sender);
  Outcome<void> set_direction(Instant now, TransceiverId id, Direction direction);
  Outcome<void> stop(Instant now, TransceiverId id);
  Outcome<void> set_streams(Instant now, TransceiverId sender, std::vector<std::string> streams);
  Outcome<void> set_codec_preferences(Instant now, TransceiverId id, std::vector<Codec> codecs);
  void restart_ice(Instant now);
  Outcome<void> set_configuration(Instant now, const Configuration& configuration);
  Outcome<ChannelId> create_data_channel(Instant now, std::string label, DataChannelInit init);
  Outcome<void> send(Instant now, ChannelId channel, Message message);
  void close_data_channel(Instant now, ChannelId channel);
  void close(Instant now);

  const Configuration& configuration() const { return configuration_; }
  SignalingState signaling_state() const { return signaling_state_; }
  IceGatheringState ice_gathering_state() const { return gathering_state_; }
  IceConnectionState ice_connection_state() const { return ice_connection_state_; }
  ConnectionState connection_state() const { return connection_state_; }
  const Descriptions& descriptions() const { return descriptions_; }
  std::optional<bool> can_trickle() const { return can_trickle_; }
  const Transceivers& transceivers() const { return transceivers_; }
  Channels& channels() { return channels_; }
  const Channels& channels() const { return channels_; }
  std::vector<TransportInfo> transport_infos() const;
  StatsReport stats() const;

 private:
  // A description of ours while it is being laid out.
  struct Draft {
    DescriptionPlan plan;
    std::vector<SectionPlan> sections;
  };

  // --- the chain (conductor_calls.cc) ---
  OperationId chain(Instant now, std::string method, std::vector<Field> arguments,
                    std::function<Settlement()> run);
  OperationId reject_now(Instant now, std::string method, Error error);
  void settle(OperationId id, std::string method, Settlement outcome);

  // --- createOffer, createAnswer ---
  Outcome<Description> make_offer(const OfferOptions& options);
  Outcome<Description> make_answer();
  Draft begin_draft(SdpType type, std::vector<std::string> ice_options);
  void keep_ice_options(DescriptionPlan& plan) const;
  CreatedDescription finish(Draft draft);
  sdp::Origin next_origin();
  std::string unused_mid(const Draft& draft) const;
  // … the offer: which section is what, then which transport it has
  void lay_out_offer(Draft& draft);
  void add_live_section(Draft& draft, std::size_t index, PlannedSection section, SectionPlan plan);
  void place_media(Draft& draft, std::optional<std::size_t> index, Transceiver& transceiver);
  bool has_msid(std::size_t section) const;  // our current description
  void place_data(Draft& draft, std::optional<std::size_t> index);
  void place(Draft& draft, std::optional<std::size_t> index, PlannedSection section,
             SectionPlan plan);
  bool is_free(std::size_t section) const;
  void bundle_offer(Draft& draft, const OfferOptions& options);
  void group_by_streams(Draft& draft) const;
  void give_offer_transport(Draft& draft, std::size_t index, const OfferOptions& options);
  bool wants_restart(const Transport& transport, const OfferOptions& options) const;
  // … the answer
  std::vector<bool> accept_sections(Draft& draft);
  void bundle_answer(Draft& draft, const std::vector<bool>& accepted);
  void give_answer_transport(Draft& draft, std::size_t index);
  sdp::Setup setup_for_answer(const Transport* existing, bool continues, sdp::Setup offered) const;
  void answer_stream_groups(Draft& draft) const;
  // … both
  void write_transport(Draft& draft, std::size_t index, bool with_tls_id);

  // --- setLocalDescription, setRemoteDescription ---
  Outcome<void> apply_local(std::optional<Description> description);
  Outcome<void> set_local(SdpType type, const CreatedDescription& created);
  void adopt_sections(SdpType type, const CreatedDescription& created);
  void adopt_transports();
  void update_local_tracks(SdpType type, TrackChanges& changes);
  void add_known_candidates();

  Outcome<void> apply_remote(const Description& description);
  std::optional<SignalingState> remote_move(SdpType type) const;
  Outcome<void> set_remote(const Description& description);
  Outcome<void> check_remote(SdpType type, const sdp::SessionDescription& sdp,
                             const RemoteSession& session) const;
  Outcome<void> check_oddities(const sdp::SessionDescription& offer,
                               const RemoteSession& session) const;
  Outcome<void> check_transports(SdpType type, const RemoteSession& session) const;
  Outcome<void> check_media(const RemoteSession& answer) const;
  void associate_sections(SdpType type, const sdp::SessionDescription& sdp, TrackChanges& changes);
  void propose_encodings(Transceiver& transceiver, const MediaSection& offered) const;

  // --- what an answer, provisional or final, settles (conductor_commit.cc) ---
  void commit(Side answerer, SdpType type, TrackChanges& changes);
  void adopt_answered_bundles();
  std::optional<TransportId> offered_transport(std::size_t section) const;
  void connect_transports(Side answerer);
  void settle_media(Side answerer);
  void release_rejected(TrackChanges& changes);
  void release_unassociated(TrackChanges& changes);
  void remember_bindings(Side side);

  Outcome<void> rollback(Side side);
  // The end of every successful description: state, negotiation-needed, events.
  void enter(SignalingState state, const TrackChanges& changes);
  void tell(const TrackChanges& changes);
  void describe_set(Side side, SdpType type);

  // --- candidates (conductor_candidates.cc) ---
  Outcome<void> apply_candidate(const IceCandidateInit& candidate);
  Outcome<std::vector<std::size_t>> sections_of(const IceCandidateInit& candidate) const;
  void apply_to_section(std::size_t section, const std::string& ufrag,
                        const std::optional<sdp::Candidate>& candidate);
  bool is_prohibited(const sdp::Candidate& candidate) const;
  void give_candidates(Transport& transport, std::size_t section);
  void give(IceSession& session, const sdp::Candidate& candidate);
  void end(IceSession& session);
  [[nodiscard]] bool has_said_everything() const;
  IceCandidateInit init_for(std::size_t section, std::string ufrag) const;
  void surface(const ice::Candidate& candidate, const std::string& ufrag);
  void surface_end(IceSession& session, const std::string& ufrag);
  void release_pooled();
  // The section of our latest description that speaks for the transport of this session.
  std::optional<std::size_t> section_with(std::string_view ufrag) const;

  // --- RTP (conductor_media.cc) ---
  void configure_media();
  void prepare_media();
  [[nodiscard]] media::Configuration media_of(const Transport& transport);
  [[nodiscard]] const MediaSection* offered_media(std::size_t section) const;
  void feed_sources();
  const std::string& cname();
  // What it wants of its section, with the source that descriptions shall name.
  MediaWishes wishes_of(Transceiver& transceiver);
  SignalledSource draw_source();
  bool drain_media();
  void react(const media::SessionEvent& event);
  void set_muted(const std::string& mid, bool muted);

  // --- the way down and up (conductor.cc, conductor_channels.cc) ---
  bool step();
  void catch_up();
  void fill_pool();
  void pump(Instant now);
  // The short way of media, which is nearly all that happens in a call.
  bool take_media(Instant now, const Input& input);
  [[nodiscard]] bool is_only_media_due(Instant now) const;
  void pump_media(Instant now);
  bool drain_ice(Instant now);
  bool drain_dtls(Instant now);
  bool drain_sctp(Instant now);
  void react(Instant now, const ice::AgentEvent& event);
  void react(Instant now, Transport& transport, const dtls::Event& event);
  void react(const sctp::ChannelEvent& event);
  // Negotiated, and rejected by neither.
  std::optional<std::size_t> data_section() const;
  void begin_sctp(Instant now);
  void end_sctp(Instant now, const std::string& reason);
  ice::StreamId add_stream(const TransportPlan& plan);
  TransportSetup transport_setup() const;
  void set_ice_role(ice::Role role);

  // --- states (conductor_states.cc) ---
  // Which members exist in which state; asserted when the event loop's turn and each pump end.
  bool is_consistent() const;
  void set_signaling_state(SignalingState next);
  void update_gathering_state();
  void update_connection_states();
  void update_negotiation_needed();
  void check_negotiation_needed();

  void trace(std::string_view name, std::vector<Field> fields);
  void trace_call(std::string_view method, std::vector<Field> fields = {});
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
  SeededRng media_rng_;
  dtls::Certificate certificate_;

  ice::Agent ice_;
  Transports transports_;
  CandidatePool pool_;
  Channels channels_;
  Transceivers transceivers_;
  MediaBindings bindings_;
  std::string cname_;                                 // RFC 8834 §4.9: of all our sources
  std::map<std::string, std::size_t> sources_heard_;  // by mid: how many of the peer's sources run

  Instant now_{};  // of the latest call: the turn of the event loop that follows belongs to it
  std::optional<Instant> fill_pool_at_;
  OperationsChain chain_;
  Descriptions descriptions_;
  std::optional<CreatedDescription> last_offer_;
  std::optional<CreatedDescription> last_answer_;
  std::vector<SectionPlan> plan_;                      // what our latest description means
  std::vector<SectionPlan> stable_plan_;               // … in the last stable state
  std::optional<RemoteSession> pending_session_;       // what the pending remote description means
  std::optional<RemoteSession> remote_session_;        // what was negotiated last
  std::vector<std::optional<MediaSection>> answered_;  // by section: of the latest answer
  std::optional<bool> can_trickle_;
  std::optional<IceCandidateInit> last_surfaced_;
  std::vector<CandidatePool::Member> taken_from_pool_;  // what they gathered is to be surfaced
  std::vector<ice::Credentials> to_replace_;            // [[LocalIceCredentialsToReplace]]
  // Those that were gathered for under another configuration: RFC 9429 §4.1.18, needs-ice-restart.
  std::vector<ice::Credentials> outdated_;

  std::string session_id_;
  std::uint64_t session_version_ = 0;
  // Goes up with whatever makes a created description outdated.
  std::uint64_t revision_ = 0;
  bool may_be_due_ = false;  // a call or an input came: see catch_up()
  bool closed_ = false;
  bool has_channels_ = false;
  bool has_set_local_ = false;
  bool ice_role_known_ = false;
  std::optional<TransportId> sctp_transport_;  // of the association that runs
  bool negotiation_needed_ = false;
  bool negotiation_check_queued_ = false;  // a task
  bool update_on_empty_chain_ = false;     // [[UpdateNegotiationNeededFlagOnEmptyChain]]

  SignalingState signaling_state_ = SignalingState::Stable;
  IceGatheringState gathering_state_ = IceGatheringState::New;
  IceConnectionState ice_connection_state_ = IceConnectionState::New;
  ConnectionState connection_state_ = ConnectionState::New;

  std::deque<Output> outbox_;
  std::deque<Event> events_;
};

}  // namespace rtclab::peer
