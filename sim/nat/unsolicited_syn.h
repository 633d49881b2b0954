// The answers to SYNs from outside that belong to nothing.
//
// Spec: RFC 5382 §4.3, REQ-4 (six seconds of silence, so that a SYN from inside can still make it a
// simultaneous open; then an ICMP error); RFC 6092 REC-33 and REC-34 say the same of firewalls.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "sim/nat/flow.h"
#include "topologies/nat.h"

#include <chrono>
#include <deque>
#include <optional>

namespace rtclab::nat {

class UnsolicitedSyns {
 public:
  static constexpr Duration kSilence = std::chrono::seconds{6};
  // So many wait for their answer; those beyond get none, so that a flood costs no memory.
  static constexpr std::size_t kMostWaiting = 1024;

  explicit UnsolicitedSyns(topology::UnsolicitedSyn answer) : answer_{answer} {}

  // A SYN that was dropped. An ICMP error will come from `self`.
  // Precondition: `flow` is Flow::of(packet), of a TCP segment that opens().
  void note(Instant now, ByteView packet, const Flow& flow, const Ip& self);
  // A SYN left for `remote` that shows as `outside`: the one from there needs no answer any more.
  void note_opened(const Endpoint& outside, const Endpoint& remote);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  // A packet for the outside.
  [[nodiscard]] std::optional<Bytes> poll_output();

 private:
  struct Waiting {
    Instant until;
    Endpoint outside;
    Endpoint remote;
    Ip self;
    Bytes packet;
  };

  topology::UnsolicitedSyn answer_;
  std::deque<Waiting> waiting_;  // in the order of their times
  std::deque<Bytes> outbox_;
};

}  // namespace rtclab::nat
