// A line on the standard input of `rtclab peer`, read: a command, or what the other peer said.
//
//   {"command":"createDataChannel","id":1,"label":"chat"}         a command
//   {"type":"offer","sdp":"v=0…"}                                 what the other peer wrote,
//   verbatim
//   {"candidate":"candidate:…","sdpMid":"0","sdpMLineIndex":0}    as a browser writes it
//   {"event":"state",…}                                           the other peer's news: passed
//   over
//
// Spec: W3C webrtc-pc §4.6.2, §4.8.1 (the dictionaries). A line comes from another program and may
// hold anything: what is wrong with it is one sentence.
#pragma once

#include "scenarios/live/command.h"
#include "scenarios/signal.h"

#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::program {

// Longer lines are refused, so that a stuck program cannot make us hold its whole output.
inline constexpr std::size_t kLongestLine = std::size_t{4} << 20u;

struct Request {
  std::string id;  // as JSON text, to be given back with the answer; empty when there was none
  Command command;
};
// The other peer will send no candidates for any generation any more.
struct NoMoreCandidates {};
struct News {};

using Line = std::variant<Request, scenario::Signal, NoMoreCandidates, News>;

struct LineError {
  std::string id;       // of the command, when that much could be read
  std::string command;  // likewise
  std::string message;
};

[[nodiscard]] tl::expected<Line, LineError> parse_line(std::string_view text);

}  // namespace rtclab::program
