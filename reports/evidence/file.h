// The first look at a file that a person named: is it one, is it readable, is it of a sensible
// size?
#pragma once

#include "agents/base/result.h"
#include "reports/evidence/load.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace rtclab::evidence {

// The whole file. Refuses what is no regular file, is empty, or has more than `most` octets: before
// reading it, so that a device or a file of gigabytes costs nothing.
[[nodiscard]] FileResult<std::string> read_file(const std::filesystem::path& path,
                                                std::uintmax_t most = kMaxFileSize);

[[nodiscard]] inline auto refuse(const std::filesystem::path& path, std::string message,
                                 std::size_t line = 0) {
  return tl::make_unexpected(FileError{path.string(), line, 0, std::move(message)});
}

}  // namespace rtclab::evidence
