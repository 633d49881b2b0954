// RFC 8866, 8839, 8842 and 9143: what a session description says.
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace rtclab::judge {
namespace {

using evidence::SignallingType;

std::string_view type_of(const Docket& docket, const DescriptionRecord& record) {
  return to_string(docket.evidence().signalling[record.signalling].type);
}

// Calls f(record, section) for each section that is not refused.
template <class F>
void for_each_section(const Docket& docket, F f) {
  for (const auto& record : docket.descriptions()) {
    for (std::size_t i = 0; i < record.reading.description.sections.size(); ++i) {
      const auto section = record.reading.description.section(i);
      if (!section.is_rejected()) f(record, section);
    }
  }
}

void check_line_order(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto flaw = std::ranges::find_if(record.reading.flaws, [](const sdp::SdpError& error) {
      return error.rule.rfc == 8866 && error.rule.section == "5";
    });
    const bool good = flaw == record.reading.flaws.end();
    findings.check_signal(good, record.signalling,
                          good ? fmt::format("{} in order", type_of(docket, record))
                               : fmt::format("{}, {}", type_of(docket, record), flaw->to_string()));
  }
}

void check_ice2(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record, const sdp::Section& section) {
    const bool good = section.has_ice_option("ice2");
    findings.check_signal(good, record.signalling,
                          fmt::format("{} {} ice2 in a=ice-options", type_of(docket, record),
                                      good ? "has" : "lacks"));
  });
}

void check_credential_lengths(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record, const sdp::Section& section) {
    const auto ice = section.ice_credentials();
    if (!ice) return;
    const bool good = ice->ufrag.size() >= 4 && ice->ufrag.size() <= 256 && ice->pwd.size() >= 22 &&
                      ice->pwd.size() <= 256;
    findings.check_signal(
        good, record.signalling,
        fmt::format("ufrag of {} characters, password of {}", ice->ufrag.size(), ice->pwd.size()));
  });
}

void check_candidate_grammar(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    const bool good = record.candidate && record.candidate->foundation.size() <= 32 &&
                      record.candidate->component >= 1 && record.candidate->component <= 256;
    findings.check_signal(
        good, record.signalling,
        good ? "candidate by the grammar" : fmt::format("\"{}\" is no candidate", record.text));
  }
}

void check_related_address(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.candidates()) {
    if (!record.candidate) continue;
    const auto& candidate = *record.candidate;
    const bool related = candidate.related_address && candidate.related_port;
    const bool good = candidate.type == "host" ? !candidate.related_address : related;
    findings.check_signal(good, record.signalling,
                          fmt::format("{} candidate {} a related address", candidate.type,
                                      related ? "with" : "without"));
  }
}

// The candidates of one agent, data stream and generation that differ in what makes them
// candidates.
using Generation = std::tuple<std::string, std::string, std::string>;  // sender, stream, fragment
std::map<Generation, std::vector<const CandidateRecord*>> generations(const Docket& docket) {
  std::map<Generation, std::vector<const CandidateRecord*>> by_generation;
  std::set<std::pair<Generation, std::string>> seen;
  for (const auto& record : docket.candidates()) {
    if (!record.candidate) continue;
    const auto key = fmt::format("{} {} {} {} {}", record.candidate->component,
                                 record.candidate->address, record.candidate->port.value(),
                                 record.candidate->type, record.candidate->tcp_type.value_or(""));
    // A description repeats what was trickled before.
    const Generation generation{record.from, record.stream, record.ufrag};
    if (seen.emplace(generation, key).second) by_generation[generation].push_back(&record);
  }
  return by_generation;
}

void check_priorities(const Docket& docket, Findings& findings) {
  for (const auto& [generation, records] : generations(docket)) {
    std::map<std::uint32_t, const CandidateRecord*> by_priority;
    for (const auto* record : records) {
      const auto priority = record->candidate->priority;
      const bool in_range = priority >= 1 && priority <= 0x7FFFFFFFu;
      const bool unique = by_priority.try_emplace(priority, record).second;
      findings.check_signal(in_range && unique, record->signalling,
                            fmt::format("priority {}{}", priority,
                                        !in_range ? " out of range"
                                        : unique  ? ""
                                                  : " of another candidate too"));
    }
  }
}

// Candidates of different types never share a foundation; the other three properties are not all in
// the evidence.
void check_foundations(const Docket& docket, Findings& findings) {
  for (const auto& [generation, records] : generations(docket)) {
    std::map<std::string, std::string> type_of_foundation;
    for (const auto* record : records) {
      const auto& candidate = *record->candidate;
      const auto [entry, is_first] =
          type_of_foundation.try_emplace(candidate.foundation, candidate.type);
      const bool good = entry->second == candidate.type;
      findings.check_signal(
          good, record->signalling,
          fmt::format("foundation {} of a {} candidate{}", candidate.foundation, candidate.type,
                      good ? "" : fmt::format(", and of a {} candidate", entry->second)));
    }
  }
}

void check_offer_setup(const Docket& docket, Findings& findings) {
  std::set<std::string> has_answered;  // once there is an association, offers may name its roles
  for_each_section(docket, [&](const DescriptionRecord& record, const sdp::Section& section) {
    const auto type = docket.evidence().signalling[record.signalling].type;
    if (type == SignallingType::Answer) has_answered.insert("");
    if (type != SignallingType::Offer || !has_answered.empty()) return;
    const bool actpass = section.setup() == sdp::Setup::ActPass;
    const bool fingerprint = !section.fingerprints().empty();
    findings.check_signal(actpass && fingerprint, record.signalling,
                          !actpass       ? "offer without a=setup:actpass"
                          : !fingerprint ? "offer without a=fingerprint"
                                         : "offer with actpass and fingerprint");
  });
}

