#include "scenarios/cli/output.h"

#include "reports/diagrams/media.h"
#include "reports/diagrams/pairs.h"
#include "reports/diagrams/sequence.h"
#include "reports/evidence/evidence.h"
#include "reports/evidence/media_streams.h"
#include "scenarios/runner.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

auto complain(const fs::path& path, std::string_view what) {
  return tl::make_unexpected(FileError{.file = path.string(), .message = std::string{what}});
}

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}
double milliseconds(Instant at) {
  return milliseconds(at.time_since_epoch());
}

Json exhibit_json(const judge::Exhibit& exhibit) {
  Json json{{"what", exhibit.what}};
  if (exhibit.at) json["time_ms"] = milliseconds(*exhibit.at);
  if (exhibit.frame) {
    json["frame"] = *exhibit.frame;
    json["capture"] = exhibit.capture;
  }
  if (exhibit.trace_line) json["trace_line"] = *exhibit.trace_line;
  if (exhibit.signalling) json["signalling"] = *exhibit.signalling;
  return json;
}

Json step_json(const scenario::StepOutcome& step) {
  using State = scenario::StepOutcome::State;
  constexpr std::array kStates{"not begun", "running", "done", "failed"};
  Json json{{"step", step.what},
            {"line", step.line},
            {"outcome", kStates.at(static_cast<std::size_t>(step.state))}};
  if (step.state != State::NotBegun) json["began_ms"] = milliseconds(step.began);
  if (step.state == State::Done || step.state == State::Failed)
    json["ended_ms"] = milliseconds(step.ended);
  if (!step.detail.empty()) json["detail"] = step.detail;
  return json;
}

Json pair_json(const scenario::SelectedPair& pair) {
  return {{"local", pair.local},   {"local_type", pair.local_type},
          {"remote", pair.remote}, {"remote_type", pair.remote_type},
          {"reason", pair.reason}, {"at_ms", milliseconds(pair.at.at)}};
}

Json peer_json(const scenario::Chronicle& chronicle) {
  Json json{{"selected_pairs", Json::array()}, {"channels", Json::object()}};
  for (const auto& pair : chronicle.selected_pairs())
    json["selected_pairs"].push_back(pair_json(pair));
  for (const auto& [label, channel] : chronicle.channels()) {
    json["channels"][label] = {{"ready_state", channel.ready_state},
                               {"sent", channel.sent.size()},
                               {"received", channel.received.size()}};
  }
  return json;
}

}  // namespace

FileResult<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return complain(folder, fmt::format("cannot make this folder: {}", error.message()));
  return {};
}

FileResult<void> write_file(const fs::path& file, std::string_view content) {
  std::ofstream out{file, std::ios::binary};
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) return complain(file, fmt::format("cannot write this file: {}", std::strerror(errno)));
  return {};
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Json to_json(const std::vector<judge::Judgement>& judgements) {
  auto list = Json::array();
  for (const auto& judgement : judgements) {
    const auto& requirement = *judgement.requirement;
    auto exhibits = Json::array();
    for (const auto& exhibit : judgement.exhibits) exhibits.push_back(exhibit_json(exhibit));
    list.push_back({{"id", requirement.id},
                    {"verdict", to_string(judgement.verdict)},
                    {"level", to_string(requirement.level)},
                    {"spec", requirement.spec},
                    {"section", requirement.section},
                    {"requirement", requirement.text},
                    {"summary", judgement.summary},
                    {"cases", judgement.cases},
                    {"evidence", std::move(exhibits)}});
  }
  return {{"verdicts", std::move(list)}};
}

Json to_json(const scenario::Scenario& scenario, const scenario::RunResult& result) {
  Json json{{"scenario", scenario.name},           {"title", scenario.title},
            {"topology", scenario.topology},       {"seed", result.seed},
            {"as_expected", result.as_expected()}, {"steps", Json::array()},
            {"expectations", Json::array()},       {"peers", Json::object()}};
  for (const auto& step : result.steps) json["steps"].push_back(step_json(step));
  for (const auto& outcome : result.expectations) {
    json["expectations"].push_back({{"expected", outcome.expected},
                                    {"met", outcome.met},
                                    {"seen", outcome.seen},
                                    {"line", outcome.line}});
  }
  for (const auto& [name, chronicle] : result.chronicles)
    json["peers"][name] = peer_json(chronicle);
  return json;
}

FileResult<std::vector<std::string>> write_diagrams(const evidence::Evidence& evidence,
                                                    const std::vector<evidence::MediaStream>& media,
                                                    const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> files{
      {"sequence.svg", diagrams::sequence_svg(evidence)},
      {"ladder.txt", diagrams::ladder(evidence)}};
  for (const auto peer : evidence.peers()) {
    const auto& name = evidence.parties[peer].name;
    files.emplace_back(fmt::format("pairs-{}.svg", name), diagrams::pairs_svg(evidence, name));
  }
  if (auto picture = diagrams::media_svg(evidence, media); !picture.empty())
    files.emplace_back("media.svg", std::move(picture));
  std::vector<std::string> names;
  for (const auto& [name, content] : files) {
    if (auto written = write_file(folder / name, content); !written)
      return tl::make_unexpected(written.error());
    names.push_back(name);
  }
  return names;
}

FileResult<void> write_report(const page::Report& report, const fs::path& folder) {
  return write_file(folder / "verdicts.json", to_text(to_json(report.judgements)) + "\n")
      .and_then([&] { return write_file(folder / "report.html", page::report_html(report)); });
}

}  // namespace rtclab::cli
