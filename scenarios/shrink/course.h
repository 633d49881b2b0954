// What a run went through on its way, without its times and numbers: what another one that fails by
// the same sentence is held against, for most sentences can become true in many ways. "The channel
// never opened" is so after a lost answer, and also where nobody has called.
#pragma once

#include "scenarios/runner.h"

#include <map>
#include <set>
#include <string>

namespace rtclab::shrink {

// Of each name, what is told of it; the order between the entries does not matter.
using Tales = std::map<std::string, std::set<std::string>>;

struct Course {
  // Of each peer, the moves between its states and what they were in the end:
  //   "connectionState: connecting, then failed", "connectionState: failed in the end"
  // What is gone through again and again is told once, so that of ten negotiations nine can go.
  // That the application closed it is not told: it does so after what the scenario is about. Of one
  // that ICE never connected also which candidates it had to do it with: "gathered srflx",
  // "received host". Without them it would fail for want of them.
  Tales peers{};
  // Of each step, by its words without numbers, how it ended: "done", "failed: …", "not ended".
  Tales steps{};

  friend bool operator==(const Course&, const Course&) = default;
};

[[nodiscard]] Course course_of(const scenario::RunResult& result);

// Whether these peers went the same way, and every step that is still there ended as it did. One
// that was not there (for a reduction may change what a step says) must not have failed. Of a
// failure that is about nobody, as a verdict is, any way is the same.
[[nodiscard]] bool is_same_way(const Course& original, const Course& other,
                               const std::set<std::string>& peers);

}  // namespace rtclab::shrink
