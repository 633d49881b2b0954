// The channel numbers of one allocation, as its client gives them to peers.
//
// Spec: RFC 8656 §12: after a binding's end the client MUST wait five minutes before it gives the
// number to another peer, or the peer another number. Numbers that were never used come first, so
// that nobody waits before all 4096 are spent.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"
#include "agents/turn/channel_data.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

namespace rtclab::turn {

inline constexpr Duration kChannelReuseWait = std::chrono::minutes{5};  // RFC 8656 §12

class ChannelNumbers {
 public:
  explicit ChannelNumbers(std::uint16_t first = kFirstChannel) : next_{first} {}

  struct Loan {
    std::uint16_t number;
    Instant from{};  // not to be asked for before
  };

  // A number for a peer that has none; nullopt: all are in use.
  [[nodiscard]] std::optional<Loan> lend(const Endpoint& peer);
  // The next one that was never used, past the end of the range as well.
  [[nodiscard]] std::uint16_t next() { return next_++; }
  // The peer needs its number no more, whose binding at the server has ended by `bound_until` for
  // certain.
  void give_back(std::uint16_t number, const Endpoint& peer, Instant bound_until);
  // One that was never asked for.
  void give_back(const Loan& loan) { returned_[loan.number] = {std::nullopt, loan.from}; }

 private:
  struct Returned {
    std::optional<Endpoint> peer;  // that it was bound to
    Instant free_at{};             // for others
  };

  std::uint16_t next_;
  std::map<std::uint16_t, Returned> returned_;
  std::map<Endpoint, Instant> waiting_;  // peers whose number went to another: not before
};

}  // namespace rtclab::turn
