// Datagrams on a TCP stream: each has its length before it.
//
// Spec: RFC 4571 §2, used by RFC 6544 §7.1 for checks and data alike.
//
//    0                   1
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//   +-------------------------------+----------------- - -
//   |            LENGTH             |  STUN, DTLS, SRTP …
//   +-------------------------------+----------------- - -
#pragma once

#include "agents/base/bytes.h"

#include <cstddef>
#include <optional>

namespace rtclab::ice {

inline constexpr std::size_t kMaxFrame = 65535;

// Precondition: datagram.size() <= kMaxFrame.
[[nodiscard]] Bytes frame(ByteView datagram);

// Puts a stream that comes in pieces, cut anywhere, together again. Every sequence of octets is a
// sequence of frames, so that nothing can be wrong with it; it never holds more than one frame that
// is not complete.
class Deframer {
 public:
  void push(ByteView octets);
  // The next complete datagram. RFC 4571 §2: one without octets is a null packet, and skipped.
  [[nodiscard]] std::optional<Bytes> pop();
  // The first octet of the datagram that is to come, once it is here: tells protocols apart
  // (RFC 7983 §7) long before a made-up length is filled.
  [[nodiscard]] std::optional<std::byte> peek() const;

 private:
  [[nodiscard]] std::size_t buffered() const { return buffer_.size() - read_; }
  [[nodiscard]] std::size_t announced() const;

  Bytes buffer_;
  std::size_t read_ = 0;  // what pop() has given away
};

}  // namespace rtclab::ice
