// How far many runs have come, on one line that is written over, for a person at a terminal.
#pragma once

#include "scenarios/sweep/row.h"

#include <chrono>
#include <iosfwd>

namespace rtclab::cli {

class Progress {
 public:
  // `done` of `all` runs are there already.
  Progress(std::ostream& out, bool shows, sweep::RunNumber done, sweep::RunNumber all);

  void note(const sweep::Row& row);
  // Writes the line anew, a few times a second.
  void show();
  void clear();

  [[nodiscard]] sweep::RunNumber played() const { return done_ - before_; }
  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  std::ostream& out_;
  bool shows_;
  sweep::RunNumber before_;
  sweep::RunNumber done_;
  sweep::RunNumber all_;
  sweep::RunNumber not_as_expected_ = 0;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point shown_{};
};

// "0:07", "12:30", "3:05:00".
[[nodiscard]] std::string time_left_text(std::chrono::seconds left);

}  // namespace rtclab::cli
