#include "reports/diagrams/layout.h"

#include "reports/diagrams/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

namespace rtclab::diagrams {
namespace {

constexpr double kTimeColumn = 78;
constexpr double kHeaderHeight = 150;  // title, legend and the lifelines' heads
constexpr double kLabelSize = 11;
constexpr double kReasonSize = 10;
// How far below its arrow the base of a text is, and what that costs.
struct Lift {
  double lift;
  double far;
};
// Further lines away from the arrow only where the first would lie on another text.
constexpr std::array kLifts{Lift{-4, 0},    Lift{11.5, 6}, Lift{-16, 30},
                            Lift{23.5, 36}, Lift{-28, 70}, Lift{35.5, 76}};
// Where along its arrow a label may begin.
constexpr double kFirstShift = 12;
constexpr double kNextShift = 18;
constexpr int kRounds = 2;
constexpr double kBadgeTextSize = 10.5;
constexpr std::size_t kShortestLabel = 24;
constexpr double kAlwaysRoom = 260;  // for a label, however short its arrow
constexpr std::size_t kLongestLabel = 80;
constexpr std::size_t kLongestBadge = 40;

double spacing(std::size_t lifelines) {
  switch (lifelines) {
    case 0:
    case 1:
    case 2: return 560;
    case 3: return 330;
    case 4: return 260;
    case 5: return 215;
    case 6: return 185;
    default: return 165;
  }
}

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

struct Box {
  double left, top, right, bottom;
  std::size_t owner = kNobody;  // the arrow whose line or label it is
  [[nodiscard]] double overlap(const Box& other) const {
    const auto width = std::min(right, other.right) - std::max(left, other.left);
    const auto height = std::min(bottom, other.bottom) - std::max(top, other.top);
    return width > 0 && height > 0 ? width * height : 0;
  }
};

// Room that is taken. Boxes are held by the strip of the page they start in, so that a long diagram
// is not searched from end to end.
class Room {
 public:
  // What `boxes` would cover of it, not counting what belongs to `but`.
  [[nodiscard]] double overlap(const std::vector<Box>& boxes, std::size_t but = kNobody) const {
    double sum = 0;
    for (const auto& box : boxes) {
      for (auto strip = strip_of(box.top) - 1; strip <= strip_of(box.bottom); ++strip) {
        const auto found = strips_.find(strip);
        if (found == strips_.end()) continue;
        for (const auto& taken : found->second) {
          if (taken.owner == kNobody || taken.owner != but) sum += box.overlap(taken);
        }
      }
    }
    return sum;
  }
  void take(const std::vector<Box>& boxes) {
    for (const auto& box : boxes) strips_[strip_of(box.top)].push_back(box);
  }
  void give_back(const std::vector<Box>& boxes) {
    for (const auto& box : boxes) {
      std::erase_if(strips_[strip_of(box.top)],
                    [&](const Box& taken) { return taken.owner == box.owner; });
    }
  }

 private:
  static constexpr double kStrip = 64;  // no box is higher
  static long strip_of(double y) { return std::lround(std::floor(y / kStrip)); }
  std::map<long, std::vector<Box>> strips_;
};

// The height of a path at x; beyond its ends, that of the end.
double height_at(const std::vector<Point>& path, double x) {
  for (std::size_t i = 1; i < path.size(); ++i) {
    const auto& a = path[i - 1];
    const auto& b = path[i];
    if (a.x == b.x || x < std::min(a.x, b.x) || x > std::max(a.x, b.x)) continue;
    return a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x);
  }
  const auto& front = path.front();
  const auto& back = path.back();
  return std::abs(x - front.x) < std::abs(x - back.x) ? front.y : back.y;
}

class LayoutMaker {
 public:
  explicit LayoutMaker(const Story& story) : story_{story} {}

  Layout make() {
    place_lifelines();
    const auto axis = make_axis(story_, layout_.top + 22);
    layout_.bottom = axis.bottom;
    layout_.height = axis.bottom + 44;
    layout_.ticks = axis.ticks;
    layout_.silences = axis.silences;
    place_badges(axis);
    place_paths(axis);
    place_labels();
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) {
      if (story_.arrows[i].death) place_reason(i);
    }
    return std::move(layout_);
  }

