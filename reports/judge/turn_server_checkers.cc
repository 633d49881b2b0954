// RFC 8656 and RFC 8489 §9.2.4: what a TURN server grants, to whom, and what it passes on.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"
#include "reports/judge/turn_sessions.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace rtclab::judge {
namespace {

using evidence::Kind;
using stun::AttributeType;
using stun::Class;
using stun::Method;

std::optional<int> error_code(const Transmission& t) {
  const auto code = t.stun()->find<stun::ErrorCode>();
  return t.stun()->cls == Class::Error && code ? std::optional{code->code} : std::nullopt;
}

// Each first response of a server with the request that it answers: a resent request is answered
// again.
template <class F>
void for_each_answer(const Docket& docket, F f) {
  using Key = std::tuple<stun::TransactionId, Endpoint, Endpoint>;
  std::map<Key, const Transmission*> requests;
  std::set<const Transmission*> answered;
  for (const auto* t : docket.stun()) {
    const auto cls = t->stun()->cls;
    const auto id = t->stun()->transaction;
    if (cls == Class::Request && docket.is_first_send(*t))
      requests.insert_or_assign({id, t->source, t->destination}, t);
    if ((cls != Class::Success && cls != Class::Error) || !docket.is_server(t->from)) continue;
    const auto request = requests.find({id, t->destination_as_received, t->source_as_received});
    if (request != requests.end() && answered.insert(request->second).second)
      f(*request->second, *t);
  }
}

void check_authentication(const Docket& docket, Findings& findings) {
  for_each_answer(docket, [&](const Transmission& request, const Transmission& answer) {
    if (!request.is(Class::Request, Method::Allocate)) return;
    if (request.stun()->has(AttributeType::MessageIntegrity) ||
        request.stun()->has(AttributeType::MessageIntegritySha256)) {
      return;
    }
    const bool refused = answer.stun()->cls == Class::Error;
    findings.check(
        refused, answer,
        fmt::format("{} an Allocate without credentials", refused ? "refuses" : "grants"));
  });
}

void check_challenge(const Docket& docket, Findings& findings) {
  for_each_answer(docket, [&](const Transmission&, const Transmission& answer) {
    if (error_code(answer) != 401) return;
    const bool realm = answer.stun()->has<stun::Realm>();
    const bool nonce = answer.stun()->has<stun::Nonce>();
    const bool user = answer.stun()->has<stun::Username>();
    findings.check(realm && nonce && !user, answer,
                   fmt::format("401 {} REALM, {} NONCE{}", realm ? "with" : "without",
                               nonce ? "with" : "without", user ? ", with USERNAME" : ""));
  });
}

void check_fresh_nonce(const Docket& docket, Findings& findings) {
  for_each_answer(docket, [&](const Transmission& request, const Transmission& answer) {
    if (error_code(answer) != 438) return;
    const auto old = request.stun()->find<stun::Nonce>();
    const auto fresh = answer.stun()->find<stun::Nonce>();
    const bool good =
        fresh && answer.stun()->has<stun::Realm>() && (!old || old->value != fresh->value);
    findings.check(good, answer,
                   good    ? "438 with realm and a new nonce"
                   : fresh ? "438 with the nonce that it calls stale, or without realm"
                           : "438 without a nonce");
  });
}

void check_nonce_per_client(const Docket& docket, Findings& findings) {
  std::map<std::string, Endpoint> clients;
  for_each_answer(docket, [&](const Transmission& request, const Transmission& answer) {
    const auto nonce = answer.stun()->find<stun::Nonce>();
    if (!nonce || request.is_tcp()) return;
    const auto client = request.source_as_received;
    const auto [entry, is_new] = clients.try_emplace(nonce->value, client);
    const bool own = is_new || entry->second == client;
    findings.check(own, answer,
                   own ? "a nonce of this client's own"
                       : fmt::format("the nonce that {} got, too", entry->second.to_string()));
  });
}

void check_answers_signed(const Docket& docket, Findings& findings) {
  for_each_answer(docket, [&](const Transmission& request, const Transmission& answer) {
    if (request.stun()->method == Method::Binding || answer.stun()->cls != Class::Success) return;
    const bool good = answer.stun()->has(AttributeType::MessageIntegrity) ||
                      answer.stun()->has(AttributeType::MessageIntegritySha256);
    findings.check(
        good, answer,
        fmt::format("{} {} integrity", answer.stun()->name(), good ? "with" : "without"));
  });
}

void check_grant_attributes(const Docket& docket, Findings& findings) {
  for_each_answer(docket, [&](const Transmission& request, const Transmission& answer) {
    if (!answer.is(Class::Success, Method::Allocate)) return;
    const auto& message = *answer.stun();
    const auto mapped = message.find<stun::XorMappedAddress>();
    std::string missing;
    if (!message.has<stun::XorRelayedAddress>()) missing += " XOR-RELAYED-ADDRESS";
    if (!message.has<stun::Lifetime>()) missing += " LIFETIME";
    if (!mapped) missing += " XOR-MAPPED-ADDRESS";
    const bool right =
        mapped && (!request.received || mapped->endpoint == request.source_as_received);
    findings.check(missing.empty() && right, answer,
                   !missing.empty() ? "Allocate success without" + missing
                   : right ? "Allocate success with relayed and mapped address and lifetime"
                           : fmt::format("XOR-MAPPED-ADDRESS {}, the request came from {}",
                                         mapped->endpoint.to_string(),
                                         request.source_as_received.to_string()));
  });
}

void check_lifetime(const Docket& docket, Findings& findings) {
  for_each_answer(docket, [&](const Transmission&, const Transmission& answer) {
    if (!answer.is(Class::Success, Method::Allocate)) return;
    const auto lifetime = answer.stun()->find<stun::Lifetime>();
    if (!lifetime) return;
    findings.check(lifetime->value >= 600 && lifetime->value <= 3600, answer,
                   fmt::format("grants {} s", lifetime->value));
  });
}

void check_relay_port(const Docket& docket, Findings& findings) {
  for_each_answer(docket, [&](const Transmission&, const Transmission& answer) {
    if (!answer.is(Class::Success, Method::Allocate)) return;
    for (const auto& relayed : answer.stun()->find_all<stun::XorRelayedAddress>()) {
      findings.check(relayed.endpoint.port >= Port{49152}, answer,
                     fmt::format("relays at port {}", relayed.endpoint.port.value()));
    }
  });
}

void check_relay_unique(const Docket& docket, Findings& findings) {
  std::map<Endpoint, std::pair<TurnLeg, Duration>> owners;
  for_each_answer(docket, [&](const Transmission& request, const Transmission& answer) {
    const auto lifetime = answer.stun()->find<stun::Lifetime>();
    const auto leg = TurnSessions::from_client(request);
    if (answer.is(Class::Success, Method::Refresh) && lifetime) {
      for (auto& [relayed, owner] : owners) {
        if (owner.first == leg) owner.second = answer.sent + std::chrono::seconds{lifetime->value};
      }
    }
    if (!answer.is(Class::Success, Method::Allocate) || !lifetime) return;
    for (const auto& relayed : answer.stun()->find_all<stun::XorRelayedAddress>()) {
      const auto known = owners.find(relayed.endpoint);
      const bool taken =
          known != owners.end() && known->second.first != leg && answer.sent < known->second.second;
      findings.check(!taken, answer,
                     fmt::format("relays at {}{}", relayed.endpoint.to_string(),
                                 taken ? ", which another client has" : ""));
      owners[relayed.endpoint] = {leg, answer.sent + std::chrono::seconds{lifetime->value}};
    }
  });
}

void check_data_attributes(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (!t->is(Class::Indication, Method::Data) || t->carried) continue;
    const bool peer = t->stun()->has<stun::XorPeerAddress>();
    const bool content = t->stun()->has<stun::Data>() || t->stun()->has<stun::Icmp>();
    findings.check(peer && content, *t,
                   peer && content ? "Data with peer and data"
                   : peer          ? "Data without DATA"
                                   : "Data without XOR-PEER-ADDRESS");
  }
}

