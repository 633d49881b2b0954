// How many of several cases are wrong, and which of them shows it: the first that is, else the
// first.
#pragma once

#include <cstddef>
#include <optional>

namespace rtclab::judge {

template <class Shown>
struct Tally {
  std::size_t cases = 0, wrong = 0;
  std::optional<Shown> shown;  // nullopt: there was no case

  void count(bool bad, const Shown& each) {
    ++cases;
    if (!shown || (bad && wrong == 0)) shown = each;
    if (bad) ++wrong;
  }
};

}  // namespace rtclab::judge
