// The words for roles and states that the owner of an ICE agent sees.
#pragma once

#include "agents/base/strong.h"

#include <cstdint>
#include <string_view>

namespace rtclab::ice {

using StreamId = Strong<struct StreamIdTag, std::uint32_t>;
using PairId = Strong<struct PairIdTag, std::uint64_t>;  // unique in the agent

// Who says that no more remote candidates come: the peer (RFC 8838 §8.2), or we, from its not
// trickling.
enum class RemoteEnd : std::uint8_t { Said, Inferred };
enum class Role : std::uint8_t { Controlling, Controlled };
[[nodiscard]] constexpr Role opposite(Role role) {
  return role == Role::Controlling ? Role::Controlled : Role::Controlling;
}
enum class GatheringState : std::uint8_t { New, Gathering, Complete };

// As in W3C webrtc-pc §5.6.4 (RTCIceTransportState): Connected means that data can flow while pairs
// are still being checked or no pair is nominated; Completed that nothing can change any more
// without a restart.
enum class State : std::uint8_t {
  New,
  Checking,
  Connected,
  Completed,
  Disconnected,
  Failed,
  Closed
};

[[nodiscard]] std::string_view to_string(Role role);             // "controlling", …
[[nodiscard]] std::string_view to_string(GatheringState state);  // "new", "gathering", "complete"
[[nodiscard]] std::string_view to_string(State state);           // "new", "checking", …

}  // namespace rtclab::ice
