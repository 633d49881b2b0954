#include "sim/link/transmitter.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using topology::LinkQuality;

struct Departure {
  std::uint64_t identity;
  Duration at;
  friend bool operator==(const Departure&, const Departure&) = default;
};
std::ostream& operator<<(std::ostream& out, const Departure& departure) {
  return out << departure.identity << " at " << departure.at.count() << " ns";
}

// A transmitter and a hand that moves its clock.
struct Bench {
  explicit Bench(const LinkQuality& quality)
      : transmitter{quality,
                    [this](Parcel&& parcel) {
                      departed.push_back({parcel.identity.value(), now.time_since_epoch()});
                    },
                    [this](const Parcel& parcel, const std::string& why) {
                      dropped.push_back(std::to_string(parcel.identity.value()) + ": " + why);
                    }} {}

  bool offer(std::size_t octets) {
    if (!transmitter.has_room()) return false;
    Parcel parcel;
    parcel.packet.resize(octets);
    parcel.identity = PacketId{++offered};
    transmitter.offer(now, std::move(parcel));
    return true;
  }
  void run_until(Duration until) {
    while (transmitter.next_wakeup() && transmitter.next_wakeup()->time_since_epoch() <= until) {
      now = *transmitter.next_wakeup();
      transmitter.handle_timeout(now);
    }
    now = Instant{until};
  }
  void set(const LinkQuality& quality) { transmitter.set(now, quality); }

  Instant now{};
  std::uint64_t offered = 0;
  std::vector<Departure> departed;
  std::vector<std::string> dropped;
  Transmitter transmitter;
};

std::vector<Duration> milliseconds(std::initializer_list<int> times) {
  std::vector<Duration> all;
  for (const auto time : times) all.emplace_back(std::chrono::milliseconds{time});
  return all;
}

BOOST_AUTO_TEST_SUITE(transmitter)

struct Sending {
  std::size_t octets;
  std::uint64_t rate;
  Duration takes;
};
std::ostream& operator<<(std::ostream& out, const Sending& row) {
  return out << row.octets << " octets at " << row.rate;
}
const std::vector<Sending> kSendings{
    {1500, 12'000'000, 1ms},
    {1500, 1'000'000'000, 12us},
    {1, 8, 1s},
    {1000, 3'000'000, 2'666'667ns},             // 2666666.67
    {65535, 1, 524'280s},                       // the longest packet at the lowest rate
    {20, 100'000'000'000'000'000, Duration{}},  // less than half a nanosecond
};
BOOST_DATA_TEST_CASE(sending_takes_octets_times_eight_by_the_rate, data::make(kSendings), row) {
  BOOST_TEST((time_to_send(row.octets, row.rate) == row.takes));
}

BOOST_AUTO_TEST_CASE(what_comes_while_it_sends_waits_its_turn) {
  Bench bench{{.rate = 12'000'000}};

  for (int i = 0; i < 3; ++i) bench.offer(1500);
  bench.run_until(10ms);
  bench.offer(1500);
  bench.run_until(20ms);

  const std::vector<Departure> expected{{1, 1ms}, {2, 2ms}, {3, 3ms}, {4, 11ms}};
  BOOST_TEST(bench.departed == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_new_rate_holds_for_what_is_not_begun) {
  Bench bench{{.rate = 12'000'000}};
  for (int i = 0; i < 3; ++i) bench.offer(1500);
  bench.run_until(500us);

  bench.set({.rate = 6'000'000});
  bench.run_until(20ms);

  const std::vector<Departure> expected{{1, 1ms}, {2, 3ms}, {3, 5ms}};
  BOOST_TEST(bench.departed == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_a_rate_all_that_waits_leaves_at_once) {
  Bench bench{{.rate = 12'000'000}};
  for (int i = 0; i < 3; ++i) bench.offer(1500);
  bench.run_until(500us);

  bench.set({});
  bench.offer(1500);

  const std::vector<Departure> expected{{1, 500us}, {2, 500us}, {3, 500us}, {4, 500us}};
  BOOST_TEST(bench.departed == expected, boost::test_tools::per_element());
  BOOST_TEST(!bench.transmitter.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(a_smaller_queue_drops_the_last) {
  Bench bench{{.rate = 12'000'000, .queue = 5}};
  for (int i = 0; i < 6; ++i) bench.offer(1500);

  bench.set({.rate = 12'000'000, .queue = 2});
  bench.run_until(20ms);

  BOOST_TEST(bench.departed.size() == 3u);
  const std::vector<std::string> expected{
      "4: the queue became smaller", "5: the queue became smaller", "6: the queue became smaller"};
  BOOST_TEST(bench.dropped == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_opportunity_carries_a_full_packet_and_its_tunnel_header) {
  Bench bench{{.opportunities = milliseconds({10, 20, 30})}};

  bench.offer(1500);
  bench.offer(1500);
  bench.run_until(100ms);

  const std::vector<Departure> expected{{1, 10ms}, {2, 20ms}};
  BOOST_TEST(bench.departed == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(small_packets_share_an_opportunity_and_what_is_left_of_one_is_lost) {
  Bench bench{{.opportunities = milliseconds({10, 20})}};

  for (int i = 0; i < 4; ++i) bench.offer(372);  // 376 with the tunnel's header: four fit exactly
  bench.offer(100);
  bench.run_until(15ms);
  bench.offer(1500);
  bench.run_until(100ms);

  const std::vector<Departure> expected{{1, 10ms},
                                        {2, 10ms},
                                        {3, 10ms},
                                        {4, 10ms},
                                        {5, 20ms},
                                        // 104 of 1504 octets were used, so that 104 are missing.
                                        {6, 30ms}};
  BOOST_TEST(bench.departed == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_trace_begins_anew_after_its_last_time) {
  Bench bench{{.opportunities = milliseconds({0, 5, 5, 40})}};

  for (int i = 0; i < 6; ++i) bench.offer(1500);
  bench.run_until(100ms);

  // What is offered at 0 takes the next opportunity; 40 ms is also the 0 of the second round.
  const std::vector<Departure> expected{{1, 5ms},  {2, 5ms},  {3, 40ms},
                                        {4, 40ms}, {5, 45ms}, {6, 45ms}};
  BOOST_TEST(bench.departed == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_an_opportunity_began_is_finished_at_the_rate_that_comes_then) {
  Bench bench{{.opportunities = milliseconds({10, 1000})}};
  bench.offer(2000);  // 2004: 1504 of them at 10 ms
  bench.offer(1000);
  bench.run_until(12ms);

  bench.set({.rate = 1'000'000});
  bench.run_until(1s);

  const std::vector<Departure> expected{{1, 16ms}, {2, 24ms}};
  BOOST_TEST(bench.departed == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_queue_carries_exactly_what_the_trace_offers) {
  const auto trace = milliseconds({1, 1, 4, 9, 9, 9, 20, 33, 34, 34, 50});
  Bench bench{{.opportunities = trace, .queue = 10'000}};

  for (int i = 0; i < 5000; ++i) bench.offer(1500);
  bench.run_until(10s);

  // 200 rounds of 50 ms with 11 opportunities each.
  BOOST_TEST(bench.departed.size() == 200u * trace.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
