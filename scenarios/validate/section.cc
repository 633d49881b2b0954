#include "scenarios/validate/section.h"

#include <algorithm>

namespace rtclab::validate {
namespace {

template <class Count>
std::size_t sum_over_checks(const Section& section, Count count) {
  std::size_t sum = 0;
  for (const auto& block : section.blocks) {
    if (const auto* const checks = std::get_if<Checks>(&block)) sum += count(checks->rows);
  }
  return sum;
}

}  // namespace

std::size_t Section::checks() const {
  return sum_over_checks(*this, [](const auto& rows) { return rows.size(); });
}

std::size_t Section::failures() const {
  return sum_over_checks(*this, [](const auto& rows) {
    return static_cast<std::size_t>(std::ranges::count(rows, false, &Check::agrees));
  });
}

}  // namespace rtclab::validate
