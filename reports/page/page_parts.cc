#include "reports/page/page_parts.h"

#include "reports/diagrams/media.h"
#include "reports/diagrams/pairs.h"
#include "reports/evidence/evidence.h"
#include "reports/evidence/media_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace rtclab::page {
namespace {

using evidence::SignallingMessage;
using evidence::SignallingType;
using judge::Judgement;
using judge::Verdict;

std::string_view mood_class(SummaryRow::Mood mood) {
  switch (mood) {
    case SummaryRow::Mood::Neutral: return "faint";
    case SummaryRow::Mood::Good: return "good";
    case SummaryRow::Mood::Bad: return "bad";
  }
  __builtin_unreachable();
}

std::string_view verdict_class(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass: return "good";
    case Verdict::Fail: return "bad";
    case Verdict::Advice: return "advice";
    case Verdict::Declared: return "advice";
    case Verdict::Inconclusive: return "faint";
  }
  __builtin_unreachable();
}

std::string seconds(Duration at) {
  return fmt::format("{:.6f} s", std::chrono::duration<double>(at).count());
}

// A stand-alone SVG document without what may not stand inside HTML.
std::string_view without_prolog(std::string_view svg) {
  const auto start = svg.find("<svg");
  return start == std::string_view::npos ? svg : svg.substr(start);
}

std::string where(const judge::Exhibit& exhibit, std::string_view sequence_svg) {
  std::string text;
  if (exhibit.at) text += seconds(*exhibit.at) + ", ";
  if (exhibit.frame) {
    const auto frame = fmt::format("frame-{}", *exhibit.frame);
    const bool drawn = sequence_svg.find(fmt::format("id=\"{}\"", frame)) != std::string_view::npos;
    const auto* const form = drawn ? "<a href=\"#{0}\">frame {1}</a> of {2}" : "frame {1} of {2}";
    return text + fmt::format(fmt::runtime(form), frame, *exhibit.frame, escape(exhibit.capture));
  }
  if (exhibit.trace_line) return text + fmt::format("trace.jsonl line {}", *exhibit.trace_line);
  if (exhibit.signalling) {
    return text + fmt::format("<a href=\"#signal-{0}\">signalling message {0}</a>",
                              *exhibit.signalling + 1);
  }
  return text + "evidence";
}

std::string verdict_entry(const Judgement& judgement, std::string_view sequence_svg) {
  const auto& rule = *judgement.requirement;
  const bool open = judgement.verdict == Verdict::Fail || judgement.verdict == Verdict::Advice ||
                    judgement.verdict == Verdict::Declared;
  auto html = fmt::format(
      "<details id=\"{}\"{}><summary><span class=\"badge {}\">{}</span><span>{} "
      "§{}</span><span>{}</span></summary>\n"
      "<div class=\"body\"><p>{}</p><p class=\"faint\"><code>{}</code> · {}</p>",
      rule.id, open ? " open" : "", verdict_class(judgement.verdict), to_string(judgement.verdict),
      rule.spec, rule.section, escape(rule.text), escape(judgement.summary), rule.id,
      to_string(rule.level));
  if (!judgement.exhibits.empty()) {
    html += "<ul>";
    for (const auto& exhibit : judgement.exhibits) {
      html += fmt::format("<li>{} <span class=\"faint\">({})</span></li>", escape(exhibit.what),
                          where(exhibit, sequence_svg));
    }
    html += "</ul>";
  }
  return html + "</div></details>\n";
}

std::string message_entry(const SignallingMessage& message, std::size_t number) {
  const auto delay =
      message.delivered
          ? fmt::format("after {:.3f} ms",
                        std::chrono::duration<double, std::milli>(*message.delivered - message.sent)
                            .count())
          : std::string{"never delivered"};
  const auto& body = message.sdp.empty() ? message.candidate : message.sdp;
  return fmt::format(
      "<details class=\"message\" id=\"signal-{}\"><summary><strong>{}</strong> {} → {} <span "
      "class=\"faint\">sent {}, "
      "{}</span></summary><pre>{}</pre></details>\n",
      number, to_string(message.type), escape(message.from), escape(message.to),
      seconds(message.sent), delay, escape(body.empty() ? message.note : body));
}

}  // namespace

std::string escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string summary_section(const Report& report) {
  if (report.summary.empty()) return {};
  std::string html = "<dl class=\"summary\">\n";
  for (const auto& row : report.summary) {
    html += fmt::format("<dt class=\"{}\">{}</dt><dd>{}</dd>\n", mood_class(row.mood),
                        escape(row.label), escape(row.text));
  }
  return html + "</dl>\n";
}

std::string sequence_section(std::string_view sequence_svg) {
  return fmt::format(
      "<h2 id=\"sequence\">The exchange</h2>\n"
      "<p class=\"faint\">Time runs downwards; quiet stretches are shortened. An arrow falls as "
      "long as its packet took. "
      "Rest the pointer on anything for its detail.</p>\n<div class=\"picture "
      "sequence\">\n{}</div>\n",
      without_prolog(sequence_svg));
}

std::string pairs_section(const Report& report) {
  std::string html = "<h2 id=\"pairs\">The choice of a pair</h2>\n";
  for (const auto peer : report.evidence.peers()) {
    const auto& name = report.evidence.parties[peer].name;
    html += fmt::format("<h3>As {} saw it</h3>\n<div class=\"picture pairs\">\n{}</div>\n",
                        escape(name), without_prolog(diagrams::pairs_svg(report.evidence, name)));
  }
  return html;
}

std::string media_section(const Report& report) {
  if (report.media.empty()) return {};
  return fmt::format(
      "<h2 id=\"media\">The media</h2>\n"
      "<p class=\"faint\">Each RTP stream as it was sent over time, and what became of its "
      "packets. "
      "Each has a scale of its own, up to its busiest moment.</p>\n"
      "<div class=\"picture media\">\n{}</div>\n",
      without_prolog(diagrams::media_svg(report.evidence, report.media)));
}

std::string verdicts_section(const Report& report, std::string_view sequence_svg) {
  constexpr std::array kOrder{Verdict::Fail, Verdict::Advice, Verdict::Declared, Verdict::Pass,
                              Verdict::Inconclusive};
  std::string html = "<h2 id=\"verdicts\">Verdicts</h2>\n<div class=\"counts\">";
  for (const auto verdict : kOrder) {
    const auto count = std::ranges::count(report.judgements, verdict, &Judgement::verdict);
    html += fmt::format("<span class=\"{}\">{} {}</span>", verdict_class(verdict), count,
                        to_string(verdict));
  }
  html += "</div>\n<div class=\"verdicts\">\n";
  for (const auto verdict : kOrder) {
    for (const auto& judgement : report.judgements) {
      if (judgement.verdict == verdict) html += verdict_entry(judgement, sequence_svg);
    }
  }
  return html + "</div>\n";
}

std::string signalling_section(const Report& report) {
  std::string html = "<h2 id=\"signalling\">Signalling</h2>\n";
  if (report.evidence.signalling.empty())
    return html + "<p class=\"faint\">None in the evidence.</p>\n";
  for (std::size_t i = 0; i < report.evidence.signalling.size(); ++i) {
    html += message_entry(report.evidence.signalling[i], i + 1);
  }
  return html;
}

}  // namespace rtclab::page
