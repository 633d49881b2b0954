// When something happened in a run, so that two things of one instant still have an order: much of
// a negotiation takes no virtual time at all.
#pragma once

#include "agents/base/time.h"

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace rtclab::scenario {

struct Stamp {
  Instant at{};
  std::uint64_t order = 0;  // over the whole run, from 1

  Stamp() = default;
  // An instant alone stands before all that happened in it. Implicit: half of the callers know no
  // more than the time.
  Stamp(Instant time, std::uint64_t number = 0) : at{time}, order{number} {}

  // The one after all that happens in this instant.
  [[nodiscard]] static Stamp end_of(Instant time) {
    return {time, std::numeric_limits<std::uint64_t>::max()};
  }
  friend auto operator<=>(const Stamp&, const Stamp&) = default;
  friend Duration operator-(const Stamp& a, const Stamp& b) { return a.at - b.at; }
};

// Numbers what happens; one for a run.
class StampSequence {
 public:
  [[nodiscard]] Stamp next(Instant now) { return {now, ++last_}; }

 private:
  std::uint64_t last_ = 0;
};

// While something was so: from `begin`, until before `end`, or to the end of the run.
struct Span {
  Stamp begin;
  std::optional<Stamp> end{};
};
using Spans = std::vector<Span>;  // in their order, apart from each other

}  // namespace rtclab::scenario
