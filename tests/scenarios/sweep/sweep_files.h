// Sweep files for tests: written into a folder, loaded with the project's libraries.
#pragma once

#include "scenarios/sweep/loader.h"
#include "tests/support/scratch_folder.h"

#include <string>

namespace rtclab::test {

inline const sweep::Libraries kLibraries{.scenarios = RTCLAB_SOURCE_DIR "/scenarios/library",
                                         .topologies = RTCLAB_SOURCE_DIR "/topologies/library"};

// What is wrong with it, for messages, which are made also when nothing is.
template <class T>
std::string said(const FileResult<T>& result) {
  return result ? "nothing" : result.error().to_string();
}

// A sweep over the first call with this inside.
inline std::string sweep_text(const std::string& inside, const std::string& attributes = "") {
  return "<sweep name='demo' scenario='first-call' " + attributes +
         "><title>A demonstration</title>" + inside + "</sweep>";
}

inline FileResult<sweep::Sweep> load_sweep(const std::string& inside,
                                           const std::string& attributes = "",
                                           const sweep::Wishes& wishes = {}) {
  const ScratchFolder folder;
  return sweep::load(folder.write("demo.xml", sweep_text(inside, attributes)), kLibraries, wishes);
}

// Where and what is wrong, without the folder.
inline std::string complaint(const std::string& inside, const std::string& attributes = "") {
  const auto loaded = load_sweep(inside, attributes);
  if (loaded) return "nothing";
  const auto text = loaded.error().to_string();
  return text.substr(text.find("demo.xml"));
}

}  // namespace rtclab::test
