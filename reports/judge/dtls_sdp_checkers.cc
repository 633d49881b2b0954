// RFC 8842, 8122 and 8841: who opens the DTLS association, with which certificate, and what SCTP is
// told.
#include "agents/base/text.h"
#include "reports/judge/certificates.h"
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::judge {
namespace {

using evidence::SignallingType;
using sdp::SessionDescription;
using sdp::Setup;

// A section's, or that of the section its BUNDLE group is tagged with.
std::optional<Setup> setup_of(const SessionDescription& description, std::size_t index) {
  if (const auto own = description.section(index).setup()) return own;
  const auto bundle = description.bundle();
  const auto mid = description.section(index).mid();
  if (bundle.empty() || !mid || std::ranges::find(bundle, *mid) == bundle.end())
    return std::nullopt;
  const auto tagged = description.index_of(bundle.front());
  return tagged ? description.section(*tagged).setup() : std::nullopt;
}

std::vector<sdp::Fingerprint> fingerprints_of(const SessionDescription& description) {
  std::vector<sdp::Fingerprint> all;
  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    if (description.section(i).is_rejected()) continue;
    for (auto& fingerprint : description.section(i).fingerprints()) {
      if (std::ranges::find(all, fingerprint) == all.end()) all.push_back(std::move(fingerprint));
    }
  }
  return all;
}

void check_offer_setup(const Docket& docket, Findings& findings) {
  bool has_answered = false;  // once there is an association, offers may name its roles
  for_each_section(docket,
                   [&](const DescriptionRecord& record, const SessionDescription& description,
                       std::size_t index, const sdp::Section& section) {
                     const auto type = docket.evidence().signalling[record.signalling].type;
                     if (type == SignallingType::Answer) has_answered = true;
                     // A bundle-only section has no transport of its own (RFC 9429 §5.2.1).
                     if (type != SignallingType::Offer || has_answered || section.bundle_only())
                       return;
                     const bool actpass = setup_of(description, index) == Setup::ActPass;
                     const bool fingerprint = !fingerprints_of(description).empty();
                     findings.check_signal(actpass && fingerprint, record.signalling,
                                           !actpass       ? "offer without a=setup:actpass"
                                           : !fingerprint ? "offer without a=fingerprint"
                                                          : "offer with actpass and fingerprint");
                   });
}

void check_answer_setup(const Docket& docket, Findings& findings) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section&) {
        if (docket.evidence().signalling[record.signalling].type != SignallingType::Answer) return;
        const auto setup = setup_of(description, index);
        const bool good = setup == Setup::Active || setup == Setup::Passive;
        findings.check_signal(good, record.signalling,
                              fmt::format("answer {}{}", setup ? "a=setup:" : "without a=setup",
                                          setup ? to_string(*setup) : ""));
      });
}

void check_active_default(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section&) {
        // Later answers keep the roles that there are.
        if (!negotiation.is_answer(record) || negotiation.own_before(record) != nullptr) return;
        const auto* const offer = negotiation.offer_of(record);
        if (offer == nullptr || index >= offer->reading.description.sections.size()) return;
        const auto setup = setup_of(description, index);
        // Whether it says one of the two roles at all is another requirement's affair.
        if (setup != Setup::Active && setup != Setup::Passive) return;
        if (setup_of(offer->reading.description, index) != Setup::ActPass) return;
        findings.check_signal(*setup == Setup::Active, record.signalling,
                              fmt::format("answers {} to actpass", to_string(*setup)));
      });
}

void check_no_holdconn(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                               std::size_t, const sdp::Section& section) {
    const auto setup = section.setup();
    if (!setup) return;
    findings.check_signal(*setup != Setup::HoldConn, record.signalling,
                          fmt::format("a=setup:{}", to_string(*setup)));
  });
}

// RFC 8842 §5.3 and §5.5: while an association goes on, neither certificate nor roles change. A new
// one shows in another fingerprint or tls-id.
bool begins_anew(const SessionDescription& before, const SessionDescription& now) {
  const auto tls_id = [](const SessionDescription& description) {
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      if (const auto id = description.section(i).lines().attribute("tls-id"))
        return std::string{*id};
    }
    return std::string{description.session.attribute("tls-id").value_or("")};
  };
  return tls_id(before) != tls_id(now);
}

