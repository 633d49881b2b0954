#include "tests/fuzz/target.h"

#include <array>

namespace rtclab::fuzz {

void stun_message(ByteView input);
void channel_data(ByteView input);
void session_description(ByteView input);
void candidate_line(ByteView input);
void demultiplex(ByteView input);
void mdns_message(ByteView input);

std::span<const Target> targets() {
  static constexpr std::array kTargets{
      Target{"stun_message", stun_message},
      Target{"channel_data", channel_data},
      Target{"session_description", session_description},
      Target{"candidate_line", candidate_line},
      Target{"demultiplex", demultiplex},
      Target{"mdns_message", mdns_message},
  };
  return kTargets;
}

}  // namespace rtclab::fuzz
