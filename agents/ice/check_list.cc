#include "agents/ice/check_list.h"

#include <algorithm>

namespace rtclab::ice {
namespace {

template <class Pairs, class Predicate>
CandidatePair* first(Pairs& pairs, Predicate predicate) {
  const auto found = std::ranges::find_if(pairs, predicate);
  return found == pairs.end() ? nullptr : &*found;
}

}  // namespace

CandidatePair* CheckList::find(PairId id) {
  return first(pairs_, [&](const CandidatePair& pair) { return pair.id == id; });
}

CandidatePair* CheckList::find_checked(const Path& path) {
  return first(
      pairs_, [&](const CandidatePair& pair) { return pair.on_check_list && pair.path() == path; });
}

CandidatePair* CheckList::find_exact(const Path& path) {
  return first(pairs_, [&](const CandidatePair& pair) {
    return pair.local.transport == path.transport && pair.local.address == path.local &&
           pair.remote.address == path.remote;
  });
}

std::vector<const CandidatePair*> CheckList::view() const {
  std::vector<const CandidatePair*> all;
  all.reserve(pairs_.size());
  for (const auto& pair : pairs_) all.push_back(&pair);
  return all;
}

void CheckList::enqueue(PairId pair, CheckKind kind) {
  const auto queued = std::ranges::find(queue_, pair, &Queued::pair);
  if (queued == queue_.end()) {
    queue_.push_back({pair, kind});
  } else if (kind == CheckKind::Nominating) {
    queued->kind = kind;
  }
}

void CheckList::dequeue(PairId pair) {
  std::erase_if(queue_, [&](const Queued& each) { return each.pair == pair; });
}

}  // namespace rtclab::ice
