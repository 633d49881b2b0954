// A scenario as plain values: which peers stand on which machines, what they do, what must come of
// it.
//
// Spec: the steps carry the names of W3C webrtc-pc's methods and events; scenarios/library/*.xml
// shows them.
//
// Time. Steps run in the order of the file: each begins when the one before has ended, and not
// before its own `at`. A call of a peer ends when its promise settles; setRemoteDescription first
// waits for a description to arrive by signalling; <wait> ends when what it names is so, or when
// its patience is over.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::scenario {

// An RTCIceServer of a peer's configuration. `machine` is a STUN or TURN server of the topology.
struct IceServer {
  enum class Scheme { Stun, Turn };
  Scheme scheme = Scheme::Stun;
  std::string machine;
  std::string username;    // TURN only
  std::string credential;  // TURN only
};

struct Peer {
  std::string name;
  std::string machine;
  bool relay_only = false;  // iceTransportPolicy="relay"
  // Candidates are signalled as they are found, or only inside the description.
  bool trickle = true;
  std::vector<IceServer> ice_servers;
  Deviations deviations;
  std::size_t line = 0;
};

// A STUN or TURN server with deliberate faults.
struct FaultyServer {
  std::string machine;
  Deviations deviations;
};

// ---- the steps ----

struct CreateDataChannel {
  std::string peer;
  std::string label;
  bool ordered = true;
};
struct CreateOffer {
  std::string peer;
};
struct CreateAnswer {
  std::string peer;
};
struct SetLocalDescription {
  enum class What {
    Created,   // what the peer's last createOffer or createAnswer made
    Implicit,  // without argument: what the signaling state calls for
    Rollback,
  };
  std::string peer;
  What what = What::Created;
};
// Sends the peer's local description (with the candidates it holds by then) by signalling.
struct SendDescription {
  std::string peer;
  std::string to;
};
// Waits for a description to arrive and sets it.
struct SetRemoteDescription {
  std::string peer;
  bool rollback = false;
};
struct SendMessage {
  std::string peer;
  std::string channel;
  std::string text;
  unsigned count = 1;  // so many copies, "#1 …", one each `interval`
  Duration interval{0};
};
struct CloseChannel {
  std::string peer;
  std::string channel;
};
struct ClosePeer {
  std::string peer;
};

// What can be waited for and expected: an attribute of RTCPeerConnection, by its standard name, has
// a value.
struct StateCondition {
  std::string peer;
  std::string attribute;  // signalingState, iceGatheringState, iceConnectionState, connectionState
  std::string value;
};
// A data channel has its readyState: connecting, open, closing, closed.
struct ChannelCondition {
  std::string peer;
  std::string channel;
  std::string value;
};
// So many messages have arrived on a channel.
struct MessagesCondition {
  std::string peer;
  std::string channel;
  unsigned count = 1;
};
using Condition = std::variant<StateCondition, ChannelCondition, MessagesCondition>;

struct Wait {
  std::optional<Condition> until;  // nullopt: only the time
  Duration at_most{0};  // how long; when a condition is not met by then, the step has failed
};

using Action =
    std::variant<CreateDataChannel, CreateOffer, CreateAnswer, SetLocalDescription, SendDescription,
                 SetRemoteDescription, SendMessage, CloseChannel, ClosePeer, Wait>;

struct Step {
  Action action;
  std::optional<Duration> at;  // not before this time of the run
  std::string comment;         // note="…": shown in the diagram beside the step
  std::size_t line = 0;
};

// ---- expectations ----

struct ExpectState {
  Condition condition;
  std::optional<Duration> by;  // reached no later than this; without it: so at the end of the run
};
// The types of the candidates of the pair that the peer has selected at the end; empty means any.
struct ExpectSelectedPair {
  std::string peer;
  std::vector<std::string> local;  // one of these: host, srflx, prflx, relay
  std::vector<std::string> remote;
};
struct ExpectMessage {
  std::string peer;
  std::string channel;
  std::string text;  // arrived at least once, exactly so
};
using Expectation = std::variant<ExpectState, ExpectSelectedPair, ExpectMessage>;

struct Expected {
  Expectation expectation;
  std::size_t line = 0;
};

struct Scenario {
  std::string file;
  std::string name;
  std::string title;
  std::string description;
  std::string topology;  // a name in topologies/library or a path beside the scenario
  Duration duration{0};  // the run ends at this virtual time
  std::optional<std::string> signalling;  // the machine; nullopt: the topology's only one
  std::vector<Peer> peers;
  std::vector<FaultyServer> faulty_servers;
  std::vector<Step> steps;
  std::vector<Expected> expectations;

  [[nodiscard]] const Peer* find_peer(std::string_view peer) const;
};

// As a reader says it: "alice connectionState = connected", "bob createAnswer()".
[[nodiscard]] std::string to_string(const Condition& condition);
[[nodiscard]] std::string to_string(const Action& action);
[[nodiscard]] std::string to_string(const Expectation& expectation);
// The peer that acts; empty for <wait for>.
[[nodiscard]] std::string_view actor(const Action& action);

}  // namespace rtclab::scenario
