// STUN messages that an agent has to take seriously: built from the input, in answer to what the
// agent sent, under keys that it trusts. Without them a fuzzer stands before HMAC-SHA1 for ever.
#pragma once

#include "agents/base/address.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "tests/fuzz/feed.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::fuzz {

// What the forger knows beforehand.
struct Insider {
  std::vector<stun::Key> keys;         // that the agent checks against
  std::vector<std::string> usernames;  // that it knows
  std::vector<Endpoint> addresses;     // worth naming in an attribute
};

class Forger {
 public:
  explicit Forger(Insider insider) : insider_{std::move(insider)} {}

  // Reads along what the agent sends: transaction ids to answer, nonces to use.
  void note_sent(ByteView datagram);
  [[nodiscard]] Bytes forge(Feed& feed) const;

 private:
  void add_attribute(stun::Message& message, Feed& feed) const;
  void add_text(stun::Message& message, std::size_t which, Feed& feed) const;

  Insider insider_;
  std::deque<stun::Message> requests_;  // the latest, unanswered as far as we know
  std::optional<std::string> nonce_;
  std::optional<std::string> realm_;
};

}  // namespace rtclab::fuzz
