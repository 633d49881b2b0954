// What a scenario's steps do, as plain values: the calls of RTCPeerConnection by their standard
// names, what an application does around them, and what happens to the network.
#pragma once

#include "agents/base/time.h"
#include "agents/peer/data_channel_init.h"
#include "agents/peer/description.h"
#include "agents/peer/transceiver.h"
#include "scenarios/network_action.h"
#include "scenarios/peer.h"
#include "scenarios/trigger.h"
#include "sim/courier/terms.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::scenario {

struct CreateDataChannel {
  std::string peer;
  std::string label;
  peer::DataChannelInit init{};
};
struct CreateOffer {
  std::string peer;
  bool ice_restart = false;  // RTCOfferOptions
  std::string as{};          // a name for what comes of it
};
struct CreateAnswer {
  std::string peer;
  std::string as{};
};
struct SetLocalDescription {
  enum class What {
    Created,   // what the peer's last createOffer or createAnswer made
    Implicit,  // without argument: what the signaling state calls for
    Rollback,
    Named,
  };
  std::string peer;
  What what = What::Created;
  std::string description{};            // Named
  std::optional<peer::SdpType> type{};  // in place of its own: an answer set as pranswer
};
// Sends a description by signalling: the peer's local one, with the candidates it holds by then, or
// one that has a name, as it is.
struct SendDescription {
  std::string peer;
  std::string to;
  std::string description{};  // empty: the local one
  unsigned times = 1;         // so many copies, one after the other
};
// Waits for a description to arrive and sets it, or sets one that has a name.
struct SetRemoteDescription {
  std::string peer;
  bool rollback = false;
  std::string description{};
  std::optional<peer::SdpType> type{};  // in place of its own
};
// Waits for a description to arrive and keeps it under a name.
struct ReceiveDescription {
  std::string peer;
  std::string as;
};
// Changes the text of a description, and gives it a name; fails when there is nothing to change.
struct Munge {
  std::string peer;  // whose application does it
  std::string description;
  std::string as;
  std::string pattern;  // ECMAScript's, each match
  std::string with;     // $1: what the first group matched
};
// From now on candidates stay with the application that gathers them.
struct HoldCandidates {
  std::string peer;
};
// Sends those that are held, and each that comes later as it comes.
struct SendCandidates {
  std::string peer;
  std::string to;
  bool reversed = false;                           // the last one first
  std::optional<std::string> username_fragment{};  // in place of their own
};
// Waits for a description to arrive and takes no notice of it: what an impolite application does
// with an offer that has crossed its own.
struct DiscardDescription {
  std::string peer;
};
// Besides the candidates that signalling brings.
struct AddIceCandidate {
  std::string peer;
  std::optional<peer::IceCandidateInit> candidate;  // nullopt: null, no more will come at all
};
struct RestartIce {
  std::string peer;
};
// A transceiver is known by the name that is given here or, as those of the other peer's making
// are, by its mid.
struct AddTransceiver {
  std::string peer;
  std::string name;
  std::string kind;       // audio, video
  std::string direction;  // sendrecv, …
  std::optional<peer::MediaTrack> track;
  std::vector<peer::Encoding> send_encodings{};  // two or more: simulcast
};
// The transceiver goes by the id of the track.
struct AddTrack {
  std::string peer;
  peer::MediaTrack track;
};
struct ReplaceTrack {
  std::string peer;
  std::string transceiver;
  std::optional<peer::MediaTrack> track;  // nullopt: null, nothing is sent any more
};
struct RemoveTrack {
  std::string peer;
  std::string track;
};
struct StopTransceiver {
  std::string peer;
  std::string transceiver;
};
struct SetDirection {
  std::string peer;
  std::string transceiver;
  std::string direction;
};
struct SetCodecPreferences {
  std::string peer;
  std::string transceiver;
  std::vector<std::string> codecs;  // by name, the most wanted first; empty: all, as usual
};
struct SetConfiguration {
  std::string peer;
  PeerConfiguration configuration;
};
struct SendMessage {
  std::string peer;
  std::string channel;
  std::string text;
  unsigned count = 1;  // so many copies, "#1 …", one each `interval`
  Duration interval{0};
  std::size_t octets = 0;  // a shorter text is filled up with dots
};
struct CloseChannel {
  std::string peer;
  std::string channel;
};
struct ClosePeer {
  std::string peer;
};

// The courier carries otherwise what is sent from now on.
struct SetSignalling {
  std::string peer;  // at whose end it is shown
  signalling::CourierTerms terms;
  std::string what;  // for readers: "loss=\"100%\""
};

struct Wait {
  std::optional<Trigger> until;  // nullopt: only the time
  Duration at_most{0};           // how long; when it has not come by then, the step has failed
  bool for_ever = false;         // a <when>: it may come at any time
};

using Action =
    std::variant<CreateDataChannel, CreateOffer, CreateAnswer, SetLocalDescription, SendDescription,
                 SetRemoteDescription, DiscardDescription, ReceiveDescription, Munge,
                 HoldCandidates, SendCandidates, AddIceCandidate, RestartIce, AddTransceiver,
                 AddTrack, ReplaceTrack, RemoveTrack, StopTransceiver, SetDirection,
                 SetCodecPreferences, SetConfiguration, SendMessage, CloseChannel, ClosePeer,
                 SetInterface, SetLink, RestartNat, SetNat, SetAddress, SetServer, SetSignalling,
                 Wait>;

// As a reader says it: "bob createAnswer()".
[[nodiscard]] std::string to_string(const Action& action);
// The peer that acts, or the machine that something happens to (of a link, the one at its end a);
// empty for <wait for>.
[[nodiscard]] std::string_view actor(const Action& action);
// The machine at the other end of the link that the step changes; empty for all else.
[[nodiscard]] std::string_view far_end(const Action& action);
// Whether it is the network that the step changes.
[[nodiscard]] bool is_of_network(const Action& action);

}  // namespace rtclab::scenario
