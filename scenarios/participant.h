// One peer of a scenario at work: a PeerConnection on a simulated machine, and the application
// around it.
//
// The application is what a web page would be: it hands candidates to signalling as they are found,
// takes what signalling brings as its receipt says (inbox.h), and keeps a chronicle of what the
// peer shows. The calls of the interface come from the timeline; those of a negotiation may come
// from the pattern of W3C webrtc-pc §10.7 instead.
#pragma once

#include "agents/peer/peer_connection.h"
#include "agents/peer/perfect_negotiation.h"
#include "scenarios/chronicle.h"
#include "scenarios/inbox.h"
#include "scenarios/scenario.h"
#include "scenarios/signal.h"
#include "scenarios/stamp.h"
#include "sim/capture/sink.h"
#include "sim/host/agent_host.h"
#include "sim/server/channel.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rtclab::scenario {

// How a peer's promise ended.
using Settled = std::variant<std::monostate, peer::Description, peer::Error>;

class Participant {
 public:
  struct Setting {
    const Peer& peer;
    sim::Host& host;
    std::unique_ptr<signalling::Channel> channel;
    signalling::Receipt receipt;
    std::string partner;  // of a peer that negotiates by itself
    peer::Configuration configuration;
    const SeededRng& rng;
    capture::Sink* sink = nullptr;  // is told the DTLS secrets
    std::function<void(Instant, const Event&)> record;
    std::function<void()> on_change;  // something happened that a step may have waited for
    StampSequence& stamps;
    bool notes_descriptions = false;  // each of them, whenever it changes: costs time
  };
  explicit Participant(Setting setting);
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

  [[nodiscard]] const Chronicle& chronicle() const { return chronicle_; }
  [[nodiscard]] const peer::PeerConnection& connection() const { return agent_.agent(); }

  // --- the interface's calls, as the timeline makes them ---
  peer::OperationId create_offer(peer::OfferOptions options);
  peer::OperationId create_answer();
  // An error when there is nothing to set.
  peer::Outcome<peer::OperationId> set_local_description(SetLocalDescription::What what,
                                                         std::optional<peer::SdpType> type);
  peer::OperationId set_local_description(peer::Description description);
  // With a received description, of this type if one is given: nullopt while none has arrived.
  std::optional<peer::OperationId> set_received_description(std::optional<peer::SdpType> type);
  peer::OperationId set_remote_description(peer::Description description);
  // The description that has arrived, which is not acted on; nullopt while none has.
  std::optional<peer::Description> take_description();
  peer::OperationId roll_back_remote();
  peer::OperationId add_ice_candidate(std::optional<peer::IceCandidateInit> candidate);
  // How the call ended; nullopt while it has not.
  [[nodiscard]] std::optional<Settled> settled(peer::OperationId operation) const;

  // Calls that end at once; an error's name and message, or nothing.
  std::optional<peer::Error> create_data_channel(const CreateDataChannel& action);
  std::optional<peer::Error> send(const std::string& channel, const std::string& text);
  std::optional<peer::Error> add_transceiver(const AddTransceiver& action);
  std::optional<peer::Error> add_track(const AddTrack& action);
  peer::Outcome<peer::OperationId> replace_track(const ReplaceTrack& action);
  std::optional<peer::Error> remove_track(const RemoveTrack& action);
  std::optional<peer::Error> stop(const StopTransceiver& action);
  std::optional<peer::Error> set_direction(const SetDirection& action);
  std::optional<peer::Error> set_codec_preferences(const SetCodecPreferences& action);
  std::optional<peer::Error> set_configuration(const peer::Configuration& configuration);
  void restart_ice();
  std::optional<peer::Error> close_channel(const std::string& channel);
  void close();

  // Without trickle the description is complete only when gathering is.
  [[nodiscard]] bool ready_to_send_description() const;
  // Why it never will be; nullopt when there is no such reason.
  [[nodiscard]] std::optional<peer::Error> reason_not_to_send() const;
  // Precondition: there is a local description.
  void send_description(const std::string& to);
  void send_description(peer::Description description, const std::string& to);
  void hold_candidates() { holds_candidates_ = true; }
  void send_candidates(const SendCandidates& action);

