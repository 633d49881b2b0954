#include "scenarios/validate/figures.h"

#include <boost/math/distributions/binomial.hpp>
#include <fmt/format.h>

#include <cassert>
#include <cmath>

namespace rtclab::validate {
namespace {

std::string interval_text(const Interval& interval, std::string (*write)(double)) {
  return fmt::format("{} to {}", write(interval.low), write(interval.high));
}

}  // namespace

Interval clopper_pearson(const Counted& counted) {
  assert(counted.of > 0 && counted.hits <= counted.of);
  using Binomial = boost::math::binomial_distribution<double>;
  const auto of = static_cast<double>(counted.of);
  const auto hits = static_cast<double>(counted.hits);
  constexpr double kTail = (1 - kConfidence) / 2;
  return {counted.hits == 0 ? 0 : Binomial::find_lower_bound_on_p(of, hits, kTail),
          counted.hits == counted.of ? 1 : Binomial::find_upper_bound_on_p(of, hits, kTail)};
}

Interval around(double mean, double deviation, std::size_t samples) {
  const double reach = kDeviations * deviation / std::sqrt(static_cast<double>(samples));
  return {mean - reach, mean + reach};
}

Check check_share(std::string what, double expected, const Counted& counted) {
  const auto interval = clopper_pearson(counted);
  return {
      .what = std::move(what),
      .expected = percent(expected),
      .measured = fmt::format("{} ({} of {})", percent(counted.share()), counted.hits, counted.of),
      .within = interval_text(interval, percent),
      .agrees = interval.holds(expected)};
}

Check check_mean(std::string what, double expected, double deviation, double measured,
                 std::size_t samples, const std::string& unit) {
  const auto interval = around(expected, deviation, samples);
  return {.what = std::move(what),
          .expected = fmt::format("{} {}", number(expected), unit),
          .measured = fmt::format("{} {} (mean of {})", number(measured), unit, samples),
          .within = fmt::format("± {:.3g} · {} / √{}: {} {}", kDeviations, number(deviation),
                                samples, interval_text(interval, number), unit),
          .agrees = interval.holds(measured)};
}

Check check_time(std::string what, Duration expected, Duration measured) {
  return {.what = std::move(what),
          .expected = seconds(expected),
          .measured = seconds(measured),
          .within = "exact",
          .agrees = expected == measured};
}

Check check_text(std::string what, std::string expected, std::string measured) {
  const bool agrees = expected == measured;
  return {std::move(what), std::move(expected), std::move(measured), "exact", agrees};
}

std::string number(double value) {
  if (value == 0) return "0";
  const auto text = fmt::format("{:.3g}", value);
  // "8.92e-06" is written "8.92e-6".
  const auto zero = text.find("e-0");
  return zero == std::string::npos ? text : text.substr(0, zero + 2) + text.substr(zero + 3);
}

std::string percent(double share) {
  const double hundredths = 100 * share;
  if (hundredths != 0 && hundredths < 0.1) return number(hundredths) + " %";
  return fmt::format("{:.{}f} %", hundredths, hundredths < 1 ? 3 : hundredths < 10 ? 2 : 1);
}

std::string seconds(Duration duration) {
  const auto nanoseconds = duration.count();
  auto text =
      fmt::format("{}{}.{:09}", nanoseconds < 0 ? "-" : "", std::abs(nanoseconds) / 1'000'000'000,
                  std::abs(nanoseconds) % 1'000'000'000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + " s";
}

}  // namespace rtclab::validate
