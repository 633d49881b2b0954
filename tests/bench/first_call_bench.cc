// What a first call costs beside the least that any call must cost, both measured in turn in one
// process.
//
//   build/release/rtclab_bench [CALLS]
//
// Prints CPU time of this process, so that a busy machine disturbs it little. The ratio is the
// figure to keep.
#include "scenarios/loader.h"
#include "scenarios/runner.h"
#include "sim/capture/pcapng_writer.h"
#include "tests/bench/cpu_time.h"
#include "tests/bench/floor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace rtclab::bench {
namespace {

struct Series {
  const char* name;
  std::vector<double> milliseconds;

  template <class F>
  void measure(F&& f) {
    const auto before = cpu_seconds();
    f();
    milliseconds.push_back((cpu_seconds() - before) * 1e3);
  }
  [[nodiscard]] double median() {
    auto& m = milliseconds;
    std::ranges::nth_element(m, m.begin() + static_cast<std::ptrdiff_t>(m.size() / 2));
    return m[m.size() / 2];
  }
};

void report(Series& series, double floor) {
  const auto median = series.median();
  fmt::print("{:<34} {:8.3f} ms CPU  {:8.0f} per second and core  {:5.2f} x floor\n", series.name,
             median, 1e3 / median, median / floor);
}

void run_call(const scenario::Loaded& loaded, std::uint64_t seed,
              const scenario::EvidenceSinks& sinks) {
  const auto result = scenario::run(loaded.scenario, loaded.topology, seed, sinks);
  if (result.as_expected()) return;
  fmt::print(stderr, "seed {}: the call did not go as expected\n", seed);
  std::exit(1);
}

int bench(unsigned calls) {
  const std::filesystem::path root{RTCLAB_SOURCE_DIR};
  const auto loaded =
      scenario::load(root / "scenarios/library/first-call.xml", root / "topologies/library");
  if (!loaded) {
    fmt::print(stderr, "{}\n", loaded.error().to_string());
    return 2;
  }
  Series floor{"floor: 2 certificates, 1 handshake", {}};
  Series bare{"first-call, no evidence", {}};
  Series full{"first-call, capture and trace", {}};
  for (unsigned i = 0; i < calls; ++i) {
    floor.measure([] { certificates_and_handshake(); });
    bare.measure([&] { run_call(*loaded, i, {}); });
    full.measure([&] {
      std::ostringstream capture;
      std::ostringstream trace;
      capture::PcapngWriter writer{capture, "rtclab bench"};
      run_call(*loaded, i, {.capture = &writer, .trace = &trace});
    });
  }
  fmt::print("{} calls of {} virtual seconds each, medians\n", calls,
             std::chrono::duration<double>(loaded->scenario.duration).count());
  const auto base = floor.median();
  report(floor, base);
  report(bare, base);
  report(full, base);
  return 0;
}

}  // namespace
}  // namespace rtclab::bench

int main(int argc, char** argv) {
  return rtclab::bench::bench(argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 200);
}
