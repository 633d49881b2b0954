#include "scenarios/timeline.h"

#include "sim/link/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
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
  StepIndex index;

  [[nodiscard]] Participant& peer(const std::string& name) const {
    return *timeline.stage_.participants.at(name);
  }
  [[nodiscard]] sim::World& world() const { return timeline.stage_.world; }
  [[nodiscard]] Progress& progress() const { return timeline.progress_[index]; }

  // A call that may fail before it promises anything.
  std::optional<peer::Error> begun(const peer::Outcome<peer::OperationId>& operation) const {
    if (!operation) return operation.error();
    progress().operation = *operation;
    return std::nullopt;
  }
  // The description of that name, as of another type if one is given; the error when no step has
  // made it by now.
  [[nodiscard]] peer::Outcome<peer::Description> described(
      const std::string& name, std::optional<peer::SdpType> type = std::nullopt) const {
    const auto found = timeline.descriptions_.find(name);
    if (found != timeline.descriptions_.end())
      return peer::Description{type.value_or(found->second.type), found->second.sdp};
    return peer::reject(peer::Error::invalid_state("there is no description \"" + name + "\" yet"));
  }

  std::optional<peer::Error> operator()(const CreateDataChannel& a) const {
    return peer(a.peer).create_data_channel(a);
  }
  std::optional<peer::Error> operator()(const CreateOffer& a) const {
    progress().operation = peer(a.peer).create_offer({.ice_restart = a.ice_restart});
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const CreateAnswer& a) const {
    progress().operation = peer(a.peer).create_answer();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetLocalDescription& a) const {
    if (a.what == SetLocalDescription::What::Named) {
      const auto description = described(a.description, a.type);
      if (!description) return description.error();
      return begun(peer(a.peer).set_local_description(*description));
    }
    return begun(peer(a.peer).set_local_description(a.what, a.type));
  }
  std::optional<peer::Error> operator()(const SetRemoteDescription& a) const {
    if (a.rollback) progress().operation = peer(a.peer).roll_back_remote();
    if (a.description.empty()) return std::nullopt;  // a received one is taken when it is there
    const auto description = described(a.description, a.type);
    if (!description) return description.error();
    return begun(peer(a.peer).set_remote_description(*description));
  }
  std::optional<peer::Error> operator()(const ReceiveDescription& /*action*/) const {
    return std::nullopt;  // when it is there
  }
  std::optional<peer::Error> operator()(const Munge& a) const {
    auto description = described(a.description);
    if (!description) return description.error();
    auto text = std::regex_replace(description->sdp, std::regex{a.pattern}, a.with);
    if (text == description->sdp) {
      return peer::Error::invalid_modification("nothing in \"" + a.description +
                                               "\" is changed by that");
    }
    description->sdp = std::move(text);
    timeline.descriptions_.insert_or_assign(a.as, *std::move(description));
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const HoldCandidates& a) const {
    peer(a.peer).hold_candidates();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SendCandidates& a) const {
    peer(a.peer).send_candidates(a);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const DiscardDescription& /*action*/) const {
    return std::nullopt;  // when it is there
  }
  std::optional<peer::Error> operator()(const AddIceCandidate& a) const {
    progress().operation = peer(a.peer).add_ice_candidate(a.candidate);
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
  std::optional<peer::Error> operator()(const SetCodecPreferences& a) const {
    return peer(a.peer).set_codec_preferences(a);
  }
  std::optional<peer::Error> operator()(const SetConfiguration& a) const {
    return peer(a.peer).set_configuration(
        timeline.configure_(*timeline.scenario_.find_peer(a.peer), a.configuration));
  }
  std::optional<peer::Error> operator()(const SetInterface& a) const {
    world().set_up(a.machine, a.interface, a.up);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetLink& a) const {
    if (a.a_to_b) world().set_quality(a.a, a.b, *a.a_to_b);
    if (a.b_to_a) world().set_quality(a.b, a.a, *a.b_to_a);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const RestartNat& a) const {
    world().restart_nat(a.nat);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetNat& a) const {
    world().set_nat(a.nat, a.behaviour);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetAddress& a) const {
    world().set_addresses(a.machine, a.interface, a.addresses);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetServer& a) const {
    world().set_running(a.machine, a.runs);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetSignalling& a) const {
    timeline.stage_.carrier.set(a.terms);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SendDescription& a) const {
    if (a.description.empty()) return peer(a.peer).reason_not_to_send();
    const auto description = described(a.description);
    return description ? std::nullopt : std::optional{description.error()};
  }
  std::optional<peer::Error> operator()(const SendMessage& /*action*/) const {
    progress().sent = 0;
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
    if (!a.for_ever) timeline.wake_at(index, Simulation::now() + a.at_most);
    const auto* const packet = a.until ? std::get_if<PacketTrigger>(&*a.until) : nullptr;
    if (packet == nullptr) return std::nullopt;
    timeline.stage_.packets->arm(*packet, [&to = timeline, at = index] {
      to.progress_[at].packet_seen = true;
      to.wake();
    });
    return std::nullopt;
  }
};

