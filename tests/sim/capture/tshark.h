// Asks Wireshark's own programs what they think of a capture: the judge that does not know us.
#pragma once

#include "tests/support/scratch_folder.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rtclab {

// A file that lives as long as this object.
class CaptureFile {
 public:
  explicit CaptureFile(std::string_view pcapng) : path_{folder_.write("capture.pcapng", pcapng)} {}

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  test::ScratchFolder folder_;
  std::filesystem::path path_;
};

// What `command` prints, on both streams.
inline std::string output_of(const std::string& command) {
  const auto close = [](std::FILE* file) { ::pclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe{::popen((command + " 2>&1").c_str(), "r"),
                                                         close};
  if (!pipe) throw std::runtime_error{"cannot run " + command};
  std::string text;
  char part[4096];
  while (const auto count = std::fread(part, 1, sizeof part, pipe.get())) text.append(part, count);
  return text;
}

// tshark on these octets, every checksum checked. Its note about running as root is left out.
inline std::string tshark(std::string_view pcapng, const std::string& arguments) {
  const CaptureFile file{pcapng};
  const auto text = output_of(
      "tshark -n -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE "
      "-o tcp.check_checksum:TRUE -r " +
      file.path() + " " + arguments);
  constexpr std::string_view kNote = "Running as user \"root\"";
  if (!text.starts_with(kNote)) return text;
  return text.substr(text.find('\n') + 1);
}

inline std::string capinfos(std::string_view pcapng, const std::string& arguments) {
  const CaptureFile file{pcapng};
  return output_of("capinfos " + arguments + " " + file.path());
}

}  // namespace rtclab
