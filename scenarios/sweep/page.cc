#include "scenarios/sweep/page.h"

#include "reports/page/markup.h"
#include "scenarios/sweep/page_parts.h"
#include "scenarios/sweep/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace rtclab::sweep {
namespace {

using page::escape;

constexpr std::array kOutcomes{Outcome::AsExpected, Outcome::Failed,  Outcome::Refused,
                               Outcome::CutShort,   Outcome::Crashed, Outcome::Hung};

std::string row_of_summary(std::string_view label, const std::string& markup) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(label), markup);
}

std::string list_of_labels(const PlannedAxis& axis) {
  constexpr std::size_t kMost = 12;
  if (axis.labels.size() <= kMost) return escape(fmt::format("{}", fmt::join(axis.labels, ", ")));
  return escape(fmt::format("{} points, {} … {}", axis.labels.size(), axis.labels.front(),
                            axis.labels.back()));
}

std::string summary(const Page& page) {
  const auto& table = page.table;
  const auto& plan = table.plan();
  const auto share = table.share(table.all(), "");
  const auto [low, high] = wilson(share.hits, share.of);
  auto rows =
      row_of_summary("Runs", fmt::format("{} of {}: {} cells, {} seed{} each", table.rows().size(),
                                         plan.runs(), plan.cells.size(), plan.seeds.count(),
                                         plan.seeds.count() == 1 ? "" : "s"));
  rows += row_of_summary(
      "As expected",
      fmt::format("<b class=\"{}\">{}</b> <span class=\"faint\">({} of {}; 95 % interval {:.1f} to "
                  "{:.1f} %)</span>",
                  share.hits == share.of ? "good" : "bad", share_text(share), share.hits, share.of,
                  low * 100, high * 100));
  for (const auto outcome : kOutcomes) {
    const auto count = std::ranges::count(table.rows(), outcome, &Row::outcome);
    if (count == 0 || outcome == Outcome::AsExpected) continue;
    std::string name{to_string(outcome)};
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    rows += row_of_summary(name, fmt::format("<span class=\"bad\">{}</span>", count));
  }
  rows +=
      row_of_summary("Scenario", fmt::format("<code>{}</code>", escape(table.sweep().scenario)));
  for (const auto& axis : plan.axes) rows += row_of_summary(axis.name, list_of_labels(axis));
  rows += row_of_summary("Again", fmt::format("<code>{}</code>", escape(page.command)));
  return fmt::format("<dl class=\"summary\">\n{}</dl>\n", rows);
}

// The command that replays a run and, where there is one, the way to its evidence.
std::string replay_of(const Page& page, const Row& row) {
  auto text = fmt::format("<code class=\"replay\">{}</code>",
                          escape(page.table.plan().replay(page.table.sweep(), row.run)));
  const auto evidence = page.evidence.find(row.run);
  if (evidence != page.evidence.end()) {
    text +=
        fmt::format(" <a href=\"{}\">evidence of run {}</a>", escape(evidence->second), row.run);
  }
  return text;
}

struct Complaint {
  std::size_t count = 0;
  const Row* first = nullptr;
};

// What was not as expected, the most frequent first, each with a run that shows it.
std::string failures(const Page& page) {
  constexpr std::size_t kMost = 100;
  std::map<std::pair<Outcome, std::string>, Complaint> complaints;
  for (const auto& row : page.table.rows()) {
    if (row.outcome == Outcome::AsExpected) continue;
    auto& complaint = complaints[{row.outcome, row.detail}];
    ++complaint.count;
    // Rather one that can be looked into.
    if (complaint.first == nullptr ||
        (page.evidence.contains(row.run) && !page.evidence.contains(complaint.first->run)))
      complaint.first = &row;
  }
  if (complaints.empty()) return "<p>Every run was as expected.</p>\n";
  std::vector<std::pair<std::pair<Outcome, std::string>, Complaint>> sorted{complaints.begin(),
                                                                            complaints.end()};
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           [](const auto& each) { return each.second.count; });
  std::string rows;
  for (const auto& [what, complaint] : std::span{sorted}.first(std::min(kMost, sorted.size()))) {
    rows += fmt::format(
        "<tr><td class=\"number\">{}</td><td class=\"bad\">{}</td><td>{}</td>"
        "<td>{}</td></tr>\n",
        complaint.count, to_string(what.first), escape(what.second),
        replay_of(page, *complaint.first));
  }
  auto text = fmt::format(
      "<div class=\"scroll\"><table "
      "class=\"list\"><thead><tr><th>runs</th><th>outcome</th><th>what "
      "was so</th><th>one of them</th></tr></thead>\n<tbody>{}</tbody></table></div>\n",
      rows);
  if (sorted.size() > kMost)
    text += fmt::format(
        "<p class=\"faint\">and {} other reasons; runs.csv and results.sqlite have "
        "them all</p>\n",
        sorted.size() - kMost);
  return text;
}

