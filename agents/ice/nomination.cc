#include "agents/ice/nomination.h"

#include <algorithm>

namespace rtclab::ice {
namespace {

std::string name(const CandidatePair& pair) {
  return "pair " + std::to_string(pair.id.value());
}

bool is_direct(const CandidatePair& pair) {
  return pair.local.type != CandidateType::Relayed && pair.remote.type != CandidateType::Relayed;
}

// The best pair of those that `eligible` admits, by the priority of the checks that proved them.
template <class Eligible>
const CandidatePair* best_valid(PairView pairs, Eligible eligible) {
  const CandidatePair* best = nullptr;
  for (const auto* pair : pairs) {
    if (!pair->valid || !eligible(*pair)) continue;
    if (best == nullptr || checked_priority(*pair, pairs) > checked_priority(*best, pairs))
      best = pair;
  }
  return best;
}

}  // namespace

NominationDecision decide_nomination(const NominationView& view) {
  const auto* best = best_valid(view.pairs, [](const CandidatePair&) { return true; });
  if (best == nullptr) return {{}, {}, "no check has passed yet"};

  const auto least = checked_priority(*best, view.pairs);
  const auto can_still_win = [&](const CandidatePair* pair) {
    return pair->is_candidate_for_checks() && pair->priority > least &&
           pair->state != PairState::Succeeded && pair->state != PairState::Failed;
  };
  const auto hope = std::ranges::count_if(view.pairs, can_still_win);
  // Host candidates are known first and rank highest: what comes later cannot beat two of them.
  const bool beaten_by_late_candidates =
      view.candidates_may_come &&
      !(best->local.type == CandidateType::Host && best->remote.type == CandidateType::Host);
  if (hope == 0 && !beaten_by_late_candidates) {
    return {best->id, {}, name(*best) + " is valid and no better pair can succeed any more"};
  }

  const auto wait = is_direct(*best) ? kNominationWait : kRelayNominationWait;
  const auto deadline = view.first_valid + wait;
  const auto seconds =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(wait).count());
  if (view.now >= deadline) {
    return {
        best->id, {}, name(*best) + " is the best valid pair " + seconds + " s after the first"};
  }
  const auto rivals = hope == 0
                          ? std::string{"candidates that may still come"}
                          : std::to_string(hope) + (hope == 1 ? " better pair" : " better pairs");
  return {{},
          deadline,
          name(*best) + " is valid; waiting up to " + seconds + " s for " + rivals,
          best->id};
}

std::optional<PairId> best_pair_for_data(PairView pairs) {
  const auto* best = best_valid(pairs, [](const CandidatePair& pair) { return pair.nominated; });
  if (best == nullptr) best = best_valid(pairs, [](const CandidatePair&) { return true; });
  if (best == nullptr) return std::nullopt;
  return best->id;
}

}  // namespace rtclab::ice
