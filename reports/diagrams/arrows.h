// The arrows of a story: what went over the wire and over the signalling channel.
#pragma once

#include "reports/diagrams/lifelines.h"
#include "reports/diagrams/story.h"

namespace rtclab::diagrams {

// What a message is called: "offer", "candidate srflx 203.0.113.10:50000".
[[nodiscard]] std::string message_label(const evidence::SignallingMessage& message);

[[nodiscard]] std::vector<Arrow> draw_arrows(const evidence::Evidence& evidence,
                                             const Lifelines& lifelines);

// "host 192.0.2.1:5000/udp" from a candidate attribute; the text itself when it is none.
[[nodiscard]] std::string candidate_text(const std::string& candidate);

}  // namespace rtclab::diagrams
