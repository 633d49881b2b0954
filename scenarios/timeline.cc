#include "scenarios/timeline.h"

#include "sim/link/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rtclab::scenario {

using sim::Simulation;

namespace {

std::string say(const peer::Error& error) {
  return error.message.empty() ? error.name : error.name + ": " + error.message;
}

}  // namespace

Timeline::Timeline(Stage stage, Configure configure, Record record, OnEdge on_edge)
    : stage_{stage},
      scenario_{stage.scenario},
      configure_{std::move(configure)},
      record_{std::move(record)},
      on_edge_{std::move(on_edge)},
      progress_(stage.scenario.steps.size()) {
  for (const auto& step : scenario_.steps) {
    outcomes_.push_back({.what = to_string(step.action), .detail = {}, .line = step.line});
    waits_for_reports_ = waits_for_reports_ || awaited<RecordTrigger>(step) != nullptr;
  }
  wake();
}

void Timeline::wake() {
  if (awake_) return;
  awake_ = true;
  Simulation::schedule(Simulation::now(), [this] {
    awake_ = false;
    play();
  });
}

void Timeline::wake_at(StepIndex index, Instant at) {
  auto& wakes = progress_[index].wakes;
  if (wakes == at) return;
  wakes = at;
  Simulation::schedule(at, [this] { wake(); });
}

void Timeline::note_report(std::string_view by, std::string_view event) {
  if (!waits_for_reports_) return;
  for (StepIndex index = first_open_; index < outcomes_.size(); ++index) {
    if (outcomes_[index].state != StepOutcome::State::Running) continue;
    const auto* const trigger = awaited<RecordTrigger>(scenario_.steps[index]);
    if (trigger == nullptr || trigger->by != by || trigger->event != event) continue;
    ++progress_[index].reports;
    wake();
  }
}

// In the order of the list, again until nothing more can go on.
void Timeline::play() {
  bool any = true;
  while (any) {
    any = false;
    for (StepIndex index = first_open_; index < outcomes_.size(); ++index)
      any = advance(index) || any;
    while (first_open_ < outcomes_.size() && has_ended(first_open_)) ++first_open_;
  }
}

bool Timeline::advance(StepIndex index) {
  using State = StepOutcome::State;
  auto& outcome = outcomes_[index];
  if (has_ended(index)) return false;
  bool has_begun = false;
  if (outcome.state == State::NotBegun) {
    const auto at = earliest(index);
    if (!at) return false;
    if (Simulation::now() < *at) {
      wake_at(index, *at);
      return false;
    }
    begin(index);
    has_begun = true;
  }
  // A step that failed as it began is concluded already.
  if (outcome.state != State::Running) return true;
  return check_action(index) || has_begun;
}

std::optional<Instant> Timeline::earliest(StepIndex index) const {
  const auto& step = scenario_.steps[index];
  Instant at{step.at.value_or(Duration{0})};
  for (const auto before : scenario_.predecessors(index)) {
    if (!has_ended(before)) return std::nullopt;
    at = std::max(at, outcomes_[before].ended + step.pause);
  }
  if (step.since) {
    const auto& other = outcomes_[step.since->step];
    if (other.state == StepOutcome::State::NotBegun) return std::nullopt;
    at = std::max(at, other.began + step.since->offset);
  }
  return at;
}

bool Timeline::has_ended(StepIndex index) const {
  const auto state = outcomes_[index].state;
  return state == StepOutcome::State::Done || state == StepOutcome::State::Failed;
}

void Timeline::begin(StepIndex index) {
  const auto& step = scenario_.steps[index];
  auto& outcome = outcomes_[index];
  outcome.state = StepOutcome::State::Running;
  outcome.began = Simulation::now();
  note_edge(step, StepEdge::Edge::Begin);
  Event event{.name = "scenario:step",
              .fields = {{"step", std::uint64_t{index + 1}}, {"what", outcome.what}},
              .rule = std::nullopt};
  if (!step.comment.empty()) event.fields.push_back({"note", step.comment});
  if (is_of_network(step.action)) event.fields.push_back({"network", true});
  if (const auto end = far_end(step.action); !end.empty())
    event.fields.push_back({"far_end", std::string{name_of(end)}});
  tell(step, event);
  if (const auto error = begin_action(index)) conclude_call(index, error);
}

void Timeline::conclude_call(StepIndex index, const std::optional<peer::Error>& error) {
  using State = StepOutcome::State;
  const auto& expected = scenario_.steps[index].error;
  if (expected.empty()) {
    if (!error) return conclude(index, State::Done);
    return conclude(index, State::Failed, say(*error));
  }
  if (error && error->name == expected) return conclude(index, State::Done, say(*error));
  conclude(index, State::Failed,
           fmt::format("expected {}, but it {}", expected,
                       error ? "failed with " + say(*error) : "succeeded"));
}

void Timeline::conclude(StepIndex index, StepOutcome::State state, std::string detail) {
  auto& outcome = outcomes_[index];
  outcome.state = state;
  outcome.ended = Simulation::now();
  outcome.detail = std::move(detail);
  note_edge(scenario_.steps[index], StepEdge::Edge::End);
  if (state != StepOutcome::State::Failed) return;
  tell(scenario_.steps[index], {.name = "scenario:step_failed",
                                .fields = {{"step", std::uint64_t{index + 1}},
                                           {"what", outcome.what},
                                           {"detail", outcome.detail}},
                                .rule = std::nullopt});
}

void Timeline::tell(const Step& step, const Event& event) {
  const auto who = actor(step.action);
  if (who.empty()) return;  // nobody does a mere wait
  record_(Simulation::now(), name_of(who), event);
}

void Timeline::note_edge(const Step& step, StepEdge::Edge edge) {
  if (!step.id.empty()) on_edge_(step.id, edge);
}

// A machine that a peer lives on is called by the peer's name.
std::string_view Timeline::name_of(std::string_view machine) const {
  const auto peer = std::ranges::find(scenario_.peers, machine, &Peer::machine);
  return peer == scenario_.peers.end() ? machine : std::string_view{peer->name};
}

}  // namespace rtclab::scenario
