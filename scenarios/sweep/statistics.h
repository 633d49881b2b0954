// The arithmetic of a sweep's report.
#pragma once

#include <cstddef>
#include <vector>

namespace rtclab::sweep {

struct Interval {
  double low = 0;
  double high = 1;
};
// Wilson's interval of 95 % for the probability behind a count (Wilson 1927; Brown, Cai and
// DasGupta 2001 recommend it): inside 0 to 1 also for 0 of n and n of n. Of nothing: 0 to 1.
[[nodiscard]] Interval wilson(std::size_t hits, std::size_t of);

// The value below which the share `p` of them lies, between two of them by their distance (type 7
// of Hyndman and Fan 1996). Precondition: sorted, not empty.
[[nodiscard]] double quantile(const std::vector<double>& sorted, double p);
// Precondition: not empty.
[[nodiscard]] double mean(const std::vector<double>& values);

}  // namespace rtclab::sweep
