// What is fuzzed: one function for each way in which octets or calls from outside reach an agent.
//
// Each is built twice. With clang (preset `fuzz`) entry.cc makes it a libFuzzer program of its own,
// under the sanitizers; in the usual build replay_test.cc plays the committed corpus and some
// seeded mutations of it. A target gives no verdict on what it is fed except that the promises hold
// which it states by require(), and that nothing crashes.
#pragma once

#include "agents/base/bytes.h"

#include <string_view>
#include <vector>

namespace rtclab::fuzz {

struct Target {
  std::string_view name;  // of its file, its corpus and its program
  void (*run)(ByteView input);
};

// In the order of this list; CMakeLists.txt has the same names.
[[nodiscard]] std::vector<Target> targets();

// Ends the program when a promise does not hold: what libFuzzer takes for a finding.
void require(bool holds, std::string_view promise);

}  // namespace rtclab::fuzz
