#include "reports/page/markup.h"
#include "scenarios/sweep/page_parts.h"
#include "scenarios/sweep/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace rtclab::sweep {
namespace {

using page::escape;

// What stands in a square, and how strong its colour is, from 0 to 1.
struct Square {
  std::string text;
  double strength = 0;
  bool never = false;  // there is no number
};

// From the least to the greatest number of a map, but for a twentieth at either end, so that one
// outlier does not make all others look alike.
class Scale {
 public:
  explicit Scale(std::vector<double> values) {
    if (values.empty()) return;
    std::ranges::sort(values);
    low_ = quantile(values, 0.05);
    high_ = quantile(values, 0.95);
    if (low_ == high_) {
      low_ = values.front();
      high_ = values.back();
    }
  }
  [[nodiscard]] double operator()(double value) const {
    return high_ == low_ ? 0 : std::clamp((value - low_) / (high_ - low_), 0.0, 1.0);
  }

 private:
  double low_ = 0;
  double high_ = 0;
};

// Of a square, which has no room for more than two figures: 100 only of all, 0 only of none.
std::string percent_text(const Share& share) {
  if (share.hits == 0 || share.hits == share.of) return share.hits == 0 ? "0" : "100";
  return fmt::format("{:.0f}", std::clamp(share.value() * 100, 1.0, 99.0));
}

std::string square(const Square& content, const std::string& id, bool is_share) {
  const auto* const form = content.never ? "never" : is_share ? "share" : "number";
  return fmt::format("<td class=\"{}\" style=\"--v:{:.3f}\"><a href=\"#{}\">{}</a></td>", form,
                     content.strength, id, escape(content.text));
}

std::string head_of(const std::string& corner, const std::vector<std::string>& labels) {
  const auto longest = std::ranges::max(labels, {}, &std::string::size).size();
  const bool is_upright = longest * labels.size() > 60;
  std::string cells;
  for (const auto& label : labels)
    cells += fmt::format("<th scope=\"col\"><span>{}</span></th>", escape(label));
  return fmt::format("<thead class=\"{}\"><tr><th class=\"corner\">{}</th>{}</tr></thead>\n",
                     is_upright ? "upright" : "level", escape(corner), cells);
}

// A square table with a card behind each square.
struct Grid {
  std::string corner;
  std::string row_word{};  // before a row's label, in titles
  std::string column_word{};
  std::vector<std::string> rows{};
  std::vector<std::string> columns{};
  bool is_share = false;
  std::map<std::pair<std::size_t, std::size_t>, RowRefs> groups{};
};

struct Shown {
  const Page& page;
  std::size_t place;  // of the view on the page

  [[nodiscard]] const Table& table() const { return page.table; }
  [[nodiscard]] std::string id() const { return fmt::format("view-{}", place + 1); }
  [[nodiscard]] std::string card_id(std::size_t row, std::size_t column) const {
    return fmt::format("{}-{}-{}", id(), row + 1, column + 1);
  }

  [[nodiscard]] std::string operator()(const HeatMap& map) const {
    const auto row_axis = *table().axis(map.rows);
    const auto column_axis = *table().axis(map.columns);
    Grid grid{.corner = fmt::format("{} ↓  {} →", map.rows, map.columns),
              .row_word = map.rows + " ",
              .column_word = map.columns + " ",
              .rows = table().plan().axes[row_axis].labels,
              .columns = table().plan().axes[column_axis].labels,
              .is_share = is_share(map.of)};
    const auto rows = table().by(row_axis, table().all());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto cells = table().by(column_axis, rows[r]);
      for (std::size_t c = 0; c < cells.size(); ++c) {
        if (!cells[c].empty()) grid.groups[{r, c}] = cells[c];
      }
    }
    return draw(grid, map.of, map.statistic);
  }

