// rtclab judge: the verdicts on a run or a recording.
#include "reports/judge/judge.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/evidence_options.h"
#include "scenarios/cli/output.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace rtclab::cli {
namespace {

using judge::Judgement;
using judge::Verdict;

struct Options {
  std::shared_ptr<EvidenceOptions> evidence;
  bool json = false;
  bool all = false;
};

Style style_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass: return Style::Good;
    case Verdict::Fail: return Style::Bad;
    case Verdict::Advice: return Style::Strong;
    case Verdict::Declared: return Style::Strong;
    case Verdict::Inconclusive: return Style::Faint;
  }
  __builtin_unreachable();
}

std::string where(const judge::Exhibit& exhibit) {
  if (exhibit.frame) return fmt::format("{} frame {}", exhibit.capture, *exhibit.frame);
  if (exhibit.trace_line) return fmt::format("trace.jsonl:{}", *exhibit.trace_line);
  if (exhibit.signalling) return fmt::format("signalling message {}", *exhibit.signalling + 1);
  return "evidence";
}

void print_one(const Console& console, const Judgement& judgement) {
  const auto& rule = *judgement.requirement;
  fmt::print(console.out(), "{}  {:<42} {} §{} {}\n",
             console.styled(fmt::format("{:<12}", to_string(judgement.verdict)),
                            style_of(judgement.verdict)),
             rule.id, rule.spec, rule.section, to_string(rule.level));
  fmt::print(console.out(), "              {}\n", judgement.summary);
  if (judgement.verdict == Verdict::Pass || judgement.verdict == Verdict::Inconclusive) return;
  fmt::print(console.out(), "              {}\n", console.styled(rule.text, Style::Faint));
  for (const auto& exhibit : judgement.exhibits) {
    fmt::print(console.out(), "              - {}: {}\n", where(exhibit), exhibit.what);
  }
  const auto all = judgement.breaches > 0 ? judgement.breaches : judgement.declared;
  if (all > judgement.exhibits.size()) {
    fmt::print(console.out(), "              - and {} more\n", all - judgement.exhibits.size());
  }
}

void print_all(const Console& console, const std::vector<Judgement>& judgements,
               bool with_inconclusive) {
  for (const auto verdict :
       {Verdict::Fail, Verdict::Advice, Verdict::Declared, Verdict::Pass, Verdict::Inconclusive}) {
    if (verdict == Verdict::Inconclusive && !with_inconclusive) continue;
    for (const auto& judgement : judgements) {
      if (judgement.verdict == verdict) print_one(console, judgement);
    }
  }
  fmt::print(console.out(), "{}\n", judge::count_of(judgements));
}

FileResult<Exit> run(const Options& options, const Console& console) {
  const auto evidence = options.evidence->load(console);
  if (!evidence) return tl::make_unexpected(evidence.error());
  const auto judgements = judge::judge(*evidence);
  if (options.json) {
    auto json = to_json(judgements);
    json["source"] = evidence->source;
    fmt::print(console.out(), "{}\n", to_text(json));
  } else {
    print_all(console, judgements, options.all);
  }
  const bool broken =
      std::ranges::find(judgements, Verdict::Fail, &Judgement::verdict) != judgements.end();
  return broken ? Exit::Failed : Exit::AsExpected;
}

}  // namespace

Run add_judge(CLI::App& command) {
  auto options = std::make_shared<Options>();
  options->evidence = add_evidence_options(command);
  command.add_flag("--all", options->all, "Show the requirements whose case did not come up, too");
  command.add_flag("--json", options->json,
                   "Print one JSON object: {\"verdicts\": [{id, verdict, evidence, …}]}");
  return [options](const Console& console) { return console.conclude(run(*options, console)); };
}

}  // namespace rtclab::cli
