// What happened in a run, in about ten rows: printed by `rtclab run` and shown at the head of
// report.html.
#pragma once

#include "reports/page/report.h"
#include "scenarios/cli/console.h"

#include <vector>

namespace rtclab::evidence {
struct Evidence;
struct MediaStream;
}  // namespace rtclab::evidence
namespace rtclab::scenario {
struct RunResult;
struct Scenario;
}  // namespace rtclab::scenario

namespace rtclab::cli {

struct Story {
  const scenario::Scenario& scenario;
  const scenario::RunResult& result;
  const evidence::Evidence* evidence;  // nullptr when it could not be read: nothing is told of it
  const std::vector<evidence::MediaStream>& media;  // of the evidence
  const std::vector<judge::Judgement>& judgements;
};

[[nodiscard]] std::vector<page::SummaryRow> tell(const Story& story);

void print(const Console& console, const std::vector<page::SummaryRow>& rows);

}  // namespace rtclab::cli
