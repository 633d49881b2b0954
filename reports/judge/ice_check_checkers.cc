// RFC 8445 §7: what a connectivity check holds.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

namespace rtclab::judge {
namespace {

using stun::Class;
using stun::Method;

void check_credentials_present(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    const bool named = check->stun()->has<stun::Username>();
    const bool is_signed = check->stun()->has<stun::MessageIntegrity>() ||
                           check->stun()->has<stun::MessageIntegritySha256>();
    findings.check(named && is_signed, *check,
                   named && is_signed ? "check with USERNAME and integrity"
                   : named            ? "check without integrity"
                                      : "check without USERNAME");
  }
}

// Whether `sender` has been offered the credentials and its answer is not in the evidence: lost on
// its way, or never sent. Nobody knows then what it calls itself.
bool answer_is_missing(const Negotiation& negotiation, const Credential& offered,
                       const std::string& sender) {
  return std::ranges::any_of(negotiation.exchanges(), [&](const Negotiation::Exchange& exchange) {
    const auto& description = exchange.offer->reading.description;
    const auto& message = negotiation.message(*exchange.offer);
    if (exchange.answer != nullptr || message.from != offered.owner || message.to != sender)
      return false;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto ice = credentials_of(description, i);
      if (ice && ice->ufrag == offered.ufrag) return true;
    }
    return false;
  });
}

// The name that the descriptions ask for: the receiver's fragment first. A signature that no
// password verifies is another requirement's affair (RFC 8489 §14.5).
void check_username(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  const auto verifies_under = [](const Transmission& check, const Credential& credential) {
    return stun::check_integrity(check.payload, stun::short_term_key(credential.pwd)) ==
           stun::Check::Ok;
  };
  for (const auto* check : docket.checks()) {
    const auto username = check->stun()->find<stun::Username>();
    if (!username || !docket.is_peer(check->from)) continue;
    const auto colon = username->value.find(':');
    const auto* const first = docket.credential(username->value.substr(0, colon));
    const auto* const second =
        colon == std::string::npos ? nullptr : docket.credential(username->value.substr(colon + 1));
    if (first == nullptr && second == nullptr)
      continue;  // the descriptions are not in the evidence
    const auto sender = docket.name(check->from);
    const bool to_receiver = first != nullptr && first->owner != sender;
    const bool by_sender = second != nullptr ? second->owner == sender
                                             : to_receiver && colon != std::string::npos &&
                                                   answer_is_missing(negotiation, *first, sender);
    const bool right = to_receiver && by_sender;
    const bool foreign =
        right && !verifies_under(*check, *first) &&
        std::ranges::any_of(docket.credentials(), [&](const Credential& credential) {
          return verifies_under(*check, credential);
        });
    findings.check(right && !foreign, *check,
                   fmt::format("USERNAME \"{}\"{}", username->value,
                               !right    ? " is not receiver:sender"
                               : foreign ? ", signed with another password than the receiver's"
                                         : ""));
  }
}

// Whether FINGERPRINT is right and in its place is another requirement's affair (RFC 8489 §14.7).
void check_fingerprint(const Docket& docket, Findings& findings) {
  const auto check_one = [&](const Transmission& t, std::string_view what) {
    const bool present = t.stun()->has(stun::AttributeType::Fingerprint);
    findings.check(present, t,
                   fmt::format("{} {} FINGERPRINT", what, present ? "with" : "without"));
  };
  for (const auto* check : docket.checks()) {
    check_one(*check, "check");
    const auto* const answer = docket.is_first_send(*check) ? docket.success_of(*check) : nullptr;
    if (answer != nullptr && docket.is_peer(answer->from)) check_one(*answer, "answer");
  }
}

// The type preferences (the top octet of a priority) that an agent's own UDP candidates show, by
// type.
std::map<std::string, std::set<std::uint32_t>> type_preferences(const Docket& docket,
                                                                std::string_view agent) {
  std::map<std::string, std::set<std::uint32_t>> preferences;
  for (const auto& record : docket.candidates()) {
    if (record.from != agent || !record.candidate || record.candidate->tcp_type) continue;
    preferences[record.candidate->type].insert(record.candidate->priority >> 24u);
  }
  // Two types with one preference tell nothing about either: §5.1.2's affair.
  std::map<std::uint32_t, unsigned> types_with;
  for (const auto& [type, own] : preferences) {
    for (const auto preference : own) ++types_with[preference];
  }
  for (auto& [type, own] : preferences) {
    std::erase_if(own, [&](std::uint32_t preference) { return types_with[preference] > 1; });
  }
  std::erase_if(preferences, [](const auto& entry) { return entry.second.empty(); });
  return preferences;
}

