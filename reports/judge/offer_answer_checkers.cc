// RFC 3264: what an answer owes to its offer, and a later description to the one before.
#include "agents/base/text.h"
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>

namespace rtclab::judge {
namespace {

using sdp::SessionDescription;

// Calls f(answer, name, offered, answered) for each section of an answer.
template <class F>
void for_each_named_section(const Docket& docket, F f) {
  for_each_answered_section(docket, [&](const DescriptionRecord& answer, std::size_t index,
                                        const sdp::Section& offered, const sdp::Section& answered) {
    f(answer, name_of_section(answer.reading.description, index), offered, answered);
  });
}

void check_section_count(const Docket& docket, Findings& findings) {
  for_each_answer(docket, [&](const DescriptionRecord&, const DescriptionRecord& answer,
                              const SessionDescription& offered,
                              const SessionDescription& answered) {
    findings.check_signal(offered.sections.size() == answered.sections.size(), answer.signalling,
                          fmt::format("answer of {} sections to an offer of {}",
                                      answered.sections.size(), offered.sections.size()));
  });
}

void check_section_kind(const Docket& docket, Findings& findings) {
  for_each_named_section(docket, [&](const DescriptionRecord& answer, const std::string& name,
                                     const sdp::Section& offered, const sdp::Section& answered) {
    const auto was = offered.media().kind;
    const auto is = answered.media().kind;
    findings.check_signal(
        was == is, answer.signalling,
        fmt::format("{}: {}{}", name, is, was == is ? ", as offered" : ", the offer has " + was));
  });
}

std::string time_of(const SessionDescription& description) {
  const auto* const line = description.session.find('t');
  return line != nullptr ? line->value : "";
}

void check_answer_time(const Docket& docket, Findings& findings) {
  for_each_answer(
      docket, [&](const DescriptionRecord&, const DescriptionRecord& answer,
                  const SessionDescription& offered, const SessionDescription& answered) {
        const auto was = time_of(offered);
        const auto is = time_of(answered);
        findings.check_signal(
            was == is, answer.signalling,
            fmt::format("t={}{}", is, was == is ? ", as offered" : ", the offer has t=" + was));
      });
}

void check_refused_stays(const Docket& docket, Findings& findings) {
  for_each_named_section(docket, [&](const DescriptionRecord& answer, const std::string& name,
                                     const sdp::Section& offered, const sdp::Section& answered) {
    if (!offered.is_rejected()) return;
    const bool refused = answered.media().port == Port{0};
    findings.check_signal(refused, answer.signalling,
                          fmt::format("{}: offered with port 0, answered with port {}", name,
                                      answered.media().port.value()));
  });
}

// What two sections can have in common: of RTP an encoding and its clock, else the words
// themselves.
std::set<std::string> formats_of(const sdp::Section& section) {
  const auto listed = section.media().formats;
  std::set<std::string> formats;
  if (!is_rtp(section)) return {listed.begin(), listed.end()};
  std::set<std::string> mapped;
  for (const auto& map : section.rtp_maps()) {
    const auto type = std::to_string(map.payload_type.value());
    if (std::ranges::find(listed, type) == listed.end()) continue;
    mapped.insert(type);
    formats.insert(fmt::format("{}/{}", lower_case(map.encoding), map.clock_rate));
  }
  // RFC 3551 §6: types below 96 mean something without a map.
  for (const auto& format : listed) {
    if (!mapped.contains(format)) formats.insert(format);
  }
  return formats;
}

void check_common_format(const Docket& docket, Findings& findings) {
  for_each_named_section(docket, [&](const DescriptionRecord& answer, const std::string& name,
                                     const sdp::Section& offered, const sdp::Section& answered) {
    if (answered.is_rejected() || offered.is_rejected()) return;
    const auto was = formats_of(offered);
    const auto is = formats_of(answered);
    const bool common =
        std::ranges::any_of(is, [&](const std::string& format) { return was.contains(format); });
    findings.check_signal(common, answer.signalling,
                          fmt::format("{}: {} format that was offered", name,
                                      common ? "accepted with a" : "accepted without any"));
  });
}

// RFC 3264 §6.1: who is offered one direction answers with its mirror or with less.
bool fits(sdp::Direction offered, sdp::Direction answered) {
  using enum sdp::Direction;
  switch (offered) {
    case SendRecv: return true;
    case SendOnly: return answered == RecvOnly || answered == Inactive;
    case RecvOnly: return answered == SendOnly || answered == Inactive;
    case Inactive: return answered == Inactive;
  }
  return true;
}

void check_direction(const Docket& docket, Findings& findings) {
  for_each_named_section(docket, [&](const DescriptionRecord& answer, const std::string& name,
                                     const sdp::Section& offered, const sdp::Section& answered) {
    if (answered.is_rejected() || offered.is_rejected() || !is_rtp(offered)) return;
    findings.check_signal(fits(offered.direction(), answered.direction()), answer.signalling,
                          fmt::format("{}: {} answers {}", name, to_string(answered.direction()),
                                      to_string(offered.direction())));
  });
}

void check_origin_range(const Docket& docket, Findings& findings) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  for (const auto& record : docket.descriptions()) {
    const auto origin = record.reading.description.origin();
    if (!origin) continue;
    const auto id = parse_unsigned(origin->session_id);
    const bool good = id && *id <= kLargest && origin->version <= kLargest;
    findings.check_signal(good, record.signalling,
                          fmt::format("session {}, version {}{}", origin->session_id,
                                      origin->version, good ? "" : ": not within 63 bits"));
  }
}

// In one session the origin stays the same but for the version.
void check_origin_stays(const Docket& docket, Findings& findings) {
  for_each_successor(docket, [&](const Successor& s) {
    const auto& [negotiation, record, before, now] = s;
    const auto was = before.origin();
    const auto is = now.origin();
    if (!was || !is) return;
    auto same_version = *is;
    same_version.version = was->version;
    const bool good = same_version == *was;
    findings.check_signal(good, record.signalling,
                          good ? "o= as before, but for the version"
                               : fmt::format("o={} after o={}", is->to_string(), was->to_string()));
  });
}

// A description is sent again with the candidates found meanwhile; that makes it no other one (RFC
// 9429 §4.1.14).
std::string without_candidates(std::string_view sdp) {
  std::string rest;
  for (const auto line : split(sdp, '\n')) {
    bool follows_candidates = false;
    for (const auto* const prefix : {"a=candidate:", "a=end-of-candidates", "a=rtcp:", "c="})
      follows_candidates = follows_candidates || line.starts_with(prefix);
    if (follows_candidates) continue;
    // Of an m= line the port follows them.
    const auto port = line.starts_with("m=") ? line.find(' ') : std::string_view::npos;
    if (port == std::string_view::npos) {
      rest += line;
    } else {
      rest += line.substr(0, port);
      rest += line.substr(std::min(line.find(' ', port + 1), line.size()));
    }
    rest += '\n';
  }
  return rest;
}

void check_version(const Docket& docket, Findings& findings) {
  std::map<std::tuple<std::string, std::string, std::uint64_t>, const DescriptionRecord*> seen;
  std::set<std::pair<std::string, std::string>> sessions;
  for (const auto& record : docket.descriptions()) {
    const auto origin = record.reading.description.origin();
    if (!origin) continue;
    const auto& message = docket.evidence().signalling[record.signalling];
    const auto [entry, is_new] =
        seen.try_emplace({message.from, origin->session_id, origin->version}, &record);
    const bool is_first = sessions.emplace(message.from, origin->session_id).second;
    if (is_new) {
      if (!is_first)
        findings.check_signal(true, record.signalling,
                              fmt::format("version {} is new", origin->version));
      continue;
    }
    const auto& first = docket.evidence().signalling[entry->second->signalling];
    const bool same = without_candidates(first.sdp) == without_candidates(message.sdp);
    findings.check_signal(same, record.signalling,
                          fmt::format("version {} for {}", origin->version,
                                      same ? "the same text" : "another text than before"));
  }
}

void check_sections_stay(const Docket& docket, Findings& findings) {
  for_each_successor(docket, [&](const Successor& s) {
    const auto was = s.before.sections.size();
    const auto is = s.now.sections.size();
    findings.check_signal(is >= was, s.record.signalling,
                          fmt::format("{} sections after {}", is, was));
  });
}

// A place is taken over by another section only after both sides had refused the old one.
void check_order_stays(const Docket& docket, Findings& findings) {
  for_each_successor(docket, [&](const Successor& s) {
    const auto& [negotiation, record, before, now] = s;
    const auto* const theirs = negotiation.theirs_before(record);
    const auto refused = [&](const SessionDescription& description, std::size_t i) {
      return i < description.sections.size() && description.section(i).is_rejected();
    };
    for (std::size_t i = 0; i < std::min(before.sections.size(), now.sections.size()); ++i) {
      if (refused(before, i) || refused(theirs->reading.description, i)) continue;
      const auto was = before.section(i).mid().value_or("");
      const auto is = now.section(i).mid().value_or("");
      const bool same_kind = before.section(i).media().kind == now.section(i).media().kind;
      findings.check_signal(
          was == is && same_kind, record.signalling,
          fmt::format("section {}: mid {} of {}, before mid {} of {}", i, is,
                      now.section(i).media().kind, was, before.section(i).media().kind));
    }
  });
}

// What payload types mean to each peer, by the exchanges of its call that were completed.
class PayloadTypes {
 public:
  explicit PayloadTypes(const Negotiation& negotiation) : negotiation_{negotiation} {}

