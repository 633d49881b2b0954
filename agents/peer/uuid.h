// Identifiers for tracks, as browsers give them.
//
// Spec: RFC 9562 §5.4 (version 4: 122 random bits).
#pragma once

#include "agents/base/rng.h"

#include <string>

namespace rtclab::peer {

// "9f8e3b0a-1c2d-4e5f-8a9b-0c1d2e3f4a5b"
[[nodiscard]] inline std::string draw_uuid(Rng& rng) {
  auto text = rng.text(36, "0123456789abcdef");
  for (const std::size_t hyphen : {8, 13, 18, 23}) text[hyphen] = '-';
  text[14] = '4';
  text[19] = "89ab"[rng.below(4)];
  return text;
}

}  // namespace rtclab::peer
