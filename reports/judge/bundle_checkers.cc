// RFC 9143, 5761 and 8858: which sections share a transport, and RTP with its RTCP.
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rtclab::judge {
namespace {

using evidence::SignallingType;
using sdp::SessionDescription;

SignallingType type(const Docket& docket, const DescriptionRecord& record) {
  return docket.evidence().signalling[record.signalling].type;
}

// The mids that the offer bundled which this answers.
std::vector<std::string> offered_group(const Negotiation& negotiation,
                                       const DescriptionRecord& answer) {
  const auto* const offer = negotiation.offer_of(answer);
  return offer != nullptr ? offer->reading.description.bundle() : std::vector<std::string>{};
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
  const Negotiation negotiation{docket};
  for (const auto& record : docket.descriptions()) {
    if (docket.evidence().signalling[record.signalling].type != SignallingType::Answer) continue;
    const auto offered = offered_group(negotiation, record);
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

// Of an answer the first offered section that it accepts is the tagged one.
void check_answer_tag(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  for (const auto& record : docket.descriptions()) {
    if (type(docket, record) != SignallingType::Answer) continue;
    const auto& description = record.reading.description;
    const auto answered = description.bundle();
    const auto offered = offered_group(negotiation, record);
    if (answered.empty() || offered.empty()) continue;
    const auto first = std::ranges::find_if(offered, [&](const std::string& mid) {
      return std::ranges::find(answered, mid) != answered.end();
    });
    if (first == offered.end()) continue;
    findings.check_signal(
        *first == answered.front(), record.signalling,
        fmt::format("answer is tagged with mid {}; the first of the offer that it "
                    "accepts is {}",
                    answered.front(), *first));
  }
}

// A bundled section that is not the tagged one leaves the transport's attributes to that one: in
// answers, and in offers once there is a negotiated group.
void check_transport_in_tagged_only(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  for (const auto& record : docket.descriptions()) {
    const bool first_offer =
        negotiation.is_offer(record) && negotiation.own_before(record) == nullptr;
    const auto& description = record.reading.description;
    const auto bundle = description.bundle();
    if (first_offer || bundle.size() < 2) continue;
    for (std::size_t i = 1; i < bundle.size(); ++i) {
      const auto index = description.index_of(bundle[i]);
      if (!index || description.section(*index).is_rejected()) continue;
      // A section that a later offer adds may still get a transport of its own.
      const auto* const own = negotiation.own_before(record);
      if (negotiation.is_offer(record) &&
          (own == nullptr || !own->reading.description.index_of(bundle[i]))) {
        continue;
      }
      const auto& lines = description.section(*index).lines();
      std::string found;
      for (const auto* const name : {"ice-ufrag", "ice-pwd", "fingerprint", "setup", "candidate"}) {
        if (lines.has_attribute(name)) found += fmt::format(" a={}", name);
      }
      findings.check_signal(found.empty(), record.signalling,
                            fmt::format("{} with{}", name_of_section(description, *index),
                                        found.empty() ? "out attributes of the transport" : found));
    }
  }
}

void check_bundle_only_port(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    if (type(docket, record) != SignallingType::Offer) continue;
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      if (!description.section(i).bundle_only()) continue;
      const auto port = description.section(i).media().port;
      findings.check_signal(port == Port{0}, record.signalling,
                            fmt::format("{}: bundle-only with port {}",
                                        name_of_section(description, i), port.value()));
    }
  }
}

void check_no_bundle_only_answer(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    if (type(docket, record) != SignallingType::Answer) continue;
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const bool good = !description.section(i).bundle_only();
      findings.check_signal(good, record.signalling,
                            fmt::format("{} {} a=bundle-only", name_of_section(description, i),
                                        good ? "without" : "with"));
    }
  }
}

// Calls f(record, description, index, section) for each RTP section in a BUNDLE group.
template <class F>
void for_each_bundled_rtp(const Docket& docket, F f) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        const auto mid = section.mid();
        const auto bundle = description.bundle();
        if (!mid || !is_rtp(section) || std::ranges::find(bundle, *mid) == bundle.end()) return;
        f(record, description, index, section);
      });
}

