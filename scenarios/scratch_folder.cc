#include "scenarios/scratch_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace rtclab::scenario {

FileResult<ScratchFolder> ScratchFolder::make(const std::string& name) {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error) {
    return tl::make_unexpected(
        FileError{.file = "TMPDIR", .message = "is no folder, expected one for temporary files"});
  }
  // mkdtemp(3) puts letters for the last six.
  auto path = (parent / fmt::format("rtclab-{}-XXXXXX", name)).string();
  if (::mkdtemp(path.data()) == nullptr) {
    return tl::make_unexpected(
        FileError{.file = parent.string(),
                  .message = fmt::format("cannot make a folder here: {}", std::strerror(errno))});
  }
  return ScratchFolder{path};
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace rtclab::scenario
