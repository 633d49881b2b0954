#include "scenarios/cli/evidence_options.h"

#include "agents/base/text.h"
#include "reports/evidence/load.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <filesystem>

namespace rtclab::cli {

namespace {

// Reads "inside=lan0,outside=wan0", in either order.
FileResult<void> name_nat(evidence::Evidence& evidence, const std::string& text) {
  std::string inside, outside;
  for (const auto part : split(text, ',')) {
    const auto equals = part.find('=');
    const auto key = part.substr(0, equals);
    const auto value = equals == part.npos ? std::string_view{} : part.substr(equals + 1);
    if (key == "inside") inside = value;
    if (key == "outside") outside = value;
  }
  if (inside.empty() || outside.empty()) {
    return tl::make_unexpected(
        FileError{.file = "--nat " + text,
                  .message = "expected inside=IF,outside=IF, the names of two interfaces"});
  }
  return evidence::name_nat(evidence, inside, outside);
}

}  // namespace

FileResult<evidence::Evidence> EvidenceOptions::load(const Console& console) const {
  auto evidence =
      signalling.empty() ? evidence::load(path) : evidence::load_recording({path}, signalling);
  if (evidence && !nat.empty()) {
    if (auto named = name_nat(*evidence, nat); !named) return tl::make_unexpected(named.error());
  }
  if (evidence)
    for (const auto& warning : evidence->warnings) console.warn(warning);
  return evidence;
}

std::string EvidenceOptions::name() const {
  auto given = std::filesystem::path{path}.lexically_normal();
  if (!given.has_filename()) given = given.parent_path();  // "out/first-call/"
  const bool is_file = !std::filesystem::is_directory(given);
  const auto name = is_file ? given.stem() : given.filename();
  // Recordings are often all called capture.pcap; their folder says more.
  if (is_file && name == "capture" && given.has_parent_path())
    return given.parent_path().filename();
  return name;
}

std::shared_ptr<EvidenceOptions> add_evidence_options(CLI::App& command) {
  auto options = std::make_shared<EvidenceOptions>();
  command
      .add_option("EVIDENCE", options->path,
                  "A folder that \"rtclab run\" left, a folder with a recording (capture.pcap and "
                  "signalling.json), or a capture file (.pcap or .pcapng)")
      ->required();
  command.add_option(
      "--signalling", options->signalling,
      "The offers, answers and candidates of a recording: a JSON list, see docs/recordings.md");
  command.add_option("--nat", options->nat,
                     "Of a recording: the two interfaces, by their names in the capture, that are "
                     "the sides of one NAT: inside=IF,outside=IF");
  return options;
}

}  // namespace rtclab::cli
