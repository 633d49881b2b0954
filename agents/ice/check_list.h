// The pairs of one stream and generation, and the queue of those that a peer's check (or a
// nomination) puts first.
//
// Spec: RFC 8445 §6.1.2 (check list), §6.1.4.1 (triggered-check queue). The list only keeps and
// finds; policies decide (check_policy.h, nomination.h) and the agent acts. Pairs never move, so
// that references to them last.
#pragma once

#include "agents/ice/check_message.h"
#include "agents/ice/pair.h"

#include <deque>
#include <vector>

namespace rtclab::ice {

class CheckList {
 public:
  struct Queued {
    PairId pair;
    CheckKind kind;
  };

  CandidatePair& add(CandidatePair pair) { return pairs_.emplace_back(std::move(pair)); }

  [[nodiscard]] CandidatePair* find(PairId id);
  // The pair that is checked on `path`: there is at most one (RFC 8445 §6.1.2.4).
  [[nodiscard]] CandidatePair* find_checked(const Path& path);
  // The pair, on the check list or only valid, whose local candidate has path.local as its very
  // address.
  [[nodiscard]] CandidatePair* find_exact(const Path& path);

  // Only this ends references to pairs.
  template <class Predicate>
  void forget(Predicate predicate) {
    for (const auto& pair : pairs_) {
      if (predicate(pair)) dequeue(pair.id);
    }
    std::erase_if(pairs_, predicate);
  }

  [[nodiscard]] std::deque<CandidatePair>& pairs() { return pairs_; }
  [[nodiscard]] const std::deque<CandidatePair>& pairs() const { return pairs_; }
  [[nodiscard]] std::vector<const CandidatePair*> view() const;

  // Once per pair; a nomination replaces a triggered check that is already queued.
  void enqueue(PairId pair, CheckKind kind);
  void dequeue(PairId pair);
  [[nodiscard]] const std::deque<Queued>& queue() const { return queue_; }

 private:
  std::deque<CandidatePair> pairs_;
  std::deque<Queued> queue_;
};

}  // namespace rtclab::ice
