// report.html: one self-contained page that holds all that is known of a call.
//
// No script is needed to read it and nothing is loaded from elsewhere; light or dark as the
// reader's system is.
#pragma once

#include "reports/judge/judge.h"

#include <string>
#include <vector>

namespace rtclab::evidence {
struct Evidence;
struct MediaStream;
}  // namespace rtclab::evidence

namespace rtclab::page {

// What happened, told in rows: {"connected", "0.412 s after the offer was made"}.
struct SummaryRow {
  std::string label;
  std::string text;
  enum class Mood { Neutral, Good, Bad } mood = Mood::Neutral;
};

struct Report {
  const evidence::Evidence& evidence;
  const std::vector<evidence::MediaStream>& media;  // evidence::media_streams(evidence)
  const std::vector<judge::Judgement>& judgements;
  std::vector<SummaryRow> summary;  // of a run; empty for a recording
  std::string replay;               // the command that makes this run again; empty for a recording
};

[[nodiscard]] std::string report_html(const Report& report);

}  // namespace rtclab::page
