// RFC 8489 §6, §9 and §12, RFC 8656 §11: requests, their resends and their answers.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

namespace rtclab::judge {
namespace {

using stun::Class;
using stun::Method;
using namespace std::chrono_literals;

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string ordinal(std::size_t number) {
  constexpr std::array kWords{"zeroth", "first", "second", "third",
                              "fourth", "fifth", "sixth",  "seventh"};
  return number < kWords.size() ? kWords[number] : fmt::format("{}th", number);
}

bool is_response(const Transmission& t) {
  return t.stun()->cls == Class::Success || t.stun()->cls == Class::Error;
}

// The sends of each request that left more than once. A consent check is never resent: its copies
// are RFC 7675's affair.
std::vector<std::vector<const Transmission*>> resent_requests(const Docket& docket) {
  std::vector<std::vector<const Transmission*>> resent;
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Request || docket.is_consent(*t) || !docket.is_first_send(*t))
      continue;
    auto sends = docket.sends_of(*t);
    if (sends.size() > 1) resent.push_back(std::move(sends));
  }
  return resent;
}

void check_rto_floor(const Docket& docket, Findings& findings) {
  for (const auto& copies : resent_requests(docket)) {
    const auto gap = copies[1]->sent - copies[0]->sent;
    findings.check(
        gap + docket.tolerance() >= 500ms, *copies[1],
        fmt::format("{} resent after {:.3f} ms", copies[1]->stun()->name(), milliseconds(gap)));
  }
}

// Against the first wait, so that one late timer is not counted twice. The timers of a real machine
// may be late.
void check_rto_doubles(const Docket& docket, Findings& findings) {
  const auto lateness = docket.evidence().has_trace ? 0.0 : 20.0;
  for (const auto& sends : resent_requests(docket)) {
    const auto first = milliseconds(sends[1]->sent - sends[0]->sent);
    auto expected = first;
    for (std::size_t i = 2; i < sends.size(); ++i) {
      expected *= 2;
      const auto wait = milliseconds(sends[i]->sent - sends[i - 1]->sent);
      findings.check(std::abs(wait - expected) <= 0.1 * expected + lateness, *sends[i],
                     fmt::format("{} sent a {} time after {:.1f} ms; the first wait was {:.1f} ms",
                                 sends[i]->stun()->name(), ordinal(i + 1), wait, first));
    }
  }
}

void check_stop_on_response(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Request || docket.is_consent(*t) || !docket.is_first_send(*t))
      continue;
    const auto* const answer = docket.answer_to(*t);
    if (answer == nullptr || !answer->received) continue;
    const auto sends = docket.sends_of(*t);
    const auto late = std::ranges::find_if(
        sends, [&](const Transmission* other) { return other->sent > *answer->received + 1ms; });
    if (late == sends.end()) {
      findings.kept(*t, fmt::format("{} answered after {:.3f} ms and not sent again",
                                    t->stun()->name(), milliseconds(*answer->received - t->sent)));
    } else {
      findings.broken(**late,
                      fmt::format("{} sent again {:.1f} ms after its answer", t->stun()->name(),
                                  milliseconds((*late)->sent - *answer->received)));
    }
  }
}

// Only where the request was seen to reach whoever answers: an answer to something unseen proves
// nothing.
void check_id_echo(const Docket& docket, Findings& findings) {
  std::set<stun::TransactionId> asked;
  std::map<std::pair<Endpoint, Endpoint>, const Transmission*> unanswered;
  for (const auto* t : docket.stun()) {
    const auto id = t->stun()->transaction;
    if (t->stun()->cls == Class::Indication) {
      asked.insert(id);  // whoever answers it breaks §6.3.2, and yet echoes its id
    } else if (t->stun()->cls == Class::Request) {
      asked.insert(id);
      unanswered[{t->destination_as_received, t->source_as_received}] = t;
    } else if (is_response(*t)) {
      if (!asked.contains(id) && !unanswered.contains({t->source, t->destination})) continue;
      findings.check(asked.contains(id), *t,
                     asked.contains(id)
                         ? fmt::format("{} under the id of its request", t->stun()->name())
                         : fmt::format("{} under an id that nobody asked with", t->stun()->name()));
    }
  }
}

void check_error_code(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Error) continue;
    const auto code = t->stun()->find<stun::ErrorCode>();
    findings.check(code.has_value(), *t,
                   code ? fmt::format("{} {}", t->stun()->name(), code->code)
                        : fmt::format("{} without ERROR-CODE", t->stun()->name()));
  }
}

