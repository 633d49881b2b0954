// What a peer's application puts into a signalling message: a description or a candidate, as JSON
// with the names of the W3C dictionaries.
//
//   {"type":"offer","sdp":"v=0…"}
//   {"type":"candidate","candidate":"candidate:…","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"…"}
//   {"type":"end-of-candidates","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"…"}
#pragma once

#include "agents/base/event.h"
#include "agents/peer/description.h"
#include "agents/peer/perfect_negotiation.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::scenario {

using peer::Signal;

[[nodiscard]] std::string to_json(const Signal& signal);
// nullopt when the text is no such message.
[[nodiscard]] std::optional<Signal> parse_signal(std::string_view text);

// The trace's account of it: "signalling:sent" with all that the message holds, and
// "signalling:received".
[[nodiscard]] Event sent_event(const Signal& signal, std::string_view id, std::string_view from,
                               std::string_view to);
[[nodiscard]] Event received_event(const Signal& signal, std::string_view id, std::string_view from,
                                   std::string_view to);

}  // namespace rtclab::scenario