  // Calls f(type, meaning, meaning before, or nullptr) for each dynamic payload type of a section.
  template <class F>
  void compare(const DescriptionRecord& record, const sdp::Section& section, F f) const {
    each_type(record, section, [&](const Key& key, const std::string& is) {
      const auto before = meaning_.find(key);
      f(key.type, is, before == meaning_.end() ? nullptr : &before->second);
    });
  }
  void keep(const DescriptionRecord& record) {
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      if (description.section(i).is_rejected()) continue;
      each_type(record, description.section(i),
                [&](const Key& key, const std::string& is) { meaning_.try_emplace(key, is); });
    }
  }

 private:
  struct Key {
    std::string from, to, mid;
    unsigned type;
    auto operator<=>(const Key&) const = default;
  };
  template <class F>
  void each_type(const DescriptionRecord& record, const sdp::Section& section, F f) const {
    if (!is_rtp(section) || !section.mid()) return;
    const auto& message = negotiation_.message(record);
    for (const auto& map : section.rtp_maps()) {
      const unsigned type = map.payload_type.value();
      if (type < 96) continue;
      f(Key{message.from, message.to, std::string{*section.mid()}, type},
        fmt::format("{}/{}", lower_case(map.encoding), map.clock_rate));
    }
  }

  const Negotiation& negotiation_;
  std::map<Key, std::string> meaning_;
};

