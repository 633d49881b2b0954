// When each kind of step ends.
#include "scenarios/timeline.h"
#include "sim/link/simulation.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::scenario {

using sim::Simulation;

namespace {

std::string text_of(const SendMessage& action, unsigned number) {
  auto text = action.count == 1 ? action.text : fmt::format("{} #{}", action.text, number);
  if (text.size() < action.octets) text.resize(action.octets, '.');
  return text;
}

}  // namespace

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

bool Timeline::check_action(StepIndex index) {
  return std::visit(Check{*this, index, outcomes_[index].began}, scenario_.steps[index].action);
}

}  // namespace rtclab::scenario
