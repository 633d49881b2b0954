#include "agents/peer/states.h"
#include "scenarios/expectation_reading.h"

#include <algorithm>
#include <array>

namespace rtclab::scenario::reading {
namespace {

using xml::Element;

// The values that each attribute of RTCPeerConnection can have.
struct Attribute {
  std::string_view name;
  std::vector<std::string> values;
};

template <class State>
std::vector<std::string> names(std::initializer_list<State> states) {
  std::vector<std::string> texts;
  for (const auto state : states) texts.emplace_back(peer::to_string(state));
  return texts;
}

const std::array<Attribute, 4>& state_attributes() {
  static const std::array<Attribute, 4> kAttributes = [] {
    using S = peer::SignalingState;
    using G = peer::IceGatheringState;
    using I = peer::IceConnectionState;
    using C = peer::ConnectionState;
    return std::array<Attribute, 4>{{
        {"signalingState", names({S::Stable, S::HaveLocalOffer, S::HaveRemoteOffer,
                                  S::HaveLocalPranswer, S::HaveRemotePranswer, S::Closed})},
        {"iceGatheringState", names({G::New, G::Gathering, G::Complete})},
        {"iceConnectionState", names({I::New, I::Checking, I::Connected, I::Completed,
                                      I::Disconnected, I::Failed, I::Closed})},
        {"connectionState",
         names({C::New, C::Connecting, C::Connected, C::Disconnected, C::Failed, C::Closed})},
    }};
  }();
  return kAttributes;
}

const std::vector<std::string> kReadyStates{"connecting", "open", "closing", "closed"};

}  // namespace

const std::vector<std::string>* find_state_values(std::string_view attribute) {
  if (attribute == "readyState") return &kReadyStates;
  const auto& all = state_attributes();
  const auto* const found = std::ranges::find(all, attribute, &Attribute::name);
  return found == all.end() ? nullptr : &found->values;
}

std::vector<std::string> state_attribute_names() {
  std::vector<std::string> names;
  for (const auto& attribute : state_attributes()) names.emplace_back(attribute.name);
  names.emplace_back("readyState");
  return names;
}

bool has_condition(const Element& element) {
  return element.has("messages") ||
         std::ranges::any_of(state_attribute_names(),
                             [&](const std::string& name) { return element.has(name); });
}

Condition read_condition(const Element& element, const Names& names, const Loaded& loaded) {
  const auto peer = read_peer_name(element, "peer", loaded);
  const auto channel = element.has("channel") ? names.channel(element) : std::string{};
  std::vector<Condition> conditions;
  for (const auto& attribute : state_attributes()) {
    if (!element.has(attribute.name)) continue;
    const auto value = element.text(attribute.name);
    if (!is_one_of(value, attribute.values))
      element.complain_unknown(attribute.name, attribute.name, attribute.values);
    conditions.emplace_back(StateCondition{peer, std::string{attribute.name}, value});
  }
  if (element.has("readyState")) {
    const auto value = element.text("readyState");
    if (!is_one_of(value, kReadyStates))
      element.complain_unknown("readyState", "readyState", kReadyStates);
    conditions.emplace_back(ChannelCondition{peer, channel, value});
  }
  if (element.has("messages")) {
    const auto count = static_cast<unsigned>(element.number("messages", 1, 1'000'000));
    conditions.emplace_back(MessagesCondition{peer, channel, count});
  }
  const bool about_channel = element.has("readyState") || element.has("messages");
  if (about_channel != element.has("channel")) {
    element.complain("channel=\"…\" and one of readyState and messages belong together");
  }
  if (conditions.size() != 1) {
    element.complain(
        "expected one condition: signalingState, iceGatheringState, iceConnectionState, "
        "connectionState, or channel "
        "with readyState or messages");
    return StateCondition{peer, "connectionState", "connected"};  // harmless: the file is refused
  }
  return conditions.front();
}

}  // namespace rtclab::scenario::reading
