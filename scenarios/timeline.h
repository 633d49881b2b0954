// Plays the steps of a scenario: each when those that it comes after have ended, so that several
// can run at once.
#pragma once

#include "scenarios/carrier.h"
#include "scenarios/packet_watch.h"
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
  // Is told when a step that has a name begins and ends.
  using OnEdge = std::function<void(const std::string& step, StepEdge::Edge)>;
  // What the steps of a scenario act on. All of it outlives the timeline.
  struct Stage {
    const Scenario& scenario;
    Participants& participants;
    sim::World& world;
    Carrier& carrier;
    PacketWatch* packets;  // null when no step waits for a packet
  };
  Timeline(Stage stage, Configure configure, Record record, OnEdge on_edge);
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  // Something happened that the running step may have waited for. Steps are played from the
  // simulator's loop, never from inside the call that tells this.
  void wake();
  // An agent has reported something.
  void note_report(std::string_view by, std::string_view event);

  [[nodiscard]] const std::vector<StepOutcome>& outcomes() const { return outcomes_; }

 private:
  // What a step has come to that is under way.
  struct Progress {
    std::optional<peer::OperationId> operation{};
    unsigned sent = 0;     // messages
    unsigned reports = 0;  // of what it waits for
    bool packet_seen = false;
    std::optional<Instant> wakes{};  // it has asked to be looked at then
  };

  void play();
  // Whether the step has begun or ended by this.
  bool advance(StepIndex index);
  // When it may begin; nullopt while what it comes after has not ended.
  [[nodiscard]] std::optional<Instant> earliest(StepIndex index) const;
  void begin(StepIndex index);
  // Starts the step's action (timeline_begin.cc); the error of a call that fails at once.
  std::optional<peer::Error> begin_action(StepIndex index);
  // Concludes the running step if it has ended (timeline_check.cc); whether it has.
  bool check_action(StepIndex index);
  // A call has ended: with an error, or with none.
  void conclude_call(StepIndex index, const std::optional<peer::Error>& error);
  void conclude(StepIndex index, StepOutcome::State state, std::string detail = {});
  [[nodiscard]] bool has_ended(StepIndex index) const;
  void wake_at(StepIndex index, Instant at);
  void tell(const Step& step, const Event& event);
  void note_edge(const Step& step, StepEdge::Edge edge);
  [[nodiscard]] std::string_view name_of(std::string_view machine) const;

  struct Begin;
  struct Check;
  struct Happened;
  Stage stage_;
  const Scenario& scenario_;
  Configure configure_;
  Record record_;
  OnEdge on_edge_;
  std::vector<StepOutcome> outcomes_;
  std::vector<Progress> progress_;                         // of each step
  std::map<std::string, peer::Description> descriptions_;  // that steps have given names to
  StepIndex first_open_ = 0;                               // all before it have ended
  bool awake_ = false;                                     // play() is scheduled for this instant
  bool waits_for_reports_ = false;
};

}  // namespace rtclab::scenario