 private:
  // The widest badge decides how much room the margin beside a peer's lifeline has.
  double margin(std::size_t lifeline) const {
    double widest = 0;
    for (const auto& badge : story_.badges) {
      if (badge.lifeline == lifeline) widest = std::max(widest, badge_width(badge));
    }
    return widest > 0 ? widest + 26 : 0;
  }

  static double badge_width(const Badge& badge) {
    return text_width(shorten(badge.text, kLongestBadge), kBadgeTextSize) + 16;
  }

  void place_lifelines() {
    const auto count = story_.lifelines.size();
    const auto distance = spacing(count);
    // Beside the outermost lifelines half a head has to fit, too.
    const double head = std::min(distance - 12, 190.0) / 2 + 8;
    double x = kTimeColumn + std::max(head, count > 0 ? margin(0) : 0);
    for (std::size_t i = 0; i < count; ++i, x += distance) layout_.lifeline_x.push_back(x);
    const auto last = layout_.lifeline_x.empty() ? x : layout_.lifeline_x.back();
    layout_.width = last + std::max(head, count > 1 ? margin(count - 1) : head) + 12;
    layout_.width = std::max(layout_.width, 760.0);  // the legend
    layout_.top = kHeaderHeight + (story_.notes.empty() ? 0 : 22);
  }

  // A peer's badges stand outside, where no arrow goes: the first lifeline's on the left, others on
  // the right.
  void place_badges(const Axis& axis) {
    for (std::size_t i = 0; i < story_.badges.size(); ++i) {
      const auto& badge = story_.badges[i];
      const auto x = layout_.lifeline_x[badge.lifeline];
      PlacedBadge placed;
      placed.width = badge_width(badge);
      placed.lifeline_y = axis.badges[i];
      const bool left = badge.lifeline == 0;
      placed.corner = {left ? x - 14 - placed.width : x + 14, axis.badges[i] - kBadgeHeight / 2};
      placed.edge_x = left ? x - 14 : x + 14;
      const bool inside = !left && badge.lifeline + 1 < layout_.lifeline_x.size();
      if (inside) {
        room_.take({{placed.corner.x, placed.corner.y, placed.corner.x + placed.width,
                     placed.corner.y + kBadgeHeight}});
      }
      layout_.badges.push_back(placed);
    }
  }

  double x_at(double place) const {
    const auto below = static_cast<std::size_t>(std::max(0.0, std::floor(place)));
    if (below + 1 >= layout_.lifeline_x.size()) return layout_.lifeline_x.back();
    const auto part = place - static_cast<double>(below);
    return layout_.lifeline_x[below] * (1 - part) + layout_.lifeline_x[below + 1] * part;
  }

