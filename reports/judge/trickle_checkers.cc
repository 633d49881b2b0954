// RFC 8838: candidates that are told one by one.
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace rtclab::judge {
namespace {

using evidence::SignallingType;

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
    const bool good = credential != nullptr && credential->owner == message.from;
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

// clang-format off
constexpr std::array kCheckers{
    Checker{{"trickle-8838-13-eoc-generation", "RFC 8838", "13", Level::Must,
             "The end of candidates names the generation that has ended."},
            "ends of candidates", check_end_names_generation},
    Checker{{"trickle-8838-13-no-candidate-after-eoc", "RFC 8838", "13", Level::Must,
             "After the end of candidates no candidate of that generation follows."},
            "trickled candidates", check_none_after_end},
};
// clang-format on

}  // namespace

std::span<const Checker> trickle_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
