#include "scenarios/shrink/original.h"

#include <algorithm>

namespace rtclab::shrink {

bool Original::fails_alike(const Attempt& attempt) const {
  return std::ranges::find(attempt.failures, failure.text, &Failure::text) !=
             attempt.failures.end() &&
         is_same_way(course, attempt.course, failure.peers);
}

bool passes(const Attempt& attempt) {
  return attempt.failures.empty();
}

std::optional<std::uint64_t> find_control(const scenario::Texts& texts,
                                          const std::filesystem::path& folder,
                                          const Conditions& conditions) {
  auto other = conditions;
  for (std::uint64_t offset = 1; offset <= kControlsTried; ++offset) {
    other.seed = conditions.seed + offset;
    const auto outcome = attempt(texts, folder, other);
    if (outcome && passes(*outcome)) return other.seed;
  }
  return std::nullopt;
}

}  // namespace rtclab::shrink
