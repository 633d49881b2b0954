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
  const auto* best =
      best_valid(view.pairs, [](const CandidatePair& pair) { return !pair.is_broken; });
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

NominationDecision decide_renomination(const RenominationView& view) {
  const auto is_usable = [](const CandidatePair& pair) { return !pair.is_broken; };
  const auto* const best = best_valid(view.pairs, is_usable);
  if (best == nullptr) return {{}, {}, "no other pair is valid"};
  const auto selected = std::ranges::find_if(
      view.pairs, [&](const CandidatePair* pair) { return pair->id == view.selected; });
  if (selected == view.pairs.end()) return {{}, {}, "nothing is selected"};
  const bool is_lost = !(*selected)->nominated;
  if (is_lost && (view.may_change || (*selected)->is_heir)) {
    return {(*selected)->id,
            {},
            name(**selected) + " took over from the nominated pair, which is lost"};
  }
  // The peer would stay with the pair of the last nomination.
  if ((*selected)->nomination < view.last_value) {
    return {(*selected)->id,
            {},
            name(**selected) + " took over again; the pair nominated last is lost"};
  }
  if ((*selected)->is_broken) {
    return {best->id,
            {},
            name(*best) + " is valid; the TCP connection of " + name(**selected) + " is lost"};
  }
  const bool is_better =
      checked_priority(*best, view.pairs) > checked_priority(**selected, view.pairs);
  if (!is_better) return {{}, {}, name(**selected) + " is nominated, and the best"};
  if (!view.may_change) return {{}, {}, "one nomination is all that RFC 8445 allows"};
  return {best->id, {}, name(*best) + " is valid by now and better than " + name(**selected)};
}

std::optional<PairId> best_pair_for_data(PairView pairs, Eligible eligible) {
  const auto may_be_used = [&](const CandidatePair& pair) {
    return pair.valid && (eligible == Eligible::AllValid || pair.nominated || pair.is_heir);
  };
  const auto outranks = [&](const CandidatePair& a, const CandidatePair& b) {
    if (a.is_broken != b.is_broken) return b.is_broken;
    if (a.nominated != b.nominated) return a.nominated;
    if (a.nominated && a.nomination != b.nomination) return a.nomination > b.nomination;
    return checked_priority(a, pairs) > checked_priority(b, pairs);
  };
  const CandidatePair* best = nullptr;
  for (const auto* pair : pairs) {
    if (may_be_used(*pair) && (best == nullptr || outranks(*pair, *best))) best = pair;
  }
  if (best == nullptr) return std::nullopt;
  return best->id;
}

}  // namespace rtclab::ice
