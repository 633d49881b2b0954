// Something that happens in a run and can be pointed at: the end of a step, a state that is
// reached, an event that fires, a message that arrives. What is measured from one to another, and
// what has to be so after one of them, names it this way.
#pragma once

#include "agents/base/time.h"
#include "agents/peer/ice_server_url.h"
#include "scenarios/condition.h"

#include <optional>
#include <string>
#include <variant>

namespace rtclab::scenario {

struct AtTime {
  Duration at{0};  // of the run
};
struct StepEdge {
  enum class Edge { Begin, End };
  std::string step;  // what it is called
  Edge edge = Edge::End;
};
// An event of RTCPeerConnection or of what belongs to it, by its standard name.
struct EventFilter {
  std::string peer;
  std::string type;                         // "negotiationneeded"
  std::string channel{};                    // of RTCDataChannel's; empty: any
  std::optional<int> error_code{};          // of icecandidateerror
  std::optional<peer::IceServerUrl> url{};  // of icecandidateerror
  std::string error_detail{};               // of error: "sctp-failure"; empty: any
};
// What an agent or a machine reported, by the name in the trace.
struct RecordFilter {
  std::string by;  // a peer or a machine
  std::string event;
};
struct MessageFilter {
  std::string peer;
  std::string channel;
  std::string text;  // exactly so
};

using Happening = std::variant<AtTime, StepEdge, StateCondition, ChannelCondition,
                               MessagesCondition, EventFilter, RecordFilter, MessageFilter>;
struct Moment {
  Happening what;
  unsigned nth = 1;  // the first, the second … time that it happens
};

// "step "restart" ends", "alice connectionState = connected", "the 2nd bob fires track".
[[nodiscard]] std::string to_string(const Moment& moment);
[[nodiscard]] std::string to_string(const EventFilter& event);
// "1.5 s"
[[nodiscard]] std::string in_seconds(Duration duration);

// The part of a run that is looked at; all of it when nothing is said.
struct Window {
  std::optional<Duration> from{};
  std::optional<Duration> until{};  // with this instant
  std::optional<Moment> after{};    // without what makes the moment itself
  std::optional<Moment> before{};

  [[nodiscard]] bool is_whole() const { return !from && !until && !after && !before; }
};
// " from 5 s after step "restart" ends"; empty for the whole.
[[nodiscard]] std::string to_string(const Window& window);

}  // namespace rtclab::scenario
