#include "scenarios/shrink/subjects.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace rtclab::shrink {
namespace {

using scenario::Scenario;

// Collects the peers that a value names.
class Named {
 public:
  explicit Named(const Scenario& scenario) : scenario_{scenario} {}

  template <class Thing>
  void operator()(const Thing& thing) {
    if constexpr (requires { thing.peer; }) note(thing.peer);
    if constexpr (requires { thing.by; }) note(thing.by);
  }
  template <class... Kinds>
  void operator()(const std::variant<Kinds...>& thing) {
    std::visit(*this, thing);
  }
  void operator()(const scenario::ExpectState& e) { (*this)(e.condition); }
  void operator()(const scenario::ExpectDuration& e) {
    (*this)(e.from.what);
    (*this)(e.to.what);
  }
  void operator()(const scenario::ExpectEvent& e) { note(e.event.peer); }
  void operator()(const scenario::ExpectRecord& e) { note(e.record.by); }
  void operator()(const scenario::ExpectMessage& e) { note(e.message.peer); }
  void operator()(const scenario::ExpectStep& e) { step(e.step); }
  void operator()(const scenario::StepEdge& edge) { step(edge.step); }
  void operator()(const scenario::Wait& wait) {
    if (wait.until) (*this)(*wait.until);
  }
  void operator()(const scenario::PacketTrigger& trigger) {
    for (const auto& peer : scenario_.peers) {
      if (peer.machine == trigger.machine) note(peer.name);
    }
  }

  std::set<std::string> peers() && { return std::move(peers_); }

 private:
  // What reports may be a machine.
  void note(const std::string& name) {
    if (scenario_.find_peer(name) != nullptr) peers_.insert(name);
  }
  void step(std::string_view id) {
    const auto found = std::ranges::find(scenario_.steps, id, &scenario::Step::id);
    if (found != scenario_.steps.end()) (*this)(found->action);
  }

  const Scenario& scenario_;
  std::set<std::string> peers_;
};

// Of two peers each is the other's.
std::set<std::string> with_partners(std::set<std::string> peers, const Scenario& scenario) {
  if (peers.empty()) return peers;
  auto all = peers;
  if (scenario.peers.size() == 2) {
    for (const auto& peer : scenario.peers) all.insert(peer.name);
    return all;
  }
  for (const auto& step : scenario.steps) {
    const auto* const sending = std::get_if<scenario::SendDescription>(&step.action);
    if (sending == nullptr) continue;
    if (peers.contains(sending->peer)) all.insert(sending->to);
    if (peers.contains(sending->to)) all.insert(sending->peer);
  }
  return all;
}

template <class Thing>
std::set<std::string> subjects(const Thing& thing, const Scenario& scenario) {
  Named named{scenario};
  named(thing);
  return with_partners(std::move(named).peers(), scenario);
}

}  // namespace

std::set<std::string> subjects_of(const scenario::Expectation& expectation,
                                  const Scenario& scenario) {
  return subjects(expectation, scenario);
}

std::set<std::string> subjects_of(const scenario::Action& action, const Scenario& scenario) {
  return subjects(action, scenario);
}

}  // namespace rtclab::shrink
