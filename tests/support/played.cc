#include "tests/support/played.h"

#include "reports/evidence/load.h"
#include "sim/capture/pcapng_writer.h"
#include "tests/support/scratch_folder.h"

#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace rtclab::test {

namespace fs = std::filesystem;

scenario::Loaded load_library(std::string_view name) {
  const fs::path root{RTCLAB_SOURCE_DIR};
  auto loaded = scenario::load(root / "scenarios/library" / (std::string{name} + ".xml"),
                               root / "topologies/library");
  if (!loaded) throw std::runtime_error{loaded.error().to_string()};
  return *std::move(loaded);
}

Played play(const scenario::Loaded& loaded, std::uint64_t seed) {
  std::ostringstream capture;
  std::ostringstream trace;
  capture::PcapngWriter writer{capture, "rtclab tests"};
  auto result =
      scenario::run(loaded.scenario, loaded.topology, seed, {.capture = &writer, .trace = &trace});
  return {loaded, std::move(result), capture.str(), trace.str()};
}

scenario::SetLink losing(const topology::Topology& topology, const std::string& a,
                         const std::string& b, double share) {
  const auto is_end = [](const topology::LinkEnd& end, const std::string& text) {
    return end.to_string() == text || end.machine == text;
  };
  for (const auto& link : topology.links) {
    const bool is_it =
        (is_end(link.a, a) && is_end(link.b, b)) || (is_end(link.a, b) && is_end(link.b, a));
    if (!is_it) continue;
    scenario::SetLink action{link.a.to_string(), link.b.to_string(), link.a_to_b, link.b_to_a,
                             "loses packets"};
    action.a_to_b->loss = action.b_to_a->loss = share;
    return action;
  }
  throw std::runtime_error{"no link between " + a + " and " + b};
}

evidence::Evidence evidence_of(const Played& played) {
  const ScratchFolder folder;
  folder.write("capture.pcapng", played.capture);
  folder.write("trace.jsonl", played.trace);
  folder.write("run.json", "{}\n");
  auto evidence = evidence::load(folder.path());
  if (!evidence) throw std::runtime_error{evidence.error().to_string()};
  return *std::move(evidence);
}

}  // namespace rtclab::test
