// How long one piece is under way.
#pragma once

#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "sim/courier/terms.h"
#include "sim/link/jitter.h"

#include <algorithm>

namespace rtclab::signalling {

// As a link draws its delays; never negative.
[[nodiscard]] inline Duration draw_flight_time(const CourierTerms& terms, const SeededRng& rng) {
  return std::max(Duration{0}, terms.delay + sim::JitterSource{rng}.next(terms.jitter));
}

}  // namespace rtclab::signalling
