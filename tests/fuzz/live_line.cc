// The lines that `rtclab peer` reads: any text is a line or a sentence about what is wrong with it.
#include "agents/sdp/candidate.h"
#include "agents/sdp/session_description.h"
#include "scenarios/live/line.h"
#include "tests/fuzz/target.h"

#include <variant>

namespace rtclab::fuzz {

void live_line(ByteView input) {
  const auto line = program::parse_line(as_text(input));
  if (!line) {
    require(!line.error().message.empty(), "what is wrong with a line is said");
    return;
  }
  if (const auto* const request = std::get_if<program::Request>(&*line)) {
    require(!program::name_of(request->command).empty(), "a command has a name");
  } else if (const auto* const signal = std::get_if<scenario::Signal>(&*line)) {
    // What the peer connection would make of it, as far as reading goes.
    if (const auto* const description = std::get_if<peer::Description>(signal))
      static_cast<void>(sdp::SessionDescription::parse(description->sdp));
    if (const auto* const candidate = std::get_if<peer::IceCandidateInit>(signal))
      static_cast<void>(sdp::Candidate::parse(candidate->candidate));
  }
}

}  // namespace rtclab::fuzz
