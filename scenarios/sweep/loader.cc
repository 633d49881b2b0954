#include "scenarios/sweep/loader.h"

#include "agents/base/text.h"
#include "scenarios/loader.h"
#include "scenarios/sweep/faults.h"
#include "scenarios/sweep/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

namespace rtclab::sweep {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostEvents = 1'000'000'000;

std::vector<std::string> scenario_names(const fs::path& library) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{library, error}) {
    if (entry.path().extension() == ".xml") names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

fs::path scenario_path(const xml::Element& root, const fs::path& file, const fs::path& library) {
  const auto name = root.text("scenario");
  if (name.ends_with(".xml")) return file.parent_path() / name;
  const auto names = scenario_names(library);
  if (std::ranges::find(names, name) == names.end())
    root.complain_unknown("scenario", "scenario", names);
  return library / (name + ".xml");
}

Seeds read_seeds(const xml::Element& root) {
  if (!root.has("seeds")) return {};
  if (const auto seeds = parse_seeds(root.text("seeds"))) return *seeds;
  root.complain_value("seeds", "a seed, or the first and the last: 1..100");
  return {};
}

// Each point on its own: what it says has to be something that the scenario can be told.
FileResult<void> try_points(const Sweep& sweep, const Axes& axes, const fs::path& topologies) {
  for (const auto& part : axes.parts) {
    if (const auto* const inner = std::get_if<Axes>(&part)) {
      if (auto tried = try_points(sweep, *inner, topologies); !tried) return tried;
    }
    const auto* const axis = std::get_if<Axis>(&part);
    if (axis == nullptr || axis->is_drops) continue;
    for (const auto& point : axis->points) {
      auto assignments = sweep.always;
      assignments.insert(assignments.end(), point.assignments.begin(), point.assignments.end());
      const auto loaded = scenario::load(sweep.scenario_file, topologies, assignments);
      if (loaded) continue;
      return tl::make_unexpected(
          FileError{.file = sweep.file,
                    .line = axis->line,
                    .column = axis->column,
                    .message = fmt::format("the point \"{}\" of the axis {}: {}", point.label,
                                           axis->name, loaded.error().to_string())});
    }
  }
  return {};
}

// In every run each axis has a point, so that of two which set one thing the later one would win,
// and the runs of the other's points be all the same.
std::optional<FileError> contest_of(const Sweep& sweep, const Axes& axes,
                                    std::map<std::string, const Axis*>& owners) {
  for (const auto& part : axes.parts) {
    if (const auto* const inner = std::get_if<Axes>(&part)) {
      if (auto contest = contest_of(sweep, *inner, owners)) return contest;
    }
    const auto* const axis = std::get_if<Axis>(&part);
    if (axis == nullptr) continue;
    for (const auto& point : axis->points) {
      for (const auto& assignment : point.assignments) {
        const auto* const owner = owners.emplace(assignment.what, axis).first->second;
        if (owner == axis) continue;
        return FileError{.file = sweep.file,
                         .line = axis->line,
                         .column = axis->column,
                         .message = fmt::format("the axis {} sets {}, which the axis {} sets, too",
                                                axis->name, assignment.what, owner->name)};
      }
    }
  }
  return std::nullopt;
}

std::optional<FileError> contest_of(const Sweep& sweep) {
  std::map<std::string, const Axis*> owners;
  return contest_of(sweep, sweep.axes, owners);
}

}  // namespace

std::optional<Seeds> parse_seeds(std::string_view text) {
  const auto dots = text.find("..");
  const auto first = parse_unsigned(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_unsigned(text.substr(dots + 2));
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();  // what SQL can hold
  if (!first || !last || *last < *first || *last > kMost) return std::nullopt;
  return Seeds{*first, *last};
}

FileResult<std::string> title_of(const fs::path& path) {
  return xml::XmlFile::load(path, grammar()).map([](const xml::XmlFile& file) {
    return file.root().content_of("title");
  });
}

FileResult<Sweep> load(const fs::path& path, const Libraries& libraries, const Wishes& wishes) {
  const auto file = xml::XmlFile::load(path, grammar());
  if (!file) return tl::make_unexpected(file.error());
  const auto root = file->root();
  Sweep sweep{.file = path.string(),
              .name = root.identifier("name"),
              .title = root.content_of("title"),
              .description = root.content_of("description"),
              .scenario = root.text("scenario"),
              .scenario_file = scenario_path(root, path, libraries.scenarios),
              .seeds = wishes.seeds.value_or(read_seeds(root)),
              .most_events = root.number("mostEvents", 1, kMostEvents, Sweep{}.most_events),
              .always = reading::read_assignments(root)};
  if (sweep.scenario.ends_with(".xml")) sweep.scenario = sweep.scenario_file.string();
  sweep.always.insert(sweep.always.end(), wishes.always.begin(), wishes.always.end());
  if (const auto complaint = file->error()) return tl::make_unexpected(*complaint);

  const auto loaded = scenario::load(sweep.scenario_file, libraries.topologies, sweep.always);
  if (!loaded) return tl::make_unexpected(loaded.error());
  reading::About about{*loaded, {}};
  for (const auto& step : loaded->scenario.steps) about.names.note(step);
  reading::ColumnNames columns;
  // Within another they may stand side by side, so that it is not for the grammar to say.
  if (const auto axes = root.children("axes"); axes.size() > 1) {
    axes[1].complain(fmt::format(
        "<axes> stands here twice, expected only the one in line {}: put both into one <axes>",
        axes[0].line()));
  }
  if (const auto axes = root.child("axes")) sweep.axes = read_axes(*axes, about, columns);
  if (const auto collect = root.child("collect"))
    sweep.collectors = read_collectors(*collect, about, columns);
  if (const auto report = root.child("report")) sweep.views = reading::read_views(*report, sweep);
  if (const auto complaint = file->error()) return tl::make_unexpected(*complaint);
  if (const auto contest = contest_of(sweep)) return tl::make_unexpected(*contest);

  if (auto tried = try_points(sweep, sweep.axes, libraries.topologies); !tried)
    return tl::make_unexpected(tried.error());
  if (auto resolved = resolve_drops(sweep, libraries.topologies); !resolved)
    return tl::make_unexpected(resolved.error());
  return sweep;
}

}  // namespace rtclab::sweep
