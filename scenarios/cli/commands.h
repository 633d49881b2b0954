// The commands of rtclab: one file each. add_*() declares a command's options; what it returns runs
// it.
#pragma once

#include "scenarios/cli/console.h"

#include <functional>

namespace CLI {
class App;
}

namespace rtclab::cli {

using Run = std::function<Exit(const Console&)>;

[[nodiscard]] Run add_run(CLI::App& command);
[[nodiscard]] Run add_sweep(CLI::App& command);
[[nodiscard]] Run add_draw(CLI::App& command);
[[nodiscard]] Run add_judge(CLI::App& command);
[[nodiscard]] Run add_check(CLI::App& command);
[[nodiscard]] Run add_decrypt(CLI::App& command);
[[nodiscard]] Run add_peer(CLI::App& command);
[[nodiscard]] Run add_bridge(CLI::App& command);
[[nodiscard]] Run add_compare_nat(CLI::App& command);
[[nodiscard]] Run add_list(CLI::App& command);
[[nodiscard]] Run add_shrink(CLI::App& command);
[[nodiscard]] Run add_validate(CLI::App& command);

}  // namespace rtclab::cli
