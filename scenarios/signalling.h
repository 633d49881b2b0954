// How the peers of a scenario reach each other before they can: <signalling via="…">.
#pragma once

#include "sim/courier/terms.h"

#include <string>
#include <string_view>
#include <variant>

namespace rtclab::scenario {

// A connection of each peer, through the simulated network, to a machine that forwards messages.
// What befalls it are the links' doings.
struct WebSocketSignalling {
  std::string server;  // the machine
};
// Beside the network: somebody carries the messages. A name, and terms that the scenario may have
// changed.
struct CourierSignalling {
  std::string name;  // "postcard"
  signalling::CourierTerms terms;
};
using Signalling = std::variant<WebSocketSignalling, CourierSignalling>;

inline constexpr std::string_view kWebSocket = "websocket";
inline constexpr std::string_view kCourier = "courier";  // one of no preset: all terms are zero

}  // namespace rtclab::scenario