  // The run is over: notes what there is to be noted of the end.
  void conclude();

 private:
  bool take_events(Instant now, peer::PeerConnection& connection);
  void handle(Instant now, const peer::OperationSettled& event);
  void handle(Instant now, const peer::IceCandidateEvent& event);
  void handle(Instant now, const peer::SignalingStateChange& event);
  void handle(Instant now, const peer::IceGatheringStateChange& event);
  void handle(Instant now, const peer::IceConnectionStateChange& event);
  void handle(Instant now, const peer::ConnectionStateChange& event);
  void handle(Instant now, const peer::NegotiationNeeded& event);
  void handle(Instant now, const peer::IceCandidateError& event);
  void handle(Instant now, const peer::TrackEvent& event);
  void handle(Instant now, const peer::TrackEnded& event);
  void handle(Instant now, const peer::TrackMuted& event);
  void handle(Instant now, const peer::TrackUnmuted& event);
  void handle(Instant now, const peer::SelectedCandidatePairChange& event);
  void handle(Instant now, const peer::StreamTrackAdded& event);
  void handle(Instant now, const peer::StreamTrackRemoved& event);
  void handle(Instant now, const peer::DataChannelEvent& event);
  void handle(Instant now, const peer::ChannelOpen& event);
  void handle(Instant now, const peer::ChannelBufferedAmountLow& event);
  void handle(Instant now, const peer::ChannelClosing& event);
  void handle(Instant now, const peer::ChannelError& event);
  void handle(Instant now, const peer::ChannelClose& event);
  void handle(Instant now, const peer::ChannelMessage& event);
  // The others are of no interest here. (The secrets come too late for the capture, which needs the
  // keys before the packet that needs them; see record().)
  template <class E>
  void handle(Instant /*now*/, const E& /*event*/) {}
  void take_inbox();
  void add_received(Inbox::Entry received);
  void note_held();
  void note_refusal(Instant now, const peer::OperationSettled& event);
  bool send_negotiated();  // whether there was anything
  void note_event(Instant now, std::string type, std::string channel = {});
  void note_transceivers();
  void note_descriptions(Instant now);
  [[nodiscard]] peer::Outcome<peer::TransceiverId> find_transceiver(const std::string& name) const;
  // The one whose sender has that track, or that goes by its name.
  [[nodiscard]] std::string transceiver_of_track(const std::string& track) const;
  [[nodiscard]] peer::Outcome<peer::ChannelId> find_channel(const std::string& label) const;
  template <class Call>  // (now, connection, id) -> Outcome<void>
  std::optional<peer::Error> call_of(const std::string& transceiver, Call call);
  void send_signal(const Signal& signal);
  void receive(const signalling::Message& message);
  void record(Instant now, const Event& event);

  const Peer& peer_;
  std::function<void(Instant, const Event&)> record_;
  std::function<void()> on_change_;
  capture::Sink* sink_;
  StampSequence& stamps_;
  bool notes_descriptions_;
  Chronicle chronicle_;
  SeededRng rng_;
  std::map<peer::OperationId, Settled> settled_;
  std::map<std::string, peer::ChannelId> channels_;
  std::map<std::string, peer::TransceiverId> transceivers_;  // by the name of a step, or the mid
  std::optional<peer::Description> created_;
  std::optional<std::string> partner_;  // to whom our description went: candidates follow it
  bool holds_candidates_ = false;
  std::vector<peer::IceCandidateInit> held_candidates_;  // in the order in which they were found
  Inbox inbox_;
  std::map<peer::OperationId, std::string> added_;  // candidates: by which message they came
  std::unique_ptr<signalling::Channel> channel_;
  std::optional<peer::PerfectNegotiation> negotiation_;
  sim::AgentHost<peer::PeerConnection> agent_;
};

}  // namespace rtclab::scenario
