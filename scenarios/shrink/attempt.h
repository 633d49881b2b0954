// One run of a scenario in a process of its own, so that one that crashes or hangs costs nothing
// but itself.
#pragma once

#include "agents/base/result.h"
#include "scenarios/loader.h"
#include "scenarios/shrink/course.h"
#include "scenarios/shrink/failure.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::shrink {

struct Attempt {
  std::vector<Failure> failures;  // as failures_of() says them, or how the process ended
  Course course{};
  std::uint64_t simulator_events = 0;
};

struct Conditions {
  std::uint64_t seed = 1;
  bool judged = false;                 // the judge has his say, which takes longer
  std::uint64_t simulator_events = 0;  // 0: none
  std::chrono::milliseconds patience = std::chrono::minutes{1};  // of real time
};

// Writes both files into `folder` and plays them. nullopt when they make no sense.
[[nodiscard]] std::optional<Attempt> attempt(const scenario::Texts& texts,
                                             const std::filesystem::path& folder,
                                             const Conditions& conditions);

inline constexpr const char* kScenarioFile = "scenario.xml";
// The two files, in a folder that is there.
[[nodiscard]] FileResult<std::filesystem::path> write(const scenario::Texts& texts,
                                                      const std::filesystem::path& folder);

}  // namespace rtclab::shrink
