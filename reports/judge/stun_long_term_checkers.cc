// RFC 8489 §9.2, RFC 8656 §11.1: long-term credentials, and the permission before the first Send.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::judge {
namespace {

using stun::Class;
using stun::Method;

void check_first_request_bare(const Docket& docket, Findings& findings) {
  std::set<std::pair<Endpoint, Endpoint>> asked;
  for (const auto* t : docket.stun()) {
    if (!t->is(Class::Request, Method::Allocate) ||
        !asked.emplace(t->source, t->destination).second)
      continue;
    using enum stun::AttributeType;
    std::string found;
    for (const auto type :
         {Username, UserHash, Realm, Nonce, stun::AttributeType::MessageIntegrity}) {
      if (t->stun()->has(type)) found += fmt::format(" {}", stun::attribute_name(type));
    }
    findings.check(
        found.empty(), *t,
        found.empty() ? "first Allocate without credentials" : "first Allocate with" + found);
  }
}

// RFC 8489 §9.2.5: what a client sends once it knows that its nonce is stale.
void check_stale_nonce(const Docket& docket, Findings& findings) {
  struct Fresh {
    Duration since;
    std::string nonce;
  };
  // By the client's endpoint and the server's: each allocation has nonces of its own.
  std::map<std::pair<Endpoint, Endpoint>, Fresh> told;
  for (const auto* t : docket.stun()) {
    const auto nonce = t->stun()->find<stun::Nonce>();
    if (!nonce) continue;
    if (t->stun()->cls == Class::Error) {
      const auto code = t->stun()->find<stun::ErrorCode>();
      if (code && code->code == 438 && t->received)
        told[{t->destination_as_received, t->source_as_received}] = {*t->received, nonce->value};
    } else if (t->stun()->cls == Class::Request && docket.is_first_send(*t)) {
      const auto fresh = told.find({t->source, t->destination});
      if (fresh == told.end() || t->sent < fresh->second.since) continue;
      const bool takes_it = nonce->value == fresh->second.nonce;
      findings.check(takes_it, *t,
                     fmt::format("{} with {}", t->stun()->name(),
                                 takes_it ? "the nonce of the 438 answer"
                                          : "another nonce than the 438 answer gave"));
      told.erase(fresh);
    }
  }
}

// Once a server has told its realm and nonce, requests to it carry them, and who asks, signed.
void check_subsequent(const Docket& docket, Findings& findings) {
  struct Challenge {
    Duration since;
    std::string realm;
    std::vector<std::string> nonces;  // all that the server gave: the newest may be on its way
  };
  std::map<std::pair<Endpoint, Endpoint>, Challenge> challenges;
  for (const auto* t : docket.stun()) {
    const auto& message = *t->stun();
    const auto realm = message.find<stun::Realm>();
    const auto nonce = message.find<stun::Nonce>();
    if (message.cls == Class::Error && realm && nonce && t->received) {
      auto& challenge = challenges[{t->destination_as_received, t->source_as_received}];
      if (challenge.nonces.empty()) challenge.since = *t->received;
      challenge.realm = realm->value;
      challenge.nonces.push_back(nonce->value);
    }
    if (message.cls != Class::Request || message.method == Method::Binding ||
        !docket.is_first_send(*t)) {
      continue;
    }
    const auto found = challenges.find({t->source, t->destination});
    if (found == challenges.end() || t->sent < found->second.since) continue;
    using enum stun::AttributeType;
    std::string missing;
    if (!message.has(Username) && !message.has(UserHash)) missing += " USERNAME";
    if (!realm) missing += " REALM";
    if (!nonce) missing += " NONCE";
    if (!message.has(stun::AttributeType::MessageIntegrity) &&
        !message.has(stun::AttributeType::MessageIntegritySha256)) {
      missing += " MESSAGE-INTEGRITY";
    }
    const auto& known = found->second;
    const bool theirs = missing.empty() && realm->value == known.realm &&
                        std::ranges::find(known.nonces, nonce->value) != known.nonces.end();
    findings.check(
        theirs, *t,
        !missing.empty() ? fmt::format("{} without{}", message.name(), missing)
        : theirs         ? fmt::format("{} with the server's realm and nonce", message.name())
                 : fmt::format("{} with another realm or nonce than the server's", message.name()));
  }
}

void check_send_has_permission(const Docket& docket, Findings& findings) {
  std::map<std::pair<std::string, Ip>, Duration> permitted_since;  // client, peer
  std::map<stun::TransactionId, std::vector<Ip>> requested;
  for (const auto* t : docket.stun()) {
    const auto& message = *t->stun();
    const bool grants =
        message.method == Method::CreatePermission || message.method == Method::ChannelBind;
    if (grants && message.cls == Class::Request) {
      auto& peers = requested[message.transaction];
      for (const auto& peer : message.find_all<stun::XorPeerAddress>())
        peers.push_back(peer.endpoint.ip);
    } else if (grants && message.cls == Class::Success && !t->dropped) {
      for (const auto& ip : requested[message.transaction]) {
        permitted_since.try_emplace({docket.name(t->to), ip}, t->received.value_or(t->sent));
      }
    } else if (t->is(Class::Indication, Method::Send)) {
      const auto peer = message.find<stun::XorPeerAddress>();
      if (!peer) continue;
      const auto since = permitted_since.find({docket.name(t->from), peer->endpoint.ip});
      const bool allowed = since != permitted_since.end() && since->second <= t->sent;
      findings.check(
          allowed, *t,
          fmt::format("Send to {} {}", peer->endpoint.ip.to_string(),
                      allowed ? "with a permission" : "before a permission was granted"));
    }
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"stun-8489-9.2.3.1-lt-first-bare", "RFC 8489", "9.2.3.1", Level::Must,
             "The first request to a server with long-term credentials shows none of them."},
            "first Allocate requests", check_first_request_bare},
    Checker{{"stun-8489-9.2.3.2-lt-subsequent", "RFC 8489", "9.2.3.2", Level::Must,
             "After a challenge requests carry user, realm and nonce, and are signed."},
            "requests after a challenge", check_subsequent},
    Checker{{"stun-8489-9.2.5-lt-438-retry", "RFC 8489", "9.2.5", Level::Must,
             "After 438 (Stale Nonce) a client goes on with the nonce that the server gave."},
            "requests after a 438 answer", check_stale_nonce},
    Checker{{"turn-8656-11.1-send-needs-permission", "RFC 8656", "11.1", Level::Must,
             "A client sends to a peer only when it has a permission for the peer's address."},
            "Send indications", check_send_has_permission},
};
// clang-format on

}  // namespace

std::span<const Checker> stun_long_term_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
