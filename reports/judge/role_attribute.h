// What a check says about its sender's role.
#pragma once

#include "agents/stun/attributes.h"
#include "agents/stun/message.h"

#include <cstdint>
#include <optional>

namespace rtclab::judge {

struct RoleAttribute {
  bool controlling = false;
  std::uint64_t tie_breaker = 0;

  // nullopt: the message names no role.
  [[nodiscard]] static std::optional<RoleAttribute> of(const stun::Message& message) {
    if (const auto controlling = message.find<stun::IceControlling>())
      return RoleAttribute{true, controlling->value};
    if (const auto controlled = message.find<stun::IceControlled>())
      return RoleAttribute{false, controlled->value};
    return std::nullopt;
  }
};

}  // namespace rtclab::judge
