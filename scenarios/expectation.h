// What must come of a scenario, as plain values. Each is judged on its own.
//
// Spec: W3C webrtc-pc and webrtc-stats for the names of states, events, members and descriptions.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"
#include "reports/judge/judge.h"
#include "scenarios/condition.h"
#include "scenarios/moment.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::scenario {

// How often; `count` is both at once.
struct Times {
  std::optional<unsigned> at_least{};
  std::optional<unsigned> at_most{};

  [[nodiscard]] bool admits(unsigned times) const {
    return (!at_least || times >= *at_least) && (!at_most || times <= *at_most);
  }
  [[nodiscard]] bool is_any() const { return !at_least && !at_most; }
};
inline constexpr Times kNever{0, 0};

// When something has to be so.
enum class When {
  AtEnd,   // of the run
  Once,    // at some time of the window
  Always,  // at all times of the window
  Never,   // at no time of the window
};

struct ExpectState {
  Condition condition;
  When when = When::AtEnd;
  Window window{};
};
// The states one after the other, the one that the window begins with among them.
struct ExpectStates {
  std::string peer;
  std::string attribute;  // connectionState, …, readyState
  std::string channel{};  // of a readyState
  // kOthers stands for any number of others, also none.
  std::vector<std::string> order{};
  Window window{};
};
inline constexpr std::string_view kOthers = "…";

// The time from one moment to the first time after it that the other comes.
struct ExpectDuration {
  Moment from;
  Moment to;
  std::optional<Duration> at_least{};
  std::optional<Duration> at_most{};
};
// When a step ended, and how long it took.
struct ExpectStep {
  std::string step;  // what it is called
  Window window{};
  std::optional<Duration> at_least{};
  std::optional<Duration> at_most{};
};

// What is empty means any.
struct PairFilter {
  std::vector<std::string> local{};  // types, one of these: host, srflx, prflx, relay
  std::vector<std::string> remote{};
  std::string protocol{};  // udp, tcp
  std::string family{};    // IPv4, IPv6
  std::optional<Ip> local_address{};
  std::optional<Ip> remote_address{};
  std::string local_machine{};  // that the address belongs to: the peer's own, a NAT, a TURN server
  std::string remote_machine{};
  std::string relay{};  // the TURN server that it goes over, on either side
};
// A pair that the peer uses.
struct ExpectSelectedPair {
  std::string peer;
  PairFilter pair{};
  When when = When::AtEnd;
  Window window{};
};
// All that a peer selected, in their order.
struct ExpectSelectedPairs {
  // Types; `others` stands for any number of pairs.
  struct Types {
    std::vector<std::string> local{};  // empty: any
    std::vector<std::string> remote{};
    bool others = false;
  };
  std::string peer;
  Times times{};
  std::vector<Types> order{};  // empty: any
  Window window{};
};

struct ExpectCandidates {
  enum class Which {
    Gathered,  // icecandidate fired with it
    Trickled,  // sent by signalling, beside a description
    Received,  // came by signalling, beside a description
  };
  std::string peer;
  Which which = Which::Gathered;
  std::vector<std::string> types{};
  std::string protocol{};
  std::string tcp_type{};
  std::string family{};
  Times times{};
  Window window{};
};

// So often an event fired.
struct ExpectEvent {
  EventFilter event;
  Times times{};
  Window window{};
};
// So often an agent reported that.
struct ExpectRecord {
  RecordFilter record;
  Times times{};
  Window window{};
};

struct ExpectMessage {
  MessageFilter message;
  Times times{1, {}};
  Window window{};
};
// What arrived on a channel, as a whole.
struct ExpectMessages {
  std::string peer;
  std::string channel;
  std::string from{};     // the peer that sent them
  Times times{};          // how many arrived
  bool in_order = false;  // as they were sent
  bool once = false;      // none of them twice
  bool complete = false;  // all that was sent arrived
  Window window{};
};

// One of the descriptions of RTCPeerConnection, at the end or at that moment.
struct ExpectDescription {
  std::string peer;
  std::string attribute;                  // "pendingLocalDescription", …, "remoteDescription"
  std::string type{};                     // offer, answer, pranswer, null; empty: any but null
  std::optional<std::string> contains{};  // some line holds this text
  std::optional<std::string> lacks{};     // no line holds it
  std::optional<std::string> matches{};   // some line fits this regular expression (ECMAScript)
  std::optional<Moment> at{};
};

// What a transceiver has come to in the end; what is nullopt is not asked for.
struct ExpectTransceiver {
  std::string peer;
  std::string transceiver;                         // the name that a step gave it, or its mid
  std::optional<std::string> current_direction{};  // sendrecv, …, stopped (also: gone)
  std::optional<std::string> direction{};
  std::optional<std::string> track{};  // that its sender has; "null": none
  std::optional<bool> muted{};         // the track of its receiver
};
// How many it has in the end, but for those that are stopped.
struct ExpectTransceivers {
  std::string peer;
  std::string kind{};
  std::string current_direction{};
  Times times{};
};

// A member of getStats(), by its standard names: the sum over all objects of that type, of that
// kind and of that rid where one is given. Of a text: one of these objects has it.
struct ExpectStatistic {
  std::string peer;
  std::string type;    // "inbound-rtp"
  std::string kind{};  // audio, video; empty: any
  std::string rid{};   // of a simulcast layer that is sent; empty: any
  std::string member;  // "framesDecoded"
  std::optional<double> at_least{};
  std::optional<double> at_most{};
  std::optional<std::string> is{};
};

// What the judge says of a requirement.
struct ExpectVerdict {
  std::string requirement;  // what it is called
  judge::Verdict is = judge::Verdict::Pass;
};
// No requirement has this verdict; `of` narrows it to those whose ids begin so ("turn").
struct ExpectVerdicts {
  judge::Verdict none = judge::Verdict::Fail;
  std::string of{};
};

using Expectation =
    std::variant<ExpectState, ExpectStates, ExpectDuration, ExpectStep, ExpectSelectedPair,
                 ExpectSelectedPairs, ExpectCandidates, ExpectEvent, ExpectRecord, ExpectMessage,
                 ExpectMessages, ExpectDescription, ExpectTransceiver, ExpectTransceivers,
                 ExpectStatistic, ExpectVerdict, ExpectVerdicts>;

// As a reader says it: "bob receives "hello" on "chat"".
[[nodiscard]] std::string to_string(const Expectation& expectation);

}  // namespace rtclab::scenario
