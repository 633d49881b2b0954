// Populations of NATs: which share of them is of which kind, and how many pairs connect.
#pragma once

#include "agents/base/rng.h"
#include "scenarios/validate/figures.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::validate {

struct Part {
  std::string_view kind;  // of access_kinds()
  double share;           // of all; they add up to 1
};
using Mix = std::vector<Part>;

// The sum over all pairs of kinds of share · share · (1 if the table has P).
[[nodiscard]] double expected_direct(const Mix& mix);
// The sum itself, as a reader writes it: "0.82·0.82" for each kind with each.
[[nodiscard]] std::string arithmetic_text(const Mix& mix);
// Draws both ends of so many calls from the mix, and lets them meet without a relay.
[[nodiscard]] Counted measure_direct(const Mix& mix, std::size_t calls, std::uint64_t seed);

}  // namespace rtclab::validate