void check_fingerprint_stays(const Docket& docket, Findings& findings) {
  for_each_successor(docket, [&](const Successor& s) {
    const auto& [negotiation, record, before, now] = s;
    if (fingerprints_of(before).empty() || fingerprints_of(now).empty()) return;
    // With another tls-id, or another generation of ICE, it may be another association.
    if (begins_anew(before, now) || negotiation.restarts_ice(record)) return;
    const bool same = fingerprints_of(before) == fingerprints_of(now);
    findings.check_signal(same, record.signalling,
                          fmt::format("{} with {} fingerprint", type_of(docket, record),
                                      same ? "the same" : "another"));
  });
}

// The role that a peer took in the first answer of its call that could be set: true for active, that
// is the DTLS client.
std::map<std::string, bool> first_roles(const Docket& docket) {
  std::map<std::string, bool> active;
  const Negotiation negotiation{docket};
  for (const auto& exchange : negotiation.exchanges()) {
    if (exchange.answer == nullptr || negotiation.crossed(exchange)) continue;
    const auto& description = exchange.answer->reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto setup = setup_of(description, i);
      if (setup != Setup::Active && setup != Setup::Passive) continue;
      active.try_emplace(negotiation.message(*exchange.answer).from, setup == Setup::Active);
      active.try_emplace(negotiation.message(*exchange.offer).from, setup != Setup::Active);
      break;
    }
  }
  return active;
}

void check_role_stays(const Docket& docket, Findings& findings) {
  const auto roles = first_roles(docket);
  for_each_successor(docket, [&](const Successor& s) {
    const auto& [negotiation, record, before, now] = s;
    const auto role = roles.find(negotiation.message(record).from);
    if (!negotiation.is_answer(record) || role == roles.end()) return;
    if (begins_anew(before, now) || fingerprints_of(before) != fingerprints_of(now)) return;
    for (std::size_t i = 0; i < now.sections.size(); ++i) {
      const auto setup = setup_of(now, i);
      if (now.section(i).is_rejected() || !setup) continue;
      const bool good = *setup == (role->second ? Setup::Active : Setup::Passive);
      findings.check_signal(good, record.signalling,
                            fmt::format("answers {}, being the DTLS {} of the association",
                                        to_string(*setup), role->second ? "client" : "server"));
    }
  });
}

// The first ClientHello comes from whoever is active.
void check_active_starts(const Docket& docket, Findings& findings) {
  const auto roles = first_roles(docket);
  if (roles.empty()) return;
  std::set<std::string> seen;
  constexpr std::uint8_t kClientHello = 1;
  for (const auto& t : docket.transmissions()) {
    if (!docket.is_peer(t.from) || t.dissection->kind != evidence::Kind::Dtls) continue;
    const bool hello =
        std::ranges::any_of(t.dissection->dtls, [](const evidence::DtlsRecord& record) {
          return record.epoch == 0 &&
                 std::ranges::any_of(record.handshakes, [](const auto& message) {
                   return message.type == kClientHello;
                 });
        });
    const auto who = docket.name(t.from);
    const auto role = roles.find(who);
    if (!hello || role == roles.end() || !seen.insert(who).second) continue;
    findings.check(
        role->second, t,
        fmt::format("ClientHello from the {} side", role->second ? "active" : "passive"));
  }
}

void check_tls_id(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                               std::size_t, const sdp::Section& section) {
    const auto id = section.lines().attribute("tls-id");
    if (!id) return;
    findings.check_signal(id->size() >= 20 && id->size() <= 255, record.signalling,
                          fmt::format("tls-id of {} characters", id->size()));
  });
}

// --- RFC 8122 ---

// Calls f(record, text) for each a=fingerprint line, of the session and of sections.
template <class F>
void for_each_fingerprint_line(const Docket& docket, F f) {
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    for (const auto text : description.session.attributes("fingerprint")) f(record, text);
    for (const auto& section : description.sections) {
      for (const auto text : section.attributes("fingerprint")) f(record, text);
    }
  }
}

