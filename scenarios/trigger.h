// What a step can wait for, and a <when> begins with: a condition on a peer, something that an
// agent reports, a packet, another step.
//
// Reports and packets are counted from when the waiting begins.
#pragma once

#include "scenarios/condition.h"
#include "topologies/link_quality.h"

#include <cstddef>
#include <string>
#include <variant>

namespace rtclab::scenario {

// An agent reports this for the n-th time, by the name in the trace: "ice:pair_nominated".
struct RecordTrigger {
  std::string by;  // a peer or a machine
  std::string event;
  unsigned number = 1;
};
// The n-th packet of its kind leaves a machine or arrives at it, whatever becomes of it then.
struct PacketTrigger {
  std::string machine;
  bool leaves = true;
  topology::Drop packet{};  // counted as a link's list of drops counts
};
struct StepTrigger {
  std::string id;
  std::size_t step = 0;    // its place in the scenario
  bool has_begun = false;  // else: has ended
};
using Trigger = std::variant<Condition, RecordTrigger, PacketTrigger, StepTrigger>;

// As a reader says it: "the 1st dtls-flight leaves bob".
[[nodiscard]] std::string to_string(const Trigger& trigger);

}  // namespace rtclab::scenario
