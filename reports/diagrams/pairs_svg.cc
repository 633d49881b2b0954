#include "reports/diagrams/fewer_pairs.h"
#include "reports/diagrams/graph_layout.h"
#include "reports/diagrams/pair_history.h"
#include "reports/diagrams/pairs.h"
#include "reports/diagrams/palette.h"
#include "reports/diagrams/story.h"
#include "reports/diagrams/svg.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::diagrams {
namespace {

constexpr double kTop = 118;
constexpr double kLeft = 24;
constexpr double kCandidateWidth = 200;
constexpr double kCandidateHeight = 52;
constexpr double kPairWidth = 400;
constexpr std::size_t kMostPairs = 60;
constexpr std::size_t kStepsInRow = 4;
constexpr double kStepWidth = 93;

enum Column : std::size_t { kLocals, kPairs, kRemotes };

constexpr double kCardMargin = 14;
constexpr double kSmall = 10;  // of the class "small" in palette.cc
constexpr double kNameSize = 11.6;

// Joins the parts to lines that are no wider than a card has room for; of what does not fit into
// `most` lines the last one ends in "…".
std::vector<std::string> filled(const std::vector<std::string>& parts, std::string_view between,
                                std::size_t most) {
  constexpr double kRoom = kPairWidth - 2 * kCardMargin;
  std::vector<std::string> lines;
  for (const auto& part : parts) {
    const auto longer = lines.empty() ? "" : fmt::format("{}{}{}", lines.back(), between, part);
    if (!lines.empty() && text_width(longer, kSmall) <= kRoom) {
      lines.back() = longer;
    } else if (lines.size() == most) {
      lines.back() += " …";
      break;
    } else {
      lines.push_back(fit(part, kRoom, kSmall));
    }
  }
  return lines;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const auto space = std::min(text.find(' ', at), text.size());
    if (space > at) words.push_back(text.substr(at, space - at));
    at = space + 1;
  }
  return words;
}

bool is_faint(const PairCard& pair) {
  return pair.outcome == PairOutcome::Pruned || pair.outcome == PairOutcome::NotChecked;
}

class PairsSvg {
 public:
  explicit PairsSvg(PairHistory history) : history_{std::move(history)} {
    hidden_ = hide_pairs(history_, kMostPairs);
    place();
  }

  std::string draw() {
    svg_.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    svg_.open("svg",
              {{"xmlns", "http://www.w3.org/2000/svg"},
               {"class", "rtclab-diagram rtclab-pairs"},
               {"viewBox", fmt::format("0 0 {} {}", Svg::number(width_), Svg::number(height_))},
               {"width", Svg::number(width_)},
               {"height", Svg::number(height_)},
               {"role", "img"}});
    svg_.tooltip("Candidate pairs of " + history_.peer);
    svg_.raw(style_sheet());
    svg_.rectangle("paper", {0, 0}, width_, height_, 0);
    draw_title();
    // What matters most is drawn last, on top.
    for (const bool chosen : {false, true}) {
      for (std::size_t i = 0; i < history_.pairs.size(); ++i) {
        if ((history_.pairs[i].outcome == PairOutcome::Selected) == chosen) draw_edges(i);
      }
    }
    for (std::size_t i = 0; i < history_.locals.size(); ++i) {
      draw_candidate(history_.locals[i], centre(i), is_used(i, &PairCard::local));
    }
    for (std::size_t i = 0; i < history_.remotes.size(); ++i) {
      draw_candidate(history_.remotes[i], centre(first_remote_ + i), is_used(i, &PairCard::remote));
    }
    for (std::size_t i = 0; i < history_.pairs.size(); ++i) draw_pair(i);
    svg_.close();
    return svg_.take();
  }

 private:
  void place() {
    std::vector<GraphNode> nodes;
    std::vector<GraphEdge> edges;
    for (std::size_t i = 0; i < history_.locals.size(); ++i) {
      nodes.push_back({kLocals, kCandidateWidth, kCandidateHeight});
    }
    first_pair_ = nodes.size();
    for (const auto& pair : history_.pairs) nodes.push_back({kPairs, kPairWidth, height_of(pair)});
    first_remote_ = nodes.size();
    for (std::size_t i = 0; i < history_.remotes.size(); ++i) {
      nodes.push_back({kRemotes, kCandidateWidth, kCandidateHeight});
    }
    for (std::size_t i = 0; i < history_.pairs.size(); ++i) {
      edges.push_back({history_.pairs[i].local, first_pair_ + i});
      edges.push_back({first_pair_ + i, first_remote_ + history_.pairs[i].remote});
    }
    layout_ = lay_out_graph(nodes, edges, kPairs);
    width_ = std::max(layout_.width + 2 * kLeft, 620.0);
    height_ = layout_.height + kTop + 30;
  }

  [[nodiscard]] Point centre(std::size_t node) const {
    const auto& point = layout_.centres[node];
    return {point.x + kLeft, point.y + kTop};
  }

  static std::vector<std::string> reason_lines(const PairCard& pair) {
    return filled(words_of(pair.reason), " ", is_faint(pair) ? 1 : 3);
  }

