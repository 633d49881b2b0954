#include "scenarios/chronicle.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::scenario {

Chronicle::Chronicle() {
  // W3C webrtc-pc §4.4.1.1: what the states are when the connection is made.
  changes_ = {{Instant{}, "signalingState", "stable"},
              {Instant{}, "iceGatheringState", "new"},
              {Instant{}, "iceConnectionState", "new"},
              {Instant{}, "connectionState", "new"}};
}

void Chronicle::note_state(Instant at, std::string_view attribute, std::string_view value) {
  changes_.push_back({at, std::string{attribute}, std::string{value}});
}

void Chronicle::note_channel(Instant at, const std::string& label, std::string_view ready_state) {
  auto& channel = channels_[label];
  channel.ready_state = ready_state;
  channel.reached.try_emplace(channel.ready_state, at);
}

void Chronicle::note_received(Instant at, const std::string& label, std::string text) {
  auto& channel = channels_[label];
  channel.received.push_back(std::move(text));
  channel.received_at.push_back(at);
}

const ChannelRecord* Chronicle::find_channel(const std::string& label) const {
  const auto found = channels_.find(label);
  return found == channels_.end() ? nullptr : &found->second;
}

unsigned Chronicle::events(std::string_view type) const {
  const auto found = events_.find(type);
  return found == events_.end() ? 0 : found->second;
}

std::vector<const Value*> Chronicle::values(std::string_view type, Where where,
                                            std::string_view member) const {
  std::vector<const Value*> found;
  for (const auto* const object : statistics_.all(type)) {
    const bool fits = std::ranges::all_of(where, [&](const auto& wanted) {
      const auto* const value = object->find(wanted.first);
      return wanted.second.empty() ||
             (value != nullptr && *value == Value{std::string{wanted.second}});
    });
    const auto* const value = object->find(member);
    if (fits && value != nullptr) found.push_back(value);
  }
  return found;
}

std::optional<double> Chronicle::statistic(std::string_view type, Where where,
                                           std::string_view member) const {
  std::optional<double> sum;
  for (const auto* const value : values(type, where, member)) {
    std::visit(
        [&](const auto& number) {
          if constexpr (std::is_arithmetic_v<std::decay_t<decltype(number)>>)
            sum = sum.value_or(0) + static_cast<double>(number);
        },
        *value);
  }
  return sum;
}

std::set<std::string> Chronicle::texts(std::string_view type, Where where,
                                       std::string_view member) const {
  std::set<std::string> found;
  for (const auto* const value : values(type, where, member)) {
    if (const auto* text = std::get_if<std::string>(value)) found.insert(*text);
  }
  return found;
}

const std::string* Chronicle::find_transceiver(const std::string& name) const {
  const auto found = transceivers_.find(name);
  return found == transceivers_.end() ? nullptr : &found->second;
}

std::string_view Chronicle::state(std::string_view attribute) const {
  const auto last = std::find_if(changes_.rbegin(), changes_.rend(), [&](const Change& change) {
    return change.attribute == attribute;
  });
  return last == changes_.rend() ? std::string_view{} : last->value;
}

bool Chronicle::holds(const Condition& condition) const {
  if (const auto* c = std::get_if<StateCondition>(&condition))
    return state(c->attribute) == c->value;
  if (const auto* c = std::get_if<ChannelCondition>(&condition)) {
    const auto* channel = find_channel(c->channel);
    return channel != nullptr && channel->ready_state == c->value;
  }
  const auto& c = std::get<MessagesCondition>(condition);
  const auto* channel = find_channel(c.channel);
  return channel != nullptr && channel->received.size() >= c.count;
}

std::optional<Instant> Chronicle::reached(const Condition& condition) const {
  if (const auto* c = std::get_if<StateCondition>(&condition)) {
    const auto first = std::ranges::find_if(changes_, [&](const Change& change) {
      return change.attribute == c->attribute && change.value == c->value;
    });
    if (first == changes_.end()) return std::nullopt;
    return first->at;
  }
  if (const auto* c = std::get_if<ChannelCondition>(&condition)) {
    const auto* channel = find_channel(c->channel);
    if (channel == nullptr || !channel->reached.contains(c->value)) return std::nullopt;
    return channel->reached.at(c->value);
  }
  const auto& c = std::get<MessagesCondition>(condition);
  const auto* channel = find_channel(c.channel);
  if (channel == nullptr || channel->received_at.size() < c.count) return std::nullopt;
  return channel->received_at[c.count - 1];
}

std::string Chronicle::seen(const Condition& condition) const {
  if (const auto* c = std::get_if<StateCondition>(&condition)) {
    return fmt::format("{} = {}", c->attribute, state(c->attribute));
  }
  if (const auto* c = std::get_if<ChannelCondition>(&condition)) {
    const auto* channel = find_channel(c->channel);
    if (channel == nullptr) return fmt::format("there is no channel \"{}\"", c->channel);
    return fmt::format("channel \"{}\" = {}", c->channel, channel->ready_state);
  }
  const auto& c = std::get<MessagesCondition>(condition);
  const auto* channel = find_channel(c.channel);
  return fmt::format("{} of {} messages on \"{}\"",
                     channel == nullptr ? 0 : channel->received.size(), c.count, c.channel);
}

}  // namespace rtclab::scenario
