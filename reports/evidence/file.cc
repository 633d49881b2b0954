#include "reports/evidence/file.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

namespace rtclab::evidence {

FileResult<std::string> read_file(const std::filesystem::path& path, std::uintmax_t most) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return refuse(path, "there is no such file");
  if (std::filesystem::is_directory(status)) return refuse(path, "is a directory, expected a file");
  if (!std::filesystem::is_regular_file(status)) {
    return refuse(path, "is a device or a pipe, expected a file");
  }
  const auto size = std::filesystem::file_size(path, error);
  if (error) return refuse(path, "cannot be read: " + error.message());
  if (size == 0) return refuse(path, "is empty");
  if (size > most) {
    return refuse(path, fmt::format("is {} MB large; a file of evidence has at most {} MB",
                                    size >> 20u, most >> 20u));
  }
  std::ifstream in{path, std::ios::binary};
  if (!in) return refuse(path, "cannot be opened for reading");
  std::string content(size, '\0');
  in.read(content.data(), static_cast<std::streamsize>(size));
  content.resize(static_cast<std::size_t>(in.gcount()));  // it may have become shorter meanwhile
  return content;
}

}  // namespace rtclab::evidence