void check_mid_extension(const Docket& docket, Findings& findings) {
  for_each_bundled_rtp(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        if (type(docket, record) != SignallingType::Offer) return;
        const bool good = std::ranges::any_of(section.ext_maps(), [](const sdp::ExtMap& map) {
          return map.uri == "urn:ietf:params:rtp-hdrext:sdes:mid";
        });
        findings.check_signal(
            good, record.signalling,
            fmt::format("{} {} the MID header extension", name_of_section(description, index),
                        good ? "with" : "without"));
      });
}

void check_mux_in_bundle(const Docket& docket, Findings& findings) {
  for_each_bundled_rtp(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        const auto tagged = description.index_of(description.bundle().front());
        const bool good = section.rtcp_mux() || (tagged && description.section(*tagged).rtcp_mux());
        findings.check_signal(good, record.signalling,
                              fmt::format("{} {} a=rtcp-mux", name_of_section(description, index),
                                          good ? "with" : "without"));
      });
}

// One payload type, or one id of an extension, in two sections of a group means one thing.
template <class Entries>
void check_same_meaning(const Docket& docket, Findings& findings, std::string_view noun,
                        Entries entries) {
  std::map<const DescriptionRecord*, std::map<unsigned, std::string>> meanings;
  for_each_bundled_rtp(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        auto& known = meanings[&record];
        const bool is_first = known.empty();
        std::string flaw;
        for (const auto& [number, meaning] : entries(section)) {
          const auto [entry, is_new] = known.try_emplace(number, meaning);
          if (!is_new && entry->second != meaning)
            flaw = fmt::format("{} {} is {}, elsewhere {}", noun, number, meaning, entry->second);
        }
        if (is_first) return;
        findings.check_signal(
            flaw.empty(), record.signalling,
            fmt::format("{}: {}", name_of_section(description, index),
                        flaw.empty() ? fmt::format("each {} means one thing", noun) : flaw));
      });
}

void check_payload_types_shared(const Docket& docket, Findings& findings) {
  check_same_meaning(docket, findings, "payload type", [](const sdp::Section& section) {
    std::vector<std::pair<unsigned, std::string>> entries;
    for (const auto& map : section.rtp_maps()) {
      auto meaning = fmt::format("{}/{}", lower_case(map.encoding), map.clock_rate);
      for (const auto& parameters : section.format_parameters()) {
        if (parameters.format == std::to_string(map.payload_type.value()))
          meaning += " " + parameters.parameters;
      }
      entries.emplace_back(map.payload_type.value(), std::move(meaning));
    }
    return entries;
  });
}

void check_extension_ids_shared(const Docket& docket, Findings& findings) {
  check_same_meaning(docket, findings, "extension", [](const sdp::Section& section) {
    std::vector<std::pair<unsigned, std::string>> entries;
    for (const auto& map : section.ext_maps()) entries.emplace_back(map.id, map.uri);
    return entries;
  });
}

// --- RFC 5761, RFC 8858 ---

void check_mux_payload_types(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record,
                               const SessionDescription& description, std::size_t index,
                               const sdp::Section& section) {
    if (!is_rtp(section) || !section.rtcp_mux()) return;
    std::string flaw;
    for (const auto& map : section.rtp_maps()) {
      const auto number = map.payload_type.value();
      if (number >= 64 && number <= 95) flaw = fmt::format("payload type {}", number);
    }
    findings.check_signal(flaw.empty(), record.signalling,
                          fmt::format("{}: {}", name_of_section(description, index),
                                      flaw.empty() ? "no payload type that RTCP could be taken for"
                                                   : flaw + ", which RTCP could be taken for"));
  });
}

void check_mux_answer(const Docket& docket, Findings& findings) {
  for_each_answered_section(docket, [&](const DescriptionRecord& answer, std::size_t index,
                                        const sdp::Section& offered, const sdp::Section& answered) {
    if (!answered.rtcp_mux()) return;
    const bool was_offered = offered.rtcp_mux();
    findings.check_signal(was_offered, answer.signalling,
                          fmt::format("{}: a=rtcp-mux, {} offered",
                                      name_of_section(answer.reading.description, index),
                                      was_offered ? "as" : "not"));
  });
}

// RFC 8858 §4.2 knows it in offers only; RFC 9143 §9.3.1.2 has the section that speaks for a BUNDLE
// group of an answer repeat it.
void check_mux_only(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record,
                               const SessionDescription& description, std::size_t index,
                               const sdp::Section& section) {
    if (!section.lines().has_attribute("rtcp-mux-only")) return;
    const auto bundle = description.bundle();
    const bool may_have = type(docket, record) == SignallingType::Offer ||
                          (!bundle.empty() && description.index_of(bundle.front()) == index);
    findings.check_signal(may_have && section.rtcp_mux(), record.signalling,
                          fmt::format("{}: a=rtcp-mux-only {}", name_of_section(description, index),
                                      !may_have            ? "in an answer"
                                      : section.rtcp_mux() ? "with a=rtcp-mux"
                                                           : "without a=rtcp-mux"));
  });
}