void check_answer_setup(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record, const sdp::Section& section) {
    if (docket.evidence().signalling[record.signalling].type != SignallingType::Answer) return;
    const auto setup = section.setup();
    // RFC 9143 §7.1.3: what belongs to the transport stands in the tagged section only.
    const auto bundled = record.reading.description.bundle();
    const auto mid = section.mid();
    const bool rides = mid && std::ranges::find(bundled, *mid) > bundled.begin() &&
                       std::ranges::find(bundled, *mid) != bundled.end();
    if (!setup && rides) return;
    const bool good = setup == sdp::Setup::Active || setup == sdp::Setup::Passive;
    findings.check_signal(good, record.signalling,
                          fmt::format("answer {}{}", setup ? "a=setup:" : "without a=setup",
                                      setup ? to_string(*setup) : ""));
  });
}

// The mids that the last offer of the other side bundled.
std::vector<std::string> offered_group(const Docket& docket, const DescriptionRecord& answer) {
  std::vector<std::string> group;
  const auto& signalling = docket.evidence().signalling;
  for (const auto& record : docket.descriptions()) {
    if (&record == &answer) break;
    const auto& message = signalling[record.signalling];
    if (message.type != SignallingType::Offer || message.from == signalling[answer.signalling].from)
      continue;
    group = record.reading.description.bundle();
  }
  return group;
}

void check_offered_group(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    if (docket.evidence().signalling[record.signalling].type != SignallingType::Offer) continue;
    for (const auto& mid : record.reading.description.bundle()) {
      const bool good = record.reading.description.index_of(mid).has_value();
      findings.check_signal(good, record.signalling,
                            fmt::format("offer bundles \"{}\", {}", mid,
                                        good ? "a section" : "which no section has"));
    }
  }
}

void check_answered_group(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    if (docket.evidence().signalling[record.signalling].type != SignallingType::Answer) continue;
    const auto offered = offered_group(docket, record);
    const auto& description = record.reading.description;
    for (const auto& mid : description.bundle()) {
      const auto index = description.index_of(mid);
      const bool was_offered = std::ranges::find(offered, mid) != offered.end();
      const bool accepted = index && !description.section(*index).is_rejected();
      findings.check_signal(was_offered && accepted, record.signalling,
                            fmt::format("answer bundles \"{}\", {}", mid,
                                        !was_offered ? "which the offer did not bundle"
                                        : accepted   ? "offered and accepted"
                                                     : "whose section it does not accept"));
    }
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"ice-8445-5.1.1.3-foundation-diff", "RFC 8445", "5.1.1.3", Level::Must,
             "Candidates of different types have different foundations."},
            "candidates", check_foundations},
    Checker{{"ice-8445-5.1.2-prio-range-unique", "RFC 8445", "5.1.2", Level::Must,
             "A candidate's priority lies between 1 and 2^31-1, and no other candidate of the stream has it."},
            "candidates", check_priorities},
    Checker{{"icesdp-8839-4.2.1.5-ice2-attr", "RFC 8839", "4.2.1.5", Level::Must,
             "An agent by RFC 8445 says ice2 in a=ice-options."},
            "sections", check_ice2},
    Checker{{"icesdp-8839-5.1-candidate-grammar", "RFC 8839", "5.1", Level::Must,
             "A candidate attribute follows its grammar."},
            "candidates", check_candidate_grammar},
    Checker{{"icesdp-8839-5.1-rel-addr", "RFC 8839", "5.1", Level::Must,
             "Reflexive and relayed candidates name a related address and port; host candidates do not."},
            "candidates", check_related_address},
    Checker{{"icesdp-8839-5.4-lengths", "RFC 8839", "5.4", Level::Must,
             "A ufrag has 4 to 256 characters, a password 22 to 256."},
            "sections with credentials", check_credential_lengths},
    Checker{{"sdp-8866-5-line-order", "RFC 8866", "5", Level::Must,
             "The lines of a description stand in the order of the standard."},
            "descriptions", check_line_order},
    Checker{{"dtlssdp-8842-5.2-offer-actpass", "RFC 8842", "5.2", Level::Must,
             "A first offer says a=setup:actpass and carries a fingerprint."},
            "sections of first offers", check_offer_setup},
    Checker{{"dtlssdp-8842-5.3-answer-role", "RFC 8842", "5.3", Level::Must,
             "An answer says a=setup:active or a=setup:passive."},
            "sections of answers", check_answer_setup},
    Checker{{"bundle-9143-7.2-group-present", "RFC 9143", "7.2", Level::Must,
             "The BUNDLE group of an offer lists mids that its sections have."},
            "mids in offered BUNDLE groups", check_offered_group},
    Checker{{"bundle-9143-7.3-answer-subset", "RFC 9143", "7.3", Level::Must,
             "The BUNDLE group of an answer lists accepted sections that the offer had bundled, and no others."},
            "mids in answered BUNDLE groups", check_answered_group},
};
// clang-format on

}  // namespace

std::span<const Checker> sdp_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
