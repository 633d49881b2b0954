#include "scenarios/chronicle.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::scenario {

Chronicle::Chronicle() {
  // W3C webrtc-pc §4.4.1.1: what the states are when the connection is made.
  changes_ = {{"signalingState", {{}, "stable"}},
              {"iceGatheringState", {{}, "new"}},
              {"iceConnectionState", {{}, "new"}},
              {"connectionState", {{}, "new"}}};
}

// close() may set what is so already.
void Chronicle::note_state(Stamp at, std::string_view attribute, std::string_view value) {
  if (state(attribute) == value) return;
  changes_.push_back({std::string{attribute}, {at, std::string{value}}});
}

void Chronicle::note_channel(Stamp at, const std::string& label, std::string_view ready_state) {
  auto& channel = channels_[label];
  const bool is_new = channel.changes.empty();
  if (!is_new && channel.ready_state == ready_state) return;
  channel.ready_state = ready_state;
  channel.changes.push_back({at, channel.ready_state});
}

void Chronicle::note_received(Stamp at, const std::string& label, std::string text) {
  auto& channel = channels_[label];
  channel.received.push_back(std::move(text));
  channel.received_at.push_back(at);
}

void Chronicle::note_candidate(Stamp at, CandidateWay way, std::string_view candidate) {
  if (auto parsed = sdp::Candidate::parse(candidate))
    candidates_.push_back({at, way, *std::move(parsed)});
}

void Chronicle::note_description(Stamp at, std::string_view attribute,
                                 std::optional<peer::Description> value) {
  const auto* const last = find_description(attribute, at);
  const bool is_same = last == nullptr ? !value : value && *value == *last;
  if (!is_same) descriptions_.push_back({at, std::string{attribute}, std::move(value)});
}

const peer::Description* Chronicle::find_description(std::string_view attribute,
                                                     const Stamp& at) const {
  const peer::Description* found = nullptr;
  for (const auto& change : descriptions_) {
    if (change.at > at || change.attribute != attribute) continue;
    found = change.value ? &*change.value : nullptr;
  }
  return found;
}

const ChannelRecord* Chronicle::find_channel(const std::string& label) const {
  const auto found = channels_.find(label);
  return found == channels_.end() ? nullptr : &found->second;
}

unsigned Chronicle::events(std::string_view type) const {
  return static_cast<unsigned>(std::ranges::count(events_, type, &FiredEvent::type));
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

const TransceiverRecord* Chronicle::find_transceiver(const std::string& name) const {
  const auto found = transceivers_.find(name);
  return found == transceivers_.end() ? nullptr : &found->second;
}

std::string_view Chronicle::state(std::string_view attribute) const {
  const auto last =
      std::find_if(changes_.rbegin(), changes_.rend(),
                   [&](const StateChange& change) { return change.attribute == attribute; });
  return last == changes_.rend() ? std::string_view{} : last->change.value;
}

std::vector<Change> Chronicle::changes(std::string_view attribute,
                                       const std::string& channel) const {
  if (!channel.empty()) {
    const auto* const found = find_channel(channel);
    return found == nullptr ? std::vector<Change>{} : found->changes;
  }
  std::vector<Change> found;
  for (const auto& each : changes_) {
    if (each.attribute == attribute) found.push_back(each.change);
  }
  return found;
}

namespace {

Spans spans_of(const std::vector<Change>& changes, std::string_view value) {
  Spans spans;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].value != value) continue;
    const bool is_last = i + 1 == changes.size();
    spans.push_back({changes[i].at, is_last ? std::nullopt : std::optional{changes[i + 1].at}});
  }
  return spans;
}

}  // namespace

Spans Chronicle::spans(const Condition& condition) const {
  if (const auto* c = std::get_if<StateCondition>(&condition))
    return spans_of(changes(c->attribute), c->value);
  if (const auto* c = std::get_if<ChannelCondition>(&condition))
    return spans_of(changes("readyState", c->channel), c->value);
  const auto& c = std::get<MessagesCondition>(condition);
  const auto* channel = find_channel(c.channel);
  if (channel == nullptr || channel->received_at.size() < c.count) return {};
  return {{.begin = channel->received_at[c.count - 1]}};
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
  const auto all = spans(condition);
  return all.empty() ? std::nullopt : std::optional{all.front().begin.at};
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
