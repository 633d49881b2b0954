#include "reports/diagrams/sequence.h"
#include "reports/diagrams/story.h"
#include "reports/diagrams/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

namespace rtclab::diagrams {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kTimeWidth = 12;
constexpr Duration kSilence = 300ms;

std::string_view colour_code(Lane lane) {
  switch (lane) {
    case Lane::Signalling: return "\x1b[35m";
    case Lane::Stun: return "\x1b[34m";
    case Lane::Turn: return "\x1b[36m";
    case Lane::Dtls: return "\x1b[33m";
    case Lane::Data: return "\x1b[32m";
    case Lane::Media: return "\x1b[95m";
    case Lane::Tcp:
    case Lane::Other: return "\x1b[90m";
  }
  return "";
}
constexpr std::string_view kBad = "\x1b[31m";
constexpr std::string_view kMuted = "\x1b[90m";
constexpr std::string_view kPlain = "\x1b[0m";

// A row of characters, each a string of its own, since box drawing takes three octets.
using Cells = std::vector<std::string>;

std::size_t length_of(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0u) != 0x80u ? 1u : 0u;
  return count;
}

// Escape codes and line ends in a label would draw outside the ladder.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

class Ladder {
 public:
  Ladder(const Story& story, const LadderOptions& options) : story_{story}, options_{options} {
    const auto lifelines = std::max<std::size_t>(story.lifelines.size(), 1);
    const auto width = std::max<std::size_t>(options.width, 60);
    // The drawing takes less than half; what is said about it takes the rest.
    const auto room = std::min<std::size_t>(width * 45 / 100 - kTimeWidth, 44);
    step_ = lifelines > 1 ? std::clamp<std::size_t>(room / (lifelines - 1), 3, 20) : 3;
    drawing_ = step_ * (lifelines - 1) + 1;
    text_at_ = kTimeWidth + drawing_ + 2;
    text_width_ = std::max<std::size_t>(width > text_at_ ? width - text_at_ : 0, 20);
  }

  std::string draw() {
    out_ += printable(story_.title) + '\n';
    if (!story_.description.empty()) out_ += printable(story_.description) + '\n';
    out_ += '\n';
    draw_names();
    for (const auto& row : rows()) draw_row(row);
    for (const auto& note : story_.notes) out_ += "\n" + paint(kMuted, note) + "\n";
    return std::move(out_);
  }

 private:
  struct Row {
    Duration at;
    bool is_arrow;
    std::size_t index;
  };

