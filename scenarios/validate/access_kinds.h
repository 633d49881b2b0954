// The eleven kinds of access of the table, and what the field says of each pair of them.
#pragma once

#include "scenarios/validate/access.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace rtclab::validate {

struct AccessKind {
  std::string_view name;  // "OPEN", "EIM/APDF"
  Access access;
  // Column by column: P connects without a relay, r does not. Data from outside, written down
  // before rtclab was: host, server-reflexive and peer-reflexive candidates only, one public
  // address for each NAT, random unused ports, no prediction of ports, no hairpinning.
  std::string_view reaches;
};

inline constexpr std::size_t kKinds = 11;
inline constexpr std::size_t kFirstNat = 2;  // after OPEN and FW

[[nodiscard]] const std::array<AccessKind, kKinds>& access_kinds();
// Precondition: there is one of that name.
[[nodiscard]] const AccessKind& access_kind(std::string_view name);

}  // namespace rtclab::validate