void check_fingerprint_grammar(const Docket& docket, Findings& findings) {
  for_each_fingerprint_line(docket, [&](const DescriptionRecord& record, std::string_view text) {
    const auto space = text.find(' ');
    const auto value = text.substr(std::min(space, text.size()));
    const bool upper = std::ranges::none_of(value, [](char c) { return c >= 'a' && c <= 'f'; });
    const bool parses = sdp::Fingerprint::parse(text).has_value();
    findings.check_signal(parses && upper, record.signalling,
                          fmt::format("a=fingerprint:{}{}", text.substr(0, space),
                                      !parses  ? ", which is not of that hash's form"
                                      : !upper ? " in lower case"
                                               : ""));
  });
}

void check_no_weak_hash(const Docket& docket, Findings& findings) {
  for_each_fingerprint_line(docket, [&](const DescriptionRecord& record, std::string_view text) {
    const auto hash = lower_case(text.substr(0, text.find(' ')));
    const bool weak = hash == "md5" || hash == "md2";
    findings.check_signal(!weak, record.signalling, "fingerprint by " + hash);
  });
}

void check_sha256(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto fingerprints = fingerprints_of(record.reading.description);
    if (fingerprints.empty()) continue;
    const bool good = std::ranges::any_of(fingerprints, [](const sdp::Fingerprint& fingerprint) {
      return fingerprint.algorithm == "sha-256";
    });
    findings.check_signal(good, record.signalling,
                          fmt::format("{} {} a sha-256 fingerprint", type_of(docket, record),
                                      good ? "with" : "without"));
  }
}

// What a peer shows in its Certificate message is what it had announced.
void check_certificate_matches(const Docket& docket, Findings& findings) {
  std::map<std::string, std::vector<sdp::Fingerprint>> announced;
  for (const auto& record : docket.descriptions()) {
    auto& all = announced[docket.evidence().signalling[record.signalling].from];
    for (auto& fingerprint : fingerprints_of(record.reading.description))
      all.push_back(std::move(fingerprint));
  }
  for (const auto& shown : certificates(docket)) {
    const auto own = announced.find(docket.name(shown.first->from));
    if (own == announced.end() || own->second.empty()) continue;
    const bool comparable = std::ranges::any_of(
        own->second, [](const sdp::Fingerprint& f) { return f.algorithm == "sha-256"; });
    if (!comparable) continue;
    const bool matches = std::ranges::any_of(own->second, [&](const sdp::Fingerprint& f) {
      return f.algorithm == "sha-256" && f.value == shown.sha256;
    });
    findings.check(
        matches, *shown.first,
        fmt::format("certificate {} of its fingerprints", matches ? "is one" : "is none"));
  }
}

// --- RFC 8841 ---

bool has_form_of_rfc_8841(const sdp::Section& section) {
  const auto protocol = section.media().protocol;
  return protocol == "UDP/DTLS/SCTP" || protocol == "TCP/DTLS/SCTP";
}

// An answer has to repeat the form that was offered, also the one of before RFC 8841, and what
// follows on it keeps it: so only first offers and what goes on with the new form are looked at.
template <class F>
void for_each_data_section(const Docket& docket, F f) {
  const Negotiation negotiation{docket};
  for_each_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                               std::size_t index, const sdp::Section& section) {
    if (section.media().kind != "application") return;
    const auto* const offer = negotiation.is_offer(record) ? nullptr : negotiation.offer_of(record);
    for (const auto* before : {offer, negotiation.own_before(record)}) {
      if (before == nullptr || index >= before->reading.description.sections.size()) continue;
      if (!has_form_of_rfc_8841(before->reading.description.section(index))) return;
    }
    f(record, section);
  });
}

void check_data_format(const Docket& docket, Findings& findings) {
  for_each_data_section(docket, [&](const DescriptionRecord& record, const sdp::Section& section) {
    const auto formats = section.media().formats;
    const bool good = formats == std::vector<std::string>{"webrtc-datachannel"};
    std::string text;
    for (const auto& format : formats) text += ' ' + format;
    findings.check_signal(good, record.signalling, "data section with the format" + text);
  });
}