  [[nodiscard]] std::string operator()(const Rates& view) const {
    const auto axis = *table().axis(view.by);
    const auto& labels = table().plan().axes[axis].labels;
    const auto groups = table().by(axis, table().all());
    std::string rows;
    std::string cards;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].empty()) continue;
      const auto share = table().share(groups[i], view.of);
      const auto [low, high] = wilson(share.hits, share.of);
      rows += fmt::format(
          "<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th><td class=\"number\">{}</td>"
          "<td class=\"number faint\">{:.1f} to {:.1f} %</td><td class=\"number faint\">{} of "
          "{}</td></tr>\n",
          card_id(i, 0), escape(labels[i]), share_text(share), low * 100, high * 100, share.hits,
          share.of);
      cards += card_of(i, 0, fmt::format("{} {}", view.by, labels[i]), groups[i]);
    }
    return folded(fmt::format("<thead><tr><th>{}</th><th class=\"number\">{}</th><th "
                              "class=\"number\">95 % interval</th><th "
                              "class=\"number\">runs</th></tr></thead>",
                              escape(view.by), escape(view.of.empty() ? "as expected" : view.of)),
                  rows) +
           cards;
  }

  [[nodiscard]] std::string operator()(const Distribution& view) const {
    const auto axis = table().axis(view.by);
    const auto groups =
        axis ? table().by(*axis, table().all()) : std::vector<RowRefs>{table().all()};
    std::string rows;
    std::string cards;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].empty()) continue;
      const auto label = axis ? table().plan().axes[*axis].labels[i] : std::string{"all runs"};
      rows += fmt::format("<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th>{}</tr>\n",
                          card_id(i, 0), escape(label), quantiles(groups[i], view.of));
      cards += card_of(i, 0, axis ? fmt::format("{} {}", view.by, label) : label, groups[i]);
    }
    return folded(fmt::format(
                      "<thead><tr><th>{}</th><th class=\"number\">least</th><th "
                      "class=\"number\">median</th><th class=\"number\">95 %</th><th "
                      "class=\"number\">greatest</th><th class=\"number\">never</th></tr></thead>",
                      escape(view.by)),
                  rows) +
           cards;
  }

  [[nodiscard]] std::string operator()(const Faults& view) const {
    const auto axis = *table().axis(view.axis);
    const auto& planned = table().plan().axes[axis];
    const auto groups = table().by(axis, table().all());
    return losses(view, planned, groups) + losses_of_two(view, planned, groups);
  }

 private:
  [[nodiscard]] bool is_share(const std::string& of) const {
    const auto* const collector = table().collector(of);
    return collector == nullptr || kind_of(*collector) == FigureKind::Truth;
  }
  [[nodiscard]] std::string unit(const std::string& of) const {
    const auto* const collector = table().collector(of);
    return collector == nullptr ? "" : std::string{unit_of(*collector)};
  }

  [[nodiscard]] std::string card_of(std::size_t row, std::size_t column, std::string title,
                                    const RowRefs& rows) const {
    return card(
        page, {.id = card_id(row, column), .back = id(), .title = std::move(title), .rows = rows});
  }

  // A table beside a chart says the same in figures: below it, and shut where it is long.
  [[nodiscard]] static std::string folded(const std::string& head, const std::string& rows) {
    const bool is_long = std::ranges::count(rows, '\n') > 12;
    const auto body = fmt::format(
        "<div class=\"scroll\"><table class=\"list\">{}\n<tbody>{}</tbody></table></div>", head,
        rows);
    return is_long ? fmt::format("<details><summary>The figures</summary>{}</details>\n", body)
                   : body + "\n";
  }

  [[nodiscard]] std::string quantiles(const RowRefs& rows, const std::string& of) const {
    const auto numbers = table().numbers(rows, of);
    std::string cells;
    for (const auto p : {0.0, 0.5, 0.95, 1.0}) {
      cells += fmt::format("<td class=\"number\">{}</td>",
                           numbers.empty() ? "–" : figure_text(quantile(numbers, p), unit(of)));
    }
    const auto never = rows.size() - numbers.size();
    return cells +
           fmt::format("<td class=\"number {}\">{}</td>", never == 0 ? "faint" : "bad", never);
  }

  [[nodiscard]] std::string draw(const Grid& grid, const std::string& of,
                                 Statistic statistic) const {
    std::map<std::pair<std::size_t, std::size_t>, double> values;
    std::vector<double> all;
    for (const auto& [where, rows] : grid.groups) {
      if (grid.is_share) {
        values[where] = table().share(rows, of).value();
      } else if (const auto numbers = table().numbers(rows, of); !numbers.empty()) {
        values[where] = statistic_of(numbers, statistic);
        all.push_back(values[where]);
      }
    }
    const Scale scale{std::move(all)};
    std::string body;
    std::string cards;
    for (std::size_t r = 0; r < grid.rows.size(); ++r) {
      body += fmt::format("<tr><th scope=\"row\">{}</th>", escape(grid.rows[r]));
      for (std::size_t c = 0; c < grid.columns.size(); ++c) {
        const auto group = grid.groups.find({r, c});
        if (group == grid.groups.end()) {
          body += "<td class=\"none\"></td>";
          continue;
        }
        const auto value = values.find({r, c});
        Square content{.text = "–", .never = value == values.end()};
        if (!content.never && grid.is_share) {
          content = {percent_text(table().share(group->second, of)), value->second};
        } else if (!content.never) {
          content = {number_text(value->second), scale(value->second)};
        }
        body += square(content, card_id(r, c), grid.is_share);
        cards += card_of(r, c,
                         fmt::format("{}{}, {}{}", grid.row_word, grid.rows[r], grid.column_word,
                                     grid.columns[c]),
                         group->second);
      }
      body += "</tr>\n";
    }
    return fmt::format(
        "<div class=\"scroll\"><table class=\"heat\">{}<tbody>{}</tbody></table></div>\n{}{}",
        head_of(grid.corner, grid.columns), body, legend(grid.is_share), cards);
  }

  [[nodiscard]] static std::string legend(bool is_share) {
    return is_share ? "<p class=\"legend\"><span class=\"ramp share\"></span> 0 to 100 % of the "
                      "runs. Each square leads to the commands that replay it.</p>\n"
                    : "<p class=\"legend\"><span class=\"ramp number\"></span> little to much; – "
                      "never came to that. Each square leads to the commands that replay it.</p>\n";
  }

  // What the loss of each one did, beside the run that loses nothing.
  [[nodiscard]] std::string losses(const Faults& view, const PlannedAxis& axis,
                                   const std::vector<RowRefs>& groups) const {
    std::optional<double> usual;
    std::string rows;
    std::string cards;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].empty() || axis.lost[i].size() > 1) continue;
      const auto numbers = table().numbers(groups[i], view.of);
      const auto median = numbers.empty() ? std::nullopt : std::optional{quantile(numbers, 0.5)};
      if (axis.lost[i].empty()) usual = median;
      const auto later = median && usual ? *median - *usual : 0;
      const auto change =
          !median          ? std::string{"<td class=\"number bad\">never</td>"}
          : later > 0.0005 ? fmt::format(
                                 "<td class=\"number late\" "
                                 "style=\"--v:{:.3f}\">+{}{}</td>",
                                 std::min(1.0, later / 1000), number_text(later), unit(view.of))
          : later < -0.0005
              ? fmt::format("<td class=\"number\">−{}{}</td>", number_text(-later), unit(view.of))
              : std::string{"<td class=\"number faint\">–</td>"};
      const auto share = table().share(groups[i], "");
      rows += fmt::format(
          "<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th><td class=\"number\">{}</td>{}"
          "<td class=\"{}\">{}</td></tr>\n",
          card_id(i, 0), escape(axis.labels[i]), median ? figure_text(*median, unit(view.of)) : "–",
          change, share.hits == share.of ? "faint" : "bad",
          share.hits == share.of ? "as expected" : share_text(share) + " as expected");
      cards += card_of(i, 0, "lost: " + axis.labels[i], groups[i]);
    }
    return fmt::format(
        "<div class=\"scroll\"><table class=\"list\"><thead><tr><th>lost</th><th "
        "class=\"number\">{}</th><th class=\"number\">later by</th><th></th></tr></thead>\n"
        "<tbody>{}</tbody></table></div>\n{}",
        escape(view.of), rows, cards);
  }

  [[nodiscard]] std::string losses_of_two(const Faults& view, const PlannedAxis& axis,
                                          const std::vector<RowRefs>& groups) const {
    Grid grid{.corner = "both lost", .row_word = "lost: "};
    std::map<std::size_t, std::size_t> places;  // of datagrams in the grid
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (axis.lost[i].size() != 1) continue;
      places[axis.lost[i].front()] = grid.rows.size();
      grid.rows.push_back(axis.labels[i].substr(0, axis.labels[i].find(':')));
      grid.columns = grid.rows;
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (axis.lost[i].size() == 2 && !groups[i].empty())
        grid.groups[{places.at(axis.lost[i][0]), places.at(axis.lost[i][1])}] = groups[i];
    }
    if (grid.groups.empty()) return "";
    return fmt::format(
               "<h3>Two of them at once</h3>\n<p class=\"faint\">{}{}; the table above says "
               "what each of them is.</p>\n",
               escape(view.of), unit(view.of).empty() ? "" : ", in" + unit(view.of)) +
           draw(grid, view.of, Statistic::Median);
  }
};

