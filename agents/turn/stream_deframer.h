// Cuts the octets of a stream, which arrive in any portions, into STUN messages and ChannelData.
//
// Spec: RFC 8489 §6.2.2 (STUN over TCP), RFC 8656 §12.5 (ChannelData there is padded to four
// octets), RFC 7983 §7 (the first octet tells them apart). What fits neither frame is a flaw after
// which nobody knows where the next message begins, so the stream is of no more use.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <cstdint>
#include <optional>

namespace rtclab::turn {

class StreamDeframer {
 public:
  void push(ByteView octets);
  // The next message, ChannelData without its padding; nullopt while more octets are needed.
  // Offsets in a flaw count from the stream's first octet. After a flaw every poll repeats it.
  [[nodiscard]] std::optional<Result<Bytes>> poll();
  // What came behind the last message: the first octets of a data connection (RFC 6062 §4.5).
  [[nodiscard]] Bytes take_rest();

 private:
  struct Frame {
    std::size_t size;    // of the message
    std::size_t stride;  // from its first octet to that of the next one
  };
  [[nodiscard]] Result<std::optional<Frame>> next_frame() const;

  Bytes buffer_;
  std::size_t consumed_ = 0;
};

}  // namespace rtclab::turn
