// Judges the expectations of a scenario by what its peers showed.
#pragma once

#include "scenarios/chronicle.h"
#include "scenarios/scenario.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::scenario {

struct ExpectationOutcome {
  std::string expected;
  bool met = false;
  std::string seen;  // what was so instead, or when it was met
  std::size_t line = 0;
};

using Chronicles = std::map<std::string, Chronicle>;  // by the peer's name

// How often who reported what: the trace in numbers.
class Records {
 public:
  void count(std::string_view by, std::string_view event);
  [[nodiscard]] unsigned times(std::string_view by, std::string_view event) const;

 private:
  std::map<std::string, std::map<std::string, unsigned, std::less<>>, std::less<>> counts_;
};

[[nodiscard]] std::vector<ExpectationOutcome> judge(const Scenario& scenario,
                                                    const Chronicles& chronicles,
                                                    const Records& records = {});

}  // namespace rtclab::scenario
