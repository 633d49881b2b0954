#include "topologies/wording.h"

#include "agents/base/text.h"

#include <cstddef>

namespace rtclab::xml {

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 80;
  auto result = std::string{text.substr(0, kMost)};
  for (auto& c : result) {
    if (c >= '\0' && c < ' ') c = ' ';
  }
  // A character of several octets is kept whole or left out.
  while (text.size() > kMost && !result.empty() && (result.back() & 0x80) != 0) result.pop_back();
  return text.size() > kMost ? result + "…" : result;
}

std::string in_quotes(std::string_view text) {
  return '"' + shown(text) + '"';
}

std::string in_brackets(std::string_view element) {
  return '<' + shown(element) + '>';
}

// Like did_you_mean(), but a file may name something with a megabyte.
std::string suggestion(std::string_view wrong, std::span<const std::string> known) {
  constexpr std::size_t kLongestName = 64;
  return wrong.size() > kLongestName ? "" : did_you_mean(wrong, known);
}

std::string listed(std::span<const std::string> names) {
  std::string text;
  std::size_t left = names.size();
  for (const auto& name : names) {
    text += name;
    --left;
    if (left > 0) text += left == 1 ? " or " : ", ";
  }
  return text;
}

}  // namespace rtclab::xml
