#include "agents/base/text.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace rtclab {
namespace {

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto above = row[j];
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, replaced});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> known) {
  const auto best = std::ranges::min_element(
      known, {}, [&](const std::string& name) { return edits(wrong, name); });
  if (best == known.end()) return std::nullopt;
  // Farther than half of the word is a guess, not a slip of the pen.
  if (edits(wrong, *best) > std::max<std::size_t>(2, wrong.size() / 2)) return std::nullopt;
  return *best;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> known) {
  const auto name = nearest(wrong, known);
  return name ? ", did you mean \"" + *name + "\"?" : "";
}

}  // namespace rtclab
