// The first look at a file that a person named: is it one, is it readable, is it of a sensible
// size?
#pragma once

#include "agents/base/result.h"

#include <filesystem>
#include <string>

namespace rtclab::evidence {

// The whole file. Refuses what is no regular file, is empty, or is larger than kMaxFileSize: before
// reading it, so that a device or a 100 MB file costs nothing.
[[nodiscard]] FileResult<std::string> read_file(const std::filesystem::path& path);

[[nodiscard]] inline auto refuse(const std::filesystem::path& path, std::string message,
                                 std::size_t line = 0) {
  return tl::make_unexpected(FileError{path.string(), line, 0, std::move(message)});
}

}  // namespace rtclab::evidence
