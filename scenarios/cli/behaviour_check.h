// rtclab check --behaviour: every NAT and firewall of a topology, classified from outside and
// compared with the file.
#pragma once

#include "agents/base/result.h"
#include "scenarios/cli/console.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace rtclab::cli {

struct BehaviourCheck {
  std::filesystem::path file;  // of the topology
  std::uint64_t seed = 1;
  std::string out;  // the folder for capture.pcapng and trace.jsonl; empty: neither is left
  bool json = false;
};

[[nodiscard]] FileResult<Exit> check_behaviour(const BehaviourCheck& asked, const Console& console);

}  // namespace rtclab::cli
