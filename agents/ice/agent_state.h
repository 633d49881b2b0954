// The state of a stream as its owner sees it: a pure function of what is known.
//
// Spec: W3C webrtc-pc §5.6.4 (the words), RFC 8445 §6.1.2.1 and §7.2.5.4 (running, completed,
// failed), RFC 8863 §4 (no failure before 39.5 s), RFC 8838 §8 (candidates may still come).
#pragma once

#include "agents/ice/options.h"
#include "agents/ice/stream.h"

#include <string>

namespace rtclab::ice {

struct StateVerdict {
  State state;
  std::string reason;
};
[[nodiscard]] StateVerdict judge_state(const Stream& stream, Instant now);

// Why the check list can come to nothing any more; nullopt while it still can. `patience` is
// kLeastPatience at least for all that keep to RFC 8863.
[[nodiscard]] std::optional<std::string> hopelessness(const Generation& generation, Instant now,
                                                      Duration patience = kLeastPatience);

}  // namespace rtclab::ice
