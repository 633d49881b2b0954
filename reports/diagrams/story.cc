#include "reports/diagrams/story.h"

#include "reports/diagrams/arrows.h"
#include "reports/diagrams/badges.h"
#include "reports/diagrams/lifelines.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

namespace rtclab::diagrams {

using evidence::Evidence;

std::string_view to_string(Lane lane) {
  switch (lane) {
    case Lane::Signalling: return "signalling";
    case Lane::Stun: return "STUN";
    case Lane::Turn: return "TURN";
    case Lane::Dtls: return "DTLS";
    case Lane::Data: return "SCTP and data";
    case Lane::Media: return "RTP and RTCP";
    case Lane::Tcp: return "TCP";
    case Lane::Other: return "other";
  }
  return "other";
}

namespace {

double milliseconds(Duration length) {
  return static_cast<double>(length.count()) / 1e6;
}

std::vector<std::string> notes(const Evidence& evidence, const Story& story) {
  std::vector<std::string> notes;
  const bool blind =
      std::ranges::any_of(story.arrows, [](const auto& arrow) { return !arrow.arrival_seen; });
  std::set<std::string> places;
  for (const auto& interface : evidence.interfaces) {
    if (interface.party) places.insert(evidence.parties[*interface.party].name);
  }
  if (!evidence.has_trace && !places.empty()) {
    std::string list;
    for (const auto& place : places) list += (list.empty() ? "" : ", ") + place;
    notes.push_back(
        "A recording, captured at " + list +
        (blind ? ". Where nobody captured, times of sending and arrival are not known." : "."));
  }
  return notes;
}

}  // namespace

namespace {

constexpr Duration kHour = std::chrono::hours{1};
constexpr Duration kDay = std::chrono::hours{24};

// "2d 1:02", and ":03", ".004" as far as `to` asks.
std::string clock_text(Duration at, Duration to) {
  using namespace std::chrono;
  const auto days = at / kDay;
  const auto hours = at % kDay / kHour;
  const auto minutes = at % kHour / std::chrono::minutes{1};
  auto text = fmt::format("{}{}:{:02}", days > 0 ? fmt::format("{}d ", days) : "", hours, minutes);
  if (to < std::chrono::minutes{1}) text += fmt::format(":{:02}", at % 1min / 1s);
  if (to < 1s) text += fmt::format(".{:03}", at % 1s / 1ms);
  return text;
}

}  // namespace

std::string moment_text(Duration at) {
  using namespace std::chrono_literals;
  const auto value = milliseconds(at);
  if (at >= kHour) return clock_text(at, 1ms);
  return value < 1000 ? fmt::format("{:.1f} ms", value) : fmt::format("{:.3f} s", value / 1000);
}

std::string MomentColumn::text(Duration at) {
  using namespace std::chrono_literals;
  if (at < kHour) return moment_text(at);
  if (told_ && at >= *told_ && at - *told_ < 1min) {
    return at == *told_ ? clock_text(at, at < kDay ? 1s : 1min) : "+" + moment_text(at - *told_);
  }
  told_ = at;
  return clock_text(at, at < kDay ? 1s : 1min);
}

std::string length_text(Duration length) {
  using namespace std::chrono_literals;
  const auto value = milliseconds(length);
  if (value < 10) return fmt::format("{:.1f} ms", value);
  if (value < 1000) return fmt::format("{:.0f} ms", value);
  if (length < 10min) return fmt::format("{:.1f} s", value / 1000);
  if (length < 2 * kHour) return fmt::format("{:.0f} min", value / 60e3);
  if (length < 2 * kDay) return fmt::format("{:.1f} h", value / 3600e3);
  return fmt::format("{:.1f} d", value / 86400e3);
}

std::string count_text(const Arrow& arrow) {
  if (arrow.count < 2) return {};
  const auto length = arrow.last - arrow.stops.front().at;
  if (length < std::chrono::milliseconds{1}) return fmt::format(" × {}", arrow.count);
  return fmt::format(" × {}, over {}", arrow.count, length_text(length));
}

Duration Story::end() const {
  Duration last{};
  for (const auto& arrow : arrows) {
    last = std::max({last, arrow.last, arrow.stops.back().at});
    if (arrow.death && arrow.death->at) last = std::max(last, *arrow.death->at);
  }
  for (const auto& badge : badges) last = std::max(last, badge.at);
  return last;
}

Story tell(const Evidence& evidence) {
  const Lifelines lifelines{evidence};
  Story story;
  story.title = evidence.title;
  story.description = evidence.description;
  story.lifelines = lifelines.list();
  story.arrows = draw_arrows(evidence, lifelines);
  story.badges = make_badges(evidence, lifelines);
  story.notes = notes(evidence, story);
  return story;
}

}  // namespace rtclab::diagrams
