// What crossed the wire, as STUN: for assertions on what an agent sent.
#pragma once

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "tests/agents/ice/call.h"

#include <vector>

namespace rtclab::ice::test {

struct SentMessage {
  Instant at;
  Path path;
  stun::Message message;
  Bytes bytes;
};

// The STUN messages of one class that `machine` sent, oldest first. Precondition:
// world.keeps_record.
inline std::vector<SentMessage> sent_messages(const World& world, const Machine& machine,
                                              stun::Class cls) {
  std::vector<SentMessage> found;
  for (const auto& sent : world.sent) {
    if (sent.sender != &machine) continue;
    // RFC 4571: a length before each message.
    const bool is_framed = sent.path.transport == Transport::Tcp && sent.bytes.size() > 2;
    const auto reading =
        stun::Message::parse_structure(ByteView{sent.bytes}.subspan(is_framed ? 2 : 0));
    if (!reading.message || reading.message->cls != cls ||
        reading.message->method != stun::Method::Binding)
      continue;
    found.push_back({sent.at, sent.path, *reading.message, sent.bytes});
  }
  return found;
}

// Requests between peers: those to servers are not signed.
inline std::vector<SentMessage> sent_checks(const World& world, const Machine& machine) {
  auto found = sent_messages(world, machine, stun::Class::Request);
  std::erase_if(
      found, [](const SentMessage& each) { return !each.message.has<stun::MessageIntegrity>(); });
  return found;
}

// Checks that a side receives from an imagined peer: built by hand.
struct ForgedCheck {
  Credentials to;    // whose password signs it
  Credentials from;  // whose ufrag it names
  Role role = Role::Controlling;
  std::uint64_t tie_breaker = 1;
  bool use_candidate = false;

  [[nodiscard]] Bytes seal(Rng& rng) const {
    stun::Message check{.cls = stun::Class::Request,
                        .method = stun::Method::Binding,
                        .transaction = stun::TransactionId::draw(rng),
                        .attributes = {}};
    check.add(stun::Username{to.ufrag + ':' + from.ufrag}).add(stun::Priority{1862270975});
    if (role == Role::Controlling) {
      check.add(stun::IceControlling{tie_breaker});
    } else {
      check.add(stun::IceControlled{tie_breaker});
    }
    if (use_candidate) check.add(stun::UseCandidate{});
    return stun::seal(check, {.key = stun::short_term_key(to.pwd), .fingerprint = true});
  }
};

}  // namespace rtclab::ice::test