// An agent chooses its type preferences, but each type has its own, at most 126, and that of
// peer-reflexive candidates is above that of server-reflexive ones (§5.1.2.1). So a check that
// shows another type's preference did not compute PRIORITY as §7.1.1 asks.
void check_priority(const Docket& docket, Findings& findings) {
  std::map<std::string, std::map<std::string, std::set<std::uint32_t>>> by_agent;
  for (const auto* check : docket.checks()) {
    const auto agent = docket.name(check->from);
    const auto [own, is_new] = by_agent.try_emplace(agent);
    if (is_new) own->second = type_preferences(docket, agent);
    const auto priority = check->stun()->find<stun::Priority>();
    if (!priority) {
      findings.broken(*check, "check without PRIORITY");
      continue;
    }
    const auto preference = priority->value >> 24u;
    std::string flaw;
    for (const auto& [type, preferences] : own->second) {
      if (type != "prflx" && preferences.contains(preference))
        flaw = fmt::format(", that of its {} candidates", type);
    }
    if (preference >= 126 && flaw.empty()) flaw = ", too high for a peer-reflexive candidate";
    const auto reflexive = own->second.find("srflx");
    if (flaw.empty() && reflexive != own->second.end() && preference < *reflexive->second.begin()) {
      flaw = ", below that of its srflx candidates";
    }
    findings.check(flaw.empty(), *check,
                   fmt::format("PRIORITY with type preference {}{}", preference, flaw));
  }
}

// Both fragments of a check: the same for both directions of one generation.
std::set<std::string> fragments_in(const Transmission& check) {
  const auto username = check.stun()->find<stun::Username>();
  if (!username) return {};
  const auto colon = std::min(username->value.find(':'), username->value.size());
  return {username->value.substr(0, colon),
          username->value.substr(std::min(colon + 1, username->value.size()))};
}

// When the success response to the check came back; nullopt: never.
std::optional<Duration> when_passed(const Docket& docket, const Transmission& check) {
  for (const auto* response : docket.responses_to(check)) {
    if (response->stun()->cls == Class::Success && response->received) return response->received;
  }
  return std::nullopt;
}

