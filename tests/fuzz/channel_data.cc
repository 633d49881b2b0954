// ChannelData: any datagram is read; what was read is written, and read again it is the same.
#include "agents/turn/channel_data.h"

#include "tests/fuzz/target.h"

#include <algorithm>

namespace rtclab::fuzz {

void channel_data(ByteView input) {
  static_cast<void>(turn::looks_like_channel_data(input));
  const auto read = turn::ChannelData::parse(input);
  if (!read) {
    require(read.error().offset <= input.size(), "a flaw is found inside the datagram");
    return;
  }
  require(turn::looks_like_channel_data(input), "what is read was told apart");
  const auto octets = read->serialize();
  const auto again = turn::ChannelData::parse(octets);
  require(again.has_value() && again->channel == read->channel &&
              std::ranges::equal(again->data, read->data),
          "what is written is what was read");
}

}  // namespace rtclab::fuzz
