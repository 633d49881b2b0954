// mDNS: any datagram is read; what was read is written, and read again it is the same.
#include "agents/mdns/message.h"
#include "tests/fuzz/target.h"

namespace rtclab::fuzz {

void mdns_message(ByteView input) {
  const auto read = mdns::Message::parse(input);
  if (!read) {
    require(read.error().offset <= input.size(), "a flaw is found inside the datagram");
    return;
  }
  const auto octets = read->serialize();
  const auto again = mdns::Message::parse(octets);
  require(again.has_value(), "what is written can be read");
  require(*again == *read, "what is written is what was read");
}

}  // namespace rtclab::fuzz
