// Asks Wireshark's own programs what they think of a capture: the judge that does not know us.
#pragma once

#include "tests/support/scratch_folder.h"
#include "tests/support/shell.h"

#include <filesystem>
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

// tshark on these octets, every checksum checked. Its note about running as root is left out.
inline std::string tshark(std::string_view pcapng, const std::string& arguments) {
  const CaptureFile file{pcapng};
  const auto text = test::output_of(
      "tshark -n -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE "
      "-o tcp.check_checksum:TRUE -r " +
      file.path() + " " + arguments + " 2>&1");
  constexpr std::string_view kNote = "Running as user \"root\"";
  if (!text.starts_with(kNote)) return text;
  return text.substr(text.find('\n') + 1);
}

inline std::string capinfos(std::string_view pcapng, const std::string& arguments) {
  const CaptureFile file{pcapng};
  return test::output_of("capinfos " + arguments + " " + file.path() + " 2>&1");
}

}  // namespace rtclab
