#include "scenarios/timeline.h"

#include "sim/link/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rtclab::scenario {
namespace {

using sim::Simulation;

std::string say(const peer::Error& error) {
  return error.message.empty() ? error.name : error.name + ": " + error.message;
}

std::string text_of(const SendMessage& action, unsigned number) {
  auto text = action.count == 1 ? action.text : fmt::format("{} #{}", action.text, number);
  if (text.size() < action.octets) text.resize(action.octets, '.');
  return text;
}

}  // namespace

// Starts a step's action; returns the error of a call that fails at once.
struct Timeline::Begin {
  Timeline& timeline;

  [[nodiscard]] Participant& peer(const std::string& name) const {
    return *timeline.participants_.at(name);
  }

  // A call that may fail before it promises anything.
  std::optional<peer::Error> begun(const peer::Outcome<peer::OperationId>& operation) const {
    if (!operation) return operation.error();
    timeline.operation_ = *operation;
    return std::nullopt;
  }

  std::optional<peer::Error> operator()(const CreateDataChannel& a) const {
    return peer(a.peer).create_data_channel(a);
  }
  std::optional<peer::Error> operator()(const CreateOffer& a) const {
    timeline.operation_ = peer(a.peer).create_offer({.ice_restart = a.ice_restart});
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const CreateAnswer& a) const {
    timeline.operation_ = peer(a.peer).create_answer();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetLocalDescription& a) const {
    return begun(peer(a.peer).set_local_description(a.what));
  }
  std::optional<peer::Error> operator()(const SetRemoteDescription& a) const {
    if (a.rollback) timeline.operation_ = peer(a.peer).roll_back_remote();
    return std::nullopt;  // a received one is taken when it is there
  }
  std::optional<peer::Error> operator()(const DiscardDescription& /*action*/) const {
    return std::nullopt;  // when it is there
  }
  std::optional<peer::Error> operator()(const AddIceCandidate& a) const {
    timeline.operation_ = peer(a.peer).add_ice_candidate(a.candidate);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const RestartIce& a) const {
    peer(a.peer).restart_ice();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const AddTransceiver& a) const {
    return peer(a.peer).add_transceiver(a);
  }
  std::optional<peer::Error> operator()(const ReplaceTrack& a) const {
    return begun(peer(a.peer).replace_track(a));
  }
  std::optional<peer::Error> operator()(const AddTrack& a) const {
    return peer(a.peer).add_track(a);
  }
  std::optional<peer::Error> operator()(const RemoveTrack& a) const {
    return peer(a.peer).remove_track(a);
  }
  std::optional<peer::Error> operator()(const StopTransceiver& a) const {
    return peer(a.peer).stop(a);
  }
  std::optional<peer::Error> operator()(const SetDirection& a) const {
    return peer(a.peer).set_direction(a);
  }
  std::optional<peer::Error> operator()(const SetConfiguration& a) const {
    return peer(a.peer).set_configuration(
        timeline.configure_(*timeline.scenario_.find_peer(a.peer), a.configuration));
  }
  std::optional<peer::Error> operator()(const SetInterface& a) const {
    timeline.world_.set_up(a.machine, a.interface, a.up);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetLink& a) const {
    if (a.a_to_b) timeline.world_.set_quality(a.a, a.b, *a.a_to_b);
    if (a.b_to_a) timeline.world_.set_quality(a.b, a.a, *a.b_to_a);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const RestartNat& a) const {
    timeline.world_.restart_nat(a.nat);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetNat& a) const {
    timeline.world_.set_nat(a.nat, a.behaviour);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetAddress& a) const {
    timeline.world_.set_addresses(a.machine, a.interface, a.addresses);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetServer& a) const {
    timeline.world_.set_running(a.machine, a.runs);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SendDescription& a) const {
    return peer(a.peer).reason_not_to_send();
  }
  std::optional<peer::Error> operator()(const SendMessage& /*action*/) const {
    timeline.sent_ = 0;
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const CloseChannel& a) const {
    return peer(a.peer).close_channel(a.channel);
  }
  std::optional<peer::Error> operator()(const ClosePeer& a) const {
    peer(a.peer).close();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const Wait& a) const {
    timeline.wake_at(Simulation::now() + a.at_most);
    return std::nullopt;
  }
};

// Concludes the running step if it has ended; returns whether it has.
struct Timeline::Check {
  Timeline& timeline;
  Instant began;

  [[nodiscard]] Participant& peer(const std::string& name) const {
    return *timeline.participants_.at(name);
  }

  bool done() const { return ended(std::nullopt); }
  bool ended(const std::optional<peer::Error>& error) const {
    timeline.conclude_call(error);
    return true;
  }
  bool failed(std::string why) const {
    timeline.conclude(StepOutcome::State::Failed, std::move(why));
    return true;
  }
  bool settled(const std::string& name) const {
    const auto outcome = peer(name).settled(*timeline.operation_);
    if (!outcome) return false;
    if (const auto* error = std::get_if<peer::Error>(&*outcome)) return ended(*error);
    return done();
  }

