#include "scenarios/loader.h"

#include "agents/base/text.h"
#include "scenarios/grammar.h"
#include "scenarios/reading.h"
#include "scenarios/theme.h"
#include "topologies/loader.h"
#include "topologies/xml_file.h"
#include "topologies/xml_reductions.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace rtclab::scenario {

namespace reading {

bool is_one_of(const std::string& text, const std::vector<std::string>& known) {
  return std::ranges::find(known, text) != known.end();
}

std::string nearest(std::string_view what, const std::string& name,
                    const std::vector<std::string>& known) {
  return fmt::format("unknown {} \"{}\"{}", what, name, did_you_mean(name, known));
}

std::string unknown(std::string_view what, const std::string& name,
                    const std::vector<std::string>& known) {
  auto message = nearest(what, name, known);
  if (!known.empty()) message += fmt::format(" (there is: {})", fmt::join(known, ", "));
  return message;
}

std::string read_peer_name(const xml::Element& element, std::string_view attribute,
                           const Loaded& loaded) {
  auto name = element.text(attribute, "");
  const auto known = names_of(loaded.scenario.peers);
  if (!is_one_of(name, known)) element.complain_unknown(attribute, "peer", known);
  return name;
}

}  // namespace reading

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string read_theme(const xml::Element& root) {
  auto theme = root.text("theme", "");
  if (theme.empty() || find_theme(theme) != nullptr) return theme;
  std::vector<std::string> known;
  for (const auto& each : themes()) known.emplace_back(each.name);
  root.complain("theme", reading::unknown("theme", theme, known));
  return theme;
}

void read(const xml::Element& root, Loaded& loaded) {
  loaded.scenario.theme = read_theme(root);
  loaded.scenario.signalling = reading::read_signalling(root, loaded.topology);
  reading::read_peers(root, loaded);
  reading::Names names;
  if (const auto timeline = root.child("timeline")) {
    names = reading::read_timeline(*timeline, loaded);
  } else {
    root.complain("expected a <timeline>: the steps of the scenario");
  }
  if (const auto expect = root.child("expect")) reading::read_expectations(*expect, names, loaded);
}

fs::path topology_path(const xml::Element& root, const fs::path& file, const fs::path& library) {
  const auto name = root.text("topology");
  if (name.ends_with(".xml")) return file.parent_path() / name;
  return library / (name + ".xml");
}

// An attribute of the topology that this scenario wants otherwise.
xml::Edit read_adjustment(const xml::Element& element) {
  return {element.text("topology"), element.text("to")};
}

// Names of the library, for "did you mean".
std::vector<std::string> stems(const fs::path& library) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{library, error})
    found.push_back(entry.path().stem());
  std::ranges::sort(found);
  return found;
}

// The scenario's file, and what is to be read as its topology.
struct Opened {
  xml::XmlFile file;
  fs::path topology;
  xml::Variation adjusted;
};

FileResult<Opened> open(const fs::path& path, const fs::path& topology_library,
                        std::span<const Assignment> assignments) {
  auto variations = sorted(assignments);
  auto file = xml::XmlFile::load(path, grammar(), variations.scenario);
  if (!file) return tl::make_unexpected(file.error());
  const auto root = file->root();

  auto topology_file = topology_path(root, path, topology_library);
  std::error_code error;
  if (!fs::exists(topology_file, error)) {
    if (topology_file.parent_path() == topology_library) {
      root.complain_unknown("topology", "topology", stems(topology_library));
    } else {
      root.complain("topology", fmt::format("there is no file {}", topology_file.string()));
    }
  }
  xml::Variation adjusted;
  for (const auto& adjustment : root.children("adjust"))
    adjusted.edits.push_back(read_adjustment(adjustment));
  if (const auto complaint = file->error()) return tl::make_unexpected(*complaint);
  // Whoever asks for this run has the last word.
  std::ranges::move(variations.topology.edits, std::back_inserter(adjusted.edits));
  return Opened{*std::move(file), std::move(topology_file), std::move(adjusted)};
}

}  // namespace

FileResult<Loaded> load(const fs::path& path, const fs::path& topology_library,
                        std::span<const Assignment> assignments) {
  const auto opened = open(path, topology_library, assignments);
  if (!opened) return tl::make_unexpected(opened.error());
  const auto root = opened->file.root();
  auto topology = topology::load(opened->topology, opened->adjusted);
  if (!topology) return tl::make_unexpected(topology.error());

  Loaded loaded{.scenario = {.file = path.string(),
                             .name = root.identifier("name"),
                             .title = root.content_of("title"),
                             .description = root.content_of("description"),
                             .topology = root.text("topology"),
                             .duration = root.duration("duration", 60s)},
                .topology = *std::move(topology)};
  read(root, loaded);
  if (const auto complaint = opened->file.error()) return tl::make_unexpected(*complaint);
  return loaded;
}

FileResult<Texts> written_out(const fs::path& path, const fs::path& topology_library,
                              std::span<const Assignment> assignments) {
  const auto opened = open(path, topology_library, assignments);
  if (!opened) return tl::make_unexpected(opened.error());
  auto topology = topology::written_out(opened->topology, opened->adjusted);
  if (!topology) return tl::make_unexpected(topology.error());
  auto variation = sorted(assignments).scenario;
  variation.edits.push_back({"/scenario/@topology", kTopologyFile});
  const auto alone = xml::XmlFile::load(path, grammar(), variation);
  if (!alone) return tl::make_unexpected(alone.error());
  return Texts{xml::without(alone->to_text(), "adjust"), *std::move(topology)};
}

}  // namespace rtclab::scenario
