// What signalling has brought to an application and it has not acted on yet.
//
// Spec: RFC 8838 §15 and W3C webrtc-pc §10.7 want messages once and in order. Where the carrier
// gives that, all is taken from the front: a description waits for its step, and what is behind it
// waits too. Where it does not, a candidate may come before its description; an application that
// takes care keeps it until then.
#pragma once

#include "scenarios/signal.h"
#include "sim/courier/terms.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::scenario {

class Inbox {
 public:
  struct Entry {
    std::string id;  // of the message
    std::string from;
    Signal signal;
    bool is_noted = false;  // as held
  };

  explicit Inbox(signalling::Receipt receipt) : receipt_{receipt} {}

  void add(Entry entry) { entries_.push_back(std::move(entry)); }
  // The next candidate that can be added now, with `remote` as the remote description.
  [[nodiscard]] std::optional<Entry> take_candidate(const std::optional<peer::Description>& remote);
  [[nodiscard]] std::optional<Entry> take_description();
  // Candidates that have begun to wait for their description since the last call.
  [[nodiscard]] std::vector<Entry> newly_held();

 private:
  signalling::Receipt receipt_;
  std::deque<Entry> entries_;  // in the order in which they came
};

// Whether the description, if there is one, is of the session that the candidate belongs to.
[[nodiscard]] bool has_place_for(const peer::IceCandidateInit& candidate,
                                 const std::optional<peer::Description>& remote);

}  // namespace rtclab::scenario