  void place_paths(const Axis& axis) {
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) {
      const auto& arrow = story_.arrows[i];
      PlacedArrow placed;
      for (std::size_t stop = 0; stop < arrow.stops.size(); ++stop) {
        placed.path.push_back(
            {layout_.lifeline_x[arrow.stops[stop].lifeline], axis.stops[i][stop]});
      }
      if (arrow.death) placed.path.push_back({x_at(arrow.death->place), axis.deaths[i]});
      placed.last_y = axis.lasts[i];
      take_line(placed.path, i);
      layout_.arrows.push_back(std::move(placed));
    }
  }

  // Each finds the best place that those before it have left; where that covers another text, once
  // more when all have theirs.
  void place_labels() {
    std::vector<Spot> spots;
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) {
      shorten_label(i);
      spots.push_back(find_spot(i));
      room_.take(spots[i].boxes);
    }
    for (int round = 0; round < kRounds; ++round) {
      for (std::size_t i = 0; i < spots.size(); ++i) {
        if (room_.overlap(spots[i].boxes, i) == 0) continue;
        room_.give_back(spots[i].boxes);
        spots[i] = find_spot(i);
        room_.take(spots[i].boxes);
      }
    }
    for (std::size_t i = 0; i < spots.size(); ++i) {
      layout_.arrows[i].label_at = spots[i].at;
      layout_.arrows[i].label_angle = spots[i].angle;
      layout_.arrows[i].label_ends_here = runs_left(i);
    }
  }

  // A packet that died at its sender's own line leaves no direction but inwards.
  bool runs_left(std::size_t index) const {
    const auto& path = layout_.arrows[index].path;
    if (path.back().x == path.front().x) return story_.arrows[index].stops[0].lifeline != 0;
    return path.back().x < path.front().x;
  }
  // How far to the side it comes.
  double reach(std::size_t index) const {
    const auto& path = layout_.arrows[index].path;
    return std::abs(path.back().x - path.front().x);
  }

  // To what its arrow has room for.
  void shorten_label(std::size_t index) {
    const auto& arrow = story_.arrows[index];
    auto& label = layout_.arrows[index].label;
    const auto room = std::max(reach(index) - 2 * kFirstShift, kAlwaysRoom);
    for (auto most = kLongestLabel; most >= kShortestLabel; --most) {
      label = shorten(arrow.label, most) + count_text(arrow);
      if (text_width(label, kLabelSize) <= room) return;
    }
  }

  struct Spot {
    Point at;
    double angle = 0;  // degrees
    std::vector<Box> boxes;
    double cost = 0;
  };

  // The label goes along its arrow, as near to the sender as there is room, above the line if
  // possible.
  Spot find_spot(std::size_t index) const {
    const auto width = text_width(layout_.arrows[index].label, kLabelSize);
    std::optional<Spot> best;
    for (double shift = kFirstShift; shift == kFirstShift || shift + width <= reach(index) - 10;
         shift += kNextShift) {
      for (const auto& lift : kLifts) {
        auto spot = spot_at(index, shift, width, lift);
        if (!best || spot.cost < best->cost) best = std::move(spot);
      }
    }
    return *std::move(best);
  }

  Spot spot_at(std::size_t index, double shift, double width, const Lift& lift) const {
    const auto& path = layout_.arrows[index].path;
    const double direction = runs_left(index) ? -1 : 1;
    const auto start = path.front().x + direction * shift;
    const auto finish = start + direction * width;
    const auto bend = bulge(path, start, finish, lift.lift < 0);
    const auto y0 = height_at(path, start) + bend;
    const auto y1 = height_at(path, finish) + bend;
    const auto radians = std::atan2((y1 - y0) * direction, width);
    Spot spot{
        .at = {start, y0 + lift.lift}, .angle = radians * 180 / std::numbers::pi, .boxes = {}};
    spot.boxes = text_boxes(spot.at,
                            {start + direction * width * std::cos(radians),
                             spot.at.y + direction * width * std::sin(radians)},
                            index);
    spot.cost = room_.overlap(spot.boxes, index) + lines_.overlap(spot.boxes, index) * 0.7 +
                shift * 0.2 + lift.far;
    return spot;
  }

  // A line is no wall, but a text reads better where none passes.
  void take_line(const std::vector<Point>& path, std::size_t owner) {
    constexpr double kPart = 12;
    for (std::size_t i = 1; i < path.size(); ++i) {
      const auto& a = path[i - 1];
      const auto& b = path[i];
      const auto parts =
          static_cast<std::size_t>(std::max(std::abs(b.x - a.x), std::abs(b.y - a.y)) / kPart) + 1;
      for (std::size_t part = 0; part < parts; ++part) {
        const auto u = static_cast<double>(part) / static_cast<double>(parts);
        const auto v = static_cast<double>(part + 1) / static_cast<double>(parts);
        const Point p{a.x + (b.x - a.x) * u, a.y + (b.y - a.y) * u};
        const Point q{a.x + (b.x - a.x) * v, a.y + (b.y - a.y) * v};
        lines_.take({{std::min(p.x, q.x), std::min(p.y, q.y) - 0.8, std::max(p.x, q.x),
                      std::max(p.y, q.y) + 0.8, owner}});
      }
    }
  }

  // How far the path's corners stand out of the straight line between two places on it, to the side
  // where the text is to go: up (negative) or down.
  static double bulge(const std::vector<Point>& path, double start, double finish, bool up) {
    const auto y0 = height_at(path, start);
    const auto y1 = height_at(path, finish);
    double most = 0;
    for (const auto& corner : path) {
      if (corner.x <= std::min(start, finish) || corner.x >= std::max(start, finish)) continue;
      const auto off = corner.y - (y0 + (y1 - y0) * (corner.x - start) / (finish - start));
      most = up ? std::min(most, off) : std::max(most, off);
    }
    return most;
  }

  // A slanted line of text as upright boxes.
  static std::vector<Box> text_boxes(Point start, Point finish, std::size_t owner) {
    constexpr double kPart = 24;
    const auto parts = static_cast<std::size_t>(std::abs(finish.x - start.x) / kPart) + 1;
    std::vector<Box> boxes;
    for (std::size_t i = 0; i < parts; ++i) {
      const auto a = static_cast<double>(i) / static_cast<double>(parts);
      const auto b = static_cast<double>(i + 1) / static_cast<double>(parts);
      const auto x0 = start.x + (finish.x - start.x) * a;
      const auto x1 = start.x + (finish.x - start.x) * b;
      const auto y0 = start.y + (finish.y - start.y) * a;
      const auto y1 = start.y + (finish.y - start.y) * b;
      boxes.push_back(
          {std::min(x0, x1), std::min(y0, y1) - 9, std::max(x0, x1), std::max(y0, y1) + 2, owner});
    }
    return boxes;
  }

  static std::vector<std::string> wrapped(const std::string& text, std::size_t columns) {
    std::vector<std::string> lines{""};
    for (std::size_t at = 0; at < text.size();) {
      const auto space = std::min(text.find(' ', at), text.size());
      const auto word = text.substr(at, space - at);
      at = space + 1;
      if (!lines.back().empty() && lines.back().size() + 1 + word.size() > columns)
        lines.emplace_back();
      if (!lines.back().empty()) lines.back() += ' ';
      lines.back() += word;
    }
    if (lines.size() > 3) {
      lines.resize(3);
      lines.back() += " …";
    }
    for (auto& line : lines) line = shorten(line, columns + 4);
    return lines;
  }

  // Why it died, beside the cross: beyond it if there is room, else below and nudged further down.
  void place_reason(std::size_t index) {
    const auto& cross = layout_.arrows[index].path.back();
    PlacedReason reason;
    reason.lines = wrapped(story_.arrows[index].death->reason, 34);
    double width = 0;
    for (const auto& line : reason.lines) width = std::max(width, text_width(line, kReasonSize));
    const auto height = 11.5 * static_cast<double>(reason.lines.size());
    const bool from_left = layout_.arrows[index].path.front().x <= cross.x;
    double best = -1;
    for (const double drop : {3.0, 14.0, 25.0, 36.0, -8.0}) {
      for (const bool beyond : {true, false}) {
        const bool to_right = from_left == beyond;
        const auto left = to_right ? cross.x + 10 : cross.x - 10 - width;
        // Beside a badge column there is no room to read in.
        const bool fits = left > kTimeColumn && left + width < layout_.width - 8;
        const Box box{left, cross.y + drop - 9, left + width, cross.y + drop - 9 + height};
        const auto cost =
            room_.overlap({box}) + std::abs(drop - 3) * 0.4 + (beyond ? 0 : 4) + (fits ? 0 : 1000);
        if (best >= 0 && cost >= best) continue;
        best = cost;
        reason.at = {to_right ? left : left + width, cross.y + drop};
        reason.ends_here = !to_right;
      }
    }
    const auto left = reason.ends_here ? reason.at.x - width : reason.at.x;
    room_.take({{left, reason.at.y - 9, left + width, reason.at.y - 9 + height}});
    layout_.reasons[index] = std::move(reason);
  }

  const Story& story_;
  Layout layout_;
  Room room_;   // where text is
  Room lines_;  // where arrows pass
};

}  // namespace

Layout lay_out(const Story& story) {
  return LayoutMaker{story}.make();
}

}  // namespace rtclab::diagrams