struct Title {
  std::string operator()(const HeatMap& map) const {
    auto what = map.of.empty() ? std::string{"As expected"} : map.of;
    if (map.statistic != Statistic::Median) what += fmt::format(", {},", to_string(map.statistic));
    return fmt::format("{} by {} and {}", what, map.rows, map.columns);
  }
  std::string operator()(const Rates& rates) const {
    return fmt::format("{} by {}", rates.of.empty() ? "As expected" : rates.of, rates.by);
  }
  std::string operator()(const Distribution& view) const {
    return view.by.empty() ? fmt::format("How {} is spread", view.of)
                           : fmt::format("How {} is spread, by {}", view.of, view.by);
  }
  std::string operator()(const Faults& view) const {
    return fmt::format("What each loss does to {}", view.of);
  }
};

// Of a map of numbers: which number of each cell, and its unit.
std::string note(const View& view, const Table& table) {
  const auto* const map = std::get_if<HeatMap>(&view);
  const auto* const collector = map == nullptr ? nullptr : table.collector(map->of);
  if (collector == nullptr || kind_of(*collector) != FigureKind::Number) return "";
  const auto unit = unit_of(*collector);
  return fmt::format("<p class=\"faint\">The {}{} of each cell.</p>\n", to_string(map->statistic),
                     unit.empty() ? "" : fmt::format(", in{},", unit));
}

}  // namespace

std::string view_title(const View& view) {
  return std::visit(Title{}, view);
}

std::string view_section(const Page& page, std::size_t view) {
  const auto& picture = page.pictures[view];
  return fmt::format("<section id=\"view-{}\"><h2>{}</h2>\n{}{}{}</section>\n", view + 1,
                     escape(view_title(page.views[view])), note(page.views[view], page.table),
                     picture.empty() ? "" : fmt::format("<div class=\"plot\">{}</div>\n", picture),
                     std::visit(Shown{page, view}, page.views[view]));
}

}  // namespace rtclab::sweep
