// A file that a person named: its text, or why it cannot be one of ours (a directory, nothing,
// 100 MB). A pipe is read to its end, once.
#pragma once

#include "agents/base/result.h"

#include <cstddef>
#include <filesystem>
#include <string>

namespace rtclab::xml {

// `expected` ends the complaint about a file that is of another kind: ", expected an XML file".
[[nodiscard]] FileResult<std::string> read_text(const std::filesystem::path& path,
                                                const std::string& expected,
                                                std::size_t most_octets);

}  // namespace rtclab::xml
