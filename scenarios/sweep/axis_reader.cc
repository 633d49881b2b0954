#include "agents/base/text.h"
#include "scenarios/sweep/number_range.h"
#include "scenarios/sweep/reading.h"
#include "sim/courier/terms.h"
#include "topologies/link_presets.h"
#include "topologies/nat_presets.h"
#include "topologies/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::sweep::reading {
namespace {

using xml::Choice;
using xml::Element;

constexpr std::array kCombinations{Choice<Combination>{"product", Combination::Product},
                                   Choice<Combination>{"zip", Combination::Zip},
                                   Choice<Combination>{"pairs", Combination::Pairs},
                                   Choice<Combination>{"sample", Combination::Sample}};

template <class Presets>
std::vector<std::string> names_of(const Presets& presets) {
  std::vector<std::string> names;
  for (const auto& preset : presets) names.emplace_back(preset.name);
  return names;
}

using Names = std::vector<std::string> (*)();
// As the topics of `rtclab list`.
const std::array kFamilies{
    Choice<Names>{"nats", [] { return names_of(topology::nat_presets()); }},
    Choice<Names>{"links", [] { return names_of(topology::link_presets()); }},
    Choice<Names>{"signalling", [] { return names_of(signalling::courier_presets()); }}};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : split(text, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

std::vector<std::string> read_range(const Element& axis) {
  if (!axis.has("to") || axis.has("step") == axis.has("factor")) {
    axis.complain("from", "a range has from, to, and one of step and factor");
    return {"0"};
  }
  const auto values = axis.has("step")
                          ? even_range(axis.text("from"), axis.text("to"), axis.text("step"))
                          : scaled_range(axis.text("from"), axis.text("to"), axis.text("factor"));
  if (values) return *values;
  axis.complain("from", values.error());
  return {"0"};
}

// The values of an axis that says them in an attribute.
std::vector<std::string> read_values(const Element& axis) {
  if (axis.has("values")) return words_of(axis.text("values"));
  if (axis.has("presets")) return axis.choice<Names>("presets", kFamilies)();
  return read_range(axis);
}

// What a value of the axis is given to.
std::vector<std::string> targets_of(const Element& axis) {
  std::vector<std::string> targets;
  if (axis.has("set")) targets.push_back(axis.text("set"));
  for (const auto& set : axis.children("set")) {
    if (set.has("value")) set.complain("value", "expected no value here: the axis gives its own");
    targets.push_back(set.text("name"));
    if (std::ranges::count(targets, targets.back()) > 1)
      set.complain("name", targets.back() + " stands here twice");
  }
  return targets;
}

Point read_point(const Element& element, const std::vector<std::string>& targets) {
  Point point{.label = element.text("name"), .assignments = read_assignments(element)};
  if (element.has("value")) {
    if (targets.empty())
      element.complain("value", "the axis has no set=\"…\" that this value could go to");
    for (const auto& target : targets) point.assignments.push_back({target, element.text("value")});
  } else if (!targets.empty()) {
    element.complain("expected value=\"…\", for what the axis sets");
  }
  return point;
}

void refuse_twins(const Element& element, const std::vector<Point>& points) {
  std::set<std::string> labels;
  for (const auto& point : points) {
    if (!labels.insert(point.label).second)
      element.complain(fmt::format("the point \"{}\" stands here twice", point.label));
  }
}

Axis read_axis(const Element& element, ColumnNames& columns) {
  Axis axis{.name = columns.read(element),
            .points = {},
            .line = element.line(),
            .column = element.column()};
  const auto targets = targets_of(element);
  const auto points = element.children("point");
  const int ways = static_cast<int>(element.has("values")) + static_cast<int>(element.has("from")) +
                   static_cast<int>(element.has("presets")) + static_cast<int>(!points.empty());
  if (ways != 1) {
    element.complain(
        "expected one of values=\"…\", from=\"…\", presets=\"…\" and <point> elements");
    return axis;
  }
  for (const auto& point : points) axis.points.push_back(read_point(point, targets));
  if (points.empty()) {
    if (targets.empty()) element.complain("expected set=\"…\": what the axis varies");
    for (const auto& value : read_values(element)) {
      Point point{.label = value, .assignments = {}};
      for (const auto& target : targets) point.assignments.push_back({target, value});
      axis.points.push_back(std::move(point));
    }
  }
  if (axis.points.empty()) element.complain("values", "expected at least one value");
  refuse_twins(element, axis.points);
  return axis;
}

DropAxis read_drops(const Element& element, const About& about, ColumnNames& columns) {
  DropAxis drops{.name = columns.read(element), .line = element.line()};
  drops.what = element.choice<topology::Drop::What>("what", topology::kDropKinds, drops.what);
  if (drops.what == topology::Drop::What::DtlsFlight)
    element.complain("what", "flights are not counted here, expected dtls, datagram, stun, …");
  drops.at_once = static_cast<unsigned>(element.number("atOnce", 1, 2, 1));
  const auto until = element.child("until");
  if (!until) {
    element.complain("expected an <until>: when the set-up is over");
    return drops;
  }
  drops.until = scenario::reading::read_condition(*until, about.names, about.loaded);
  return drops;
}

}  // namespace

std::string ColumnNames::read(const Element& element) {
  auto name = element.identifier("name");
  std::string lower;
  for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!taken_.insert(lower).second)
    element.complain("name", fmt::format("the name \"{}\" is taken already", name));
  return name;
}

std::vector<scenario::Assignment> read_assignments(const Element& element) {
  std::vector<scenario::Assignment> assignments;
  for (const auto& set : element.children("set")) {
    if (!set.has("value")) set.complain("expected value=\"…\"");
    assignments.push_back({set.text("name"), set.text("value", "")});
    if (std::ranges::count(assignments, assignments.back().what, &scenario::Assignment::what) > 1)
      set.complain("name", assignments.back().what + " stands here twice");
  }
  return assignments;
}

Axes read_axes(const Element& element, const About& about, ColumnNames& columns) {
  Axes axes{
      .combination = element.choice<Combination>("combine", kCombinations, Combination::Product),
      .line = element.line()};
  const bool is_sample = axes.combination == Combination::Sample;
  if (is_sample != element.has("sample"))
    element.complain("combine=\"sample\" and sample=\"…\", how many, belong together");
  if (is_sample) axes.sample = element.number("sample", 1, 10'000'000);
  axes.sample_seed = element.number("sampleSeed", 0, 1'000'000'000, axes.sample_seed);
  for (const auto& part : element.children()) {
    if (part.name() == "axis") axes.parts.emplace_back(read_axis(part, columns));
    if (part.name() == "drops") axes.parts.emplace_back(read_drops(part, about, columns));
    if (part.name() == "axes") axes.parts.emplace_back(read_axes(part, about, columns));
  }
  if (axes.parts.empty()) element.complain("expected at least one <axis>, <drops> or <axes>");
  return axes;
}

}  // namespace rtclab::sweep::reading
