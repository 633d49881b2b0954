// The badges of a story: what a peer's state became, and what its application did.
#pragma once

#include "reports/diagrams/lifelines.h"
#include "reports/diagrams/story.h"

namespace rtclab::diagrams {

// From the trace. Without one, the signaling states that the descriptions imply (RFC 9429 §3.2).
[[nodiscard]] std::vector<Badge> make_badges(const evidence::Evidence& evidence,
                                             const Lifelines& lifelines);

}  // namespace rtclab::diagrams
