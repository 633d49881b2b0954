// Judges evidence, clause by clause: a run of ours and a recording of others by the same checkers.
//
// A requirement is a sentence of a standard in our words, with its section. Its checker reads
// Evidence and nothing else. A verdict is Inconclusive unless the case that the requirement speaks
// of was seen, and every other verdict names the packets, signalling messages or trace lines that
// it rests on.
#pragma once

#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::evidence {
struct Evidence;
}

namespace rtclab::judge {

enum class Level : std::uint8_t { Must, Should };
[[nodiscard]] std::string_view to_string(
    Level level);  // "MUST", "SHOULD"; MUST NOT and SHOULD NOT too

enum class Verdict : std::uint8_t {
  Pass,
  Fail,    // a MUST was broken
  Advice,  // a SHOULD was not followed: there may be a good reason
  // It was not kept, as the machine's configuration said that it would not be: a NAT that is
  // declared to be symmetric is no fault of the run. docs/decisions/0013.
  Declared,
  Inconclusive,  // the case did not come up
};
[[nodiscard]] std::string_view to_string(
    Verdict verdict);  // "pass", "fail", "advice", "declared", "inconclusive"

struct Requirement {
  std::string_view id;       // "ice-8445-7.2.4-fingerprint"
  std::string_view spec;     // "RFC 8445"
  std::string_view section;  // "7.2.4"
  Level level;
  std::string_view text;  // one sentence, ours
};

// One thing seen that a verdict rests on.
struct Exhibit {
  std::string what;                  // "alice: Binding request without FINGERPRINT"
  std::optional<Duration> at;        // since the origin of the evidence
  std::optional<std::size_t> frame;  // of `capture`, as Wireshark numbers it
  std::string capture;
  std::optional<std::size_t> trace_line;
  std::optional<std::size_t> signalling;  // index into Evidence::signalling
};

struct Judgement {
  const Requirement* requirement = nullptr;
  Verdict verdict = Verdict::Inconclusive;
  // "connectivity checks: 12 seen, all as required", "nominations: 1 of 2 not as required, first …"
  std::string summary;
  // Of a failure the breaches, of a pass some examples; at most a dozen.
  std::vector<Exhibit> exhibits;
  std::size_t cases = 0;     // how often the case came up
  std::size_t breaches = 0;  // in how many of them the requirement was broken
  std::size_t declared = 0;  // in how many of them it was not kept, as declared
};

// All requirements that have a checker, in the order of the catalogue.
[[nodiscard]] std::span<const Requirement> requirements();

// One judgement for each requirement, in the same order.
[[nodiscard]] std::vector<Judgement> judge(const evidence::Evidence& evidence);

// "137 pass, 0 fail, 0 advice, 2 declared, 150 did not come up"; "declared" only where there are
// some.
[[nodiscard]] std::string count_of(std::span<const Judgement> judgements);

}  // namespace rtclab::judge
