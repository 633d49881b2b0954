// rtclab bridge: real programs on the machines of a topology, in step with the wall clock.
#include "agents/base/text.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/library.h"
#include "scenarios/cli/output.h"
#include "sim/bridge/bridge.h"
#include "sim/capture/pcapng_writer.h"
#include "topologies/loader.h"
#include "topologies/units.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>

namespace rtclab::cli {
namespace {

struct Options {
  std::string topology;
  std::vector<std::pair<std::string, std::string>> programs;  // the machine and its command
  std::string capture;
  std::string at_most = "1h";
  std::string seed_text = "1";
  bool quiet = false;
};

struct Running {
  std::string machine;
  bridge::NetworkNamespace space;
};

auto refuse(std::string what, std::string message) {
  return tl::make_unexpected(FileError{.file = std::move(what), .message = std::move(message)});
}

FileResult<std::vector<Running>> prepare(const Options& options,
                                         const topology::Topology& topology) {
  std::vector<std::string> hosts;
  for (const auto& host : topology.hosts) hosts.push_back(host.name);
  std::vector<Running> running;
  for (const auto& [machine, command] : options.programs) {
    const auto* const host = topology.find_host(machine);
    if (host == nullptr) {
      return refuse("--at " + machine,
                    "there is no such host in " + topology.name + did_you_mean(machine, hosts));
    }
    if (std::ranges::find(running, machine, &Running::machine) != running.end()) {
      return refuse("--at " + machine, "one command runs there already, expected each host once");
    }
    auto spec = bridge::namespace_for(topology, *host);
    spec.command = command;
    auto space = bridge::NetworkNamespace::make(spec);
    if (!space) return refuse("--at " + machine, space.error());
    running.push_back({machine, *std::move(space)});
  }
  return running;
}

void introduce(const topology::Topology& topology, const Console& console) {
  for (const auto& name : topology.machine_names()) {
    for (const auto& interface : topology.interfaces_of(name)) {
      std::string addresses;
      for (const auto& address : interface.addresses) addresses += " " + address.to_string();
      fmt::print(console.err(), "{:<28}{}\n", name + "." + interface.name, addresses);
    }
  }
}

FileResult<Exit> bridge_command(const Options& options, const Console& console) {
  const auto seed = parse_unsigned(options.seed_text);
  if (!seed) return refuse("--seed " + options.seed_text, "expected a whole number");
  const auto at_most = units::parse_duration(options.at_most);
  if (!at_most) {
    return refuse("--for " + options.at_most, fmt::format("expected {}", units::kDurationForm));
  }
  const auto file = find_file(Shelf::Topologies, options.topology);
  if (!file) return tl::make_unexpected(file.error());
  const auto topology = topology::load(*file);
  if (!topology) return tl::make_unexpected(topology.error());
  auto running = prepare(options, *topology);
  if (!running) return tl::make_unexpected(running.error());

  std::ofstream out;
  std::optional<capture::PcapngWriter> writer;
  if (!options.capture.empty()) {
    out.open(options.capture, std::ios::binary);
    if (!out) return refuse(options.capture, "this file cannot be written");
    writer.emplace(out, "rtclab " RTCLAB_VERSION);
  }
  if (!options.quiet) introduce(*topology, console);
  sim::World world{*topology, {.seed = *seed, .sink = writer ? &*writer : nullptr}};
  std::vector<bridge::Attachment> attachments;
  for (auto& program : *running) attachments.push_back({program.machine, &program.space});
  bridge::Bridge bridge{world, std::move(attachments)};
  for (auto& program : *running) program.space.start();
  const auto all_ended = [&] {
    return std::ranges::all_of(*running,
                               [](Running& program) { return program.space.ended().has_value(); });
  };
  bridge.run(all_ended, *at_most);
  world.end_capture();

  auto outcome = Exit::AsExpected;
  for (auto& program : *running) {
    const auto status = program.space.ended();
    if (status == 0) continue;
    outcome = Exit::Failed;
    fmt::print(console.err(), "{}: the command {}\n", program.machine,
               status ? fmt::format("ended with {}", *status)
                      : fmt::format("still ran after {}", options.at_most));
  }
  return outcome;
}

}  // namespace

Run add_bridge(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command
      .add_option("TOPOLOGY", options->topology,
                  "A topology's name in the library, or the path of its file")
      ->required();
  command
      .add_option("--at", options->programs,
                  "A host of the topology and a command line that runs there, in a network "
                  "namespace whose only way out is the simulated network: "
                  "--at alice-laptop 'ping -c 3 stun'")
      ->required();
  command.add_option("--capture", options->capture, "Write what crosses every interface (pcapng)");
  command.add_option("--for", options->at_most, "Not longer than this (1h)");
  command.add_option("--seed", options->seed_text, "What the network draws from (1)");
  command.add_flag("--quiet", options->quiet, "Do not print the machines and their addresses");
  return [options](const Console& console) {
    return console.conclude(bridge_command(*options, console));
  };
}

}  // namespace rtclab::cli
