// What arrived on a connection: the octets in order that the program has not read yet, and those
// that wait for a gap to close.
//
// Spec: RFC 9293 §3.8.6 (window), §3.8.6.2.2 (when to advertise more).
#pragma once

#include "agents/base/bytes.h"
#include "sim/host/tcp_segment.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

namespace rtclab::tcp {

class ReceiveBuffer {
 public:
  ReceiveBuffer(std::uint32_t capacity, std::uint32_t mss) : capacity_{capacity}, mss_{mss} {}

  void start(Sequence first);

  [[nodiscard]] Sequence next() const { return next_; }
  [[nodiscard]] std::size_t readable() const { return ready_.size(); }
  [[nodiscard]] bool has_gap() const { return !waiting_.empty(); }
  // What the peer was told it may send from next() on.
  [[nodiscard]] std::uint32_t window() const { return octets_between(next_, edge_); }

  // Takes what of `payload` lies in the window. Returns whether next() moved.
  bool insert(Sequence seq, ByteView payload);
  // The number after the last octet is the FIN's.
  void skip_fin() { next_ = next_ + 1; }
  // At most `most` octets, in order.
  [[nodiscard]] Bytes read(std::size_t most);
  // Moves the edge of the window to where it can be, if that is worth telling; called when a
  // segment is about to be sent.
  void advance_edge();
  // Whether the program has read so much that the peer ought to hear of it.
  [[nodiscard]] bool owes_update() const;

 private:
  [[nodiscard]] std::uint32_t growth() const;

  std::uint32_t capacity_;
  std::uint32_t mss_;
  Sequence next_{0};
  Sequence edge_{0};
  std::deque<std::byte> ready_;
  std::uint64_t taken_ = 0;  // octets that next() has passed: the keys count likewise
  std::map<std::uint64_t, Bytes> waiting_;  // beyond the gap
};

}  // namespace rtclab::tcp
