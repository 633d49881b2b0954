// What the owner of an ICE agent must act on. Each is also in the trace, through describe().
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/event.h"
#include "agents/ice/candidate.h"
#include "agents/ice/state.h"

#include <string>
#include <variant>

namespace rtclab::ice {

// A local candidate to be told to the peer (trickled, RFC 8838 §9); `ufrag` names its generation,
// as RFC 8840 §4.2 has it.
struct CandidateGathered {
  static constexpr std::string_view kName = "ice:candidate_gathered";
  StreamId stream;
  Candidate candidate;
  std::string ufrag;
  [[nodiscard]] Event describe() const;
};
// No more local candidates of this stream and generation: time to tell the peer (RFC 8838 §13).
struct EndOfCandidates {
  static constexpr std::string_view kName = "ice:end_of_candidates";
  StreamId stream;
  std::string ufrag;
  [[nodiscard]] Event describe() const;
};
// A server gave no candidate; the W3C's icecandidateerror. `code` 0: no answer, or none that could
// be used.
struct GatheringFailed {
  static constexpr std::string_view kName = "ice:gathering_failed";
  StreamId stream;
  Endpoint base;
  std::string url;
  int code;
  std::string reason;
  [[nodiscard]] Event describe() const;
};
// Over all streams.
struct GatheringStateChanged {
  static constexpr std::string_view kName = "ice:gathering_state_changed";
  GatheringState state;
  [[nodiscard]] Event describe() const;
};
struct StateChanged {
  static constexpr std::string_view kName = "ice:state_changed";
  StreamId stream;
  State from;
  State state;
  std::string reason;
  [[nodiscard]] Event describe() const;
};
// Data now goes over this pair: first the best valid one, in the end the nominated one.
struct SelectedPairChanged {
  static constexpr std::string_view kName = "ice:pair_selected";
  StreamId stream;
  PairId pair;
  Candidate local;
  Candidate remote;
  std::string reason;
  [[nodiscard]] Event describe() const;
};
struct RoleChanged {
  static constexpr std::string_view kName = "ice:role_changed";
  Role role;
  std::string reason;
  [[nodiscard]] Event describe() const;
};
// A datagram of the peer that is not STUN: DTLS, SRTP. The capture has it, so it is no trace event.
struct DataReceived {
  StreamId stream;
  Bytes bytes;
};

using AgentEvent =
    std::variant<CandidateGathered, EndOfCandidates, GatheringFailed, GatheringStateChanged,
                 StateChanged, SelectedPairChanged, RoleChanged, DataReceived>;

}  // namespace rtclab::ice
