// A scenario as plain values: which peers stand on which machines, what they do, what must come of
// it.
//
// Spec: the steps carry the names of W3C webrtc-pc's methods and events; scenarios/library/*.xml
// shows them.
//
// Time. A step begins when those that it comes after have ended (in a plain timeline, the one
// before it) and not before its own `at`. A call of a peer ends when its promise settles;
// setRemoteDescription first waits for a description to arrive by signalling; <wait> ends when what
// it names is so, or when its patience is over. What a file says by <sequence>, <parallel>,
// <repeat> and <when> is in `after`, `since` and steps that wait.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/time.h"
#include "scenarios/action.h"
#include "scenarios/condition.h"
#include "scenarios/expectation.h"
#include "scenarios/peer.h"
#include "scenarios/signalling.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::scenario {

// A STUN or TURN server with deliberate faults.
struct FaultyServer {
  std::string machine;
  Deviations deviations;
};

// A place in a scenario's list of steps.
using StepIndex = std::size_t;

// So long after that step has begun: a round of a <repeat every="…">.
struct Since {
  StepIndex step = 0;
  Duration offset{0};
};

struct Step {
  Action action;
  std::optional<Duration> at;  // not before this time of the run
  std::string comment;         // note="…": shown in the diagram beside the step
  std::string error{};         // the call must fail with the error of this name
  std::size_t line = 0;
  std::string id{};  // by which others speak of it; empty: nobody does
  // What must have ended before, each in the list before this one or named by its id; nullopt: the
  // step before it in the list.
  std::optional<std::vector<StepIndex>> after{};
  Duration pause{0};  // and so long after that
  std::optional<Since> since{};
};

struct Expected {
  Expectation expectation;
  std::size_t line = 0;
};

struct Scenario {
  std::string file;
  std::string name;
  std::string title;
  std::string description;
  std::string theme;     // of theme.h; empty: none was said
  std::string topology;  // a name in topologies/library or a path beside the scenario
  Duration duration{0};  // the run ends at this virtual time
  Signalling signalling{};
  std::vector<Peer> peers;
  std::vector<FaultyServer> faulty_servers;
  std::vector<Step> steps;
  std::vector<Expected> expectations;

  [[nodiscard]] const Peer* find_peer(std::string_view peer) const;
  // What must have ended before that step begins.
  [[nodiscard]] std::vector<StepIndex> predecessors(StepIndex step) const;
};

// What the step waits for, if it is of that kind; nullptr otherwise.
template <class Kind>
[[nodiscard]] const Kind* awaited(const Step& step) {
  const auto* const wait = std::get_if<Wait>(&step.action);
  return wait == nullptr || !wait->until ? nullptr : std::get_if<Kind>(&*wait->until);
}

}  // namespace rtclab::scenario
