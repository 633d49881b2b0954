// The search for the smallest scenario that still fails in the same way: one thing after the other
// is taken out or made simpler, and stays so when the failure stays.
//
// What comes of it is one from which nothing can be taken any more, not the smallest that there is.
#pragma once

#include "scenarios/loader.h"

#include <cstddef>
#include <functional>
#include <string>

namespace rtclab::shrink {

struct Progress {
  std::size_t tried = 0;
  std::size_t runs = 0;  // what that took: one each, and a second where a control is asked
  std::size_t kept = 0;  // of those, how many left the failure as it was
  std::string last;      // what was kept last
};

struct Search {
  // Whether these still fail in the same way.
  std::function<bool(const scenario::Texts&)> fails;
  // Where the failure has a control: whether these still pass there. Asked of what still fails.
  std::function<bool(const scenario::Texts&)> passes{};
  std::size_t most_runs = 5000;
  std::function<void(const Progress&)> on_try = [](const Progress&) {};
};

struct Shrunk {
  scenario::Texts texts;
  Progress progress;
  bool finished = true;  // else: most_runs were not enough
};

// Precondition: `start` fails.
[[nodiscard]] Shrunk shrink(scenario::Texts start, const Search& search);

}  // namespace rtclab::shrink
