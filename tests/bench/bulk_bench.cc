// What a data channel costs for each megabyte that arrives: both peers, DTLS, SCTP and the
// simulated link between them.
//
//   build/release/rtclab_bulk_bench [SECONDS]
//
// CPU time of this process for so many virtual seconds (10) on a link of 100 Mbit/s.
#include "tests/bench/cpu_time.h"
#include "tests/support/bulk.h"

#include <fmt/format.h>

#include <cstdlib>

namespace rtclab::bench {
namespace {

void bulk(const char* name, double loss, unsigned seconds) {
  using namespace std::chrono_literals;
  const topology::LinkQuality link{.delay = 20ms, .rate = 100'000'000, .loss = loss, .queue = 420};
  const auto before = cpu_seconds();
  const auto result = test::run_bulk({.link = link, .warm_up = 0s, .measured = seconds * 1s});
  const auto spent = cpu_seconds() - before;
  const auto megabytes = static_cast<double>(result.octets_in_all) / 1e6;
  fmt::print("{:<24} {:8.1f} MB {:8.2f} MB/s virtual {:8.3f} ms CPU per MB\n", name, megabytes,
             result.octets_per_second / 1e6, spent * 1e3 / megabytes);
}

}  // namespace
}  // namespace rtclab::bench

int main(int argc, char** argv) {
  const auto seconds = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 10;
  rtclab::bench::bulk("clean, 100 Mbit/s", 0, seconds);
  rtclab::bench::bulk("1 % lost, 100 Mbit/s", 0.01, seconds);
}
