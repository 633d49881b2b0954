#include "scenarios/scenario.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::scenario {
namespace {

std::string joined(const std::vector<std::string>& words) {
  if (words.empty()) return "any";
  return fmt::format("{}", fmt::join(words, " or "));
}

struct SayCondition {
  std::string operator()(const StateCondition& c) const {
    return fmt::format("{} {} = {}", c.peer, c.attribute, c.value);
  }
  std::string operator()(const ChannelCondition& c) const {
    return fmt::format("{} channel \"{}\" = {}", c.peer, c.channel, c.value);
  }
  std::string operator()(const MessagesCondition& c) const {
    return fmt::format("{} has {} message{} on \"{}\"", c.peer, c.count, c.count == 1 ? "" : "s",
                       c.channel);
  }
};

struct SayAction {
  std::string operator()(const CreateDataChannel& a) const {
    return fmt::format("{} createDataChannel(\"{}\")", a.peer, a.label);
  }
  std::string operator()(const CreateOffer& a) const { return a.peer + " createOffer()"; }
  std::string operator()(const CreateAnswer& a) const { return a.peer + " createAnswer()"; }
  std::string operator()(const SetLocalDescription& a) const {
    using enum SetLocalDescription::What;
    const auto* const what = a.what == Rollback ? "rollback" : a.what == Created ? "created" : "";
    return fmt::format("{} setLocalDescription({})", a.peer, what);
  }
  std::string operator()(const SendDescription& a) const {
    return fmt::format("{} sends its description to {}", a.peer, a.to);
  }
  std::string operator()(const SetRemoteDescription& a) const {
    return fmt::format("{} setRemoteDescription({})", a.peer, a.rollback ? "rollback" : "received");
  }
  std::string operator()(const SendMessage& a) const {
    return fmt::format("{} send(\"{}\") on \"{}\"{}", a.peer, a.text, a.channel,
                       a.count == 1 ? "" : fmt::format(" × {}", a.count));
  }
  std::string operator()(const CloseChannel& a) const {
    return fmt::format("{} closes channel \"{}\"", a.peer, a.channel);
  }
  std::string operator()(const ClosePeer& a) const { return a.peer + " close()"; }
  std::string operator()(const Wait& a) const {
    const auto seconds = fmt::format("{} s", std::chrono::duration<double>(a.at_most).count());
    return a.until ? fmt::format("wait until {}, at most {}", to_string(*a.until), seconds)
                   : "wait " + seconds;
  }
};

struct SayExpectation {
  std::string operator()(const ExpectState& e) const {
    if (!e.by) return to_string(e.condition) + " at the end";
    return fmt::format("{} by {} s", to_string(e.condition),
                       std::chrono::duration<double>(*e.by).count());
  }
  std::string operator()(const ExpectSelectedPair& e) const {
    return fmt::format("{} selects a pair {} / {}", e.peer, joined(e.local), joined(e.remote));
  }
  std::string operator()(const ExpectMessage& e) const {
    return fmt::format("{} receives \"{}\" on \"{}\"", e.peer, e.text, e.channel);
  }
};

struct Actor {
  std::string_view operator()(const Wait& /*action*/) const { return {}; }
  template <class Act>
  std::string_view operator()(const Act& action) const {
    return action.peer;
  }
};

}  // namespace

const Peer* Scenario::find_peer(std::string_view peer) const {
  const auto found = std::ranges::find(peers, peer, &Peer::name);
  return found == peers.end() ? nullptr : &*found;
}

std::string to_string(const Condition& condition) {
  return std::visit(SayCondition{}, condition);
}

std::string to_string(const Action& action) {
  return std::visit(SayAction{}, action);
}

std::string to_string(const Expectation& expectation) {
  return std::visit(SayExpectation{}, expectation);
}

std::string_view actor(const Action& action) {
  return std::visit(Actor{}, action);
}

}  // namespace rtclab::scenario
