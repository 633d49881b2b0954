#include "sim/link/link.h"

#include "tests/sim/link/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <optional>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(link)

BOOST_AUTO_TEST_CASE(without_a_rate_a_packet_arrives_after_exactly_the_delay) {
  Pair pair{with({.delay = 12'345'678ns})};

  pair.link.a().send_new(a_packet(1500));
  pair.simulation.run_until(Instant{1s});

  BOOST_REQUIRE(pair.got.size() == 1u);
  BOOST_TEST((pair.got[0].at == Instant{12'345'678ns}));
  BOOST_TEST(pair.got[0].size == 1500u);
}

struct Serialisation {
  std::uint64_t rate;
  std::size_t octets;
  Duration takes;  // octets * 8 / rate
};
std::ostream& operator<<(std::ostream& out, const Serialisation& row) {
  return out << row.octets << " octets at " << row.rate;
}
const std::vector<Serialisation> kSerialisations{
    {1'000'000, 1000, 8ms},      {1'000'000, 100, 800us},        {8'000, 50, 50ms},
    {1'000'000'000, 1500, 12us}, {3'000'000, 1000, 2'666'667ns},
};
BOOST_DATA_TEST_CASE(sending_takes_the_time_that_the_rate_says, data::make(kSerialisations), row) {
  Pair pair{with({.delay = 5ms, .rate = row.rate})};

  pair.link.a().send_new(a_packet(row.octets));
  pair.link.a().send_new(a_packet(row.octets));
  pair.simulation.run_until(Instant{1s});

  BOOST_REQUIRE(pair.got.size() == 2u);
  BOOST_TEST((pair.got[0].at == Instant{5ms + row.takes}),
             pair.got[0].at.time_since_epoch().count());
  BOOST_TEST((pair.got[1].at == Instant{5ms + 2 * row.takes}));
}

BOOST_AUTO_TEST_CASE(each_direction_has_its_own_delay_and_rate) {
  Pair pair{{{}, {.delay = 10ms}, {.delay = 30ms, .rate = 1'000'000}}};
  std::optional<Instant> back;
  pair.link.a().on_receive([&](ByteView, PacketId) { back = Simulation::now(); });

  pair.link.a().send_new(a_packet(100));
  pair.link.b().send_new(a_packet(100));
  pair.simulation.run_until(Instant{1s});

  BOOST_REQUIRE(pair.got.size() == 1u);
  BOOST_TEST((pair.got[0].at == Instant{10ms}));
  BOOST_TEST((back == Instant{30ms + 800us}));
}

BOOST_AUTO_TEST_CASE(a_packet_keeps_its_identity_and_is_seen_at_both_ends) {
  Pair pair{with({.delay = 1ms})};

  pair.link.a().send_new(a_packet(100));
  pair.link.a().send_new(a_packet(100));
  pair.simulation.run_until(Instant{1s});

  const std::vector<std::string> expected{"alice.eth0 > 1", "alice.eth0 > 2", "bob.eth0 < 1",
                                          "bob.eth0 < 2"};
  BOOST_TEST(pair.sightings.path() == expected, boost::test_tools::per_element());
  BOOST_TEST((pair.sightings.seen[0].at == Instant{}));
  BOOST_TEST((pair.sightings.seen[2].at == Instant{1ms}));
  BOOST_TEST((pair.sightings.seen[2].frame.source == pair.link.a().id()));
  BOOST_TEST((pair.sightings.seen[2].frame.destination == pair.link.b().id()));
}

BOOST_AUTO_TEST_CASE(the_queue_holds_so_many_packets_behind_the_one_on_the_wire) {
  Pair pair{with({.delay = 1ms, .rate = 1'000'000, .queue = 3})};

  std::vector<SendResult> results;
  for (int i = 0; i < 6; ++i) results.push_back(pair.link.a().send_new(a_packet(1000)));
  pair.simulation.run_until(Instant{1s});

  using enum SendResult;
  const std::vector expected{Queued, Queued, Queued, Queued, QueueFull, QueueFull};
  BOOST_TEST((results == expected));
  BOOST_REQUIRE(pair.got.size() == 4u);
  BOOST_TEST((pair.got[3].at == Instant{1ms + 4 * 8ms}));
  const std::vector<std::string> comments(2, "dropped on link alice—bob: queue full (3 packets)");
  BOOST_TEST(pair.sightings.comments() == comments, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_queue_without_a_rate_never_fills) {
  Pair pair{with({.queue = 1})};

  for (int i = 0; i < 500; ++i) pair.link.a().send_new(a_packet(1000));
  pair.simulation.run_until(Instant{});

  BOOST_TEST(pair.got.size() == 500u);
}

BOOST_AUTO_TEST_CASE(more_than_the_mtu_is_refused_and_seen) {
  Pair pair{{"the cable", {.mtu = 1400}, {}}};

  BOOST_TEST((pair.link.a().send_new(a_packet(1401)) == SendResult::TooBig));
  BOOST_TEST((pair.link.a().send_new(a_packet(1400)) == SendResult::Queued));
  pair.simulation.run_until(Instant{1s});

  BOOST_TEST(pair.got.size() == 1u);
  const std::vector<std::string> comments{
      "dropped by alice.eth0: 1401 octets are more than the MTU of 1400"};
  BOOST_TEST(pair.sightings.comments() == comments, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(loss_is_as_often_as_it_should_be,
                     data::make({0.01, 0.1, 0.5}) * data::make({1, 2, 3}), probability, seed) {
  constexpr int kPackets = 20'000;
  Pair pair{with({.loss = probability}), static_cast<std::uint64_t>(seed)};

  for (int i = 0; i < kPackets; ++i) {
    pair.link.a().send_new(a_packet(30));
    pair.simulation.run_until(Instant{i * 1us});
  }

  // Within three standard deviations of the mean: a fixed seed fails always or never.
  const auto lost = kPackets - static_cast<double>(pair.got.size());
  const auto deviation = std::sqrt(kPackets * probability * (1 - probability));
  BOOST_TEST(std::abs(lost - kPackets * probability) < 3 * deviation, lost);
  BOOST_TEST(pair.sightings.comments().size() == static_cast<std::size_t>(lost));
}

BOOST_AUTO_TEST_CASE(a_lost_packet_is_seen_once_where_it_was_sent_with_the_link_and_the_reason) {
  Pair pair{with({.delay = 1ms, .loss = 1})};

  BOOST_TEST((pair.link.a().send_new(a_packet(100)) == SendResult::Queued));
  pair.simulation.run_until(Instant{1s});

  const std::vector<std::string> path{"alice.eth0 > 1 x"};
  BOOST_TEST(pair.sightings.path() == path, boost::test_tools::per_element());
  BOOST_TEST(pair.sightings.seen[0].comment == "lost on link alice—bob: 100 % loss");
}

BOOST_AUTO_TEST_CASE(a_lost_packet_takes_its_time_on_the_wire) {
  Pair pair{with({.rate = 1'000'000, .loss = 0.5}), 4};

  for (int i = 0; i < 20; ++i) pair.link.a().send_new(a_packet(1000));
  pair.simulation.run_until(Instant{1s});

  BOOST_TEST(pair.got.size() < 20u);
  for (const auto& got : pair.got) {
    BOOST_TEST((got.at == Instant{static_cast<int>(got.identity) * 8ms}));
  }
}

// Which packets of two hundred get through, each way.
std::vector<std::uint64_t> survivors(std::uint64_t seed, bool other_direction_busy = false) {
  Pair pair{with({.loss = 0.5}), seed};
  for (int i = 0; i < 200; ++i) {
    pair.link.a().send_new(a_packet(100));
    if (other_direction_busy) pair.link.b().send(a_packet(100), PacketId{9999});
  }
  pair.simulation.run_until(Instant{1s});
  std::vector<std::uint64_t> through;
  for (const auto& got : pair.got) through.push_back(got.identity);
  return through;
}

BOOST_AUTO_TEST_CASE(the_seed_alone_decides_which_packets_are_lost) {
  BOOST_TEST((survivors(7) == survivors(7)));
  BOOST_TEST((survivors(7) != survivors(8)));
}

BOOST_AUTO_TEST_CASE(traffic_one_way_does_not_change_the_losses_of_the_other) {
  BOOST_TEST((survivors(7) == survivors(7, true)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
