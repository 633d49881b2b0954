// RFC 8838: candidates that are told one by one.
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace rtclab::judge {
namespace {

using evidence::SignallingType;

void check_end_names_generation(const Docket& docket, Findings& findings) {
  const auto& signalling = docket.evidence().signalling;
  for (std::size_t i = 0; i < signalling.size(); ++i) {
    const auto& message = signalling[i];
    if (message.type != SignallingType::EndOfCandidates) continue;
    // A recording writes the local null candidate down in the same way; it names no section and never travels.
    if (!docket.evidence().has_trace && !message.sdp_mid) continue;
    const auto ufrag = message.username_fragment.value_or("");
    const auto* const credential = docket.credential(ufrag);
    const bool good = credential != nullptr && credential->owner == message.from;
    findings.check_signal(good, i,
                          ufrag.empty() ? "end-of-candidates without a ufrag"
                                        : fmt::format("end-of-candidates of generation {}", ufrag));
  }
}

void check_none_after_end(const Docket& docket, Findings& findings) {
  std::set<std::pair<std::string, std::string>> ended;  // sender, generation
  std::set<std::string> ended_unnamed;                  // sender: an end that names no generation ends the last one
  const auto& signalling = docket.evidence().signalling;
  std::size_t next = 0;
  for (const auto& record : docket.candidates()) {
    for (; next < record.signalling; ++next) {
      const auto& message = signalling[next];
      if (message.type == SignallingType::EndOfCandidates) {
        if (message.username_fragment) ended.emplace(message.from, *message.username_fragment);
        else ended_unnamed.insert(message.from);
      } else if (message.type != SignallingType::Candidate) {
        ended_unnamed.erase(message.from);
      }
    }
    if (signalling[record.signalling].type != SignallingType::Candidate) continue;
    const bool late = ended.contains({record.from, record.ufrag}) || ended_unnamed.contains(record.from);
    findings.check_signal(!late, record.signalling,
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
