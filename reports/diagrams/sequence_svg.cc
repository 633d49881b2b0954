#include "reports/diagrams/layout.h"
#include "reports/diagrams/palette.h"
#include "reports/diagrams/sequence.h"
#include "reports/diagrams/story.h"
#include "reports/diagrams/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace rtclab::diagrams {
namespace {

constexpr double kHead = 8;  // length of an arrowhead

class SequenceSvg {
 public:
  explicit SequenceSvg(const Story& story) : story_{story}, layout_{lay_out(story)} {}

  std::string draw() {
    svg_.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    svg_.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                      {"class", "rtclab-diagram rtclab-sequence"},
                      {"viewBox", fmt::format("0 0 {} {}", Svg::number(layout_.width),
                                              Svg::number(layout_.height))},
                      {"width", Svg::number(layout_.width)},
                      {"height", Svg::number(layout_.height)},
                      {"role", "img"}});
    svg_.tooltip("Sequence diagram: " + story_.title);
    svg_.raw(style_sheet());
    svg_.rectangle("paper", {0, 0}, layout_.width, layout_.height, 0);
    draw_title();
    draw_legend();
    draw_silences();
    draw_lifelines();
    draw_ticks();
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) draw_bar(i);
    for (std::size_t i = 0; i < story_.badges.size(); ++i) draw_badge(i);
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) draw_arrow(i);
    // After all lines, so that no line crosses out a text.
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) draw_texts(i);
    svg_.close();
    return svg_.take();
  }

 private:
  void draw_title() {
    svg_.text("title", {24, 34}, story_.title);
    svg_.text("description muted", {24, 54}, shorten(story_.description, 150));
    if (!story_.notes.empty()) {
      svg_.text("small muted", {24, layout_.top - 75}, story_.notes.front());
    }
  }

  // Only what occurs in this diagram.
  void draw_legend() {
    std::set<Lane> lanes;
    bool folded = false;
    bool died = false;
    bool unseen = false;
    for (const auto& arrow : story_.arrows) {
      lanes.insert(arrow.lane);
      folded = folded || arrow.count > 1;
      died = died || arrow.death.has_value();
      unseen = unseen || !arrow.arrival_seen;
    }
    double x = 24;
    const double y = 74;
    const auto entry = [&](std::string_view text) {
      svg_.text("small muted", {x + 30, y + 3.5}, text);
      x += 30 + text_width(text, 10) + 20;
    };
    for (const auto lane : lanes) {
      const auto css = std::string{css_class(lane)};
      svg_.line("arrow " + css, {x, y}, {x + 18, y});
      head({x + 24, y}, 0, "head " + css);
      entry(to_string(lane));
    }
    if (folded) {
      svg_.line("arrow folded lane-other", {x, y}, {x + 24, y});
      svg_.line("inner", {x, y}, {x + 24, y});
      entry("several, folded");
    }
    if (unseen) {
      svg_.line("arrow lane-other", {x, y}, {x + 18, y});
      head({x + 24, y}, 0, "hollow lane-other");
      entry("arrival not captured");
    }
    if (died) {
      svg_.line("arrow lane-other", {x, y}, {x + 18, y});
      cross({x + 21, y});
      entry("lost or filtered");
    }
  }

  void draw_silences() {
    for (const auto& silence : layout_.silences) {
      svg_.rectangle("gap", {8, silence.y}, layout_.width - 16, silence.height, 6);
      svg_.text("small muted end", {72, silence.y + silence.height / 2 + 3.5}, "⋮ " + silence.text);
    }
  }

  void draw_lifelines() {
    const auto& xs = layout_.lifeline_x;
    const auto distance = xs.size() > 1 ? xs[1] - xs[0] : 200.0;
    const auto width = std::min(distance - 12, 190.0);
    for (std::size_t i = 0; i < xs.size(); ++i) {
      const auto& lifeline = story_.lifelines[i];
      svg_.line("lifeline", {xs[i], layout_.top}, {xs[i], layout_.bottom});
      const auto characters = static_cast<std::size_t>(width / 6.6);
      svg_.open("g");
      svg_.tooltip(tooltip(lifeline));
      svg_.rectangle("box", {xs[i] - width / 2, layout_.top - 62}, width, 54, 8);
      svg_.text("name", {xs[i], layout_.top - 45}, shorten(lifeline.name, characters));
      svg_.text("small muted middle", {xs[i], layout_.top - 31}, lifeline.kind);
      std::string addresses;
      for (const auto& address : lifeline.addresses) {
        addresses += (addresses.empty() ? "" : ", ") + address;
      }
      svg_.text("small muted middle", {xs[i], layout_.top - 17},
                shorten(addresses, characters + 4));
      svg_.close();
      svg_.text("small muted middle", {xs[i], layout_.bottom + 16},
                shorten(lifeline.name, characters));
    }
  }

  static std::string tooltip(const Lifeline& lifeline) {
    auto text = lifeline.name + ", " + lifeline.kind;
    for (const auto& address : lifeline.addresses) text += "\n" + address;
    return text;
  }

  void draw_ticks() {
    for (const auto& tick : layout_.ticks) svg_.text("tick muted", {72, tick.y + 3.5}, tick.text);
  }

  // Beside the sender's lifeline: how long what is folded into one arrow went on.
  void draw_bar(std::size_t index) {
    const auto& arrow = story_.arrows[index];
    const auto& placed = layout_.arrows[index];
    const auto height = placed.last_y - placed.path.front().y;
    if (arrow.count < 2 || height < 4) return;
    const auto inward =
        arrow.stops.front().lifeline == 0 || placed.path.back().x > placed.path[0].x;
    // One lane of bars per colour, so that data and consent run side by side.
    const auto offset = 2.5 + 4 * bar_column(arrow.lane);
    const auto x = placed.path.front().x + (inward ? offset : -offset - 3);
    svg_.open("g");
    svg_.tooltip(arrow.detail);
    svg_.rectangle("bar " + std::string{css_class(arrow.lane)}, {x, placed.path.front().y}, 3,
                   height, 1.5);
    svg_.close();
  }

  static double bar_column(Lane lane) {
    switch (lane) {
      case Lane::Stun: return 0;
      case Lane::Data: return 1;
      case Lane::Media: return 2;
      default: return 3;
    }
  }

  void draw_badge(std::size_t index) {
    const auto& badge = story_.badges[index];
    const auto& placed = layout_.badges[index];
    const auto css = std::string{css_class(badge.kind)};
    const auto middle = placed.corner.y + kBadgeHeight / 2;
    svg_.open("g");
    svg_.tooltip(badge.detail);
    svg_.line("wire", {layout_.lifeline_x[badge.lifeline], placed.lifeline_y},
              {placed.edge_x, middle});
    svg_.rectangle("badge " + css, placed.corner, placed.width, kBadgeHeight, kBadgeHeight / 2);
    svg_.text("badge-text middle " + css, {placed.corner.x + placed.width / 2, middle + 3.6},
              shorten(badge.text, 40));
    svg_.close();
  }

  void draw_arrow(std::size_t index) {
    const auto& arrow = story_.arrows[index];
    const auto& placed = layout_.arrows[index];
    const auto css = std::string{css_class(arrow.lane)};
    Attributes attributes;
    if (!arrow.frames.empty()) {
      attributes.emplace_back("id", fmt::format("frame-{}", arrow.frames.front()));
    }
    if (!arrow.frames.empty() && !ids_.insert(arrow.frames.front()).second) attributes.clear();
    svg_.open("g", attributes);
    svg_.tooltip(arrow.detail);
    svg_.polyline("hit", placed.path);
    auto path = placed.path;
    const auto tip = path.back();
    const auto& before = path[path.size() - 2];
    const auto angle = std::atan2(tip.y - before.y, tip.x - before.x);
    if (!arrow.death) path.back() = {tip.x - 5 * std::cos(angle), tip.y - 5 * std::sin(angle)};
    svg_.polyline((arrow.count > 1 ? "arrow folded " : "arrow ") + css, path);
    if (arrow.count > 1) svg_.polyline("inner", path);
    if (arrow.death)
      cross(tip);
    else
      head(tip, angle, (arrow.arrival_seen ? "head " : "hollow ") + css);
    svg_.close();
  }

  void draw_texts(std::size_t index) {
    const auto& arrow = story_.arrows[index];
    svg_.open("g");
    svg_.tooltip(arrow.detail);
    draw_label(arrow, layout_.arrows[index], std::string{css_class(arrow.lane)});
    const auto reason = layout_.reasons.find(index);
    if (reason != layout_.reasons.end()) draw_reason(reason->second);
    svg_.close();
  }

  void draw_label(const Arrow& arrow, const PlacedArrow& placed, const std::string& css) {
    const bool strong = arrow.label == "offer" || arrow.label == "answer" ||
                        arrow.label.find("USE-CANDIDATE") != std::string::npos;
    const auto x = Svg::number(placed.label_at.x);
    const auto y = Svg::number(placed.label_at.y);
    Attributes attributes{{"class", "label " + css + (strong ? " strong" : "") +
                                        (placed.label_ends_here ? " end" : "")},
                          {"x", x},
                          {"y", y}};
    if (std::abs(placed.label_angle) > 0.3) {
      attributes.emplace_back(
          "transform", fmt::format("rotate({} {} {})", Svg::number(placed.label_angle), x, y));
    }
    svg_.text_leaf("text", attributes, placed.label);
  }

  void draw_reason(const PlacedReason& reason) {
    auto at = reason.at;
    for (const auto& line : reason.lines) {
      svg_.text(reason.ends_here ? "reason end" : "reason", at, line);
      at.y += 11.5;
    }
  }

  void head(Point tip, double angle, const std::string& css) {
    const auto side = [&](double turn) {
      return Point{tip.x - kHead * std::cos(angle + turn), tip.y - kHead * std::sin(angle + turn)};
    };
    const auto a = side(0.42);
    const auto b = side(-0.42);
    svg_.leaf("polygon",
              {{"class", css},
               {"points", fmt::format("{},{} {},{} {},{}", Svg::number(tip.x), Svg::number(tip.y),
                                      Svg::number(a.x), Svg::number(a.y), Svg::number(b.x),
                                      Svg::number(b.y))}});
  }

  void cross(Point at) {
    constexpr double kArm = 4.2;
    svg_.line("cross", {at.x - kArm, at.y - kArm}, {at.x + kArm, at.y + kArm});
    svg_.line("cross", {at.x - kArm, at.y + kArm}, {at.x + kArm, at.y - kArm});
  }

  const Story& story_;
  const Layout layout_;
  Svg svg_;
  std::set<std::size_t> ids_;
};

}  // namespace

std::string sequence_svg(const evidence::Evidence& evidence) {
  const auto story = tell(evidence);
  return SequenceSvg{story}.draw();
}

}  // namespace rtclab::diagrams
