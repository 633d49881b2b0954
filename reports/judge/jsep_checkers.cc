// RFC 9429 §5, with RFC 8853: what JSEP asks of offers and answers beyond what they have in common
// with others.
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rtclab::judge {
namespace {

using sdp::SessionDescription;

template <class F>
void for_each_offered_section(const Docket& docket, F f) {
  const Negotiation negotiation{docket};
  for_each_section(docket,
                   [&](const DescriptionRecord& record, const SessionDescription& description,
                       std::size_t index, const sdp::Section& section) {
                     if (negotiation.is_offer(record)) f(record, description, index, section);
                   });
}

void check_no_sdes(const Docket& docket, Findings& findings) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        const bool good = !section.lines().has_attribute("crypto");
        findings.check_signal(good, record.signalling,
                              fmt::format("{} {} a=crypto", name_of_section(description, index),
                                          good ? "without" : "with"));
      });
}

void check_profile(const Docket& docket, Findings& findings) {
  for_each_offered_section(docket, [&](const DescriptionRecord& record,
                                       const SessionDescription& description, std::size_t index,
                                       const sdp::Section& section) {
    if (!is_rtp(section)) return;
    const auto protocol = section.media().protocol;
    const bool good = protocol == "UDP/TLS/RTP/SAVPF" || protocol == "TCP/DTLS/RTP/SAVPF";
    findings.check_signal(good, record.signalling,
                          fmt::format("{} over {}", name_of_section(description, index), protocol));
  });
}

std::string value_of(const SessionDescription& description, char type) {
  const auto* const line = description.session.find(type);
  return line != nullptr ? line->value : "";
}

void check_meaningless_lines(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    const auto name = value_of(description, 's');
    const auto time = value_of(description, 't');
    const auto origin = description.origin();
    // An answer repeats the time of its offer (RFC 3264 §6).
    const bool free =
        docket.evidence().signalling[record.signalling].type == evidence::SignallingType::Offer;
    const bool good = name == "-" && (time == "0 0" || !free) && origin && origin->username == "-";
    findings.check_signal(
        good, record.signalling,
        fmt::format("o={} …, s={}, t={}", origin ? origin->username : "?", name, time));
  }
}

void check_lines_stay(const Docket& docket, Findings& findings) {
  for_each_successor(docket, [&](const Successor& s) {
    const auto& [negotiation, record, before, now] = s;
    const bool same =
        value_of(before, 's') == value_of(now, 's') && value_of(before, 't') == value_of(now, 't');
    findings.check_signal(
        same, record.signalling,
        fmt::format("s={} and t={}{}", value_of(now, 's'), value_of(now, 't'),
                    same ? " as before"
                         : fmt::format(", before s={} and t={}", value_of(before, 's'),
                                       value_of(before, 't'))));
  });
}

void check_mids(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto mid = description.section(i).mid();
      const bool is_new = mid && seen.insert(*mid).second;
      findings.check_signal(is_new, record.signalling,
                            !mid ? fmt::format("section {} without a=mid", i)
                            : is_new
                                ? fmt::format("section {} with mid {}", i, *mid)
                                : fmt::format("section {} with mid {}, as another has", i, *mid));
    }
  }
}

void check_mid_length(const Docket& docket, Findings& findings) {
  for_each_offered_section(docket, [&](const DescriptionRecord& record, const SessionDescription&,
                                       std::size_t, const sdp::Section& section) {
    const auto mid = section.mid();
    if (!mid) return;
    findings.check_signal(mid->size() <= 3, record.signalling,
                          fmt::format("mid \"{}\" of {} octets", *mid, mid->size()));
  });
}

void check_bundles_all(const Docket& docket, Findings& findings) {
  for_each_offered_section(docket, [&](const DescriptionRecord& record,
                                       const SessionDescription& description, std::size_t index,
                                       const sdp::Section& section) {
    const auto bundle = description.bundle();
    const auto mid = section.mid();
    const bool good = mid && std::ranges::find(bundle, *mid) != bundle.end();
    findings.check_signal(good, record.signalling,
                          fmt::format("{} {} the BUNDLE group", name_of_section(description, index),
                                      good ? "is in" : "is not in"));
  });
}

