// Plays the steps of a scenario: one after the other, each when the one before has ended.
#pragma once

#include "scenarios/participant.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::scenario {

using Participants = std::map<std::string, std::unique_ptr<Participant>>;  // by the peer's name

struct StepOutcome {
  enum class State { NotBegun, Running, Done, Failed };
  State state = State::NotBegun;
  std::string what;
  // Of a failed one: the error by its name, or what was so instead. Of one that had to fail: how.
  std::string detail;
  Instant began{};
  Instant ended{};
  std::size_t line = 0;
};

class Timeline {
 public:
  // `record` gets "scenario:step" and "scenario:step_failed" events under the name of the step's
  // peer, or of the machine that it happens to.
  using Record = std::function<void(Instant, std::string_view vantage, const Event&)>;
  // What a step may change in a peer's configuration, seen from its machine.
  using Configure = std::function<peer::Configuration(const Peer&, const PeerConfiguration&)>;
  // Is told when a step that has an id begins and ends.
  using OnEdge = std::function<void(const std::string& step, StepEdge::Edge)>;
  Timeline(const Scenario& scenario, Participants& participants, sim::World& world,
           Configure configure, Record record, OnEdge on_edge);
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  // Something happened that the running step may have waited for. Steps are played from the
  // simulator's loop, never from inside the call that tells this.
  void wake();

  [[nodiscard]] const std::vector<StepOutcome>& outcomes() const { return outcomes_; }

 private:
  void play();
  bool begin(const Step& step);
  // A call has ended: with an error, or with none.
  void conclude_call(const std::optional<peer::Error>& error);
  void conclude(StepOutcome::State state, std::string detail = {});
  void wake_at(Instant at);
  void tell(const Step& step, const Event& event);
  void note_edge(const Step& step, StepEdge::Edge edge);
  [[nodiscard]] std::string_view name_of(std::string_view machine) const;

  struct Begin;
  struct Check;
  const Scenario& scenario_;
  Participants& participants_;
  sim::World& world_;
  Configure configure_;
  Record record_;
  OnEdge on_edge_;
  std::vector<StepOutcome> outcomes_;
  std::size_t next_ = 0;
  bool awake_ = false;  // play() is scheduled for this instant
  // Of the running step:
  std::optional<peer::OperationId> operation_;
  unsigned sent_ = 0;
};

}  // namespace rtclab::scenario
