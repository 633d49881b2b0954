// Deals runs out to whoever plays them, and takes their rows. Knows nothing of processes: those of
// this machine (process_pool.h), the ranks of MPI or a loop in this process all go by it.
//
//   while (const auto run = dealer.next()) dealer.take(player.play(*run));
//
// Rows may come back in any order: a row says whose it is, and is worth the same whoever played it.
#pragma once

#include "scenarios/sweep/row.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace rtclab::sweep {

class Dealer {
 public:
  using Keep = std::function<void(const Row&)>;
  // `open`: the runs that are still to be played, in order. `keep` gets each row as it comes.
  Dealer(const std::vector<RunNumber>& open, Keep keep)
      : open_{open.begin(), open.end()}, left_{open.size()}, keep_{std::move(keep)} {}

  // A run that nobody has, or nothing when all are dealt out.
  [[nodiscard]] std::optional<RunNumber> next() {
    if (open_.empty()) return std::nullopt;
    const auto run = open_.front();
    open_.pop_front();
    return run;
  }
  // Somebody was given it and will not play it.
  void give_back(RunNumber run) { open_.push_front(run); }
  void take(const Row& row) {
    --left_;
    keep_(row);
  }
  // Runs whose rows have not come yet.
  [[nodiscard]] std::size_t left() const { return left_; }

 private:
  std::deque<RunNumber> open_;
  std::size_t left_;
  Keep keep_;
};

// The runs of a shard: every `of`-th, beginning with the `shard`-th of them, counted from 1.
struct Shard {
  RunNumber shard = 1;
  RunNumber of = 1;

  [[nodiscard]] bool has(RunNumber run) const { return (run - 1) % of == shard - 1; }
  // How many of the plan's runs it has.
  [[nodiscard]] RunNumber runs(const Plan& plan) const { return (plan.runs() + of - shard) / of; }
};
// "3/8"; nullopt when it is none.
[[nodiscard]] std::optional<Shard> parse_shard(std::string_view text);

// What of a plan is still to be played: the shard's runs that `done` does not have.
[[nodiscard]] std::vector<RunNumber> open_runs(const Plan& plan, const std::vector<bool>& done,
                                               Shard shard = {});

}  // namespace rtclab::sweep