void check_unique_credentials(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  for (const auto& record : docket.descriptions()) {
    if (!negotiation.is_offer(record) || negotiation.own_before(record) != nullptr) continue;
    const auto& description = record.reading.description;
    std::set<std::string> seen;
    std::size_t compared = 0;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto section = description.section(i);
      const auto ice = section.ice_credentials();
      if (section.is_rejected() || section.bundle_only() || !ice) continue;
      const bool is_new = seen.insert(ice->ufrag).second;
      if (compared++ == 0) continue;
      findings.check_signal(is_new, record.signalling,
                            fmt::format("{} with {} credentials", name_of_section(description, i),
                                        is_new ? "its own" : "another section's"));
    }
  }
}

void check_bundle_only_bare(const Docket& docket, Findings& findings) {
  for_each_offered_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        if (!section.bundle_only()) return;
        const bool good = !section.lines().has_attribute("ice-ufrag") &&
                          !section.lines().has_attribute("candidate");
        findings.check_signal(
            good, record.signalling,
            fmt::format("{}: bundle-only {} attributes of ICE", name_of_section(description, index),
                        good ? "without" : "with"));
      });
}

void check_same_fingerprints(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    std::optional<std::vector<sdp::Fingerprint>> first;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto own = description.section(i).fingerprints();
      if (description.section(i).is_rejected() || own.empty()) continue;
      if (!first) {
        first = own;
        continue;
      }
      findings.check_signal(own == *first, record.signalling,
                            fmt::format("{} with {} fingerprints", name_of_section(description, i),
                                        own == *first ? "the same" : "other"));
    }
  }
}

void check_msid(const Docket& docket, Findings& findings) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        using enum sdp::Direction;
        const auto direction = section.direction();
        if (!is_rtp(section) || (direction != SendRecv && direction != SendOnly)) return;
        const bool good = !section.msids().empty();
        findings.check_signal(good, record.signalling,
                              fmt::format("{}: {} {} a=msid", name_of_section(description, index),
                                          to_string(direction), good ? "with" : "without"));
      });
}

void check_msid_stays(const Docket& docket, Findings& findings) {
  for_each_kept_section(docket, [&](const Successor& s, std::size_t index) {
    const auto was = s.before.section(index).msids();
    const auto is = s.now.section(index).msids();
    if (was.empty() || is.empty()) return;
    findings.check_signal(was == is, s.record.signalling,
                          fmt::format("{}: a=msid {}", name_of_section(s.now, index),
                                      was == is ? "as before" : "is another than before"));
  });
}

void check_mid_copied(const Docket& docket, Findings& findings) {
  for_each_answered_section(docket, [&](const DescriptionRecord& record, std::size_t index,
                                        const sdp::Section& offered, const sdp::Section& answered) {
    const auto was = offered.mid();
    const auto is = answered.mid();
    if (!was) return;
    findings.check_signal(
        was == is, record.signalling,
        fmt::format("section {}: {} answers mid {}", index, is ? "mid " + *is : "no mid", *was));
  });
}

void check_protocol_copied(const Docket& docket, Findings& findings) {
  for_each_answered_section(docket, [&](const DescriptionRecord& record, std::size_t index,
                                        const sdp::Section& offered, const sdp::Section& answered) {
    const auto was = offered.media().protocol;
    const auto is = answered.media().protocol;
    findings.check_signal(was == is, record.signalling,
                          fmt::format("section {}: {} answers {}", index, is, was));
  });
}

void check_one_data_section(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    std::size_t count = 0;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const auto section = description.section(i);
      if (!section.is_rejected() && section.media().kind == "application") ++count;
    }
    if (count == 0) continue;
    findings.check_signal(count == 1, record.signalling,
                          fmt::format("{} with {} data sections", type_of(docket, record), count));
  }
}

// --- simulcast ---

void check_simulcast_rids(const Docket& docket, Findings& findings) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        const auto text = section.lines().attribute("simulcast");
        if (!text) return;
        std::set<std::string> named;
        for (const auto& rid : section.rids()) named.insert(rid.id);
        std::string missing, id;
        // "send a,~b;c recv d": the identifiers are what stands between the separators.
        const auto finish = [&] {
          const bool counts = !id.empty() && id != "send" && id != "recv";
          if (counts && !named.contains(id)) missing = id;
          id.clear();
        };
        for (const char c : *text) {
          if (c == ' ' || c == ';' || c == ',')
            finish();
          else if (c != '~')
            id += c;
        }
        finish();
        findings.check_signal(
            missing.empty(), record.signalling,
            fmt::format("{}: a=simulcast {}", name_of_section(description, index),
                        missing.empty() ? "names streams that a=rid describes"
                                        : "names " + missing + ", which no a=rid describes"));
      });
}