// When a pair was nominated for the agent that got the check, in the check's generation: its own
// nomination has passed (§7.2.5.3.4), or the peer's has, and its own check of that pair (§7.3.1.5).
std::optional<Duration> when_concluded(const Docket& docket, const Transmission& incoming) {
  const auto agent = incoming.to;
  std::optional<Duration> first;
  for (const auto* check : docket.checks()) {
    if (!check->stun()->has<stun::UseCandidate>()) continue;
    if (fragments_in(*check) != fragments_in(incoming)) continue;
    auto at = when_passed(docket, *check);
    if (at && check->from != agent) {
      std::optional<Duration> own;
      for (const auto* back : docket.checks()) {
        const bool is_back = back->from == agent &&
                             back->source == check->destination_as_received &&
                             back->destination == check->source_as_received;
        if (is_back && !own) own = when_passed(docket, *back);
      }
      at = own ? std::optional{std::max(*at, *own)} : std::nullopt;
    }
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

// When an answer came into force for whom it was for: it may wait in the mailbox first, and not be
// taken at all by who took his offer back meanwhile. nullopt: never.
std::optional<Duration> when_set(const Docket& docket, const evidence::SignallingMessage& answer) {
  if (!answer.delivered) return std::nullopt;
  bool is_traced = false;
  for (const auto& event : docket.evidence().trace) {
    if (event.name != "peer:description_set" || event.vantage != answer.to) continue;
    is_traced = true;
    if (event.at >= *answer.delivered && event.text("which") == "current_remote") return event.at;
  }
  return is_traced ? std::nullopt : answer.delivered;
}

// Since when the agent that got the check can check back: it needs the sender's password (§7.3), so
// the offer that gave out its own fragment has to be answered. nullopt: never, as for an offer that
// was taken back.
std::optional<Duration> could_check_back(const Docket& docket, const Negotiation& negotiation,
                                         const Transmission& incoming) {
  const auto who = docket.name(incoming.to);
  const auto named = [&](const DescriptionRecord& record, const std::string& ufrag) {
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto ice = credentials_of(description, i);
      if (ice && ice->ufrag == ufrag) return true;
    }
    return false;
  };
  const auto fragments = fragments_in(incoming);
  const auto is_known = [&](const std::string& ufrag) {
    return docket.credential(ufrag) != nullptr;
  };
  if (!std::ranges::all_of(fragments, is_known)) return incoming.received;
  std::optional<Duration> since;
  for (const auto& [offer, answer] : negotiation.exchanges()) {
    const auto is_of = [&](const DescriptionRecord& record) {
      return std::ranges::any_of(fragments,
                                 [&](const std::string& each) { return named(record, each); });
    };
    if (answer == nullptr || !is_of(*offer) || !is_of(*answer)) continue;
    const auto& told = negotiation.message(*answer);
    const auto at = told.from == who ? std::optional{told.sent} : when_set(docket, told);
    if (at && (!since || *at < *since)) since = at;
  }
  if (since) since = std::max(*since, *incoming.received);
  return since;
}

// §7.3.1.4: who receives a check on a pair that has not succeeded checks it in return, as long as
// there is anything to find out: once a pair is nominated no other is checked (§8.1.2).
void check_triggered(const Docket& docket, Findings& findings) {
  using namespace std::chrono_literals;
  constexpr Duration kPatience =
      3s;  // a full triggered-check queue of a hundred pairs would still be through
  constexpr Duration kTurn =
      250ms;  // of five triggered checks, Ta apart: what two dual-stack hosts have
  const Negotiation negotiation{docket};
  std::set<std::tuple<std::string, Endpoint, Endpoint>> seen;
  for (const auto* incoming : docket.checks()) {
    if (!incoming->received || !docket.is_peer(incoming->to) || incoming->carried) continue;
    if (docket.is_lite(incoming->to)) continue;  // §8.2: it sends no checks
    const auto& local = incoming->destination_as_received;
    const auto& remote = incoming->source_as_received;
    const auto who = docket.name(incoming->to);
    const auto responses = docket.responses_to(*incoming);
    const bool was_valid = std::ranges::any_of(
        responses, [](const Transmission* t) { return t->stun()->cls == Class::Success; });
    if (!was_valid || !seen.emplace(who, local, remote).second) continue;
    const auto since = could_check_back(docket, negotiation, *incoming);
    if (!since || docket.evidence().packets.back().at < *since + kPatience)
      continue;  // the evidence ends first
    const auto concluded = when_concluded(docket, *incoming);
    if (concluded && *concluded <= *since) continue;
    const auto outgoing = std::ranges::find_if(docket.checks(), [&](const Transmission* t) {
      return t->from == incoming->to && t->source == local && t->destination == remote;
    });
    const bool checked =
        outgoing != docket.checks().end() && (*outgoing)->sent < *since + kPatience;
    // §8.1.2: the nomination also empties the queue in which the check back waits for its turn.
    if (!checked && concluded && *concluded <= *since + kTurn) continue;
    findings.check_of(who, checked, *incoming,
                      fmt::format("{} back to {}, which had checked it",
                                  checked ? "checked" : "never checked", remote.to_string()));
  }
}

// §7.3.1.2: of a check that came through a relay, the address is the one that the TURN server
// tells.
void check_mapped_through_relay(const Docket& docket, Findings& findings) {
  std::set<std::pair<stun::TransactionId, Endpoint>> inbound;  // and where it came from
  for (const auto& t : docket.transmissions()) {
    if (!t.carried || t.stun() == nullptr || t.stun()->method != Method::Binding) continue;
    if (t.stun()->cls == Class::Request && docket.is_peer(t.to))
      inbound.emplace(t.stun()->transaction, t.source);
    if (t.stun()->cls != Class::Success || !docket.is_peer(t.from)) continue;
    if (!inbound.contains({t.stun()->transaction, t.destination})) continue;
    const auto mapped = t.stun()->find<stun::XorMappedAddress>();
    const bool right = mapped && mapped->endpoint == t.destination;
    findings.check(
        right, t,
        fmt::format("XOR-MAPPED-ADDRESS {}, the relay told {}",
                    mapped ? mapped->endpoint.to_string() : "missing", t.destination.to_string()));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"stun-8489-9.1.2-st-username", "RFC 8489", "9.1.2", Level::Must,
             "A connectivity check carries USERNAME and message integrity."},
            "connectivity checks", check_credentials_present},
    Checker{{"ice-8445-7.1.1-priority-attr", "RFC 8445", "7.1.1", Level::Must,
             "A check carries the PRIORITY that a peer-reflexive candidate of its base would have."},
            "connectivity checks", check_priority},
    Checker{{"ice-8445-7.2.2-short-term-cred", "RFC 8445", "7.2.2", Level::Must,
             "A check is addressed to receiver:sender and signed with the receiver's password."},
            "connectivity checks", check_username},
    Checker{{"ice-8445-7.2.4-fingerprint", "RFC 8445", "7.1", Level::Must,
             "Checks and their answers carry FINGERPRINT."},
            "checks and answers", check_fingerprint},
    Checker{{"ice-8445-7.3.1.2-mapped-relay", "RFC 8445", "7.3.1.2", Level::Must,
             "The answer to a check through a relay tells the address that the relay told."},
            "answers to checks through a relay", check_mapped_through_relay},
    Checker{{"ice-8445-7.3.1.4-triggered-check", "RFC 8445", "7.3.1.4", Level::Must,
             "A valid check is answered by one in the other direction."},
            "pairs on which a check arrived", check_triggered},
};
// clang-format on

}  // namespace

std::span<const Checker> ice_check_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