  // A call that promised something ends when that is settled; what promised nothing ended as it
  // began.
  template <class Act>
  bool operator()(const Act& action) const {
    if constexpr (requires { action.peer; }) {
      if (timeline.operation_) return settled(action.peer);
    }
    return done();
  }
  bool operator()(const DiscardDescription& a) const {
    return peer(a.peer).discard_description() && done();
  }
  bool operator()(const SetRemoteDescription& a) const {
    if (!timeline.operation_) timeline.operation_ = peer(a.peer).set_remote_description();
    return timeline.operation_ && settled(a.peer);
  }
  bool operator()(const SendDescription& a) const {
    if (!peer(a.peer).ready_to_send_description()) return false;
    peer(a.peer).send_description(a.to);
    return done();
  }
  bool operator()(const SendMessage& a) const {
    while (timeline.sent_ < a.count && Simulation::now() >= began + a.interval * timeline.sent_) {
      const auto error = peer(a.peer).send(a.channel, text_of(a, timeline.sent_ + 1));
      if (error) return ended(*error);
      ++timeline.sent_;
    }
    if (timeline.sent_ == a.count) return done();
    timeline.wake_at(began + a.interval * timeline.sent_);
    return false;
  }
  bool operator()(const Wait& a) const {
    const bool over = Simulation::now() >= began + a.at_most;
    if (!a.until) return over && done();
    const auto& chronicle = std::visit(
        [&](const auto& c) -> auto& { return peer(c.peer).chronicle(); }, *a.until);
    if (chronicle.holds(*a.until)) return done();
    return over && failed(chronicle.seen(*a.until));
  }
};

Timeline::Timeline(const Scenario& scenario, Participants& participants, sim::World& world,
                   Configure configure, Record record, OnEdge on_edge)
    : scenario_{scenario},
      participants_{participants},
      world_{world},
      configure_{std::move(configure)},
      record_{std::move(record)},
      on_edge_{std::move(on_edge)} {
  for (const auto& step : scenario.steps) {
    outcomes_.push_back({.what = to_string(step.action), .detail = {}, .line = step.line});
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

void Timeline::wake_at(Instant at) {
  Simulation::schedule(at, [this] { wake(); });
}

void Timeline::play() {
  while (next_ < scenario_.steps.size()) {
    const auto& step = scenario_.steps[next_];
    if (outcomes_[next_].state == StepOutcome::State::NotBegun && !begin(step)) return;
    // A step that failed as it began is concluded already.
    if (outcomes_[next_].state != StepOutcome::State::Running) {
      ++next_;
      continue;
    }
    if (!std::visit(Check{*this, outcomes_[next_].began}, step.action)) return;
    ++next_;
  }
}

bool Timeline::begin(const Step& step) {
  const auto now = Simulation::now();
  if (step.at && now.time_since_epoch() < *step.at) {
    wake_at(Instant{*step.at});
    return false;
  }
  auto& outcome = outcomes_[next_];
  outcome.state = StepOutcome::State::Running;
  outcome.began = now;
  note_edge(step, StepEdge::Edge::Begin);
  Event event{.name = "scenario:step",
              .fields = {{"step", std::uint64_t{next_ + 1}}, {"what", outcome.what}},
              .rule = std::nullopt};
  if (!step.comment.empty()) event.fields.push_back({"note", step.comment});
  if (is_of_network(step.action)) event.fields.push_back({"network", true});
  if (const auto end = far_end(step.action); !end.empty())
    event.fields.push_back({"far_end", std::string{name_of(end)}});
  tell(step, event);
  operation_.reset();
  if (const auto error = std::visit(Begin{*this}, step.action)) {
    conclude_call(error);
  }
  return true;
}

void Timeline::conclude_call(const std::optional<peer::Error>& error) {
  const auto& expected = scenario_.steps[next_].error;
  if (expected.empty()) {
    if (!error) return conclude(StepOutcome::State::Done);
    return conclude(StepOutcome::State::Failed, say(*error));
  }
  if (error && error->name == expected) return conclude(StepOutcome::State::Done, say(*error));
  conclude(StepOutcome::State::Failed,
           fmt::format("expected {}, but it {}", expected,
                       error ? "failed with " + say(*error) : "succeeded"));
}

void Timeline::conclude(StepOutcome::State state, std::string detail) {
  auto& outcome = outcomes_[next_];
  outcome.state = state;
  outcome.ended = Simulation::now();
  outcome.detail = std::move(detail);
  note_edge(scenario_.steps[next_], StepEdge::Edge::End);
  if (state != StepOutcome::State::Failed) return;
  tell(scenario_.steps[next_], {.name = "scenario:step_failed",
                                .fields = {{"step", std::uint64_t{next_ + 1}},
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