  static std::size_t step_rows(const PairCard& pair) {
    return is_faint(pair) ? 0 : (pair.steps.size() + kStepsInRow - 1) / kStepsInRow;
  }

  [[nodiscard]] double height_of(const PairCard& pair) const {
    return 32 + 32 * static_cast<double>(step_rows(pair)) +
           14 * static_cast<double>(facts(pair).size()) +
           13 * static_cast<double>(reason_lines(pair).size()) + 6;
  }

  // "gen. 2 · round trip 40.2 ms · 3 checks sent, 2 answered · 2 received", in lines.
  [[nodiscard]] std::vector<std::string> facts(const PairCard& pair) const {
    std::vector<std::string> all;
    if (auto group = history_.name_of(pair.group); !group.empty()) all.push_back(std::move(group));
    if (!is_faint(pair)) {
      if (pair.round_trip) all.push_back(fmt::format("round trip {:.1f} ms", *pair.round_trip));
      if (pair.checks_sent > 0) {
        all.push_back(fmt::format("{} sent, {} answered", checks_text(pair.checks_sent),
                                  pair.checks_answered));
      }
      if (pair.checks_unreachable > 0)
        all.push_back(fmt::format("{} unreachable (ICMP)", pair.checks_unreachable));
      if (pair.checks_received > 0) all.push_back(fmt::format("{} received", pair.checks_received));
    }
    return filled(all, " · ", 3);
  }

  template <class Member>
  [[nodiscard]] bool is_used(std::size_t candidate, Member member) const {
    return std::ranges::any_of(history_.pairs, [&](const PairCard& pair) {
      return pair.outcome == PairOutcome::Selected && pair.*member == candidate;
    });
  }

  void draw_title() {
    svg_.text("title", {kLeft, 34}, "Candidate pairs of " + history_.peer);
    std::string about = history_.role.empty() ? "" : "ICE role: " + history_.role + ". ";
    about += "Time is when a pair entered a state.";
    if (history_.reconstructed) about += " Put together from the checks in the capture.";
    if (hidden_ > 0) about += fmt::format(" {} more pairs are not shown.", hidden_);
    svg_.text("description muted", {kLeft, 54}, about);
    if (history_.pairs.empty()) {
      svg_.text("description", {kLeft, kTop}, "No pair was formed: one side had no candidates.");
      return;
    }
    const auto heading = [&](std::size_t node, std::string_view text) {
      svg_.text("name", {centre(node).x, kTop - 22}, text);
    };
    if (!history_.locals.empty()) heading(0, history_.peer + ": local candidates");
    heading(first_pair_, "pairs, best first");
    if (!history_.remotes.empty()) heading(first_remote_, "remote candidates");
  }

  void draw_edges(std::size_t index) {
    const auto& pair = history_.pairs[index];
    std::string css = "edge";
    if (pair.outcome == PairOutcome::Selected)
      css += " edge-good thick";
    else if (pair.outcome == PairOutcome::Succeeded)
      css += " edge-good";
    else if (pair.outcome == PairOutcome::Failed)
      css += " edge-bad faint";
    else if (is_faint(pair))
      css += " faint";
    for (const auto edge : {2 * index, 2 * index + 1}) {
      const auto& points = layout_.curves[edge];
      if (points.empty()) continue;
      auto path =
          fmt::format("M{} {}C", Svg::number(points[0].x + kLeft), Svg::number(points[0].y + kTop));
      for (std::size_t i = 1; i < points.size(); ++i) {
        path += fmt::format("{} {} ", Svg::number(points[i].x + kLeft),
                            Svg::number(points[i].y + kTop));
      }
      path.pop_back();
      svg_.leaf("path", {{"class", css}, {"d", path}});
    }
  }

  void draw_candidate(const CandidateCard& card, Point middle, bool chosen) {
    const auto left = middle.x - kCandidateWidth / 2;
    const auto top = middle.y - kCandidateHeight / 2;
    svg_.open("g");
    svg_.tooltip(fmt::format("{} {}\npriority {}\nfoundation {}\n{}", card.type, card.address,
                             card.priority, card.foundation, card.origin));
    svg_.rectangle(chosen ? "box chosen" : "box", {left, top}, kCandidateWidth, kCandidateHeight,
                   8);
    svg_.text("strong", {left + 12, top + 18}, card.type);
    svg_.text("small muted end", {left + kCandidateWidth - 12, top + 18}, shorten(card.origin, 24));
    // An IPv6 address with its port, or a name, needs all of the card.
    constexpr double kRoom = kCandidateWidth - 2 * 12;
    const bool is_long = text_width(card.address, 11) > kRoom;
    svg_.text(is_long ? "small" : "", {left + 12, top + 32},
              is_long ? fit(card.address, kRoom, kSmall) : card.address);
    if (!card.priority.empty()) {
      svg_.text("small muted", {left + 12, top + 45}, "priority " + card.priority);
    }
    if (const auto group = history_.name_of(card.group); !group.empty()) {
      svg_.text("small muted end", {left + kCandidateWidth - 12, top + 45},
                fmt::format("gen. {}", card.group.generation + 1));
    }
    svg_.close();
  }

