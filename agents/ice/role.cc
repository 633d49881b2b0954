#include "agents/ice/role.h"

namespace rtclab::ice {

RoleDecision decide_role(Role wanted, Level ours, Level peers) {
  if (ours == peers) return {wanted, "set by the owner of the agent"};
  if (ours == Level::Full)
    return {Role::Controlling, "the peer is lite, and a full agent controls"};
  return {Role::Controlled, "a lite agent leaves control to a full peer"};
}

}  // namespace rtclab::ice
