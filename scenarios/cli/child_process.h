// Another run of a program, waited for: what it printed, and how it ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rtclab::cli {

struct ChildOutcome {
  int exit_code = -1;         // when it ended by itself
  std::optional<int> signal;  // that killed it
  std::string out;
  std::string err;
};

// The path of this program.
[[nodiscard]] std::string own_path();
// nullopt when it could not be started. Its input is empty. May be called by several threads.
[[nodiscard]] std::optional<ChildOutcome> run_child(const std::string& program,
                                                    std::vector<std::string> arguments);

}  // namespace rtclab::cli