std::string navigation(const Page& page) {
  std::string links;
  for (std::size_t i = 0; i < page.views.size(); ++i) {
    links += fmt::format("<a href=\"#view-{}\">{}</a>\n", i + 1, escape(view_title(page.views[i])));
  }
  return fmt::format("<nav>\n{}<a href=\"#failures\">Not as expected</a>\n</nav>\n", links);
}

// Some runs of a cell: those that failed come first, then the first of all.
std::string replays(const Page& page, const RowRefs& rows) {
  constexpr std::size_t kMost = 3;
  RowRefs chosen = rows;
  std::ranges::stable_sort(
      chosen, {}, [](const Row* row) { return row->outcome == Outcome::AsExpected ? 1 : 0; });
  if (chosen.size() > kMost) chosen.resize(kMost);
  std::string list;
  for (const auto* const row : chosen) {
    const bool good = row->outcome == Outcome::AsExpected;
    list +=
        fmt::format("<li><span class=\"{}\">{}</span>{}<br>{}</li>", good ? "good" : "bad",
                    to_string(row->outcome), row->detail.empty() ? "" : ": " + escape(row->detail),
                    replay_of(page, *row));
  }
  return fmt::format("<ul>{}</ul>", list);
}

}  // namespace

std::string number_text(double number) {
  const auto size = std::abs(number);
  if (number == std::round(number) && size < 10'000) return fmt::format("{:.0f}", number);
  if (size < 10) return fmt::format("{:.2f}", number);
  if (size < 10'000) return fmt::format("{:.0f}", number);
  if (size < 1e7) return fmt::format("{:.1f}k", number / 1e3);
  return fmt::format("{:.3g}", number);
}

std::string figure_text(double number, std::string_view unit) {
  constexpr double kMany = 10'000;
  if (unit == " ms" && std::abs(number) >= kMany) return fmt::format("{:.1f} s", number / 1000);
  return number_text(number) + std::string{unit};
}

std::string share_text(const Share& share) {
  if (share.hits == share.of) return "100 %";
  if (share.hits == 0) return "0 %";
  return fmt::format("{:.1f} %", std::clamp(share.value() * 100, 0.1, 99.9));
}

std::string card(const Page& page, const CellCard& cell) {
  const auto& table = page.table;
  const auto share = table.share(cell.rows, "");
  const auto [low, high] = wilson(share.hits, share.of);
  auto figures = fmt::format(
      "{} of {} runs as expected <span class=\"faint\">(95 % interval {:.0f} "
      "to {:.0f} %)</span>",
      share.hits, share.of, low * 100, high * 100);
  for (const auto& collector : table.sweep().collectors) {
    if (kind_of(collector) == FigureKind::Number) {
      const auto numbers = table.numbers(cell.rows, collector.name);
      if (numbers.empty()) {
        figures += fmt::format(" · {}: never", escape(collector.name));
        continue;
      }
      figures += fmt::format(" · {}: {}", escape(collector.name),
                             figure_text(quantile(numbers, 0.5), unit_of(collector)));
      if (numbers.front() != numbers.back())
        figures +=
            fmt::format(" ({} to {})", number_text(numbers.front()), number_text(numbers.back()));
    } else if (kind_of(collector) == FigureKind::Truth) {
      const auto hits = table.share(cell.rows, collector.name);
      figures += fmt::format(" · {}: {} of {}", escape(collector.name), hits.hits, hits.of);
    }
  }
  return fmt::format(
      "<article class=\"card\" id=\"{}\"><a class=\"close\" href=\"#{}\" title=\"close\">✕</a>"
      "<h4>{}</h4><p>{}</p>{}</article>\n",
      cell.id, cell.back, escape(cell.title), figures, replays(page, cell.rows));
}

std::string sweep_html(const Page& page) {
  const auto& sweep = page.table.sweep();
  std::string views;
  for (std::size_t i = 0; i < page.views.size(); ++i) views += view_section(page, i);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0} – rtclab</title>\n<style>{1}{2}</style>\n</head>\n<body class=\"sweep\">\n"
      "<header><h1>{0}</h1>\n<p>{3}</p>\n{4}{5}</header>\n<main>\n{6}"
      "<section id=\"failures\"><h2>Not as expected</h2>\n{7}</section>\n</main>\n"
      "<footer>Made by rtclab sweep. results.sqlite beside this page has every run.</footer>\n"
      "</body>\n</html>\n",
      escape(sweep.title.empty() ? sweep.name : sweep.title), page::style_sheet(), sweep_style(),
      escape(sweep.description), summary(page), navigation(page), views, failures(page));
}

}  // namespace rtclab::sweep
