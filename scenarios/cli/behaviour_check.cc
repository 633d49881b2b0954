#include "scenarios/cli/behaviour_check.h"

#include "scenarios/cli/output.h"
#include "scenarios/selfcheck/selfcheck.h"
#include "sim/capture/pcapng_writer.h"
#include "topologies/loader.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <optional>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

Json to_json(const selfcheck::Report& report) {
  auto subjects = Json::array();
  for (const auto& subject : report.subjects) {
    auto findings = Json::array();
    for (const auto& finding : subject.findings) {
      findings.push_back({{"term", finding.term},
                          {"declared", finding.declared},
                          {"expected", finding.expected},
                          {"seen", finding.seen},
                          {"verdict", to_string(finding.agreement)},
                          {"reason", finding.reason}});
    }
    subjects.push_back({{"name", subject.name},
                        {"kind", subject.kind},
                        {"transport", to_string(subject.transport)},
                        {"agrees", subject.agrees()},
                        {"findings", std::move(findings)}});
  }
  return {{"agrees", report.agrees()},
          {"subjects", std::move(subjects)},
          {"left_out", report.left_out}};
}

FileResult<selfcheck::Report> check_into(const topology::Topology& topology, std::uint64_t seed,
                                         const fs::path& folder) {
  if (auto made = make_folder(folder); !made) return tl::make_unexpected(made.error());
  std::ofstream capture{folder / "capture.pcapng", std::ios::binary};
  std::ofstream trace{folder / "trace.jsonl", std::ios::binary};
  capture::PcapngWriter writer{capture, "rtclab " RTCLAB_VERSION};
  auto report = selfcheck::check(topology, {.seed = seed, .capture = &writer, .trace = &trace});
  capture.close();
  trace.close();
  if (!capture || !trace) {
    return tl::make_unexpected(FileError{
        .file = folder.string(), .message = "the capture or the trace could not be written here"});
  }
  return report;
}

}  // namespace

FileResult<Exit> check_behaviour(const BehaviourCheck& asked, const Console& console) {
  const auto topology = topology::load(asked.file);
  if (!topology) return tl::make_unexpected(topology.error());
  const auto report =
      asked.out.empty()
          ? FileResult<selfcheck::Report>{selfcheck::check(
                *topology, {.seed = asked.seed, .capture = nullptr, .trace = nullptr})}
          : check_into(*topology, asked.seed, asked.out);
  if (!report) return tl::make_unexpected(report.error());
  if (asked.json)
    fmt::print(console.out(), "{}\n", to_text(to_json(*report)));
  else
    console.out() << to_text(*report);
  return report->agrees() ? Exit::AsExpected : Exit::Failed;
}

}  // namespace rtclab::cli