// Where a datagram from a peer reaches the client of the relay that it was sent to.
struct Delivery {
  TurnLeg leg;
  Endpoint peer;
  bool on_channel;
};

std::optional<Delivery> delivery(const Docket& docket, const TurnSessions& sessions,
                                 const Transmission& t) {
  if (!docket.is_server(t.from) || t.carried) return std::nullopt;
  const auto leg = TurnSessions::to_client(t);
  if (!sessions.has_allocated(leg)) return std::nullopt;
  if (t.dissection->kind == Kind::ChannelData && t.dissection->channel) {
    const auto peer = sessions.peer_of(leg, *t.dissection->channel);
    return peer ? std::optional{Delivery{leg, *peer, true}} : std::nullopt;
  }
  if (!t.is(Class::Indication, Method::Data) || t.stun()->has<stun::Icmp>()) return std::nullopt;
  const auto peer = t.stun()->find<stun::XorPeerAddress>();
  return peer ? std::optional{Delivery{leg, peer->endpoint, false}} : std::nullopt;
}

void check_delivers_permitted(const Docket& docket, Findings& findings) {
  TurnSessions sessions{docket, TurnSessions::View::Server};
  for (const auto& t : docket.transmissions()) {
    if (const auto passed = delivery(docket, sessions, t)) {
      const auto until = sessions.permitted_until(passed->leg, passed->peer.ip, t.sent);
      const bool good = until && t.sent <= *until + docket.tolerance();
      findings.check(good, t,
                     fmt::format("hands on from {}, {}", passed->peer.to_string(),
                                 good    ? "which has a permission"
                                 : until ? fmt::format("whose permission ended {:.1f} s before",
                                                       seconds(t.sent - *until))
                                         : "which has no permission"));
    }
    sessions.take(t);
  }
}

