// rtclab check: is this file a good scenario or topology? Says what it holds, or what is wrong and
// where.
#include "agents/base/text.h"
#include "scenarios/cli/behaviour_check.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/library.h"
#include "scenarios/cli/output.h"
#include "scenarios/loader.h"
#include "topologies/loader.h"
#include "topologies/text_file.h"
#include "topologies/xml_file.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace rtclab::cli {
namespace {

struct Checked {
  std::string kind;
  std::string name;
  std::string about;
};

Checked describe(const topology::Topology& topology) {
  const auto count = [](std::size_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
  };
  const auto servers = topology.stun_servers.size() + topology.turn_servers.size() +
                       topology.signalling_servers.size();
  const auto nats =
      topology.nats.size() + topology.nat64s.size() + topology.clats.size() + topology.npts.size();
  return {"topology", topology.name,
          fmt::format("{}, {}, {}, {}", count(topology.hosts.size(), "host"), count(nats, "NAT"),
                      count(servers, "server"), count(topology.links.size(), "link"))};
}

Checked describe(const scenario::Loaded& loaded) {
  const auto& scenario = loaded.scenario;
  return {"scenario", scenario.name,
          fmt::format("{} peers on {}, {} steps, {} expectations", scenario.peers.size(),
                      loaded.topology.name, scenario.steps.size(), scenario.expectations.size())};
}

// A path, or a name on either shelf.
FileResult<std::filesystem::path> file_of(const std::string& argument) {
  std::vector<std::string> known;
  for (const auto shelf : {Shelf::Scenarios, Shelf::Topologies}) {
    const auto names = library_names(shelf);
    if (std::ranges::find(names, argument) != names.end()) return library_path(shelf, argument);
    known.insert(known.end(), names.begin(), names.end());
  }
  std::error_code ignored;
  const bool is_path = argument.find_first_of("./") != std::string::npos ||
                       std::filesystem::exists(argument, ignored);
  if (is_path) return argument;
  return tl::make_unexpected(
      FileError{.file = argument,
                .message = "no scenario or topology of this name" + did_you_mean(argument, known)});
}

// A pipe gives its text once.
FileResult<Checked> check_pipe(const std::string& name) {
  auto text =
      xml::read_text(name, ", expected an XML file with <topology>", xml::XmlFile::kMostOctets);
  if (!text) return tl::make_unexpected(text.error());
  if (xml::root_name_in(*text) == "scenario") {
    return tl::make_unexpected(FileError{
        .file = name,
        .message =
            "this is a scenario, expected a file of it: what it names is looked for beside it"});
  }
  return topology::parse(name, *std::move(text)).map([](const auto& loaded) {
    return describe(loaded);
  });
}

FileResult<Checked> check(const std::string& argument) {
  const auto file = file_of(argument);
  if (!file) return tl::make_unexpected(file.error());
  std::error_code ignored;
  const auto status = std::filesystem::status(*file, ignored);
  if (std::filesystem::is_fifo(status) || std::filesystem::is_character_file(status))
    return check_pipe(argument);
  const auto root = xml::root_name(*file);
  if (!root) return tl::make_unexpected(root.error());
  if (*root == "topology")
    return topology::load(*file).map([](const auto& loaded) { return describe(loaded); });
  return scenario::load(*file, library_path(Shelf::Topologies, "x").parent_path())
      .map([](const auto& loaded) { return describe(loaded); });
}

}  // namespace

Run add_check(CLI::App& command) {
  struct Options {
    std::string file;
    bool behaviour = false;
    std::string seed_text = "1";
    std::string out;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  command
      .add_option("FILE", options->file,
                  "The path of a scenario or topology file, or a name of the library")
      ->required();
  auto* const behaviour = command.add_flag(
      "--behaviour", options->behaviour,
      "Run a topology with probes around each NAT and firewall, classify them by RFC 5780 and by "
      "tests of our own, and compare with the file; exit code 1 when one is not what the file "
      "says");
  command.add_option("--seed", options->seed_text, "Of the run with probes")
      ->capture_default_str()
      ->needs(behaviour);
  command
      .add_option("--out", options->out,
                  "A folder for capture.pcapng and trace.jsonl of the run with probes")
      ->needs(behaviour);
  command.add_flag("--json", options->json, "Print one JSON object");
  return [options](const Console& console) {
    if (options->behaviour) {
      const auto seed = parse_unsigned(options->seed_text);
      if (!seed) {
        return console.bad_input("--seed " + options->seed_text +
                                 ": expected a whole number from 0 to 18446744073709551615");
      }
      return console.conclude(
          find_file(Shelf::Topologies, options->file).and_then([&](const auto& file) {
            return check_behaviour(
                {.file = file, .seed = *seed, .out = options->out, .json = options->json}, console);
          }));
    }
    const auto checked = check(options->file);
    if (!checked) return console.bad_input(checked.error().to_string());
    if (options->json) {
      fmt::print(console.out(), "{}\n",
                 Json{{"file", options->file},
                      {"kind", checked->kind},
                      {"name", checked->name},
                      {"holds", checked->about}}
                     .dump(2));
    } else {
      fmt::print(console.out(), "{}: a {} \"{}\" with {}\n", options->file, checked->kind,
                 checked->name, checked->about);
    }
    return Exit::AsExpected;
  };
}

}  // namespace rtclab::cli
