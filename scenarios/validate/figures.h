// Intervals for what is drawn at random, and how figures are written.
//
// Every interval of the report is one of 99.99 %: with about a hundred of them on the page, a page
// on which all is right has a figure outside its interval once in a hundred seeds, and a seed
// whose figures agree is nothing that had to be looked for.
#pragma once

#include "agents/base/time.h"
#include "scenarios/validate/section.h"

#include <cstddef>
#include <string>

namespace rtclab::validate {

inline constexpr double kConfidence = 0.9999;
inline constexpr double kDeviations = 3.891;  // of the normal distribution: kConfidence within ±

struct Interval {
  double low = 0;
  double high = 0;
  [[nodiscard]] bool holds(double value) const { return low <= value && value <= high; }
};

struct Counted {
  std::size_t hits = 0;
  std::size_t of = 0;
  [[nodiscard]] double share() const {
    return of == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(of);
  }
};

// Clopper and Pearson's interval of the probability behind a count. Precondition: counted.of > 0.
[[nodiscard]] Interval clopper_pearson(const Counted& counted);
// mean ± kDeviations · deviation / √samples: where the mean of so many draws lies.
[[nodiscard]] Interval around(double mean, double deviation, std::size_t samples);

// A count held against a probability: agrees when its Clopper-Pearson interval has the probability.
[[nodiscard]] Check check_share(std::string what, double expected, const Counted& counted);
// A mean held against another whose deviation is known. `unit` is written behind the figures.
[[nodiscard]] Check check_mean(std::string what, double expected, double deviation, double measured,
                               std::size_t samples, const std::string& unit);
// Two times that have to be equal.
[[nodiscard]] Check check_time(std::string what, Duration expected, Duration measured);
// Two texts that have to be equal.
[[nodiscard]] Check check_text(std::string what, std::string expected, std::string measured);

// Three significant digits: "0.134", "8.92e-6".
[[nodiscard]] std::string number(double value);
[[nodiscard]] std::string percent(double share);  // "13.4 %"
// Exact, in seconds: "39.5 s", "0.500000001 s".
[[nodiscard]] std::string seconds(Duration duration);

}  // namespace rtclab::validate
