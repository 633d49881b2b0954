// What a data channel makes of a link: issue "media and data, whole", by arithmetic from the link.
#include "tests/support/bulk.h"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace rtclab::test {
namespace {

using namespace std::chrono_literals;

constexpr double kRate = 100e6;  // bits per second
constexpr auto kOneWay = 20ms;   // 40 ms there and back: the harder reading of "a 20 ms link"

// The most that user data can have of it: full packets back to back, headers counted.
constexpr double kCapacity = kRate / 8 * kUserOctets / kPacketOctets;  // 11.49 MB/s

// RFC 9260 §7.2 halves its window at a loss, so a queue of one bandwidth-delay product keeps the
// link busy meanwhile: 100 Mbit/s times 40 ms are 408 packets of 1227 octets.
topology::LinkQuality link(double loss = 0) {
  return {.delay = kOneWay, .rate = static_cast<std::uint64_t>(kRate), .queue = 420, .loss = loss};
}

BOOST_AUTO_TEST_SUITE(data_channel_throughput)

BOOST_AUTO_TEST_CASE(a_clean_link_is_filled_within_ten_percent) {
  const auto result = run_bulk({.link = link(), .measured = 5s});

  // From the first octet on, with slow start and what it loses when it overshoots the queue.
  const double from_the_start = static_cast<double>(result.octets_in_all) / 7;
  BOOST_TEST_MESSAGE("clean: " << result.octets_per_second / 1e6 << " MB/s of " << kCapacity / 1e6
                               << ", " << from_the_start / 1e6 << " from the start");
  // A message counts when it is whole, so two of them may count in the wrong second.
  BOOST_TEST(result.octets_per_second <= kCapacity + 3 * 16384.0 / 5);
  BOOST_TEST(result.octets_per_second >= 0.9 * kCapacity);
  BOOST_TEST(from_the_start >= 0.85 * kCapacity);
}

// Mathis et al. (1997): MSS / RTT * C / sqrt(p), with C = sqrt(3/4) for a receiver that
// acknowledges every second packet and sqrt(3/2) for one that acknowledges each. While there is a
// gap SCTP does the latter (RFC 9260 §6.2), so the truth lies about there.
BOOST_AUTO_TEST_CASE(at_one_percent_of_loss_it_lies_beside_the_mathis_bound) {
  const double loss = 0.01;
  // With the data the acknowledgements are lost too, which costs little: the next says the same.
  const auto mathis = [&](double c) { return kUserOctets / 0.040 * c / std::sqrt(loss); };
  double octets_per_second = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    octets_per_second +=
        run_bulk({.link = link(loss), .measured = 30s, .seed = seed}).octets_per_second / 3;
  }

  BOOST_TEST_MESSAGE("1 % loss: " << octets_per_second / 1e3 << " kB/s beside "
                                  << mathis(std::sqrt(0.75)) / 1e3 << " to "
                                  << mathis(std::sqrt(1.5)) / 1e3);
  BOOST_TEST(octets_per_second >= 0.75 * mathis(std::sqrt(0.75)));
  BOOST_TEST(octets_per_second <= 1.25 * mathis(std::sqrt(1.5)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
