#include "agents/ice/state.h"

namespace rtclab::ice {

std::string_view to_string(Role role) {
  return role == Role::Controlling ? "controlling" : "controlled";
}

std::string_view to_string(GatheringState state) {
  switch (state) {
    case GatheringState::New: return "new";
    case GatheringState::Gathering: return "gathering";
    case GatheringState::Complete: return "complete";
  }
  __builtin_unreachable();
}

std::string_view to_string(State state) {
  switch (state) {
    case State::New: return "new";
    case State::Checking: return "checking";
    case State::Connected: return "connected";
    case State::Completed: return "completed";
    case State::Disconnected: return "disconnected";
    case State::Failed: return "failed";
    case State::Closed: return "closed";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::ice
