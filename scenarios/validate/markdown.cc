// docs/validation.md.
#include "scenarios/validate/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace rtclab::validate {
namespace {

constexpr std::string_view kAbout =
    "Does the simulated network behave as the field's documents and the real world say? Each "
    "figure here is expected by somebody else (a standard, a published measurement, arithmetic), "
    "and was measured in simulations that ran when the command above did. Where chance draws, the "
    "interval is one of 99.99 %, so that a page on which all is right has a figure outside "
    "about once in a hundred seeds; where nothing draws, the figure has to be exact. The checks "
    "that "
    "need programs which are not ours, the kernel's NAT and coturn's classifier, stand in "
    "[validation-outside.md](validation-outside.md); what it all costs in "
    "[measurements.md](measurements.md).";

// Figures of the field that no row of this page is held against, each with the reason.
constexpr std::string_view kNotHere =
    "## What is not on this page\n\n"
    "- *How fast the machine is* (9.5 million events a second for ns-3's bare scheduler, 60,000 "
    "packets a second across four of its hops): this page has the same octets on every machine, "
    "so what a packet costs stands in [measurements.md](measurements.md), beside what ns-3 alone "
    "costs in the same run.\n"
    "- *Behind which NATs the studies' hosts stood* (Ford's 82 % and 64 %, DCUtR's 70 %, the 15 to "
    "22 % that need TURN): the studies say what share connects and not behind what, so the mixes "
    "are ours and only the arithmetic from them to the published share, and the runs, are held "
    "against each other.\n"
    "- *Why DCUtR's attempts failed*: the study does not say, so that the loss that makes 2.4 % of "
    "them fail is deduced from the figure, and cannot also be a test of it.\n"
    "- *That Tr is never less than 15 s, and patience never less than 39.5 s*: a scenario that "
    "asks for less is refused (`keepalive`, `patience`), so that no run has it.\n";

// A vertical bar would end a cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

void write_row(std::string& out, const std::vector<std::string>& cells) {
  out += '|';
  for (const auto& text : cells) out += fmt::format(" {} |", cell(text));
  out += '\n';
}

void write_table(std::string& out, const Table& table) {
  write_row(out, table.head);
  write_row(out, std::vector<std::string>(table.head.size(), "---"));
  for (const auto& row : table.rows) write_row(out, row);
  out += '\n';
}

void write(std::string& out, const Prose& prose) {
  out += prose.text + "\n\n";
}
void write(std::string& out, const Table& table) {
  write_table(out, table);
}
void write(std::string& out, const Checks& checks) {
  const auto wrong =
      static_cast<std::size_t>(std::ranges::count(checks.rows, false, &Check::agrees));
  out += fmt::format("**{}:** {} of {} agree.\n\n", checks.caption, checks.rows.size() - wrong,
                     checks.rows.size());
  Table table{{"what", "expected", "measured", "within", ""}, {}};
  for (const auto& row : checks.rows) {
    if (!checks.listed && row.agrees) continue;
    table.rows.push_back(
        {row.what, row.expected, row.measured, row.within, row.agrees ? "agrees" : "**DIFFERS**"});
  }
  if (!table.rows.empty()) write_table(out, table);
}

std::string result_of(const Section& section) {
  if (section.agrees()) return fmt::format("all {} agree", section.checks());
  return fmt::format("**{} of {} differ**", section.failures(), section.checks());
}

// As GitHub makes the anchor of a heading.
std::string anchor(std::string_view title) {
  std::string made;
  for (const char c : title) {
    if (c == ' ') {
      made += '-';
    } else if (c >= 'A' && c <= 'Z') {
      made += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') {
      made += c;
    }
  }
  return made;
}

void write_summary(std::string& out, const Report& report) {
  Table table{{"section", "result"}, {}};
  for (const auto& section : report.sections) {
    table.rows.push_back(
        {fmt::format("[{}](#{})", section.title, anchor(section.title)), result_of(section)});
  }
  write_table(out, table);
}

}  // namespace

bool Report::agrees() const {
  return std::ranges::all_of(sections, &Section::agrees);
}

std::string to_markdown(const Report& report) {
  auto out = fmt::format("# Validation\n\nMade by\n\n    {}\n\n{}\n\n", report.command, kAbout);
  write_summary(out, report);
  for (const auto& section : report.sections) {
    out += fmt::format("## {}\n\nExpected by: {}. Alone: `rtclab validate --only {}`.\n\n",
                       section.title, section.source, section.name);
    for (const auto& block : section.blocks)
      std::visit([&](const auto& content) { write(out, content); }, block);
  }
  return out += kNotHere;
}

}  // namespace rtclab::validate
