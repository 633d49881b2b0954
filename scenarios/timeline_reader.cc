#include "scenarios/reading.h"
#include "scenarios/step_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace rtclab::scenario::reading {
namespace {

using xml::Element;

// Far above what a person writes; it bounds what a few words can ask for.
constexpr std::size_t kMostSteps = 20'000;
constexpr std::uint64_t kMostRounds = 10'000;

// What the next step comes after.
using Front = std::vector<StepIndex>;

// Lays the elements of a timeline out as a list of steps, each knowing what it comes after.
class Layout {
 public:
  Layout(Loaded& loaded, Names& names) : loaded_{loaded}, names_{names}, reader_{loaded, names} {}

  // One after the other; what comes next comes after the last.
  Front sequence(const Element& parent, Front front) {
    for (const auto& element : parent.children()) front = one(element, std::move(front));
    return front;
  }

  // The steps that were named before they were read.
  void link_ids() {
    for (const auto& [element, place] : waiting_for_ids_) {
      const auto id = ids_.find(element.text(place.attribute));
      if (id == ids_.end()) {
        element.complain_unknown(place.attribute, "step", known_ids());
      } else {
        place.link(steps()[place.step], id->second);
      }
    }
  }

 private:
  struct Place {
    std::string_view attribute;
    StepIndex step;
    void (*link)(Step& step, StepIndex to);
  };

  std::vector<Step>& steps() { return loaded_.scenario.steps; }

  [[nodiscard]] std::vector<std::string> known_ids() const {
    std::vector<std::string> ids;
    for (const auto& [id, step] : ids_) ids.push_back(id);
    return ids;
  }

  Front one(const Element& element, Front front) {
    const auto name = element.name();
    if (name == "sequence") return sequence(element, std::move(front));
    if (name == "parallel") return parallel(element, front);
    if (name == "repeat") return repeat(element, std::move(front));
    if (name == "when") return when(element, front);
    return step(element, std::move(front));
  }

  Front parallel(const Element& element, const Front& front) {
    Front all;
    const auto branches = element.children();
    if (branches.empty())
      element.complain("expected steps, or a <sequence> of them, in <parallel>");
    for (const auto& branch : branches)
      std::ranges::move(one(branch, front), std::back_inserter(all));
    std::ranges::sort(all);
    const auto twice = std::ranges::unique(all);
    all.erase(twice.begin(), twice.end());
    return all;
  }

  Front repeat(const Element& element, Front front) {
    const auto rounds = element.number("count", 1, kMostRounds);
    const auto every =
        element.has("every") ? std::optional{element.duration("every")} : std::nullopt;
    const auto counter = element.identifier("as", "round");
    const auto first = steps().size();
    for (std::uint64_t round = 0; round < rounds && steps().size() <= kMostSteps; ++round) {
      const auto begin = steps().size();
      const auto before = front;
      front = sequence(element.with(counter, std::to_string(round + 1)), std::move(front));
      if (!every || round == 0) continue;
      for (auto index = begin; index < steps().size(); ++index) {
        if (loaded_.scenario.predecessors(index) == before)
          steps()[index].since = Since{first, *every * static_cast<Duration::rep>(round)};
      }
    }
    if (steps().size() == first) element.complain("expected steps in <repeat>");
    return front;
  }

  // Beside all that follows.
  Front when(const Element& element, const Front& front) {
    const auto index = steps().size();
    Step step{.action = Wait{read_trigger(element, names_, loaded_), Duration{0}, true},
              .at = std::nullopt,
              .comment = element.text("note", ""),
              .line = element.line(),
              .after = front};
    if (element.has("at")) step.at = element.duration("at");
    add(element, std::move(step));
    if (element.children().empty()) element.complain("expected steps in <when>");
    (void)sequence(element, {index});
    return front;
  }

  Front step(const Element& element, Front front) {
    auto action = reader_.read(element);
    if (!action) return front;  // the grammar has refused it
    const auto index = steps().size();
    Step step{.action = *std::move(action),
              .at = std::nullopt,
              .comment = element.text("note", ""),
              .error = element.text("error", ""),
              .line = element.line(),
              .after = std::move(front),
              .pause = element.duration("pause", Duration{0})};
    if (element.has("at")) step.at = element.duration("at");
    if (!step.error.empty() && !is_one_of(step.error, peer::error_names()))
      element.complain_unknown("error", "error", peer::error_names());
    add(element, std::move(step));
    return {index};
  }

  void add(const Element& element, Step step) {
    const auto index = steps().size();
    if (element.has("called")) {
      step.id = element.identifier("called");
      if (!ids_.emplace(step.id, index).second)
        element.complain("called", fmt::format("a second step \"{}\"", step.id));
    }
    if (element.has("after")) {
      waiting_for_ids_.push_back(
          {element, {"after", index, [](Step& of, StepIndex to) { of.after->push_back(to); }}});
    }
    if (awaited<StepTrigger>(step) != nullptr) {
      waiting_for_ids_.push_back({element, {"step", index, [](Step& of, StepIndex to) {
                                              auto& wait = std::get<Wait>(of.action);
                                              std::get<StepTrigger>(*wait.until).step = to;
                                            }}});
    }
    names_.note(step);
    // The usual case is left unsaid.
    const auto usual = index == 0 ? Front{} : Front{index - 1};
    if (step.after == usual && !element.has("after")) step.after.reset();
    if (index == kMostSteps)
      element.complain(
          fmt::format("a timeline has at most {} steps, all rounds counted", kMostSteps));
    steps().push_back(std::move(step));
  }

  Loaded& loaded_;
  Names& names_;
  StepReader reader_;
  std::map<std::string, StepIndex> ids_;
  std::vector<std::pair<Element, Place>> waiting_for_ids_;
};

// A step that waits for one that waits for it would wait for ever.
void refuse_circles(const Element& timeline, const Scenario& scenario) {
  const auto& steps = scenario.steps;
  enum class Mark : std::uint8_t { New, Open, Done };
  std::vector<Mark> marks(steps.size(), Mark::New);
  const auto all_before = [&](StepIndex step) {
    auto before = scenario.predecessors(step);
    if (const auto* const trigger = awaited<StepTrigger>(steps[step]))
      before.push_back(trigger->step);
    return before;
  };
  std::vector<StepIndex> path;
  for (StepIndex start = 0; start < steps.size(); ++start) {
    path.push_back(start);
    while (!path.empty()) {
      const auto step = path.back();
      if (marks[step] == Mark::New) {
        marks[step] = Mark::Open;
        for (const auto before : all_before(step)) {
          if (marks[before] == Mark::New) path.push_back(before);
          if (marks[before] != Mark::Open) continue;
          return timeline.complain(fmt::format("the steps of lines {} and {} wait for each other",
                                               steps[before].line, steps[step].line));
        }
        continue;
      }
      marks[step] = Mark::Done;
      path.pop_back();
    }
  }
}

}  // namespace

Names read_timeline(const Element& timeline, Loaded& loaded) {
  Names names;
  Layout layout{loaded, names};
  (void)layout.sequence(timeline, {});
  layout.link_ids();
  refuse_circles(timeline, loaded.scenario);
  return names;
}

}  // namespace rtclab::scenario::reading
