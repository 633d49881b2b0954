// rtclab decrypt: the media of a run or a recording in the clear.
#include "scenarios/cli/commands.h"
#include "scenarios/cli/evidence_options.h"
#include "scenarios/cli/media_capture.h"
#include "scenarios/cli/output.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <memory>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::shared_ptr<EvidenceOptions> evidence;
  std::string out;
  bool json = false;
};

FileResult<Exit> decrypt(const Options& options, const Console& console) {
  const auto evidence = options.evidence->load(console);
  if (!evidence) return tl::make_unexpected(evidence.error());
  fs::path path = options.out;
  if (path.empty()) {
    const auto folder = fs::path{"out"} / options.evidence->name();
    if (auto made = make_folder(folder); !made) return tl::make_unexpected(made.error());
    path = folder / "media.pcapng";
  }
  std::ofstream file{path, std::ios::binary};
  const auto counts = write_media_capture(*evidence, file);
  file.flush();
  if (!file)
    return tl::make_unexpected(FileError{.file = path.string(), .message = "cannot be written"});
  if (options.json) {
    fmt::print(
        console.out(), "{}\n",
        Json{{"out", path.string()}, {"opened", counts.opened}, {"sealed", counts.sealed}}.dump(2));
  } else {
    fmt::print(console.out(), "{}: {} packets of media{}\n", path.string(), counts.opened,
               counts.sealed == 0 ? std::string{}
                                  : fmt::format("; no key opens {} others", counts.sealed));
  }
  return Exit::AsExpected;
}

}  // namespace

Run add_decrypt(CLI::App& command) {
  auto options = std::make_shared<Options>();
  options->evidence = add_evidence_options(command);
  command.add_option("--out", options->out,
                     "The file to write (default: out/<name of the evidence>/media.pcapng)");
  command.add_flag("--json", options->json, "Print what was done as JSON");
  return [options](const Console& console) { return console.conclude(decrypt(*options, console)); };
}

}  // namespace rtclab::cli