  void draw_pair(std::size_t index) {
    const auto& pair = history_.pairs[index];
    const auto middle = centre(first_pair_ + index);
    const auto height = height_of(pair);
    const auto left = middle.x - kPairWidth / 2;
    const auto top = middle.y - height / 2;
    const auto& local = history_.locals[pair.local];
    const auto& remote = history_.remotes[pair.remote];
    const bool chosen = pair.outcome == PairOutcome::Selected;
    svg_.open("g", is_faint(pair) ? Attributes{{"opacity", "0.62"}} : Attributes{});
    svg_.tooltip(tooltip(pair));
    svg_.rectangle(chosen ? "card chosen" : "card", {left, top}, kPairWidth, height, 9);
    auto name = fmt::format("{} → {}", local.type, remote.type);
    if (!pair.id.empty()) name = fmt::format("{}  {}", pair.id, name);
    svg_.text("strong", {left + kCardMargin, top + 20}, name);
    const auto priority = "priority " + pair.priority;
    const auto behind_name = 26 + text_width(name, kNameSize);
    const auto before_outcome = kPairWidth - 40 - text_width(to_string(pair.outcome), 11);
    if (!pair.priority.empty() && behind_name + text_width(priority, kSmall) < before_outcome)
      svg_.text("small muted", {left + behind_name, top + 20}, priority);
    draw_outcome(pair, {left + kPairWidth - 12, top + 20});
    auto y = top + 32;
    draw_steps(pair, left + kCardMargin, y);
    y += 32 * static_cast<double>(step_rows(pair)) + 8;
    for (const auto& line : facts(pair)) {
      svg_.text("small", {left + kCardMargin, y}, line);
      y += 14;
    }
    for (const auto& line : reason_lines(pair)) {
      svg_.text(pair.outcome == PairOutcome::Failed ? "small bad" : "small muted",
                {left + kCardMargin, y}, line);
      y += 13;
    }
    svg_.close();
  }

  std::string tooltip(const PairCard& pair) const {
    auto text = fmt::format("{} → {}\n{}", history_.locals[pair.local].address,
                            history_.remotes[pair.remote].address, to_string(pair.outcome));
    if (!pair.priority.empty()) text += "\npriority " + pair.priority;
    for (const auto& step : pair.steps) {
      text += fmt::format("\n{}  {}", moment_text(step.at), step.state);
      if (!step.reason.empty()) text += ": " + step.reason;
    }
    return text;
  }

  void draw_outcome(const PairCard& pair, Point end) {
    const auto text = to_string(pair.outcome);
    if (pair.outcome == PairOutcome::Selected) {
      const auto width = text_width(text, 11) + 18;
      svg_.rectangle("ribbon", {end.x - width, end.y - 12}, width, 17, 8.5);
      svg_.text("ribbon-text middle", {end.x - width / 2, end.y}, text);
      return;
    }
    const auto* css = "end muted";
    if (pair.outcome == PairOutcome::Succeeded) css = "end good";
    if (pair.outcome == PairOutcome::Failed) css = "end bad";
    svg_.text(css, end, text);
  }

  // Each state with the time at which the pair entered it, left to right.
  void draw_steps(const PairCard& pair, double left, double top) {
    if (is_faint(pair)) return;
    for (std::size_t i = 0; i < pair.steps.size(); ++i) {
      const auto& step = pair.steps[i];
      const Point corner{left + kStepWidth * static_cast<double>(i % kStepsInRow),
                         top + 32 * static_cast<double>(i / kStepsInRow)};
      const auto css = std::string{step_class(step.state)};
      if (i % kStepsInRow != 0) {
        svg_.line("wire", {corner.x - 6, corner.y + 7.5}, {corner.x, corner.y + 7.5});
      }
      svg_.rectangle("badge " + css, corner, kStepWidth - 6, 15, 7.5);
      svg_.text("badge-text middle " + css, {corner.x + (kStepWidth - 6) / 2, corner.y + 11},
                shorten(step.state, 12));
      svg_.text("small muted middle", {corner.x + (kStepWidth - 6) / 2, corner.y + 25},
                moment_text(step.at));
    }
  }

  static std::string_view step_class(std::string_view state) {
    if (state == "Nominated" || state == "Selected") return css_class(BadgeKind::Connection);
    if (state == "Succeeded") return css_class(BadgeKind::Data);
    if (state == "Failed") return css_class(BadgeKind::Failure);
    if (state == "In-Progress") return css_class(BadgeKind::Ice);
    return css_class(BadgeKind::Call);
  }

  PairHistory history_;
  std::size_t hidden_ = 0;
  std::size_t first_pair_ = 0;
  std::size_t first_remote_ = 0;
  double width_ = 0;
  double height_ = 0;
  GraphLayout layout_;
  Svg svg_;
};

}  // namespace

std::string pairs_svg(const evidence::Evidence& evidence, std::string_view peer) {
  return PairsSvg{pair_history(evidence, peer)}.draw();
}

}  // namespace rtclab::diagrams
