// A folder for what is needed only for a while, in the system's place for such; gone with its
// owner.
#pragma once

#include "agents/base/result.h"

#include <filesystem>
#include <utility>

namespace rtclab::scenario {

class ScratchFolder {
 public:
  // `name` says in the folder's own whose it is: "shrink".
  [[nodiscard]] static FileResult<ScratchFolder> make(const std::string& name);
  ScratchFolder(ScratchFolder&& other) noexcept : path_{std::exchange(other.path_, {})} {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_{std::move(path)} {}

  std::filesystem::path path_;  // empty once it has moved away
};

}  // namespace rtclab::scenario
