#include "agents/ice/check_policy.h"

#include <algorithm>
#include <chrono>

namespace rtclab::ice {
namespace {

using enum PairState;

// RFC 8445 §14.3: MUST NOT be smaller.
constexpr Duration kLeastRto = std::chrono::milliseconds{500};

bool is_on_its_way(const CandidatePair& pair) {
  return pair.is_candidate_for_checks() && (pair.state == Waiting || pair.state == InProgress);
}

// Higher priority first; of equals the older one.
bool is_better(const CandidatePair& a, const CandidatePair& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.id < b.id;
}

}  // namespace

PairPriority checked_priority(const CandidatePair& valid_pair, PairView list) {
  const auto source = std::ranges::find_if(
      list, [&](const CandidatePair* pair) { return pair->id == valid_pair.checked_by; });
  return source == list.end() ? valid_pair.priority : (*source)->priority;
}

InitialState initial_state(const CandidatePair& fresh, PairView set) {
  const auto foundation = fresh.foundation();
  bool is_topmost = true;
  for (const auto* pair : set) {
    if (!pair->on_check_list || pair->foundation() != foundation) continue;
    if (pair->state == Succeeded) {
      return {Waiting,
              "pair " + std::to_string(pair->id.value()) + " with the same foundation succeeded"};
    }
    if (pair->priority >= fresh.priority) is_topmost = false;
  }
  if (is_topmost) return {Waiting, "the first pair with its foundation"};
  return {Frozen, "a better pair with the same foundation goes first"};
}

std::vector<PairId> to_unfreeze(PairView list, PairView set) {
  const auto is_waiting = [](const CandidatePair* pair) {
    return pair->is_candidate_for_checks() && pair->state == Waiting;
  };
  if (std::ranges::any_of(list, is_waiting)) return {};

  std::vector<const CandidatePair*> chosen;
  for (const auto* pair : list) {
    if (!pair->is_candidate_for_checks() || pair->state != Frozen) continue;
    const auto same_foundation = [&](const CandidatePair* other) {
      return other->foundation() == pair->foundation();
    };
    if (std::ranges::any_of(set, [&](const CandidatePair* other) {
          return same_foundation(other) && is_on_its_way(*other);
        })) {
      continue;
    }
    const auto rival = std::ranges::find_if(chosen, same_foundation);
    if (rival == chosen.end()) {
      chosen.push_back(pair);
    } else if (is_better(*pair, **rival)) {
      *rival = pair;
    }
  }
  std::vector<PairId> ids;
  for (const auto* pair : chosen) ids.push_back(pair->id);
  return ids;
}

std::optional<CheckChoice> next_ordinary_check(PairView list, CheckOrder order) {
  const CandidatePair* best = nullptr;
  for (const auto* pair : list) {
    if (!pair->is_candidate_for_checks() || pair->state != Waiting) continue;
    const bool wins =
        best == nullptr || (order == CheckOrder::HighestFirst ? is_better(*pair, *best)
                                                              : pair->priority < best->priority);
    if (wins) best = pair;
  }
  if (best == nullptr) return std::nullopt;
  return CheckChoice{best->id, order == CheckOrder::HighestFirst
                                   ? "the highest priority of those waiting"
                                   : "the lowest priority of those waiting"};
}

std::optional<DropDecision> to_drop(const CandidatePair& fresh, std::span<const ListedPair> set,
                                    std::size_t limit) {
  if (set.size() < limit) return std::nullopt;
  const auto full = " to stay within " + std::to_string(limit) + " pairs";
  const ListedPair* lowest = nullptr;
  for (const auto& listed : set) {
    if (listed.pair->state == Failed)
      return DropDecision{listed.pair->id, "failed, and dropped" + full};
    // What was sent or proven is not given up for a pair that has not even been tried.
    if (listed.pair->state != Waiting && listed.pair->state != Frozen) continue;
    const bool goes_first = lowest == nullptr || (listed.list_length != lowest->list_length
                                                      ? listed.list_length > lowest->list_length
                                                      : is_better(*lowest->pair, *listed.pair));
    if (goes_first) lowest = &listed;
  }
  if (lowest != nullptr && is_better(fresh, *lowest->pair)) {
    return DropDecision{lowest->pair->id, "the lowest priority, dropped" + full};
  }
  return DropDecision{fresh.id, "lower priority than all others, not added" + full};
}

Duration check_rto(Duration ta, std::size_t to_perform, std::size_t waiting_and_in_progress) {
  return std::max(kLeastRto, ta * static_cast<Duration::rep>(to_perform * waiting_and_in_progress));
}

Duration gathering_rto(Duration ta, std::size_t candidates) {
  return std::max(kLeastRto, ta * static_cast<Duration::rep>(candidates));
}

}  // namespace rtclab::ice
