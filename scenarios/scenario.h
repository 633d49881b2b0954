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
#include "scenarios/action.h"
#include "scenarios/condition.h"
#include "scenarios/expectation.h"
#include "scenarios/peer.h"
#include "scenarios/signalling.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::scenario {

// A STUN or TURN server with deliberate faults.
struct FaultyServer {
  std::string machine;
  Deviations deviations;
};

struct Step {
  Action action;
  std::optional<Duration> at;  // not before this time of the run
  std::string comment;         // note="…": shown in the diagram beside the step
  std::string error{};         // the call must fail with the error of this name
  std::string id{};            // by which expectations speak of it; empty: nobody does
  std::size_t line = 0;
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
  std::string topology;  // a name in topologies/library or a path beside the scenario
  Duration duration{0};  // the run ends at this virtual time
  Signalling signalling{};
  std::vector<Peer> peers;
  std::vector<FaultyServer> faulty_servers;
  std::vector<Step> steps;
  std::vector<Expected> expectations;

  [[nodiscard]] const Peer* find_peer(std::string_view peer) const;
};

}  // namespace rtclab::scenario
