// RFC 8489 §6, §9 and §12, RFC 8656 §11: requests, their resends and their answers.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
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

bool is_response(const Transmission& t) {
  return t.stun()->cls == Class::Success || t.stun()->cls == Class::Error;
}

// The copies of each request that has more than one, in the order of their sending.
std::vector<std::vector<const Transmission*>> resent_requests(const Docket& docket) {
  std::map<stun::TransactionId, std::vector<const Transmission*>> by_id;
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Request) continue;
    auto& copies = by_id[t->stun()->transaction];
    // Another message under the id of an earlier one is another requirement's affair.
    if (copies.empty() || std::ranges::equal(copies.front()->payload, t->payload)) copies.push_back(t);
  }
  std::vector<std::vector<const Transmission*>> resent;
  for (auto& [id, copies] : by_id) {
    if (copies.size() > 1) resent.push_back(std::move(copies));
  }
  std::ranges::sort(resent, {}, [](const auto& copies) { return copies.front()->sent; });
  return resent;
}

void check_rto_floor(const Docket& docket, Findings& findings) {
  for (const auto& copies : resent_requests(docket)) {
    const auto gap = copies[1]->sent - copies[0]->sent;
    findings.check(gap + docket.tolerance() >= 500ms, *copies[1],
                   fmt::format("{} resent after {:.3f} ms", copies[1]->stun()->name(), milliseconds(gap)));
  }
}

void check_rto_doubles(const Docket& docket, Findings& findings) {
  for (const auto& copies : resent_requests(docket)) {
    for (std::size_t i = 2; i < copies.size(); ++i) {
      const auto before = milliseconds(copies[i - 1]->sent - copies[i - 2]->sent);
      const auto gap = milliseconds(copies[i]->sent - copies[i - 1]->sent);
      findings.check(gap > 1.8 * before && gap < 2.2 * before, *copies[i],
                     fmt::format("waits of {:.1f} and {:.1f} ms between resends", before, gap));
    }
  }
}

void check_stop_on_response(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls != Class::Request || !docket.is_first_send(*t)) continue;
    const auto* const answer = docket.answer_to(*t);
    if (answer == nullptr || !answer->received) continue;
    const auto late = std::ranges::find_if(docket.stun(), [&](const Transmission* other) {
      return other->stun()->cls == Class::Request && other->stun()->transaction == t->stun()->transaction &&
             other->from == t->from && other->sent > *answer->received + 1ms;
    });
    if (late == docket.stun().end()) {
      findings.kept(*t, fmt::format("{} answered after {:.3f} ms and not sent again", t->stun()->name(),
                                    milliseconds(*answer->received - t->sent)));
    } else {
      findings.broken(**late, fmt::format("{} sent again {:.1f} ms after its answer", t->stun()->name(),
                                          milliseconds((*late)->sent - *answer->received)));
    }
  }
}

// Only where the request was seen to reach whoever answers: an answer to something unseen proves nothing.
void check_id_echo(const Docket& docket, Findings& findings) {
  std::set<stun::TransactionId> asked;
  std::map<std::pair<Endpoint, Endpoint>, const Transmission*> unanswered;
  for (const auto* t : docket.stun()) {
    const auto id = t->stun()->transaction;
    if (t->stun()->cls == Class::Request) {
      asked.insert(id);
      unanswered[{t->destination_as_received, t->source_as_received}] = t;
    } else if (is_response(*t)) {
      if (!asked.contains(id) && !unanswered.contains({t->source, t->destination})) continue;
      findings.check(asked.contains(id), *t,
                     asked.contains(id) ? fmt::format("{} under the id of its request", t->stun()->name())
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
    const auto answer = std::ranges::find_if(docket.stun(), [&](const Transmission* other) {
      return is_response(*other) && other->stun()->transaction == t->stun()->transaction;
    });
    if (answer == docket.stun().end()) {
      findings.kept(*t, fmt::format("{} left unanswered", t->stun()->name()));
    } else {
      findings.broken(**answer, fmt::format("{} to an indication", (*answer)->stun()->name()));
    }
  }
}

void check_response_signed(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    if (!docket.is_first_send(*check) || !check->stun()->has<stun::MessageIntegrity>()) continue;
    const auto* const answer = docket.answer_to(*check);
    if (answer == nullptr) continue;
    const bool is_signed = answer->stun()->has<stun::MessageIntegrity>();
    const bool named = answer->stun()->has<stun::Username>();
    findings.check(is_signed && !named, *answer,
                   !is_signed ? "success without MESSAGE-INTEGRITY" : named ? "success with USERNAME" : "signed success");
  }
}

// What a server or peer reports must be the address from which it got the request.
void check_mapped_address(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    if (!t->is(Class::Request, Method::Binding) || !t->received || t->carried) continue;
    const auto answer = std::ranges::find_if(docket.stun(), [&](const Transmission* other) {
      return other->is(Class::Success, Method::Binding) && other->stun()->transaction == t->stun()->transaction &&
             other->from == t->to && !other->carried;
    });
    if (answer == docket.stun().end()) continue;
    const auto mapped = (*answer)->stun()->find<stun::XorMappedAddress>();
    const bool right = mapped && mapped->endpoint == t->source_as_received;
    findings.check(right, **answer,
                   fmt::format("XOR-MAPPED-ADDRESS {}, the request came from {}",
                               mapped ? mapped->endpoint.to_string() : "missing",
                               t->source_as_received.to_string()));
  }
}

void check_first_request_bare(const Docket& docket, Findings& findings) {
  std::set<std::pair<Endpoint, Endpoint>> asked;
  for (const auto* t : docket.stun()) {
    if (!t->is(Class::Request, Method::Allocate) || !asked.emplace(t->source, t->destination).second) continue;
    using enum stun::AttributeType;
    std::string found;
    for (const auto type : {Username, UserHash, Realm, Nonce, stun::AttributeType::MessageIntegrity}) {
      if (t->stun()->has(type)) found += fmt::format(" {}", stun::attribute_name(type));
    }
    findings.check(found.empty(), *t,
                   found.empty() ? "first Allocate without credentials" : "first Allocate with" + found);
  }
}

void check_send_has_permission(const Docket& docket, Findings& findings) {
  std::set<std::pair<std::string, Ip>> permitted;  // client, peer
  std::map<stun::TransactionId, std::vector<Ip>> requested;
  for (const auto* t : docket.stun()) {
    const auto& message = *t->stun();
    const bool grants = message.method == Method::CreatePermission || message.method == Method::ChannelBind;
    if (grants && message.cls == Class::Request) {
      for (const auto& peer : message.find_all<stun::XorPeerAddress>()) {
        requested[message.transaction].push_back(peer.endpoint.ip);
      }
    } else if (grants && message.cls == Class::Success) {
      for (const auto& ip : requested[message.transaction]) permitted.emplace(docket.name(t->to), ip);
    } else if (t->is(Class::Indication, Method::Send)) {
      const auto peer = message.find<stun::XorPeerAddress>();
      if (!peer) continue;
      const bool allowed = permitted.contains({docket.name(t->from), peer->endpoint.ip});
      findings.check(allowed, *t,
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
