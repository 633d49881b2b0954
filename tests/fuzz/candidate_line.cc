// Candidate lines: any text is read; what was read is written, and read again it is the same. What
// ICE makes of it goes back to text.
#include "agents/peer/candidate_conversion.h"
#include "agents/sdp/candidate.h"
#include "tests/fuzz/target.h"

namespace rtclab::fuzz {

void candidate_line(ByteView input) {
  const auto read = sdp::Candidate::parse(as_text(input));
  if (!read) return;
  const auto again = sdp::Candidate::parse(read->serialize());
  require(again.has_value() && *again == *read, "what is written is what was read");
  static_cast<void>(read->is_mdns_name());
  static_cast<void>(read->ip());
  const auto usable = peer::to_ice(*read);
  if (!usable) return;
  static_cast<void>(usable->to_string());
  const auto text = peer::to_sdp(*usable, "ufrag", {}).serialize();
  const auto back = sdp::Candidate::parse(text);
  require(back.has_value(), "what we would send can be read");
  const auto usable_again = peer::to_ice(*back);
  require(usable_again.has_value(), "what we would send can be used");
}

}  // namespace rtclab::fuzz
