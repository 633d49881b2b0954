// The 96 bits that tie a response to its request, and where a client takes them from.
//
// Spec: RFC 8489 §5.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/base/rng.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace rtclab::stun {

struct TransactionId {
  std::array<std::byte, 12> octets{};

  [[nodiscard]] static TransactionId draw(Rng& rng);
  [[nodiscard]] std::string to_hex() const;
  friend auto operator<=>(const TransactionId&, const TransactionId&) = default;
};

// Hands out the ids of one agent's transactions: random ones, unless it is told to misbehave
// (StunTransactionIdCounter numbers them; StunReuseTransactionId gives each id to two requests).
class TransactionIds {
 public:
  explicit TransactionIds(Rng& rng, Deviations deviations = {})
      : rng_{&rng}, deviations_{deviations} {}

  [[nodiscard]] TransactionId next();

 private:
  [[nodiscard]] TransactionId fresh();

  Rng* rng_;
  Deviations deviations_;
  TransactionId last_;
  std::uint32_t handed_out_ = 0;
  std::uint32_t counter_ = 0;
};

}  // namespace rtclab::stun