// Whether what a step waits for has come to pass.
struct Timeline::Happened {
  const Timeline& timeline;
  const Progress& progress;

  bool operator()(const Condition& condition) const {
    return chronicle(condition).holds(condition);
  }
  bool operator()(const RecordTrigger& t) const { return progress.reports >= t.number; }
  bool operator()(const PacketTrigger& /*trigger*/) const { return progress.packet_seen; }
  bool operator()(const StepTrigger& t) const {
    const auto state = timeline.outcomes_[t.step].state;
    return timeline.has_ended(t.step) || (t.has_begun && state == StepOutcome::State::Running);
  }
  // What is so instead.
  [[nodiscard]] std::string seen(const Trigger& trigger) const {
    if (const auto* const condition = std::get_if<Condition>(&trigger))
      return chronicle(*condition).seen(*condition);
    if (std::holds_alternative<RecordTrigger>(trigger))
      return fmt::format("reported {} times", progress.reports);
    return "it did not come";
  }

 private:
  [[nodiscard]] const Chronicle& chronicle(const Condition& condition) const {
    return std::visit(
        [&](const auto& c) -> auto& {
          return timeline.stage_.participants.at(c.peer)->chronicle();
        },
        condition);
  }
};

// Concludes the running step if it has ended; returns whether it has.
struct Timeline::Check {
  Timeline& timeline;
  StepIndex index;
  Instant began;

  [[nodiscard]] Participant& peer(const std::string& name) const {
    return *timeline.stage_.participants.at(name);
  }
  [[nodiscard]] Progress& progress() const { return timeline.progress_[index]; }

  bool done() const { return ended(std::nullopt); }
  bool ended(const std::optional<peer::Error>& error) const {
    timeline.conclude_call(index, error);
    return true;
  }
  bool failed(std::string why) const {
    timeline.conclude(index, StepOutcome::State::Failed, std::move(why));
    return true;
  }
  bool settled(const std::string& name) const {
    const auto outcome = peer(name).settled(*progress().operation);
    if (!outcome) return false;
    if (const auto* error = std::get_if<peer::Error>(&*outcome)) return ended(*error);
    return done();
  }
  // What createOffer or createAnswer made gets its name.
  bool created(const std::string& name, const std::string& as) const {
    const auto outcome = peer(name).settled(*progress().operation);
    const auto* const description = outcome ? std::get_if<peer::Description>(&*outcome) : nullptr;
    if (description != nullptr && !as.empty())
      timeline.descriptions_.insert_or_assign(as, *description);
    return settled(name);
  }

  // A call that promised something ends when that is settled; what promised nothing ended as it
  // began.
  template <class Act>
  bool operator()(const Act& action) const {
    if constexpr (requires { action.peer; }) {
      if (progress().operation) return settled(action.peer);
    }
    return done();
  }
  bool operator()(const CreateOffer& a) const { return created(a.peer, a.as); }
  bool operator()(const CreateAnswer& a) const { return created(a.peer, a.as); }
  bool operator()(const DiscardDescription& a) const {
    return peer(a.peer).take_description() && done();
  }
  bool operator()(const ReceiveDescription& a) const {
    auto description = peer(a.peer).take_description();
    if (!description) return false;
    timeline.descriptions_.insert_or_assign(a.as, *std::move(description));
    return done();
  }
  bool operator()(const SetRemoteDescription& a) const {
    auto& operation = progress().operation;
    if (!operation) operation = peer(a.peer).set_received_description(a.type);
    return operation && settled(a.peer);
  }
  bool operator()(const SendDescription& a) const {
    auto& sender = peer(a.peer);
    if (a.description.empty() && !sender.ready_to_send_description()) return false;
    for (unsigned copy = 0; copy < a.times; ++copy) {
      if (a.description.empty()) {
        sender.send_description(a.to);
      } else {
        sender.send_description(timeline.descriptions_.at(a.description), a.to);
      }
    }
    return done();
  }
  bool operator()(const SendMessage& a) const {
    auto& sent = progress().sent;
    while (sent < a.count && Simulation::now() >= began + a.interval * sent) {
      const auto error = peer(a.peer).send(a.channel, text_of(a, sent + 1));
      if (error) return ended(*error);
      ++sent;
    }
    if (sent == a.count) return done();
    timeline.wake_at(index, began + a.interval * sent);
    return false;
  }
  bool operator()(const Wait& a) const {
    const bool over = !a.for_ever && Simulation::now() >= began + a.at_most;
    if (!a.until) return over && done();
    const Happened happened{timeline, progress()};
    if (std::visit(happened, *a.until)) return done();
    return over && failed(happened.seen(*a.until));
  }
};

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
  return std::visit(Check{*this, index, outcome.began}, scenario_.steps[index].action) || has_begun;
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
  if (const auto error = std::visit(Begin{*this, index}, step.action)) conclude_call(index, error);
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