void check_no_second_component(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  for_each_section(docket, [&](const DescriptionRecord& record,
                               const SessionDescription& description, std::size_t index,
                               const sdp::Section& section) {
    if (!is_rtp(section) || !section.rtcp_mux() || !negotiation.is_answer(record)) return;
    const bool none = std::ranges::none_of(
        section.candidates(),
        [](const sdp::Candidate& candidate) { return candidate.component == 2; });
    findings.check_signal(none, record.signalling,
                          fmt::format("{}: muxed, {} candidates for RTCP",
                                      name_of_section(description, index), none ? "no" : "with"));
  });
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"bundle-9143-7.1.3-tagged", "RFC 9143", "7.1.3", Level::Must,
             "In answers and later offers only the tagged section has the transport's attributes."},
            "bundled sections behind the tagged one", check_transport_in_tagged_only},
    Checker{{"bundle-9143-7.2-group-present", "RFC 9143", "7.2", Level::Must,
             "The BUNDLE group of an offer lists mids that its sections have."},
            "mids in offered BUNDLE groups", check_offered_group},
    Checker{{"bundle-9143-7.2-bundle-only-port0", "RFC 9143", "7.2", Level::Must,
             "A bundle-only section of an offer has port 0."},
            "bundle-only sections", check_bundle_only_port},
    Checker{{"bundle-9143-7.3-answer-subset", "RFC 9143", "7.3", Level::Must,
             "The BUNDLE group of an answer lists accepted sections that the offer had bundled, and no others."},
            "mids in answered BUNDLE groups", check_answered_group},
    Checker{{"bundle-9143-7.3-no-bundle-only", "RFC 9143", "7.3", Level::Must,
             "An answer has no a=bundle-only."},
            "sections of answers", check_no_bundle_only_answer},
    Checker{{"bundle-9143-7.3.1-answer-tag", "RFC 9143", "7.3.1", Level::Must,
             "The answer is tagged with the first offered section that it accepts."},
            "answers with a BUNDLE group", check_answer_tag},
    Checker{{"bundle-9143-9.1-mid-extmap", "RFC 9143", "9.1", Level::Must,
             "An offered bundled RTP section has the MID header extension."},
            "offered bundled RTP sections", check_mid_extension},
    Checker{{"bundle-9143-9.1.1-pt-share", "RFC 9143", "9.1.1", Level::Must,
             "A payload type that two bundled sections use means the same in both."},
            "further bundled RTP sections", check_payload_types_shared},
    Checker{{"bundle-9143-9.3-mux", "RFC 9143", "9.3", Level::Must,
             "Bundled RTP sections mux RTP and RTCP."},
            "bundled RTP sections", check_mux_in_bundle},
    Checker{{"bundle-9143-12-ext-id-same", "RFC 9143", "12", Level::Must,
             "An id of a header extension means the same in all bundled sections."},
            "further bundled RTP sections", check_extension_ids_shared},
    Checker{{"mux-5761-4-pt-64-95", "RFC 5761", "4", Level::Must,
             "With RTCP on the same port no payload type lies between 64 and 95."},
            "muxed RTP sections", check_mux_payload_types},
    Checker{{"mux-5761-5.1.1-answer", "RFC 5761", "5.1.1", Level::Must,
             "An answer muxes only where the offer did."},
            "answered sections with a=rtcp-mux", check_mux_answer},
    Checker{{"mux-5761-5.1.3-no-rtcp-candidates", "RFC 5761", "5.1.3", Level::Must,
             "An answer that muxes has no candidates for RTCP."},
            "answered sections with a=rtcp-mux", check_no_second_component},
    Checker{{"muxonly-8858-4.2-with-mux", "RFC 8858", "4.2", Level::Must,
             "a=rtcp-mux-only stands beside a=rtcp-mux, in offers and for the BUNDLE group of an answer."},
            "sections with a=rtcp-mux-only", check_mux_only},
};
// clang-format on

}  // namespace

std::span<const Checker> bundle_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
