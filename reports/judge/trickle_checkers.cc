// RFC 8838 and 8840: candidates that are told one by one.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace rtclab::judge {
namespace {

using evidence::SignallingType;

// A user name fragment alone names a generation: that a password stands beside it is for another
// clause to ask.
bool has_described(const Docket& docket, const std::string& from, std::string_view ufrag) {
  return std::ranges::any_of(docket.descriptions(), [&](const DescriptionRecord& record) {
    const auto& sections = record.reading.description.sections;
    return docket.evidence().signalling[record.signalling].from == from &&
           std::ranges::any_of(sections, [&](const auto& section) {
             return section.attribute("ice-ufrag") == ufrag;
           });
  });
}

void check_end_names_generation(const Docket& docket, Findings& findings) {
  const auto& signalling = docket.evidence().signalling;
  for (std::size_t i = 0; i < signalling.size(); ++i) {
    const auto& message = signalling[i];
    if (message.type != SignallingType::EndOfCandidates) continue;
    // A recording writes the local null candidate down in the same way; it names no section and
    // never travels.
    if (!docket.evidence().has_trace && !message.sdp_mid) continue;
    const auto ufrag = message.username_fragment.value_or("");
    const auto* const credential = docket.credential(ufrag);
    const bool good = credential != nullptr ? credential->owner == message.from
                                            : has_described(docket, message.from, ufrag);
    findings.check_signal(good, i,
                          ufrag.empty() ? "end-of-candidates without a ufrag"
                                        : fmt::format("end-of-candidates of generation {}", ufrag));
  }
}

// What an end of candidates has ended: a sender's generation of one data stream, or of all of them.
class Ends {
 public:
  void note(const Docket& docket, const evidence::SignallingMessage& message) {
    const auto stream = docket.stream_of(message);
    if (message.username_fragment) {
      named_.emplace(message.from, *message.username_fragment, stream);
    } else {
      unnamed_.emplace(message.from, stream);
    }
  }
  // A description can begin a new generation, which no end has named yet.
  void begin_anew(const std::string& from) {
    std::erase_if(unnamed_, [&](const auto& entry) { return entry.first == from; });
  }
  [[nodiscard]] bool has_ended(const CandidateRecord& record) const {
    return named_.contains({record.from, record.ufrag, record.stream}) ||
           named_.contains({record.from, record.ufrag, {}}) ||
           unnamed_.contains({record.from, record.stream}) || unnamed_.contains({record.from, {}});
  }

