// The report as text.
#include "scenarios/selfcheck/selfcheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::selfcheck {
namespace {

struct Column {
  std::string_view title;
  std::string_view term;  // of a finding; empty: something else
};
constexpr std::array kColumns{Column{"mapping", "mapping"}, Column{"filtering", "filtering"},
                              Column{"hairpinning", "hairpinning"}, Column{"lifetime", "lifetime"},
                              Column{"ports", "ports"}};

using Row = std::vector<std::string>;

std::string seen_of(const Subject& subject, std::string_view term) {
  const auto* const finding = find(subject.findings, term);
  if (finding == nullptr) return "-";
  return finding->seen.empty() ? "?" : finding->seen;
}

// The words of the file for the terms of the table, in its order.
std::string said_of(const Subject& subject) {
  std::string said;
  for (const auto& column : kColumns) {
    const auto* const finding = find(subject.findings, column.term);
    if (finding != nullptr) said += (said.empty() ? "" : " ") + finding->declared;
  }
  const auto* const passes = find(subject.findings, "passes");
  const bool is_blocked = passes != nullptr && passes->declared == "no";
  return !said.empty() ? said : is_blocked ? "blocked" : "-";
}

std::string transport_of(const Subject& subject) {
  return subject.transport == Transport::Udp ? "UDP" : "TCP";
}

Row row_of(const Subject& subject) {
  Row row{subject.name, transport_of(subject)};
  const auto* const passes = find(subject.findings, "passes");
  const bool blocked =
      passes != nullptr && passes->seen == "no" && passes->agreement != Agreement::Hidden;
  for (const auto& column : kColumns)
    row.push_back(blocked ? "blocked" : seen_of(subject, column.term));
  row.push_back(said_of(subject));
  row.emplace_back(subject.agrees() ? "agrees" : "DIFFERS");
  return row;
}

std::string to_text(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

// Why the file's word is not what was seen, where that is so.
std::string notes_on(const Subject& subject) {
  std::string notes;
  for (const auto& finding : subject.findings) {
    const auto what = fmt::format("{} ({}): {}", subject.name, transport_of(subject), finding.term);
    switch (finding.agreement) {
      case Agreement::Differs:
        notes +=
            fmt::format("{} should be seen as {}, and is {}: {}\n", what, finding.expected,
                        finding.seen.empty() ? "not seen at all" : finding.seen, finding.reason);
        break;
      case Agreement::Hidden:
        notes += fmt::format("{} {} cannot be seen: {}\n", what, finding.declared, finding.reason);
        break;
      case Agreement::Agrees:
        if (finding.declared != finding.expected)
          notes += fmt::format("{} {} is seen as {}: {}\n", what, finding.declared, finding.seen,
                               finding.reason);
        break;
    }
  }
  return notes;
}

}  // namespace

std::string to_text(const Report& report) {
  Row head{"", ""};
  for (const auto& column : kColumns) head.emplace_back(column.title);
  head.insert(head.end(), {"the file says", "verdict"});
  std::vector<Row> rows{std::move(head)};
  std::string notes;
  for (const auto& subject : report.subjects) {
    rows.push_back(row_of(subject));
    notes += notes_on(subject);
  }
  for (const auto& sentence : report.left_out) notes += sentence + '\n';
  auto text =
      report.subjects.empty() ? std::string{"There is no NAT and no firewall.\n"} : to_text(rows);
  return notes.empty() ? text : text + '\n' + notes;
}

}  // namespace rtclab::selfcheck
