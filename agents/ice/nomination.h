// When the controlling agent nominates, and which pair: a pure function that says why.
//
// Spec: RFC 8445 §8.1.1 leaves the criterion to the agent; it asks for one nomination and no more.
// Data flows over the best valid pair meanwhile (RFC 8445 §12.1), so that patience costs nothing
// but the wait itself.
#pragma once

#include "agents/ice/pair.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace rtclab::ice {

// How long after the first valid pair better ones may still be hoped for. 1 s spans the request and
// one resend (RFC 8445 §14.3: RTO at least 500 ms); a relayed pair is worth another second, since
// it costs as long as the call lasts.
inline constexpr Duration kNominationWait = std::chrono::seconds{1};
inline constexpr Duration kRelayNominationWait = std::chrono::seconds{2};

struct NominationView {
  PairView pairs;  // of one check list
  Instant now;
  Instant first_valid;       // when the check list got its first valid pair
  bool candidates_may_come;  // gathering goes on, or the peer has not said end-of-candidates
};

struct NominationDecision {
  std::optional<PairId> nominate;     // a valid pair
  std::optional<Instant> reconsider;  // when time alone changes the decision
  std::string reason;
  std::optional<PairId> best = {};  // whom it would be, if it is not yet time
};

[[nodiscard]] NominationDecision decide_nomination(const NominationView& view);

// After the first nomination: whether another pair is to be nominated. `selected` is the pair that
// data uses now. RFC 8445 §8.1.1 knows no second nomination, so that the two agents must have
// agreed on one (`may_change`, renomination); else only a lost TCP connection is replaced (RFC 6544
// §11.1).
struct RenominationView {
  PairView pairs;
  std::optional<PairId> selected;
  std::uint32_t last_value;  // of the nominations so far; 0 without renomination
  bool may_change;
};
[[nodiscard]] NominationDecision decide_renomination(const RenominationView& view);

// The valid pair that data goes over: the best nominated one, else the best of all (RFC 8445
// §8.1.1, §12.1). The largest nomination value goes before priority
// (draft-thatcher-ice-renomination §4); a pair whose TCP connection is lost comes last.
enum class Eligible : std::uint8_t {
  AllValid,
  // RFC 8445 §8.1.1: a session knows one nomination, so that no other pair may follow the nominated
  // one; but the same pair on a new TCP connection may (RFC 6544 §11.1).
  Nominated,
};
[[nodiscard]] std::optional<PairId> best_pair_for_data(PairView pairs,
                                                       Eligible eligible = Eligible::AllValid);

}  // namespace rtclab::ice
