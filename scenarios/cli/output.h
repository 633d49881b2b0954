// What commands write: files with a sentence when one cannot be written, and JSON of our values.
#pragma once

#include "agents/base/result.h"
#include "reports/judge/judge.h"
#include "reports/page/report.h"
#include "scenarios/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::scenario {
struct RunResult;
}

namespace rtclab::cli {

using Json = nlohmann::ordered_json;

[[nodiscard]] FileResult<void> make_folder(const std::filesystem::path& folder);
[[nodiscard]] FileResult<void> write_file(const std::filesystem::path& file,
                                          std::string_view content);

// For people and programs: two spaces. What stood on the wire may be no UTF-8, and bad octets
// become U+FFFD.
[[nodiscard]] std::string to_text(const Json& json);

// {"verdicts":[{"id":…,"verdict":…,"evidence":[…]}]}
[[nodiscard]] Json to_json(const std::vector<judge::Judgement>& judgements);
// What run.json holds: steps, expectations, what each peer showed.
[[nodiscard]] Json to_json(const scenario::Scenario& scenario, const scenario::RunResult& result);

// Draws every picture of the report into `folder` and returns the files' names.
[[nodiscard]] FileResult<std::vector<std::string>> write_diagrams(
    const evidence::Evidence& evidence, const std::vector<evidence::MediaStream>& media,
    const std::filesystem::path& folder);
// verdicts.json and report.html.
[[nodiscard]] FileResult<void> write_report(const page::Report& report,
                                            const std::filesystem::path& folder);

}  // namespace rtclab::cli
