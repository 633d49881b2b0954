// rtclab: the program. Declares the commands and runs the one that was asked for.
#include "agents/base/text.h"
#include "scenarios/cli/commands.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::cli {
namespace {

constexpr std::string_view kAbout =
    "rtclab: a laboratory for WebRTC connectivity.\n"
    "Whole WebRTC peers (ICE, STUN, TURN, SDP, JSEP, DTLS, SCTP) call each other inside "
    "a simulated network,\n"
    "behind NATs and over lossy links, in virtual time: "
    "the same scenario and seed give the same bytes.";

constexpr std::string_view kLearn =
    "Begin with:\n"
    "  rtclab run first-call                 two peers behind home NATs; leaves out/first-call/\n"
    "  rtclab list scenarios                 what else there is to run\n"
    "  rtclab draw out/first-call --ladder   the whole exchange as text\n"
    "  rtclab judge out/first-call           what the RFCs say of it\n"
    "  rtclab judge capture.pcap --signalling signalling.json\n"
    "                                        the same for a recording of real peers\n"
    "Exit codes: 0 as expected, 1 an expectation or a MUST failed, 2 bad input.";

struct Entry {
  const char* name;
  const char* about;
  Run (*add)(CLI::App&);
};

constexpr std::array kCommands{
    Entry{"run",
          "Run a scenario and leave its evidence: capture, trace, diagrams, verdicts, report.html",
          add_run},
    Entry{"sweep",
          "Run a scenario over many points, such as every NAT and loss, and report what came of it",
          add_sweep},
    Entry{"shrink", "Reduce a scenario that fails to the smallest that still fails in the same way",
          add_shrink},
    Entry{"draw", "Draw the sequence and pair-selection diagrams of a run or a recording",
          add_draw},
    Entry{"judge", "Judge a run or a recording against the clauses of the RFCs", add_judge},
    Entry{"decrypt", "Write the media of a run or a recording in the clear, for Wireshark",
          add_decrypt},
    Entry{"peer", "Be a peer on real sockets, for programs that speak lines of JSON", add_peer},
    Entry{"bridge", "Run real programs on the machines of a simulated network, in real time",
          add_bridge},
    Entry{"compare-nat",
          "Put the same packets to this kernel's NAT and to one of ours, and compare the answers",
          add_compare_nat},
    Entry{"check", "Check a scenario or topology file without running it", add_check},
    Entry{"validate", "Measure what standards and published figures expect of the network",
          add_validate},
    Entry{"list",
          "List what there is: scenarios, topologies, NATs, links, deviations, requirements",
          add_list},
};

// A word in a command's place that is none; CLI11 would only say that a command is missing.
std::optional<std::string> unknown_command(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with('-')) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& entry : kCommands) names.emplace_back(entry.name);
  if (std::ranges::find(names, arguments.front()) != names.end()) return std::nullopt;
  return fmt::format("there is no command \"{}\"{} (there are: {})", arguments.front(),
                     did_you_mean(arguments.front(), names), fmt::join(names, ", "));
}

Exit run_program(const std::vector<std::string>& arguments, const Console& console) {
  if (const auto complaint = unknown_command(arguments)) return console.bad_input(*complaint);
  CLI::App app{std::string{kAbout}, "rtclab"};
  app.footer(std::string{kLearn});
  app.require_subcommand(1);
  app.set_version_flag("--version", "rtclab " RTCLAB_VERSION);
  std::vector<std::pair<CLI::App*, Run>> runs;
  for (const auto& entry : kCommands) {
    auto* const command = app.add_subcommand(entry.name, entry.about);
    runs.emplace_back(command, entry.add(*command));
  }
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // as CLI11 wants them
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    console.out() << (chosen.empty() ? app.help() : chosen.front()->help("rtclab"));
    return Exit::AsExpected;
  } catch (const CLI::CallForVersion& version) {
    console.out() << version.what() << '\n';
    return Exit::AsExpected;
  } catch (const CLI::ParseError& error) {
    return console.bad_input(
        fmt::format("{}. \"rtclab --help\" shows how to call it.", error.what()));
  }
  for (const auto& [command, run] : runs) {
    if (command->parsed()) return run(console);
  }
  __builtin_unreachable();
}

}  // namespace
}  // namespace rtclab::cli

int main(int argc, char** argv) {
  using namespace rtclab::cli;
  const auto console = Console::standard();
  try {
    return static_cast<int>(run_program({argv + 1, argv + argc}, console));
  } catch (const std::exception& error) {
    std::cerr << "rtclab: a fault of its own: " << error.what() << '\n';
    return 70;  // EX_SOFTWARE: never one of the three that mean something
  }
}
