// The states of a candidate pair, as a table.
//
// Spec: RFC 8445 §6.1.2.6 (states), §7.2.5 (outcomes of a check), §7.3.1.4 (triggered checks),
// §8.1.1 (nomination), §5.1.1.4 (a base that goes away). Every move is a row of kPairMoves; nothing
// else decides where a pair goes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::ice {

enum class PairState : std::uint8_t { Frozen, Waiting, InProgress, Succeeded, Failed };
enum class PairCause : std::uint8_t {
  Unfrozen,
  CheckSent,
  CheckPassed,
  CheckFailed,
  RoleConflict,
  Triggered,
  PermissionRefused,
  AddressLost,
  Rechecked
};

struct PairMove {
  PairState from;
  PairCause cause;
  PairState to;
};

// clang-format off
inline constexpr auto kPairMoves = [] {
  using enum PairState;
  using enum PairCause;
  return std::array{
      PairMove{Frozen,     Unfrozen,     Waiting},
      PairMove{Frozen,     Triggered,    Waiting},
      PairMove{Frozen,     CheckPassed,  Succeeded},  // a check from another pair learned this one, §7.2.5.3.2
      PairMove{Waiting,    CheckSent,    InProgress},
      PairMove{Waiting,    CheckPassed,  Succeeded},  // late answer to a cancelled check, §7.3.1.4; or §7.2.5.3.2
      PairMove{InProgress, CheckPassed,  Succeeded},
      PairMove{InProgress, CheckFailed,  Failed},
      PairMove{InProgress, RoleConflict, Waiting},
      PairMove{InProgress, Triggered,    Waiting},
      PairMove{Succeeded,  CheckFailed,  Failed},     // the nominating check, §7.2.5.3.4 and §8.1.1
      PairMove{Failed,     Triggered,    Waiting},
      PairMove{Failed,     CheckPassed,  Succeeded},  // §7.2.5.3.2: another check proves it after all
      PairMove{Frozen,     PermissionRefused, Failed},  // no check can leave through the relay, §7.2.1
      PairMove{Waiting,    PermissionRefused, Failed},
      PairMove{Frozen,     AddressLost,  Failed},
      PairMove{Waiting,    AddressLost,  Failed},
      PairMove{InProgress, AddressLost,  Failed},
      PairMove{Succeeded,  AddressLost,  Failed},
      PairMove{Succeeded,  Rechecked,    Waiting},   // the pair in use is lost: which of the others still work?
  };
}();
// clang-format on

[[nodiscard]] std::string_view to_string(PairState state);  // "frozen", "waiting", "in-progress", …
[[nodiscard]] std::string_view to_string(PairCause cause);

// Returns where `cause` leads from `from`, or nullopt where that is not a move.
[[nodiscard]] std::optional<PairState> next(PairState from, PairCause cause);

// Returns the table as Graphviz: a figure in the documentation.
[[nodiscard]] std::string pair_moves_dot();

}  // namespace rtclab::ice
