// What the comment of a packet in our captures says: that it was dropped, and why, or what a link
// did to it ("link a-b: 48 ms in the queue") although it went on.
#pragma once

#include "reports/evidence/evidence.h"

namespace rtclab::evidence {

[[nodiscard]] inline bool is_dropped(const Packet& packet) {
  return !packet.comment.empty() && !packet.comment.starts_with("link ");
}

}  // namespace rtclab::evidence
