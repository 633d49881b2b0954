#include "scenarios/assignment.h"

#include <fmt/format.h>

#include <optional>

namespace rtclab::scenario {
namespace {

constexpr std::string_view kScenario = "scenario/";
constexpr std::string_view kTopology = "topology/";

// The first '=' that stands in no [predicate] of a path.
std::optional<std::size_t> equals_sign(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '[') ++depth;
    if (text[at] == ']') --depth;
    if (text[at] == '=' && depth <= 0) return at;
  }
  return std::nullopt;
}

// "topology//nat/@preset" -> "//nat/@preset".
std::string path_in(std::string_view prefix, const std::string& what) {
  return what.substr(prefix.size() - 1);
}

}  // namespace

FileResult<Assignment> parse_assignment(std::string_view text) {
  const auto sign = equals_sign(text);
  if (!sign || *sign == 0) {
    return tl::make_unexpected(FileError{.file = "--set " + std::string{text},
                                         .message =
                                             "expected NAME=VALUE with the name of a parameter, or "
                                             "topology//nat[@name='home-a']/@preset=symmetric"});
  }
  return Assignment{std::string{text.substr(0, *sign)}, std::string{text.substr(*sign + 1)}};
}

std::string to_string(const Assignment& assignment) {
  return assignment.what + "=" + assignment.value;
}

std::string in_shell(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=%:,+@";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return text + "'";
}

std::string replay_command(const std::string& scenario, std::uint64_t seed,
                           std::span<const Assignment> assignments) {
  auto command = fmt::format("rtclab run {} --seed {}", in_shell(scenario), seed);
  for (const auto& assignment : assignments) command += " --set " + in_shell(to_string(assignment));
  return command;
}

Variations sorted(std::span<const Assignment> assignments) {
  Variations all;
  for (const auto& [what, value] : assignments) {
    if (what.starts_with(kScenario)) {
      all.scenario.edits.push_back({path_in(kScenario, what), value});
    } else if (what.starts_with(kTopology)) {
      all.topology.edits.push_back({path_in(kTopology, what), value});
    } else {
      all.scenario.parameters.insert_or_assign(what, value);
    }
  }
  return all;
}

}  // namespace rtclab::scenario