void check_data_protocol(const Docket& docket, Findings& findings) {
  for_each_data_section(docket, [&](const DescriptionRecord& record, const sdp::Section& section) {
    const auto protocol = section.media().protocol;
    findings.check_signal(protocol == "UDP/DTLS/SCTP" || protocol == "TCP/DTLS/SCTP",
                          record.signalling, "data section over " + protocol);
  });
}

void check_sctp_port(const Docket& docket, Findings& findings) {
  for_each_data_section(docket, [&](const DescriptionRecord& record, const sdp::Section& section) {
    const auto port = section.lines().attribute("sctp-port");
    const auto number = port ? parse_unsigned(*port) : std::nullopt;
    const bool good = number && *number <= 65535 && (port->size() == 1 || port->front() != '0');
    findings.check_signal(
        good, record.signalling,
        port ? fmt::format("a=sctp-port:{}", *port) : "data section without a=sctp-port");
  });
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"dtlssdp-8842-4-tls-id-length", "RFC 8842", "4", Level::Must,
             "A tls-id has 20 to 255 characters, so that 120 random bits fit."},
            "sections with tls-id", check_tls_id},
    Checker{{"dtlssdp-8842-5.1-no-holdconn", "RFC 8842", "5.1", Level::Must,
             "a=setup:holdconn is not used."},
            "sections with a=setup", check_no_holdconn},
    Checker{{"dtlssdp-8842-5.2-offer-actpass", "RFC 8842", "5.2", Level::Must,
             "A first offer says a=setup:actpass and carries a fingerprint."},
            "sections of first offers", check_offer_setup},
    Checker{{"dtlssdp-8842-5.3-answer-role", "RFC 8842", "5.3", Level::Must,
             "An answer says a=setup:active or a=setup:passive."},
            "sections of answers", check_answer_setup},
    Checker{{"dtlssdp-8842-5.3-active-starts", "RFC 8842", "5.3", Level::Must,
             "The side that is active sends the ClientHello."},
            "peers that sent a ClientHello", check_active_starts},
    Checker{{"dtlssdp-8842-5.3-continue-role", "RFC 8842", "5.3", Level::Must,
             "A later answer keeps the roles of the association that goes on."},
            "sections of later answers", check_role_stays},
    Checker{{"dtlssdp-8842-5.5-fingerprint-stays", "RFC 8842", "5.5", Level::Must,
             "A later description repeats the fingerprints while the association goes on."},
            "later descriptions", check_fingerprint_stays},
    Checker{{"fp-8122-5-grammar", "RFC 8122", "5", Level::Must,
             "A fingerprint has as many octets as its hash, in upper-case hexadecimal."},
            "fingerprints", check_fingerprint_grammar},
    Checker{{"fp-8122-5-no-md5", "RFC 8122", "5", Level::Must,
             "MD5 and MD2 make no fingerprints."},
            "fingerprints", check_no_weak_hash},
    Checker{{"fp-8122-5.1-sha256", "RFC 8122", "5.1", Level::Must,
             "One of the fingerprints is by SHA-256."},
            "descriptions with fingerprints", check_sha256},
    Checker{{"fp-8122-6.2-certificate-matches", "RFC 8122", "6.2", Level::Must,
             "The certificate that a peer shows matches one of its fingerprints."},
            "certificates on the wire", check_certificate_matches},
    Checker{{"jsep-9429-5.3.1-active-default", "RFC 9429", "5.3.1", Level::Should,
             "An answer to actpass is active."},
            "first answers to actpass", check_active_default},
    Checker{{"sctpsdp-8841-4.3-fmt", "RFC 8841", "4.3", Level::Must,
             "A data section has one format, webrtc-datachannel."},
            "data sections", check_data_format},
    Checker{{"sctpsdp-8841-5.1-sctp-port", "RFC 8841", "5.1", Level::Must,
             "A data section says its SCTP port, without leading zeros."},
            "data sections", check_sctp_port},
    Checker{{"sctpsdp-8841-4.1-proto", "RFC 8841", "4.1", Level::Must,
             "A data section runs over UDP/DTLS/SCTP or TCP/DTLS/SCTP."},
            "data sections", check_data_protocol},
};
// clang-format on

}  // namespace

std::span<const Checker> dtls_sdp_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
