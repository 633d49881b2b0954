// A regular expression of a scenario file, in RE2's language: Perl's and JavaScript's without
// backward references and looking around, so that none takes more time than its text is long.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::scenario {

// What is wrong with it; nullopt when nothing is.
[[nodiscard]] std::optional<std::string> pattern_flaw(const std::string& pattern);
// What is wrong with the text that takes a match's place, such as a group that the pattern lacks.
[[nodiscard]] std::optional<std::string> replacement_flaw(const std::string& pattern,
                                                          const std::string& replacement);

// Says of a line whether some part of it is matched. Precondition: the pattern has no flaw.
[[nodiscard]] std::function<bool(std::string_view line)> matcher(const std::string& pattern);

// An SDP with every match replaced. Lines end with "\n" for the pattern, and ^ and $ are about
// single lines; with CR LF afterwards, as before. In `replacement` $1 to $9 are the groups, $& is
// the match and $$ a dollar. Precondition: neither has a flaw.
[[nodiscard]] std::string replace_all(std::string_view sdp, const std::string& pattern,
                                      const std::string& replacement);

}  // namespace rtclab::scenario
