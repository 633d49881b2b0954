// What a NAT or a firewall does with fragments: those behind the first have no ports, so that they
// go the way that the first one went.
//
// Spec: RFC 4787 §11 (REQ-14: received in any order; REQ-14a: not at any price), RFC 6146 §3.4
// (that a fragment waits for 2 s at least), RFC 1858 and RFC 3128 (parts that reach into the header
// of TCP). Nothing is put together here: each part passes as it came.
#pragma once

#include "agents/base/ip_fragment.h"
#include "agents/base/time.h"
#include "sim/capture/sink.h"
#include "sim/nat/verdict.h"
#include "topologies/nat.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::nat {

// What was decided about the packet, when its first fragment came.
struct FragmentFate {
  Verdict verdict;
  // Its addresses afterwards, if it was not dropped.
  Ip source{};
  Ip destination{};
};

class FragmentTracker {
 public:
  struct Limits {
    Duration patience = std::chrono::seconds{2};  // for the first fragment
    Duration memory = std::chrono::seconds{30};   // of what became of it
    std::size_t packets = 256;                    // known at a time; the oldest is forgotten
    std::size_t waiting = 64;                     // fragments; more are dropped
  };
  enum class Side { Inside, Outside };
  // A fragment that waits, as it came off the wire.
  struct Held {
    Side from;
    Bytes packet;
    sim::PacketId identity;
    capture::Frame frame;
  };
  struct Late {
    Held held;
    std::string why;
  };

  explicit FragmentTracker(topology::Fragments policy) : policy_{policy} {}
  FragmentTracker(topology::Fragments policy, const Limits& limits)
      : policy_{policy}, limits_{limits} {}

  // From now on.
  void set_policy(topology::Fragments policy) { policy_ = policy; }

  // Why no part of that kind passes at all; empty: it may.
  [[nodiscard]] std::string_view refusal_of(const ip::Fragment& fragment) const;
  // What became of the packet that a later part belongs to; nullptr: its first one has not come.
  [[nodiscard]] const FragmentFate* fate_of(Instant now, Side from, const ip::Fragment& fragment);
  // Precondition: fate_of() knows nothing. Takes the part over if it may wait, else says why not.
  [[nodiscard]] std::optional<std::string> hold(Instant now, Held part,
                                                const ip::Fragment& fragment);
  // The first fragment came. Returns the parts that have waited for it, in the order they came.
  [[nodiscard]] std::vector<Held> decide(Instant now, Side from, const ip::Fragment& first,
                                         FragmentFate fate);

  // The parts that have waited in vain, in the order they came.
  [[nodiscard]] std::vector<Late> expire(Instant now);
  [[nodiscard]] std::optional<Instant> next_expiry() const;
  // Forgets everything, as when its machine restarts.
  void clear();

 private:
  using Key = std::pair<Side, ip::FragmentKey>;
  struct Known {
    FragmentFate fate;
    Instant until;
  };
  struct Waiting {
    Key key;
    Held held;
    Instant until;
  };

  topology::Fragments policy_;
  Limits limits_{};
  std::map<Key, Known> known_;
  std::deque<Key> order_;  // of known_, the oldest first
  std::deque<Waiting> waiting_;
};

}  // namespace rtclab::nat
