// Which of two agents controls, where their levels leave no choice.
//
// Spec: RFC 8445 §6.1.1.
#pragma once

#include "agents/ice/options.h"
#include "agents/ice/state.h"

#include <string_view>

namespace rtclab::ice {

struct RoleDecision {
  Role role;
  std::string_view reason;
};
// `wanted` is what the signalling gives: the initiator controls.
[[nodiscard]] RoleDecision decide_role(Role wanted, Level ours, Level peers);

}  // namespace rtclab::ice