  std::vector<Row> rows() const {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < story_.badges.size(); ++i) {
      rows.push_back({story_.badges[i].at, false, i});
    }
    for (std::size_t i = 0; i < story_.arrows.size(); ++i) {
      rows.push_back({story_.arrows[i].stops.front().at, true, i});
    }
    std::ranges::stable_sort(rows, {}, &Row::at);
    return rows;
  }

  std::string paint(std::string_view code, const std::string& text) const {
    if (options_.colour == Colour::Off || text.empty()) return text;
    return std::string{code} + text + std::string{kPlain};
  }

  Cells empty_row() const {
    Cells cells(drawing_, " ");
    for (std::size_t i = 0; i < story_.lifelines.size(); ++i) cells[i * step_] = "│";
    return cells;
  }

  static std::string joined(const Cells& cells) {
    std::string text;
    for (const auto& cell : cells) text += cell;
    return text;
  }

  // A staircase, because names are longer than the space between lifelines.
  void draw_names() {
    for (std::size_t i = 0; i < story_.lifelines.size(); ++i) {
      const auto& lifeline = story_.lifelines[i];
      std::string line(kTimeWidth, ' ');
      for (std::size_t before = 0; before < i; ++before) line += "│" + std::string(step_ - 1, ' ');
      line += printable(lifeline.name);
      std::string about = lifeline.kind;
      for (const auto& address : lifeline.addresses) about += " " + address;
      out_ += line + "  " + paint(kMuted, printable(about)) + "\n";
    }
  }

  void draw_row(const Row& row) {
    draw_silence(row.at);
    const auto label =
        row.is_arrow ? text_of(story_.arrows[row.index]) : text_of(story_.badges[row.index]);
    auto time = column_.text(row.at);
    if (time == last_time_)
      time.clear();
    else
      last_time_ = time;
    const auto lines = wrapped(label.text);
    const auto cells =
        row.is_arrow ? drawn(story_.arrows[row.index]) : drawn(story_.badges[row.index]);
    out_ += fmt::format("{:>10}  {}  {}\n", time, paint(label.colour, joined(cells)),
                        paint(label.colour, lines.front()));
    for (std::size_t i = 1; i < lines.size(); ++i) {
      out_ +=
          fmt::format("{:>10}  {}    {}\n", "", joined(empty_row()), paint(label.colour, lines[i]));
    }
  }

  void draw_silence(Duration at) {
    if (any_row_ && at - last_at_ >= kSilence) {
      Cells cells(drawing_, " ");
      for (std::size_t i = 0; i < story_.lifelines.size(); ++i) cells[i * step_] = "┊";
      out_ += paint(kMuted, fmt::format("{:>10}  {}  {} later", "", joined(cells),
                                        length_text(at - last_at_)));
      out_ += '\n';
    }
    any_row_ = true;
    last_at_ = at;
  }

  struct Text {
    std::string text;
    std::string_view colour;
  };

  Text text_of(const Arrow& arrow) const {
    auto text = printable(arrow.label);
    text += count_text(arrow);
    const auto delay = arrow.stops.back().at - arrow.stops.front().at;
    if (!arrow.death && delay > 0ns) text += fmt::format("  +{}", length_text(delay));
    if (arrow.death) text += "  ✕ " + printable(arrow.death->reason);
    if (!arrow.frames.empty()) text += fmt::format("  #{}", arrow.frames.front());
    return {text, arrow.death ? kBad : colour_code(arrow.lane)};
  }

  Text text_of(const Badge& badge) const {
    return {printable(story_.lifelines[badge.lifeline].name) + "  " + printable(badge.text),
            badge.kind == BadgeKind::Failure ? kBad : std::string_view{"\x1b[1m"}};
  }

  // Breaks at spaces; two spaces in the text stay two where they do not end a line.
  std::vector<std::string> wrapped(const std::string& text) const {
    std::vector<std::string> lines{""};
    std::string gap;
    for (std::size_t at = 0; at < text.size();) {
      const auto space = std::min(text.find(' ', at), text.size());
      const auto width = text_width_ - (lines.size() > 1 ? 2 : 0);
      const auto word = shorten(std::string_view{text}.substr(at, space - at), width);
      at = space + 1;
      if (word.empty()) {
        gap += ' ';
        continue;
      }
      const bool fits = length_of(lines.back()) + gap.size() + length_of(word) <= width;
      if (lines.back().empty())
        lines.back() = word;
      else if (fits)
        lines.back() += gap + word;
      else
        lines.push_back(word);
      gap = " ";
    }
    return lines;
  }

  Cells drawn(const Badge& badge) const {
    auto cells = empty_row();
    cells[badge.lifeline * step_] = "●";
    return cells;
  }

  Cells drawn(const Arrow& arrow) const {
    auto cells = empty_row();
    const auto place =
        arrow.death ? arrow.death->place : static_cast<double>(arrow.stops.back().lifeline);
    const auto from = arrow.stops.front().lifeline * step_;
    const auto last = static_cast<double>(drawing_ - 1);
    const auto to = static_cast<std::size_t>(
        std::clamp(std::round(place * static_cast<double>(step_)), 0.0, last));
    const std::string shaft = arrow.count > 1 ? "═" : "─";
    for (auto i = std::min(from, to); i <= std::max(from, to); ++i) {
      cells[i] = i % step_ == 0 && i != from && i != to ? "┼" : shaft;
    }
    cells[from] = to > from ? "├" : to < from ? "┤" : "│";
    if (arrow.death) {
      cells[to] = "✕";
    } else if (to > from) {
      cells[to - 1] = "▶";
      cells[to] = "│";
    } else if (to < from) {
      cells[to + 1] = "◀";
      cells[to] = "│";
    }
    return cells;
  }

  const Story& story_;
  const LadderOptions options_;
  std::size_t step_ = 0;
  std::size_t drawing_ = 0;
  std::size_t text_at_ = 0;
  std::size_t text_width_ = 0;
  bool any_row_ = false;
  Duration last_at_{};
  std::string last_time_;
  MomentColumn column_;
  std::string out_;
};

}  // namespace

std::string ladder(const evidence::Evidence& evidence, const LadderOptions& options) {
  const auto story = tell(evidence);
  return Ladder{story, options}.draw();
}

}  // namespace rtclab::diagrams
