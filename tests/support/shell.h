// What a shell command prints.
#pragma once

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace rtclab::test {

// On standard output; a command that wants the other stream, too, ends in "2>&1". Throws when it
// cannot be started.
[[nodiscard]] inline std::string output_of(const std::string& command) {
  const auto close = [](std::FILE* file) { ::pclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe{::popen(command.c_str(), "r"), close};
  if (!pipe) throw std::runtime_error{"cannot run " + command};
  std::string text;
  char part[4096];
  while (const auto count = std::fread(part, 1, sizeof part, pipe.get())) text.append(part, count);
  return text;
}

}  // namespace rtclab::test
