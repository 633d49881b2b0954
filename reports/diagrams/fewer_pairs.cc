#include "reports/diagrams/fewer_pairs.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace rtclab::diagrams {
namespace {

// Candidates that pairs had before and none has now.
void drop_unused(std::vector<CandidateCard>& cards, std::vector<PairCard>& pairs,
                 std::size_t PairCard::*member, const std::set<std::size_t>& had) {
  std::vector<CandidateCard> kept;
  std::map<std::size_t, std::size_t> places;
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const bool is_used =
        std::ranges::any_of(pairs, [&](const PairCard& pair) { return pair.*member == i; });
    if (!is_used && had.contains(i)) continue;
    places[i] = kept.size();
    kept.push_back(std::move(cards[i]));
  }
  cards = std::move(kept);
  for (auto& pair : pairs) pair.*member = places.at(pair.*member);
}

}  // namespace

std::size_t hide_pairs(PairHistory& history, std::size_t most) {
  if (history.pairs.size() <= most) return 0;
  const auto hidden = history.pairs.size() - most;
  auto outcomes = std::vector<PairOutcome>{};
  for (const auto& pair : history.pairs) outcomes.push_back(pair.outcome);
  std::ranges::nth_element(outcomes, outcomes.begin() + static_cast<std::ptrdiff_t>(most) - 1);
  const auto last = outcomes[most - 1];
  auto room = most - static_cast<std::size_t>(std::ranges::count_if(
                         history.pairs, [&](const auto& pair) { return pair.outcome < last; }));
  std::set<std::size_t> locals_before;
  std::set<std::size_t> remotes_before;
  for (const auto& pair : history.pairs) {
    locals_before.insert(pair.local);
    remotes_before.insert(pair.remote);
  }
  std::erase_if(history.pairs, [&](const PairCard& pair) {
    if (pair.outcome == last && room > 0) return --room, false;
    return pair.outcome >= last;
  });
  drop_unused(history.locals, history.pairs, &PairCard::local, locals_before);
  drop_unused(history.remotes, history.pairs, &PairCard::remote, remotes_before);
  return hidden;
}

}  // namespace rtclab::diagrams
