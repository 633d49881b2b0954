// The TCP segments that a stream's octets would have been, for a capture taken at the socket: the
// handshake, data with an acknowledgement, the close. Sequence numbers begin at 0 as Wireshark
// shows them; how the kernel cut and repeated segments is not seen from a socket.
//
// Spec: RFC 9293 §3.5 (handshake), §3.6 (close).
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/live/tap.h"
#include "sim/host/tcp_segment.h"

#include <functional>
#include <map>

namespace rtclab::program {

class StreamStory {
 public:
  // Gets each segment as it would have stood behind an IP header.
  using OnSegment = std::function<void(Instant, live::Direction, const Path&, ByteView segment)>;
  explicit StreamStory(OnSegment on_segment) : on_segment_{std::move(on_segment)} {}

  void opened(Instant at, live::Direction direction, const Path& path);
  void octets(Instant at, live::Direction direction, const Path& path, ByteView octets);
  void closed(Instant at, live::Direction direction, const Path& path);

 private:
  struct Ends {
    tcp::Sequence ours{0};
    tcp::Sequence theirs{0};
  };

  void tell(Instant at, live::Direction direction, const Path& path, tcp::Segment segment);

  OnSegment on_segment_;
  std::map<Path, Ends> ends_;
};

}  // namespace rtclab::program
