// The run that fails, and what every smaller one is held against.
//
// The sentence of a failure is not enough, for most of them also come true where nothing works any
// more. So a smaller scenario has to fail by the same sentence on the same way (course.h); and
// where the original passes with another seed, it has to pass with that one too: a failure that
// came of the datagrams which that seed loses then still comes of them.
#pragma once

#include "scenarios/shrink/attempt.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace rtclab::shrink {

struct Original {
  Conditions conditions;
  Failure failure;
  Course course{};
  std::optional<std::uint64_t> control{};  // a seed with which it passes

  [[nodiscard]] bool fails_alike(const Attempt& attempt) const;
};

// Everything is as expected, and no verdict is fail where the judge was asked.
[[nodiscard]] bool passes(const Attempt& attempt);

inline constexpr std::uint64_t kControlsTried = 8;
// The nearest seed above that of the conditions with which they pass; nullopt when none of
// kControlsTried does.
[[nodiscard]] std::optional<std::uint64_t> find_control(const scenario::Texts& texts,
                                                        const std::filesystem::path& folder,
                                                        const Conditions& conditions);

}  // namespace rtclab::shrink
