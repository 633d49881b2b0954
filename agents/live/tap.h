// Where a live run tells what it sees at its sockets: the stand-in for a capture at the interface,
// which would need privileges.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/time.h"

#include <cstdint>

namespace rtclab::live {

enum class Direction : std::uint8_t { In, Out };

class Tap {
 public:
  virtual ~Tap() = default;
  // A datagram that left through, or arrived at, the socket path.local; `destination` differs from
  // path.local when it was sent to a multicast group.
  virtual void datagram(Instant at, Direction direction, const Path& path, const Ip& destination,
                        ByteView octets) = 0;
  // Out: we connected; In: we were connected to.
  virtual void stream_opened(Instant at, Direction direction, const Path& path) = 0;
  virtual void stream_octets(Instant at, Direction direction, const Path& path,
                             ByteView octets) = 0;
  // Out: we closed first.
  virtual void stream_closed(Instant at, Direction direction, const Path& path) = 0;
};

}  // namespace rtclab::live
