// What a data channel makes of a link, and what it costs for each megabyte that arrives: both
// peers, DTLS, SCTP and the simulated link between them, beside what the same packets cost ns-3 and
// AES alone.
//
//   build/release/rtclab_bulk_bench [SECONDS]
//
// So many virtual seconds (10) from the opening of the channel on, on a link of 100 Mbit/s and 20
// ms in each direction.
#include "tests/bench/cpu_time.h"
#include "tests/bench/packet_floor.h"
#include "tests/support/bulk.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

namespace rtclab::bench {
namespace {

using namespace std::chrono_literals;

constexpr double kRate = 100e6;  // bits per second
constexpr auto kOneWay = 20ms;
constexpr double kLoss = 0.01;
constexpr std::size_t kBelow = 28;  // UDP and IPv4

void bulk(const char* name, double loss, double allowed, unsigned seconds) {
  const topology::LinkQuality link{.delay = kOneWay,
                                   .rate = static_cast<std::uint64_t>(kRate),
                                   .queue = 420,  // packets: one bandwidth-delay product
                                   .loss = loss};
  const auto before = cpu_seconds();
  const auto result = test::run_bulk({.link = link, .warm_up = 0s, .measured = seconds * 1s});
  const auto spent = cpu_seconds() - before;
  const auto least = cpu_of({.calls = 1,
                             .packets = result.packets,
                             .octets = result.packet_octets / result.packets + kBelow,
                             .length = seconds * 1s});
  const auto megabytes = static_cast<double>(result.octets_in_all) / 1e6;
  fmt::print(
      "{:<18} {:6.2f} MB/s, {:5.1f} % of {:5.2f}  {:7.3f} ms CPU a MB, floor {:.3f}: {:.2f} x\n",
      name, result.octets_per_second / 1e6, result.octets_per_second / allowed * 100, allowed / 1e6,
      spent * 1e3 / megabytes, least * 1e3 / megabytes, spent / least);
}

void both(unsigned seconds) {
  // Full packets back to back; and Mathis et al. (1997), MSS / RTT * sqrt(3/2) / sqrt(p), for a
  // receiver that acknowledges each packet, as SCTP's does while there is a gap (RFC 9260 §6.2).
  const double capacity = kRate / 8 * test::kUserOctets / test::kPacketOctets;
  const double round_trip = 2 * std::chrono::duration<double>(kOneWay).count();
  const double mathis = test::kUserOctets / round_trip * std::sqrt(1.5) / std::sqrt(kLoss);
  bulk("clean, of the link", 0, capacity, seconds);
  bulk("1 % lost, of Mathis", kLoss, mathis, seconds);
}

}  // namespace
}  // namespace rtclab::bench

int main(int argc, char** argv) {
  const auto seconds = argc > 1 ? std::atoi(argv[1]) : 10;
  if (seconds < 1) {
    fmt::print(stderr, "usage: rtclab_bulk_bench [SECONDS]\n");
    return 2;
  }
  rtclab::bench::both(static_cast<unsigned>(seconds));
}