// RFC 3264 §8.3.2: a payload type means one format for the whole session. An offer that was rolled
// back, or ignored when offers crossed, counts as never made (RFC 9429 §4.1.10.2).
void check_payload_types_stay(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  PayloadTypes known{negotiation};
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      if (description.section(i).is_rejected()) continue;
      std::string flaw;
      bool seen_before = false;
      known.compare(record, description.section(i),
                    [&](unsigned type, const std::string& is, const std::string* before) {
                      seen_before = seen_before || before != nullptr;
                      if (before != nullptr && *before != is)
                        flaw = fmt::format("{} is {}, before {}", type, is, *before);
                    });
      if (!seen_before) continue;
      findings.check_signal(flaw.empty(), record.signalling,
                            fmt::format("{}: {}", name_of_section(description, i),
                                        flaw.empty() ? "payload types as before" : flaw));
    }
    const auto* const offer =
        negotiation.is_answer(record) ? negotiation.offer_of(record) : nullptr;
    if (offer == nullptr) continue;
    known.keep(*offer);
    known.keep(record);
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"oa-3264-5-o-line-ranges", "RFC 3264", "5", Level::Must,
             "Session id and version are numbers that fit into 63 bits."},
            "descriptions", check_origin_range},
    Checker{{"oa-3264-6-answer-m-count", "RFC 3264", "6", Level::Must,
             "An answer has as many sections as its offer."},
            "answers", check_section_count},
    Checker{{"oa-3264-6-answer-kind", "RFC 3264", "6", Level::Must,
             "Each section of an answer has the media type of the one that it answers."},
            "sections of answers", check_section_kind},
    Checker{{"oa-3264-6-answer-t", "RFC 3264", "6", Level::Must,
             "The t= line of an answer is that of its offer."},
            "answers", check_answer_time},
    Checker{{"oa-3264-6.1-common-format", "RFC 3264", "6.1", Level::Must,
             "An accepted section has at least one of the formats that were offered."},
            "accepted sections", check_common_format},
    Checker{{"oa-3264-6.1-direction", "RFC 3264", "6.1", Level::Must,
             "What is offered in one direction is answered in the opposite one, or inactive."},
            "accepted media sections", check_direction},
    Checker{{"oa-3264-8-origin-stays", "RFC 3264", "8", Level::Must,
             "A later description of a session has the o= line of the one before, but for the version."},
            "later descriptions", check_origin_stays},
    Checker{{"oa-3264-8-version", "RFC 3264", "8", Level::Must,
             "Descriptions of one session that differ have different versions."},
            "descriptions after the first", check_version},
    Checker{{"oa-3264-8-m-count-monotone", "RFC 3264", "8", Level::Must,
             "A later description has no fewer sections than the one before."},
            "later descriptions", check_sections_stay},
    Checker{{"oa-3264-8-order-kept", "RFC 3264", "8", Level::Must,
             "A section in use keeps its place, and JSEP's mid with it."},
            "sections of later descriptions", check_order_stays},
    Checker{{"oa-3264-8.2-port0-both", "RFC 3264", "8.2", Level::Must,
             "A section that is offered with port 0 is answered with port 0."},
            "refused sections", check_refused_stays},
    Checker{{"oa-3264-8.3.2-pt-stable", "RFC 3264", "8.3.2", Level::Must,
             "A dynamic payload type means the same format throughout a session."},
            "media sections of later descriptions", check_payload_types_stay},
};
// clang-format on

}  // namespace

std::span<const Checker> offer_answer_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
