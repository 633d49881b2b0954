#include "reports/page/report.h"

#include "reports/diagrams/sequence.h"
#include "reports/evidence/evidence.h"
#include "reports/page/page_parts.h"

#include <fmt/format.h>

namespace rtclab::page {

std::string report_html(const Report& report) {
  const auto& evidence = report.evidence;
  const auto title = escape(evidence.title.empty() ? evidence.source : evidence.title);
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0} · rtclab</title>\n<style>{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n",
      title, style_sheet());
  if (!evidence.description.empty())
    html += fmt::format("<p>{}</p>\n", escape(evidence.description));
  for (const auto& warning : evidence.warnings)
    html += fmt::format("<p class=\"advice\">{}</p>\n", escape(warning));
  const auto media = media_section(report);
  html += fmt::format(
      "<nav><a href=\"#sequence\">The exchange</a><a href=\"#pairs\">The choice of a pair</a>{}"
      "<a href=\"#verdicts\">Verdicts</a><a href=\"#signalling\">Signalling</a></nav>\n",
      media.empty() ? "" : "<a href=\"#media\">The media</a>");
  html += summary_section(report);
  html += "</header>\n<main>\n";
  const auto sequence = diagrams::sequence_svg(evidence);
  html += sequence_section(sequence);
  html += pairs_section(report);
  html += media;
  html += verdicts_section(report, sequence);
  html += signalling_section(report);
  html += "</main>\n<footer>\n";
  if (!report.replay.empty()) {
    html +=
        fmt::format("<p>The same run, to the byte: <code>{}</code></p>\n", escape(report.replay));
  }
  html +=
      "<p>Made by rtclab from the evidence beside this page.</p>\n</footer>\n</body>\n</html>\n";
  return html;
}

}  // namespace rtclab::page
