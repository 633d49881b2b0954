#include "agents/ice/foundation.h"

#include <algorithm>

namespace rtclab::ice {

std::string Foundations::of(const Kind& kind) {
  if (one_for_all_) return "1";
  auto found = std::ranges::find(kinds_, kind);
  if (found == kinds_.end()) found = kinds_.insert(kinds_.end(), kind);
  return std::to_string(found - kinds_.begin() + 1);
}

}  // namespace rtclab::ice
