// What one run of a sweep came to, and the same as octets on the way between processes.
#pragma once

#include "agents/base/bytes.h"
#include "scenarios/sweep/collector.h"
#include "scenarios/sweep/plan.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sweep {

enum class Outcome : std::uint8_t {
  AsExpected,
  Failed,    // a step or an expectation
  Refused,   // these values do not make a scenario: the detail says what is wrong
  CutShort,  // more events than the sweep allows a run
  Crashed,   // the process that played it died of it
  Hung,      // no answer in the time that a run is given
};
// As tables and databases have it: "as expected", "failed", …
[[nodiscard]] std::string_view to_string(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);

struct Row {
  RunNumber run = 0;
  Outcome outcome = Outcome::AsExpected;
  std::string detail{};           // of what is not as expected: the first thing that was not
  std::vector<Figure> figures{};  // one for each collector; nothing where the run has none
  friend bool operator==(const Row&, const Row&) = default;
};

// CBOR (RFC 8949).
[[nodiscard]] Bytes to_octets(const Row& row);
[[nodiscard]] std::optional<Row> parse_row(ByteView octets);

}  // namespace rtclab::sweep
