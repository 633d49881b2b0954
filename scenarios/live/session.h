// A peer on real sockets, spoken to in lines.
//
// The application around the agent is a small one: it hands every local description and candidate
// to the other peer as a line, applies what the other peer said and answers offers. In an automatic
// mode it negotiates by the pattern of W3C webrtc-pc §10.7, so that both sides may change anything
// at any time. Everything else is asked for by commands.
#pragma once

#include "agents/live/clock.h"
#include "agents/live/driver.h"
#include "agents/peer/configuration.h"
#include "agents/peer/peer_connection.h"
#include "agents/peer/perfect_negotiation.h"
#include "scenarios/live/evidence_recorder.h"
#include "scenarios/live/line.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::program {

// Whether the peer negotiates by itself when it is needed. Offer also opens a channel "chat" to
// begin with, and gives way to nobody when offers cross; Answer gives way.
enum class Mode : std::uint8_t { Manual, Offer, Answer };

struct SessionOptions {
  Mode mode = Mode::Manual;
  std::optional<peer::Politeness> politeness;  // by mode when not said
  bool trickle = true;  // false: a description is handed over when it has all candidates
  live::Loopback loopback = live::Loopback::Hidden;
  std::uint64_t seed = 0;
  std::vector<peer::MediaTrack> tracks;  // sent from the first negotiation on
  Names names;
  peer::Configuration configuration;
};

class Session {
 public:
  using Write = std::function<void(const std::string& line)>;

  // References outlive the session; `recorder` may be null. `on_end` is called once, when the
  // program shall end.
  Session(boost::asio::io_context& context, const live::Clock& clock, SessionOptions options,
          EvidenceRecorder* recorder, Write write, std::function<void()> on_end);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Whatever it says; what is wrong with it becomes a line of news.
  void take_line(std::string_view text);
  // The other side of the pipe has closed, or the user wants to end.
  void end();

 private:
  // What a promise of the agent was asked for by, and so what follows when it settles.
  enum class Purpose : std::uint8_t { Asked, Answering, RemoteOffer, RemoteSignal };
  struct Pending {
    Purpose purpose;
    Request request;  // of a command
  };

  void take(const Request& request);
  void take(const scenario::Signal& signal);
  void take(const NoMoreCandidates& signal);
  void take(const News& /*news*/) {}

  using Call = std::function<peer::OperationId(Instant, peer::PeerConnection&)>;
  // A call that returns a promise: what follows from it follows when it settles.
  void ask(Purpose purpose, const Request& request, const Call& call);
  // A call that returns at once; it says how it ended.
  template <class T>
  using Plain = std::function<peer::Outcome<T>(Instant, peer::PeerConnection&)>;
  void tell(const Request& request, const Plain<void>& call);
  void tell(const Request& request, const Plain<peer::TransceiverId>& call);
  // The same for one that names a channel by its label.
  void tell_channel(const Request& request, const std::string& label,
                    const std::function<peer::Outcome<void>(Instant, peer::PeerConnection&,
                                                            peer::ChannelId)>& call);
  void run(const Request& request, const CreateOffer& command);
  void run(const Request& request, const CreateAnswer& command);
  void run(const Request& request, const SetLocalDescription& command);
  void run(const Request& request, const SetRemoteDescription& command);
  void run(const Request& request, const AddIceCandidate& command);
  void run(const Request& request, const AddTransceiver& command);
  void run(const Request& request, const AddTrack& command);
  void run(const Request& request, const RemoveTrack& command);
  void run(const Request& request, const ReplaceTrack& command);
  void run(const Request& request, const SetDirection& command);
  void run(const Request& request, const StopTransceiver& command);
  void run(const Request& request, const SetStreams& command);
  void run(const Request& request, const SetCodecPreferences& command);
  void run(const Request& request, const GetTransceivers& command);
  void run(const Request& request, const RestartIce& command);
  void run(const Request& request, const SetConfiguration& command);
  void run(const Request& request, const GetStats& command);
  void run(const Request& request, const CreateDataChannel& command);
  void run(const Request& request, const Send& command);
  void run(const Request& request, const SetBufferedAmountLowThreshold& command);
  void run(const Request& request, const CloseChannel& command);
  void run(const Request& request, const Close& command);
  void run(const Request& request, const Quit& command);

  bool take_events(Instant now, peer::PeerConnection& connection);
  void handle(const peer::OperationSettled& event);
  void handle(const peer::IceCandidateEvent& event);
  void handle(const peer::IceCandidateError& event);
  void handle(const peer::SignalingStateChange& event);
  void handle(const peer::IceGatheringStateChange& event);
  void handle(const peer::IceConnectionStateChange& event);
  void handle(const peer::ConnectionStateChange& event);
  void handle(const peer::SelectedCandidatePairChange& event);
  void handle(const peer::NegotiationNeeded& event);
  void handle(const peer::TrackEvent& event);
  void handle(const peer::StreamTrackAdded& event);
  void handle(const peer::StreamTrackRemoved& event);
  void handle(const peer::TrackEnded& event);
  void handle(const peer::TrackMuted& event);
  void handle(const peer::TrackUnmuted& event);
  void handle(const peer::DataChannelEvent& event);
  void handle(const peer::ChannelOpen& event);
  void handle(const peer::ChannelClosing& event);
  void handle(const peer::ChannelClose& event);
  void handle(const peer::ChannelError& event);
  void handle(const peer::ChannelBufferedAmountLow& event);
  void handle(const peer::ChannelMessage& event);
  void handle(const peer::Secrets& event);
  void record(Instant now, const Event& event);

  // Hands on what the pattern wants to say; whether there was anything.
  bool carry_negotiation();
  void answer();
  [[nodiscard]] bool trickles() const;  // candidates of what we say now travel one by one
  void tell_local(const scenario::Signal& signal);
  void tell_description();
  void hand_over(const scenario::Signal& signal);
  void note_received(const scenario::Signal& signal);
  void close_connection();

  const live::Clock& clock_;
  SessionOptions options_;
  EvidenceRecorder* recorder_;
  Write write_;
  std::function<void()> on_end_;
  SeededRng rng_;
  std::map<peer::OperationId, Pending> pending_;
  std::map<std::string, peer::ChannelId> channels_;
  bool description_waits_ = false;  // for the end of gathering
  bool ended_ = false;
  // In the automatic modes. Before the driver, which calls take_events() while it is made.
  std::optional<peer::PerfectNegotiation> negotiation_;
  live::Driver<peer::PeerConnection> driver_;
};

}  // namespace rtclab::program