void check_uses_channel(const Docket& docket, Findings& findings) {
  using namespace std::chrono_literals;
  TurnSessions sessions{docket, TurnSessions::View::Server};
  for (const auto& t : docket.transmissions()) {
    if (const auto passed = delivery(docket, sessions, t)) {
      // What was under way while the answer to the bind was made may still come as Data.
      const auto channel = sessions.channel_to(passed->leg, passed->peer, t.sent - 1ms);
      if (channel) {
        findings.check(
            passed->on_channel, t,
            fmt::format("hands on from {} {}, 0x{:04x} is bound", passed->peer.to_string(),
                        passed->on_channel ? "as ChannelData" : "as Data indication", *channel));
      }
    }
    sessions.take(t);
  }
}

// From a relayed address to a peer: only where its client may.
void check_relays_permitted(const Docket& docket, Findings& findings) {
  TurnSessions sessions{docket, TurnSessions::View::Server};
  for (const auto& t : docket.transmissions()) {
    const auto leg = docket.is_server(t.from) && !t.carried && !t.is_tcp()
                         ? sessions.owner_of(t.source)
                         : std::nullopt;
    if (leg) {
      const auto until = sessions.permitted_until(*leg, t.destination.ip, t.sent);
      const bool good = until && t.sent <= *until + docket.tolerance();
      findings.check(good, t,
                     fmt::format("relays to {}, {} permission", t.destination.to_string(),
                                 good ? "with a" : "without a"));
    }
    sessions.take(t);
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"stun-8489-9.2.4-lt-401-challenge", "RFC 8489", "9.2.4", Level::Must,
             "A 401 answer of a server with long-term credentials has realm and nonce, and no user name."},
            "401 answers of servers", check_challenge},
    Checker{{"stun-8489-9.2.4-lt-438", "RFC 8489", "9.2.4", Level::Must,
             "A 438 answer has the realm and a nonce that is new."},
            "438 answers", check_fresh_nonce},
    Checker{{"stun-8489-9.2.4-nonce-per-client", "RFC 8489", "9.2.4", Level::Must,
             "Clients at different addresses get different nonces."},
            "answers with a nonce", check_nonce_per_client},
    Checker{{"stun-8489-9.2.4-lt-resp-signed", "RFC 8489", "9.2.4", Level::Must,
             "The success response to an authenticated request is signed."},
            "success responses of TURN servers", check_answers_signed},
    Checker{{"turn-8656-5-auth-required", "RFC 8656", "5", Level::Must,
             "An Allocate request without credentials is refused."},
            "Allocate requests without credentials", check_authentication},
    Checker{{"turn-8656-6-relay-unique", "RFC 8656", "6", Level::Must,
             "No two allocations have the same relayed address."},
            "granted relayed addresses", check_relay_unique},
    Checker{{"turn-8656-7.2-success-attrs", "RFC 8656", "7.2", Level::Must,
             "An Allocate success tells the relayed address, the lifetime and where the request came from."},
            "Allocate successes", check_grant_attributes},
    Checker{{"turn-8656-7.2-lifetime-grant", "RFC 8656", "7.2", Level::Should,
             "An allocation is granted for ten minutes or more, and an hour at most."},
            "Allocate successes", check_lifetime},
    Checker{{"turn-8656-7.2-port-range", "RFC 8656", "7.2", Level::Should,
             "Relayed ports lie between 49152 and 65535."},
            "granted relayed addresses", check_relay_port},
    Checker{{"turn-8656-9-perm-other-ip", "RFC 8656", "9", Level::Must,
             "What comes from an address without permission is not handed on to the client."},
            "datagrams handed on to clients", check_delivers_permitted},
    Checker{{"turn-8656-11.2-send-discard", "RFC 8656", "11.2", Level::Must,
             "Nothing is relayed to an address for which the client has no permission."},
            "relayed datagrams", check_relays_permitted},
    Checker{{"turn-8656-11.3-data-ind", "RFC 8656", "11.3", Level::Must,
             "A Data indication names the peer and carries what came from it."},
            "Data indications", check_data_attributes},
    Checker{{"turn-8656-12.5-server-uses-channel", "RFC 8656", "12.5", Level::Must,
             "What comes from a peer with a bound channel goes to the client on that channel."},
            "datagrams from peers with a channel", check_uses_channel},
};
// clang-format on

}  // namespace

std::span<const Checker> turn_server_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
