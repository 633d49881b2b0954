#include "topologies/bandwidth_trace.h"

#include "topologies/text_file.h"

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace rtclab::topology {
namespace {

constexpr std::size_t kMostOctets = 64 * 1024 * 1024;
constexpr std::uint64_t kMostMilliseconds = 1000ull * 3600 * 1000;  // as durations in XML files

}  // namespace

FileResult<std::vector<Duration>> load_bandwidth_trace(const std::filesystem::path& path) {
  const auto text = xml::read_text(path, ", expected a bandwidth trace", kMostOctets);
  if (!text) return tl::make_unexpected(text.error());
  std::vector<Duration> opportunities;
  std::size_t line_number = 0;
  const auto refuse = [&](std::string message) {
    return tl::make_unexpected(FileError{path.string(), line_number, 1, std::move(message)});
  };
  for (std::string_view rest{*text}; !rest.empty();) {
    ++line_number;
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::uint64_t milliseconds = 0;
    const auto [stop, error] = std::from_chars(line.begin(), line.end(), milliseconds);
    if (error != std::errc{} || stop != line.end() || milliseconds > kMostMilliseconds) {
      return refuse("expected a time in whole milliseconds, found \"" +
                    std::string{line.substr(0, 40)} + "\"");
    }
    const auto at = std::chrono::milliseconds{milliseconds};
    if (!opportunities.empty() && at < opportunities.back()) {
      return refuse("this time is before that of the line above it");
    }
    opportunities.emplace_back(at);
  }
  if (opportunities.empty() || opportunities.back() == Duration{0}) {
    return refuse("this trace has no length: its last time is 0, expected one above");
  }
  return opportunities;
}

}  // namespace rtclab::topology