void check_simulcast_answer(const Docket& docket, Findings& findings) {
  for_each_answered_section(docket, [&](const DescriptionRecord& record, std::size_t index,
                                        const sdp::Section& offered, const sdp::Section& answered) {
    if (!answered.lines().has_attribute("simulcast")) return;
    const bool good = offered.lines().has_attribute("simulcast");
    findings.check_signal(
        good, record.signalling,
        fmt::format("section {}: a=simulcast, {} offered", index, good ? "as" : "not"));
  });
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"jsep-9429-5.1.1-no-sdes", "RFC 9429", "5.1.1", Level::Must,
             "No description has a=crypto: keys come from DTLS."},
            "sections", check_no_sdes},
    Checker{{"jsep-9429-5.1.2-profile-offer", "RFC 9429", "5.1.2", Level::Must,
             "Media is offered over UDP/TLS/RTP/SAVPF or TCP/DTLS/RTP/SAVPF."},
            "offered media sections", check_profile},
    Checker{{"jsep-9429-5.2.1-meaningless", "RFC 9429", "5.2.1", Level::Should,
             "User and session name are a dash, and the time is 0 0."},
            "descriptions", check_meaningless_lines},
    Checker{{"jsep-9429-5.2.1-mid-each", "RFC 9429", "5.2.1", Level::Must,
             "Each section has a mid of its own."},
            "sections", check_mids},
    Checker{{"jsep-9429-5.2.1-mid-short", "RFC 9429", "5.2.1", Level::Should,
             "A mid has three octets or fewer, so that it fits into an RTP header extension."},
            "offered sections", check_mid_length},
    Checker{{"jsep-9429-5.2.1-group-bundle", "RFC 9429", "5.2.1", Level::Must,
             "An offer bundles all of its sections."},
            "offered sections", check_bundles_all},
    Checker{{"jsep-9429-5.2.1-unique-creds", "RFC 9429", "5.2.1", Level::Must,
             "In a first offer each section that is not bundle-only has ICE credentials of its own."},
            "further sections of first offers", check_unique_credentials},
    Checker{{"jsep-9429-5.2.1-bundle-only-no-ice", "RFC 9429", "5.2.1", Level::Must,
             "A bundle-only section has no ICE credentials and no candidates."},
            "bundle-only sections", check_bundle_only_bare},
    Checker{{"jsep-9429-5.2.1-fingerprint-same", "RFC 9429", "5.2.1", Level::Must,
             "All sections have the same fingerprints."},
            "further sections with fingerprints", check_same_fingerprints},
    Checker{{"jsep-9429-5.2.1-msid", "RFC 9429", "5.2.1", Level::Must,
             "A section that sends media says in a=msid which stream and track it is."},
            "sections that send media", check_msid},
    Checker{{"jsep-9429-5.2.1-data-section", "RFC 9429", "5.2.1", Level::Must,
             "All data channels share one section."},
            "descriptions with data sections", check_one_data_section},
    Checker{{"jsep-9429-5.2.2-msid-stable", "RFC 9429", "5.2.2", Level::Must,
             "The a=msid lines of a section stay the same while it lives."},
            "sections of later descriptions", check_msid_stays},
    Checker{{"jsep-9429-5.2.2-s-t-same", "RFC 9429", "5.2.2", Level::Must,
             "The s= and t= lines of later descriptions are those of the first."},
            "later descriptions", check_lines_stay},
    Checker{{"jsep-9429-5.3.1-mid-copy", "RFC 9429", "5.3.1", Level::Must,
             "A section of an answer has the mid of the offered one."},
            "sections of answers", check_mid_copied},
    Checker{{"jsep-9429-5.3.1-proto-copy", "RFC 9429", "5.3.1", Level::Must,
             "A section of an answer has the protocol of the offered one."},
            "sections of answers", check_protocol_copied},
    Checker{{"simulcast-8853-5.2-rid-exists", "RFC 8853", "5.2", Level::Must,
             "Each stream that a=simulcast names has an a=rid."},
            "sections with simulcast", check_simulcast_rids},
    Checker{{"simulcast-8853-5.3-answer-needs-offer", "RFC 8853", "5.3", Level::Must,
             "An answer has simulcast only where it was offered."},
            "answered sections with simulcast", check_simulcast_answer},
};
// clang-format on

}  // namespace

std::span<const Checker> jsep_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
