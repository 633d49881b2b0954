// RFC 8489 §6, §9.1 and §12: requests, their resends and their answers.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace rtclab::judge {
namespace {

using stun::Class;
using stun::Method;
using namespace std::chrono_literals;

std::string ordinal(std::size_t number) {
  constexpr std::array kWords{"zeroth", "first", "second", "third",
                              "fourth", "fifth", "sixth",  "seventh"};
  return number < kWords.size() ? kWords[number] : fmt::format("{}th", number);
}

bool is_response(const Transmission& t) {
  return t.stun()->cls == Class::Success || t.stun()->cls == Class::Error;
}

// The sends of each request that left more than once over UDP. A consent check is never resent: its
// copies are RFC 7675's affair.
std::vector<std::vector<const Transmission*>> resent_requests(const Docket& docket) {
  std::vector<std::vector<const Transmission*>> resent;
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Request || t->is_tcp() || docket.is_consent(*t) ||
        !docket.is_first_send(*t)) {
      continue;
    }
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
    // What it says is §14.8's affair.
    const bool says = t->stun()->has<stun::ErrorCode>();
    findings.check(says, *t,
                   fmt::format("{} {} ERROR-CODE", t->stun()->name(), says ? "with" : "without"));
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

// What a server or peer reports must be the address from which it got the request: this one, for
// when it is sent again it may come from another port of a NAT.
void check_mapped_address(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (!t->is(Class::Request, Method::Binding) || !t->received || t->carried) continue;
    for (const auto* answer : docket.replies_to(*t)) {
      if (answer->stun()->cls != Class::Success || answer->carried) continue;
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

// By default seven times, the last after 31.5 s (§6.2.1).
void check_send_count(const Docket& docket, Findings& findings) {
  for (const auto& sends : resent_requests(docket)) {
    findings.check(sends.size() <= 7, *sends.front(),
                   fmt::format("{} sent {} times", sends.front()->stun()->name(), sends.size()));
  }
}

// Over a stream the transport sees to it that a request arrives.
void check_not_resent_over_tcp(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Request || !t->is_tcp() || !docket.is_first_send(*t)) continue;
    const auto sends = docket.sends_of(*t);
    findings.check(sends.size() == 1, *sends.back(),
                   fmt::format("{} sent {} over TCP", t->stun()->name(),
                               sends.size() == 1 ? "once" : fmt::format("{} times", sends.size())));
  }
}

// A response has its request's method; id and path say which belong together.
void check_response_method(const Docket& docket, Findings& findings) {
  std::map<std::tuple<stun::TransactionId, Endpoint, Endpoint>, Method> asked;
  for (const auto* t : docket.stun()) {
    const auto id = t->stun()->transaction;
    if (t->stun()->cls == Class::Request)
      asked.insert_or_assign({id, t->source, t->destination}, t->stun()->method);
    if (!is_response(*t)) continue;
    const auto request = asked.find({id, t->destination_as_received, t->source_as_received});
    if (request == asked.end()) continue;
    findings.check(
        request->second == t->stun()->method, *t,
        fmt::format("{} to a {} request", t->stun()->name(), to_string(request->second)));
  }
}

// §14.8: a class from 3 to 6, a number below 100.
void check_error_range(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    const auto* const attribute = t->stun()->find(stun::AttributeType::ErrorCode);
    if (t->stun()->cls != Class::Error || attribute == nullptr || attribute->value.size() < 4)
      continue;
    const auto cls = std::to_integer<unsigned>(attribute->value[2]);
    const auto number = std::to_integer<unsigned>(attribute->value[3]);
    findings.check(cls >= 3 && cls <= 6 && number < 100, *t,
                   fmt::format("ERROR-CODE of class {}, number {}", cls, number));
  }
}

// To whom a request's sender is not known nothing can be signed.
void check_refusal_unsigned(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    if (!docket.is_first_send(*check)) continue;
    for (const auto* answer : docket.responses_to(*check)) {
      const auto code = answer->stun()->find<stun::ErrorCode>();
      if (answer->stun()->cls != Class::Error || !code ||
          (code->code != 400 && code->code != 401) || !docket.is_peer(answer->from)) {
        continue;
      }
      const bool bare = !answer->stun()->has<stun::MessageIntegrity>() &&
                        !answer->stun()->has<stun::MessageIntegritySha256>() &&
                        !answer->stun()->has<stun::Username>();
      findings.check(
          bare, *answer,
          fmt::format("{} {} integrity and user name", code->code, bare ? "without" : "with"));
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
    Checker{{"stun-8489-6.2.1-rc-default", "RFC 8489", "6.2.1", Level::Should,
             "A request is sent seven times at most."},
            "resent requests", check_send_count},
    Checker{{"stun-8489-6.2.2-tcp-no-resend", "RFC 8489", "6.2.2", Level::Must,
             "Over TCP a request is sent once."},
            "requests over TCP", check_not_resent_over_tcp},
    Checker{{"stun-8489-6.3-response-method", "RFC 8489", "6.3", Level::Must,
             "A response has the method of its request."},
            "responses to requests in the evidence", check_response_method},
    Checker{{"stun-8489-6.2.1-stop-on-response", "RFC 8489", "6.2.1", Level::Must,
             "A request that was answered is not sent again."},
            "answered requests", check_stop_on_response},
    Checker{{"stun-8489-6.3.1.1-error-code-attr", "RFC 8489", "6.3.1.1", Level::Must,
             "An error response says which error, in ERROR-CODE."},
            "error responses", check_error_code},
    Checker{{"stun-8489-6.3.2-indication-silent", "RFC 8489", "6.3.2", Level::Must,
             "An indication is never answered."},
            "indications", check_indications_unanswered},
    Checker{{"stun-8489-9.1.3-st-err-unsigned", "RFC 8489", "9.1.3", Level::Must,
             "A 400 or 401 answer to a check has neither integrity nor USERNAME."},
            "400 and 401 answers to checks", check_refusal_unsigned},
    Checker{{"stun-8489-9.1.3-st-resp-signed", "RFC 8489", "9.1.3", Level::Must,
             "The success response to a signed request is signed and has no USERNAME."},
            "answered checks", check_response_signed},
    Checker{{"stun-8489-14.8-error-range", "RFC 8489", "14.8", Level::Must,
             "ERROR-CODE has a class from 3 to 6 and a number below 100."},
            "error responses with a code", check_error_range},
    Checker{{"stun-8489-12-binding-xma", "RFC 8489", "12", Level::Must,
             "XOR-MAPPED-ADDRESS is the address that the request came from."},
            "Binding responses", check_mapped_address},
};
// clang-format on

}  // namespace

std::span<const Checker> stun_transaction_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
