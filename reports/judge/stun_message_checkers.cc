// RFC 8489 §5 and §14: the form of a STUN message.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace rtclab::judge {
namespace {

std::vector<const Transmission*> with_cookie(const Docket& docket) {
  std::vector<const Transmission*> found;
  for (const auto& transmission : docket.transmissions()) {
    if (transmission.means_to_be_stun()) found.push_back(&transmission);
  }
  return found;
}

void check_top_bits(const Docket& docket, Findings& findings) {
  for (const auto* transmission : with_cookie(docket)) {
    const auto first = std::to_integer<unsigned>(transmission->payload.front());
    findings.check((first & 0xC0u) == 0, *transmission, fmt::format("first octet 0x{:02x}", first));
  }
}

void check_length(const Docket& docket, Findings& findings) {
  for (const auto* transmission : with_cookie(docket)) {
    ByteReader reader{transmission->payload};
    reader.skip(2);
    const auto length = reader.u16();
    const auto body = transmission->payload.size() - stun::kHeaderSize;
    findings.check(length == body && length % 4 == 0, *transmission,
                   fmt::format("length field {}, {} octets follow the header", length, body));
  }
}

// An agent draws ids that nobody can guess. Ids that count up show in octets that hardly ever
// change.
void check_ids_random(const Docket& docket, Findings& findings) {
  std::map<std::string, std::map<stun::TransactionId, const Transmission*>> by_sender;
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls == stun::Class::Request)
      by_sender[docket.name(t->from)].try_emplace(t->stun()->transaction, t);
  }
  for (const auto& [sender, ids] : by_sender) {
    constexpr std::size_t kEnough = 8;
    if (ids.size() < kEnough) continue;
    std::size_t fewest = ids.size();
    for (std::size_t octet = 0; octet < 12; ++octet) {
      std::set<std::byte> values;
      for (const auto& [id, transmission] : ids) values.insert(id.octets[octet]);
      fewest = std::min(fewest, values.size());
    }
    // Of eight random octets fewer than four differ once in 10^8.
    const auto least = std::min<std::size_t>(ids.size() / 2, 10);
    findings.check(fewest >= least, *ids.begin()->second,
                   fmt::format("{} transaction ids; the octet that changes least has {} values",
                               ids.size(), fewest));
  }
}

void check_ids_fresh(const Docket& docket, Findings& findings) {
  std::map<stun::TransactionId, const Transmission*> first;
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls == stun::Class::Success || t->stun()->cls == stun::Class::Error) continue;
    const auto [entry, is_new] = first.try_emplace(t->stun()->transaction, t);
    if (is_new) {
      findings.kept(*t, fmt::format("{} under a new id", t->stun()->name()));
      continue;
    }
    const auto& before = *entry->second;
    const bool same = before.source == t->source && before.destination == t->destination &&
                      std::ranges::equal(before.payload, t->payload);
    findings.check(
        same, *t,
        same ? "resent, octet for octet" : "another message under the id of an earlier one");
  }
}

void check_padding(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    ByteReader reader{t->payload};
    reader.skip(stun::kHeaderSize);
    bool zero = true;
    std::size_t padded = 0;
    while (reader.remaining() >= 4) {
      reader.skip(2);
      const std::size_t length = reader.u16();
      reader.skip(length);
      const auto padding = reader.take((4 - length % 4) % 4);
      if (!padding.empty()) ++padded;
      zero = zero &&
             std::ranges::all_of(padding, [](std::byte octet) { return octet == std::byte{0}; });
    }
    if (padded == 0 || !reader.ok()) continue;
    findings.check(zero, *t,
                   fmt::format("{}: padding {}", t->stun()->name(), zero ? "zero" : "not zero"));
  }
}

void check_fingerprint_last(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    const auto& attributes = t->stun()->attributes;
    const bool present = std::ranges::find(attributes, stun::AttributeType::Fingerprint,
                                           &stun::Attribute::type) != attributes.end();
    if (!present) continue;
    const bool last = attributes.back().type == stun::AttributeType::Fingerprint;
    const bool agrees = last && stun::check_fingerprint(t->payload) == stun::Check::Ok;
    findings.check(agrees, *t,
                   fmt::format("{}: FINGERPRINT {}", t->stun()->name(),
                               agrees ? "last and right"
                               : last ? "does not agree with the message"
                                      : "not last"));
  }
}

// The key of a connectivity check or its answer is one of the passwords in the descriptions.
void check_integrity_coverage(const Docket& docket, Findings& findings) {
  if (docket.credentials().empty()) return;
  for (const auto* t : docket.stun()) {
    if (t->stun()->method != stun::Method::Binding || docket.is_server(t->from) ||
        docket.is_server(t->to))
      continue;
    const auto& attributes = t->stun()->attributes;
    if (std::ranges::find(attributes, stun::AttributeType::MessageIntegrity,
                          &stun::Attribute::type) == attributes.end()) {
      continue;
    }
    const bool verifies =
        std::ranges::any_of(docket.credentials(), [&](const Credential& credential) {
          return stun::check_integrity(t->payload, stun::short_term_key(credential.pwd)) ==
                 stun::Check::Ok;
        });
    findings.check(verifies, *t,
                   fmt::format("{}: MESSAGE-INTEGRITY {}", t->stun()->name(),
                               verifies ? "verifies" : "verifies under no password of the call"));
  }
}

// §14.14: fewer than 128 characters, which may have six octets each in UTF-8.
void check_software(const Docket& docket, Findings& findings) {
  for (const auto* t : docket.stun()) {
    const auto* const attribute = t->stun()->find(stun::AttributeType::Software);
    if (attribute == nullptr) continue;
    const auto characters = std::ranges::count_if(attribute->value, [](std::byte octet) {
      return (std::to_integer<unsigned>(octet) & 0xC0u) != 0x80;
    });
    findings.check(characters < 128, *t, fmt::format("SOFTWARE of {} characters", characters));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"stun-8489-5-msb-zero", "RFC 8489", "5", Level::Must,
             "The two top bits of a STUN message are zero."},
            "messages with the STUN cookie", check_top_bits},
    Checker{{"stun-8489-5-length-body", "RFC 8489", "5", Level::Must,
             "The length field counts the octets behind the header, a multiple of four."},
            "messages with the STUN cookie", check_length},
    Checker{{"stun-8489-5-txid-random", "RFC 8489", "5", Level::Must,
             "Transaction ids are drawn at random from all 96 bits."},
            "agents with enough transactions", check_ids_random},
    Checker{{"stun-8489-5-txid-fresh", "RFC 8489", "5", Level::Must,
             "A new transaction has a new id; only the same octets on the same path keep one."},
            "requests and indications", check_ids_fresh},
    Checker{{"stun-8489-14-attr-pad", "RFC 8489", "14", Level::Must,
             "Attributes are padded to four octets, with zeros."},
            "messages with padding", check_padding},
    Checker{{"stun-8489-14.5-mi-coverage", "RFC 8489", "14.5", Level::Must,
             "MESSAGE-INTEGRITY covers what stands before it, with the length that a message ending there has."},
            "signed messages between peers", check_integrity_coverage},
    Checker{{"stun-8489-14.14-software", "RFC 8489", "14.14", Level::Must,
             "SOFTWARE has fewer than 128 characters."},
            "messages with SOFTWARE", check_software},
    Checker{{"stun-8489-14.7-fp-last", "RFC 8489", "14.7", Level::Must,
             "FINGERPRINT is the last attribute, and agrees with the octets before it."},
            "messages with FINGERPRINT", check_fingerprint_last},
};
// clang-format on

}  // namespace

std::span<const Checker> stun_message_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
