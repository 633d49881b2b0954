// What a diagram has room for when there are very many pairs.
#pragma once

#include "reports/diagrams/pair_history.h"

#include <cstddef>

namespace rtclab::diagrams {

// Keeps `most` pairs, those that tell most (PairOutcome), in the order that they had, and no
// candidate that only the others have. Returns how many are gone.
std::size_t hide_pairs(PairHistory& history, std::size_t most);

}  // namespace rtclab::diagrams