void check_indications_unanswered(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Indication) continue;
    const auto responses = docket.responses_to(*t);
    if (responses.empty()) {
      findings.kept(*t, fmt::format("{} left unanswered", t->stun()->name()));
    } else {
      findings.broken(*responses.front(),
                      fmt::format("{} to an indication", responses.front()->stun()->name()));
    }
  }
}

void check_response_signed(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    if (!docket.is_first_send(*check) || !check->stun()->has<stun::MessageIntegrity>()) continue;
    const auto* const success = docket.success_of(*check);
    // A relay's copy was judged where the peer behind it sent it.
    if (success == nullptr || !docket.is_peer(success->from)) continue;
    const bool is_signed = success->stun()->has<stun::MessageIntegrity>();
    const bool named = success->stun()->has<stun::Username>();
    findings.check(is_signed && !named, *success,
                   !is_signed ? "success without MESSAGE-INTEGRITY"
                   : named    ? "success with USERNAME"
                              : "signed success");
  }
}

// What a server or peer reports must be the address from which it got the request.
void check_mapped_address(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (!t->is(Class::Request, Method::Binding) || !t->received || t->carried) continue;
    for (const auto* answer : docket.responses_to(*t)) {
      if (answer->stun()->cls != Class::Success || answer->from != t->to || answer->carried)
        continue;
      const auto mapped = answer->stun()->find<stun::XorMappedAddress>();
      const bool right = mapped && mapped->endpoint == t->source_as_received;
      findings.check(right, *answer,
                     fmt::format("XOR-MAPPED-ADDRESS {}, the request came from {}",
                                 mapped ? mapped->endpoint.to_string() : "missing",
                                 t->source_as_received.to_string()));
      break;
    }
  }
}

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
  std::map<std::string, Fresh> told;  // by client
  for (const auto* t : docket.stun()) {
    const auto nonce = t->stun()->find<stun::Nonce>();
    if (!nonce) continue;
    if (t->stun()->cls == Class::Error) {
      const auto code = t->stun()->find<stun::ErrorCode>();
      if (code && code->code == 438)
        told[docket.name(t->to)] = {t->received.value_or(t->sent), nonce->value};
    } else if (t->stun()->cls == Class::Request && docket.is_first_send(*t)) {
      const auto fresh = told.find(docket.name(t->from));
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
    Checker{{"stun-8489-5-txid-echo", "RFC 8489", "5", Level::Must,
             "A response carries the transaction id of its request."},
            "responses", check_id_echo},
    Checker{{"stun-8489-6.2.1-rto-floor", "RFC 8489", "6.2.1", Level::Should,
             "A request over UDP is sent again no sooner than 500 ms after the first time."},
            "resent requests", check_rto_floor},
    Checker{{"stun-8489-6.2.1-rto-double", "RFC 8489", "6.2.1", Level::Should,
             "Each further wait between resends is twice the one before."},
            "waits between resends", check_rto_doubles},
    Checker{{"stun-8489-6.2.1-stop-on-response", "RFC 8489", "6.2.1", Level::Must,
             "A request that was answered is not sent again."},
            "answered requests", check_stop_on_response},
    Checker{{"stun-8489-6.3.1.1-error-code-attr", "RFC 8489", "6.3.1.1", Level::Must,
             "An error response says which error, in ERROR-CODE."},
            "error responses", check_error_code},
    Checker{{"stun-8489-6.3.2-indication-silent", "RFC 8489", "6.3.2", Level::Must,
             "An indication is never answered."},
            "indications", check_indications_unanswered},
    Checker{{"stun-8489-9.1.3-st-resp-signed", "RFC 8489", "9.1.3", Level::Must,
             "The success response to a signed request is signed and has no USERNAME."},
            "answered checks", check_response_signed},
    Checker{{"stun-8489-9.2.3.1-lt-first-bare", "RFC 8489", "9.2.3.1", Level::Must,
             "The first request to a server with long-term credentials shows none of them."},
            "first Allocate requests", check_first_request_bare},
    Checker{{"stun-8489-9.2.5-lt-438-retry", "RFC 8489", "9.2.5", Level::Must,
             "After 438 (Stale Nonce) a client goes on with the nonce that the server gave."},
            "requests after a 438 answer", check_stale_nonce},
    Checker{{"stun-8489-12-binding-xma", "RFC 8489", "12", Level::Must,
             "XOR-MAPPED-ADDRESS is the address that the request came from."},
            "Binding responses", check_mapped_address},
    Checker{{"turn-8656-11.1-send-needs-permission", "RFC 8656", "11.1", Level::Must,
             "A client sends to a peer only when it has a permission for the peer's address."},
            "Send indications", check_send_has_permission},
};
// clang-format on

}  // namespace

std::span<const Checker> stun_transaction_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
