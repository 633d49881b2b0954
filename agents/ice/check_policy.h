// Which pair to unfreeze, to check next, to give up for another: pure functions that say why.
//
// Spec: RFC 8445 §6.1.2.5 (limit), §6.1.2.6 (initial states), §6.1.4.2 (ordinary checks); RFC 8838
// §10 to §12.
#pragma once

#include "agents/ice/pair.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice {

struct InitialState {
  PairState state;
  std::string reason;
};
// RFC 8838 §12, which equals RFC 8445 §6.1.2.6 when all pairs are there from the start. `set` holds
// the pairs of all check lists, without `fresh`.
[[nodiscard]] InitialState initial_state(const CandidatePair& fresh, PairView set);

// RFC 8445 §6.1.4.2 step 2: the Frozen pairs of `list` that may be checked, because no pair of
// `set` with their foundation is Waiting or In-Progress: the best one of each foundation. Empty
// while a pair of `list` is Waiting.
[[nodiscard]] std::vector<PairId> to_unfreeze(PairView list, PairView set);

// IceLowestPriorityFirst turns the order round.
enum class CheckOrder : std::uint8_t { HighestFirst, LowestFirst };

struct CheckChoice {
  PairId pair;
  std::string reason;
};
// RFC 8445 §6.1.4.2 step 3, among the pairs of one check list that could be sent at once.
[[nodiscard]] std::optional<CheckChoice> next_ordinary_check(PairView list, CheckOrder order);

struct DropDecision {
  PairId pair;  // may be the fresh one itself
  std::string reason;
};
// Which pair of the set has to go so that `fresh` (not in `set` yet) keeps it within `limit`.
// RFC 8838 §11: a Failed pair first, else the lowest, from the longest check list (`list_length` is
// the length of the check list that a pair is on, so that lists shrink evenly, RFC 8445 §6.1.2.5).
struct ListedPair {
  const CandidatePair* pair;
  std::size_t list_length;
};
[[nodiscard]] std::optional<DropDecision> to_drop(const CandidatePair& fresh,
                                                  std::span<const ListedPair> set,
                                                  std::size_t limit);

// RFC 8445 §14.3. `to_perform` counts the checks that are still to be performed or on their way.
[[nodiscard]] Duration check_rto(Duration ta, std::size_t to_perform,
                                 std::size_t waiting_and_in_progress);
[[nodiscard]] Duration gathering_rto(Duration ta, std::size_t candidates);

}  // namespace rtclab::ice
