#include "tests/fuzz/target.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace rtclab::fuzz {

void require(bool holds, std::string_view promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", std::string{promise}.c_str());
  std::abort();
}

}  // namespace rtclab::fuzz
