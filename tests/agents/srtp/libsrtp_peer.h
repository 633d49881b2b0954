// libsrtp2 as the other side: one master key, both uses of it. A resource.
#pragma once

#include "agents/base/bytes.h"
#include "agents/srtp/failure.h"
#include "agents/srtp/keys.h"

#include <memory>

namespace rtclab::srtp::test {

class LibsrtpPeer {
 public:
  enum class Direction { Outbound, Inbound };

  LibsrtpPeer(Profile profile, const MasterKey& master, Direction direction);
  ~LibsrtpPeer();

  [[nodiscard]] Outcome<Bytes> protect(PacketKind kind, ByteView packet);
  [[nodiscard]] Outcome<Bytes> unprotect(PacketKind kind, ByteView packet);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rtclab::srtp::test
