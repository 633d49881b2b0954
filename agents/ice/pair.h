// A candidate pair: one local base, one remote address, and how its checks went.
//
// Spec: RFC 8445 §6.1.2 (pairs), §7.2.5.3.2 (the valid pair that a check proves), §8.1.1
// (nomination).
#pragma once

#include "agents/base/time.h"
#include "agents/ice/candidate.h"
#include "agents/ice/pair_state.h"
#include "agents/ice/state.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rtclab::ice {

struct CandidatePair {
  PairId id{0};
  Candidate local;
  Candidate remote;
  PairPriority priority{0};
  PairState state = PairState::Frozen;

  // A pair learned from a mapped address is on the valid list only (RFC 8445 §7.2.5.3.2, case 3).
  bool on_check_list = true;
  bool pruned =
      false;  // taken off the check list; kept so that a late check of the peer can revive it

  bool valid = false;
  bool nominated = false;
  // Controlled: the peer's check on this pair carried USE-CANDIDATE (RFC 8445 §7.3.1.5).
  bool nomination_received = false;
  // Renomination: the largest value that nominated it; 0 without one.
  std::uint32_t nomination = 0;
  // Controlling: a check with USE-CANDIDATE is queued or on its way.
  bool nominating = false;

  // RFC 6544 §11.1: its TCP connection is lost, and is opened again or awaited.
  bool is_broken = false;
  // On the connection that replaces a nominated pair's lost one.
  bool is_heir = false;

  // RFC 7675 §5.1: after a loss of consent this 5-tuple is dead for the generation.
  bool consent_lost = false;

  std::optional<PairId> proves;         // the valid pair that the check on this pair produced
  std::optional<PairId> checked_by;     // of a valid pair: the pair whose check produced it
  std::optional<Instant> last_success;  // of a valid pair: when a check was last answered
  Instant last_sent{};                  // of a valid pair: for keepalives
  Duration round_trip{};                // of a valid pair

  // The way its checks and data take.
  [[nodiscard]] Path path() const { return {local.transport, local.base, remote.address}; }
  [[nodiscard]] std::string foundation() const {
    return local.foundation + ':' + remote.foundation;
  }
  // Whether the agent will still look at it by itself.
  [[nodiscard]] bool is_candidate_for_checks() const { return on_check_list && !pruned; }
};

// A larger value is a new nomination, also of a pair that was nominated before
// (draft-thatcher-ice-renomination §4).
inline void raise_nomination(CandidatePair& pair, std::uint32_t value) {
  if (value <= pair.nomination) return;
  pair.nomination = value;
  pair.nominated = false;
}

// All pairs that a policy may look at, in a fixed order.
using PairView = std::span<const CandidatePair* const>;

// The pair whose priority counts when valid pairs are compared: the one that was checked. A valid
// pair with a reflexive local candidate has a lower priority than the checks that lead to it, so
// that a comparison with pairs still being checked would be unfair. Precondition:
// `valid_pair.checked_by` is in `list`.
[[nodiscard]] PairPriority checked_priority(const CandidatePair& valid_pair, PairView list);

}  // namespace rtclab::ice
