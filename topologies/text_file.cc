#include "topologies/text_file.h"

#include "agents/base/text.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <istream>
#include <system_error>
#include <utility>
#include <vector>

namespace rtclab::xml {
namespace {

auto refuse(const std::filesystem::path& path, std::string message) {
  return tl::make_unexpected(FileError{path.string(), 0, 0, std::move(message)});
}

// Names beside `path` that it may be a slip of.
std::vector<std::string> neighbours(const std::filesystem::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    if (entry.path().extension() == path.extension())
      names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

// What a pipe or a terminal gives until its end, whose size nobody knows before.
std::string read_to_end(std::istream& in, std::size_t most_octets) {
  std::string text;
  std::array<char, 4096> part{};
  while (text.size() <= most_octets && in) {
    in.read(part.data(), part.size());
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

}  // namespace

FileResult<std::string> read_text(const std::filesystem::path& path, const std::string& expected,
                                  std::size_t most_octets) {
  namespace fs = std::filesystem;
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return refuse(path, "no such file" + did_you_mean(path.filename().string(), neighbours(path)));
  }
  if (error) return refuse(path, "cannot be opened: " + error.message());
  if (fs::is_directory(status)) return refuse(path, "this is a directory" + expected);
  const auto at_most = expected + " of at most " + std::to_string(most_octets / 1'000'000) + " MB";
  std::ifstream in{path, std::ios::binary};
  if (fs::is_fifo(status) || fs::is_character_file(status)) {
    auto text = read_to_end(in, most_octets);
    if (text.empty()) return refuse(path, "nothing came" + expected);
    if (text.size() > most_octets) return refuse(path, "more comes than fits" + at_most);
    return text;
  }
  if (!fs::is_regular_file(status)) {
    return refuse(path, "this is neither a file nor a pipe" + expected);
  }
  const auto size = fs::file_size(path, error);
  if (error) return refuse(path, "cannot be read: " + error.message());
  if (size == 0) return refuse(path, "this file is empty" + expected);
  if (size > most_octets) {
    return refuse(path, "this file has " + std::to_string(size / 1'000'000) + " MB" + at_most);
  }
  std::string text(size, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(size)))
    return refuse(path, "cannot be read");
  return text;
}

}  // namespace rtclab::xml