 private:
  std::set<std::tuple<std::string, std::string, std::string>> named_;  // sender, fragment, stream
  std::set<std::pair<std::string, std::string>> unnamed_;              // sender, stream
};

void check_none_after_end(const Docket& docket, Findings& findings) {
  Ends ends;
  const auto& signalling = docket.evidence().signalling;
  std::size_t next = 0;
  for (const auto& record : docket.candidates()) {
    for (; next < record.signalling; ++next) {
      const auto& message = signalling[next];
      if (message.type == SignallingType::EndOfCandidates)
        ends.note(docket, message);
      else if (message.type != SignallingType::Candidate)
        ends.begin_anew(message.from);
    }
    if (signalling[record.signalling].type != SignallingType::Candidate) continue;
    const bool late = ends.has_ended(record);
    findings.check_signal(
        !late, record.signalling,
        late ? fmt::format("candidate after the end of generation {}", record.ufrag)
             : "candidate before the end of its generation");
  }
}

// Calls f(record, message) for each candidate that came alone.
template <class F>
void for_each_trickled(const Docket& docket, F f) {
  const auto& signalling = docket.evidence().signalling;
  for (const auto& record : docket.candidates()) {
    if (signalling[record.signalling].type == SignallingType::Candidate)
      f(record, signalling[record.signalling]);
  }
}

// The description that a trickled candidate belongs to: the sender's last before it, or its first
// if the candidate was quicker. An answer to a peer that does not trickle says nothing of it, and a
// later offer of the same agent does.
const DescriptionRecord* description_of(const Docket& docket, const CandidateRecord& record) {
  const DescriptionRecord* found = nullptr;
  for (const auto& description : docket.descriptions()) {
    const auto& message = docket.evidence().signalling[description.signalling];
    if (message.from != record.from || description.reading.description.sections.empty()) continue;
    if (found != nullptr && description.signalling > record.signalling) break;
    found = &description;
  }
  return found;
}

void check_option(const Docket& docket, Findings& findings) {
  std::set<std::size_t> judged;
  for_each_trickled(docket, [&](const CandidateRecord& record, const auto&) {
    const auto* const description = description_of(docket, record);
    if (description == nullptr || !judged.insert(description->signalling).second) return;
    const bool says = description->reading.description.section(0).has_ice_option("trickle");
    findings.check_signal(
        says, description->signalling,
        fmt::format("trickles, and {} so in a=ice-options", says ? "says" : "does not say"));
  });
}

void check_once(const Docket& docket, Findings& findings) {
  std::set<std::tuple<std::string, std::string, std::string, std::string>> told;
  for_each_trickled(docket, [&](const CandidateRecord& record, const auto&) {
    const bool is_new = told.emplace(record.from, record.stream, record.ufrag, record.text).second;
    findings.check_signal(is_new, record.signalling,
                          is_new ? "candidate told once" : "candidate told before");
  });
}

void check_section_named(const Docket& docket, Findings& findings) {
  for_each_trickled(docket, [&](const CandidateRecord& record, const auto& message) {
    const bool named = message.sdp_mid && !message.sdp_mid->empty();
    bool known = false;
    for (const auto& description : docket.descriptions()) {
      const auto& sdp = description.reading.description;
      known = known ||
              (named ? sdp.index_of(*message.sdp_mid).has_value()
                     : message.sdp_mline_index && *message.sdp_mline_index < sdp.sections.size());
    }
    if (docket.descriptions().empty()) return;
    findings.check_signal(known, record.signalling,
                          named   ? fmt::format("candidate for mid {}{}", *message.sdp_mid,
                                              known ? "" : ", which no section has")
                          : known ? "candidate for a section by its index"
                                  : "candidate for no section that there is");
  });
}

// When the controlling agent knew that a pair was nominated, by generation.
std::map<std::string, Duration> nominations(const Docket& docket) {
  std::map<std::string, Duration> found;  // by the controlling side's fragment
  for (const auto* check : docket.checks()) {
    const auto at = docket.answered_at(*check);
    const auto username = check->stun()->find<stun::Username>();
    if (!at || !username || !check->stun()->has<stun::UseCandidate>()) continue;
    const auto colon = username->value.find(':');
    if (colon != std::string::npos) found.try_emplace(username->value.substr(colon + 1), *at);
  }
  return found;
}

void check_none_after_nomination(const Docket& docket, Findings& findings) {
  // Who announces renomination may nominate what is found later, as with an interface that comes
  // up.
  if (docket.renominates()) return;
  const auto nominated = nominations(docket);
  for_each_trickled(docket, [&](const CandidateRecord& record, const auto& message) {
    const auto at = nominated.find(record.ufrag);
    if (at == nominated.end()) return;
    const bool late = message.sent >= at->second + docket.tolerance();
    findings.check_signal(
        !late, record.signalling,
        late ? "candidate after a pair was nominated" : "candidate before a pair was nominated");
  });
}

// RFC 8838 §14: what comes behind the end is not used. Only a trace tells.
void check_late_is_ignored(const Docket& docket, Findings& findings) {
  const auto& signalling = docket.evidence().signalling;
  for_each_trickled(docket, [&](const CandidateRecord& record, const auto& message) {
    const auto ended = std::ranges::find_if(signalling, [&](const auto& end) {
      return end.type == SignallingType::EndOfCandidates && end.from == message.from &&
             end.username_fragment == message.username_fragment && end.sent <= message.sent &&
             docket.stream_of(end) == record.stream;
    });
    const auto place = static_cast<std::size_t>(ended - signalling.begin());
    if (ended == signalling.end() || place > record.signalling || !message.delivered ||
        !record.candidate || !record.candidate->ip()) {
      return;
    }
    // What was told before the end as well may be used.
    const auto twin = std::ranges::find_if(docket.candidates(), [&](const CandidateRecord& other) {
      return other.signalling < place && other.from == record.from && other.candidate &&
             other.candidate->address == record.candidate->address &&
             other.candidate->port == record.candidate->port;
    });
    if (twin != docket.candidates().end()) return;
    const auto address = Endpoint{*record.candidate->ip(), record.candidate->port}.to_string();
    for (const auto& event : docket.evidence().trace) {
      if (event.vantage != message.to || event.at < *message.delivered ||
          event.text("address") != address) {
        continue;
      }
      const bool used = event.name == "ice:remote_candidate_added";
      if (!used && event.name != "ice:remote_candidate_ignored") continue;
      findings.check_trace(
          !used, event,
          fmt::format("{} a candidate that came after the end", used ? "uses" : "ignores"));
      return;
    }
  });
}

// Only a trace tells when gathering has ended.
void check_end_is_told(const Docket& docket, Findings& findings) {
  const auto& signalling = docket.evidence().signalling;
  std::set<std::string> trickled;
  for_each_trickled(
      docket, [&](const CandidateRecord& record, const auto&) { trickled.insert(record.from); });
  for (const auto& event : docket.evidence().trace) {
    if (event.name != "ice:end_of_candidates" || !trickled.contains(event.vantage)) continue;
    const auto ufrag = event.text("ufrag");
    const bool told = std::ranges::any_of(signalling, [&](const auto& message) {
      return message.from == event.vantage && message.type == SignallingType::EndOfCandidates &&
             message.username_fragment.value_or(ufrag) == ufrag;
    });
    const bool described = std::ranges::any_of(docket.descriptions(), [&](const auto& record) {
      const auto& sdp = record.reading.description;
      return signalling[record.signalling].from == event.vantage && !sdp.sections.empty() &&
             sdp.section(0).end_of_candidates();
    });
    findings.check_trace(told || described, event,
                         fmt::format("has gathered all candidates of {}, and {} so", ufrag,
                                     told || described ? "says" : "never says"));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"trickle-8838-9-order-once", "RFC 8838", "9", Level::Must,
             "Each candidate is told once."},
            "trickled candidates", check_once},
    Checker{{"trickle-8838-13-eoc-generation", "RFC 8838", "13", Level::Must,
             "The end of candidates names the generation that has ended."},
            "ends of candidates", check_end_names_generation},
    Checker{{"trickle-8838-13-no-candidate-after-eoc", "RFC 8838", "13", Level::Must,
             "After the end of candidates no candidate of that generation follows."},
            "trickled candidates", check_none_after_end},
    Checker{{"trickle-8838-13-none-after-nomination", "RFC 8838", "13", Level::Must,
             "The controlling side trickles no candidate after it has nominated a pair."},
            "candidates of sessions with a nomination", check_none_after_nomination},
    Checker{{"trickle-8838-13-eoc-told", "RFC 8838", "13", Level::Should,
             "Who trickles says when there are no more candidates."},
            "ends of gathering in a trace", check_end_is_told},
    Checker{{"trickle-8838-14-ignore-after-eoc", "RFC 8838", "14", Level::Must,
             "A candidate that comes after the end of candidates is not used."},
            "candidates after the end in a trace", check_late_is_ignored},
    Checker{{"trickle-8840-4.2-mid-present", "RFC 8840", "4.2", Level::Must,
             "A trickled candidate names a section that there is."},
            "trickled candidates", check_section_named},
    Checker{{"trickle-8840-5-option-token", "RFC 8840", "5", Level::Must,
             "Who trickles says trickle in a=ice-options."},
            "agents that trickle", check_option},
};
// clang-format on

}  // namespace

std::span<const Checker> trickle_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
