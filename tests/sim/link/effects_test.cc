// What a link does to packets, seen from its two ends and in the capture.
#include "tests/sim/link/dtls_datagrams.h"
#include "tests/sim/link/pair.h"
#include "tests/sim/link/statistics.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using topology::LinkQuality;
using What = topology::Drop::What;

std::size_t overtakings(const Pair& pair) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < pair.got.size(); ++i) {
    count += pair.got[i].identity < pair.got[i - 1].identity ? 1 : 0;
  }
  return count;
}

BOOST_AUTO_TEST_SUITE(effects)

BOOST_AUTO_TEST_CASE(packets_that_jitter_keep_their_order_unless_they_may_pass) {
  Pair in_order{with({.delay = 50ms, .jitter = {.spread = 20ms}})};
  in_order.send_evenly(1000, 100, 1ms);
  BOOST_TEST(in_order.got.size() == 1000u);
  BOOST_TEST(overtakings(in_order) == 0u);
}

BOOST_AUTO_TEST_CASE(packets_that_may_pass_do) {
  Pair passing{with({.delay = 50ms, .jitter = {.spread = 20ms, .reorders = true}})};
  passing.send_evenly(1000, 100, 1ms);

  BOOST_TEST(passing.got.size() == 1000u);
  // Of two neighbours with uniform delays ±20 ms that leave 1 ms apart nearly half change places.
  BOOST_TEST(overtakings(passing) > 400u);
}

BOOST_AUTO_TEST_CASE(delays_spread_as_the_jitter_says) {
  Pair pair{with({.delay = 50ms, .jitter = {.spread = 20ms}})};
  pair.send_evenly(5000, 100, 100ms);  // far enough apart not to wait for each other

  std::vector<double> delays;
  for (const auto& got : pair.got) {
    const auto sent = (got.identity - 1) * 100ms;
    delays.push_back(static_cast<double>((got.at.time_since_epoch() - sent).count()) / 1e6);
  }
  BOOST_TEST(distance_from(delays, [](double x) { return std::clamp((x - 30) / 40, 0.0, 1.0); }) <
             1.95 / std::sqrt(5000));
}

BOOST_AUTO_TEST_CASE(a_delay_is_never_below_zero) {
  Pair pair{with({.delay = 1ms,
                  .jitter = {.spread = 20ms,
                             .distribution = topology::JitterDistribution::Normal,
                             .reorders = true}})};
  pair.send_evenly(200, 100, 1s);

  for (const auto& got : pair.got) {
    BOOST_REQUIRE((got.at.time_since_epoch() >= (got.identity - 1) * 1s));
  }
}

BOOST_AUTO_TEST_CASE(a_packet_that_is_held_back_is_passed_by_others_and_says_so) {
  Pair pair{with({.delay = 10ms, .reordering = 0.1, .reordering_delay = 25ms})};
  pair.send_evenly(10'000, 100, 10ms);

  std::size_t held_back = 0;
  for (const auto& got : pair.got) {
    const auto delay = got.at.time_since_epoch() - (got.identity - 1) * 10ms;
    BOOST_REQUIRE((delay == 10ms || delay == 35ms));
    held_back += delay == 35ms ? 1 : 0;
  }
  BOOST_TEST(std::abs(static_cast<double>(held_back) - 1000) < three_deviations(10'000, 0.1));
  const auto notes = pair.notes();
  BOOST_TEST(notes.size() == held_back);
  BOOST_TEST(notes.front() == "link alice—bob: held back 25 ms (reordering)");
}

BOOST_AUTO_TEST_CASE(a_packet_that_is_doubled_arrives_twice_with_one_identity) {
  Pair pair{with({.delay = 10ms, .duplication = 0.2})};
  pair.send_evenly(10'000, 100, 1ms);

  std::set<std::uint64_t> identities;
  for (const auto& got : pair.got) identities.insert(got.identity);
  BOOST_TEST(identities.size() == 10'000u);
  const auto copies = static_cast<double>(pair.got.size()) - 10'000;
  BOOST_TEST(std::abs(copies - 2000) < three_deviations(10'000, 0.2));
  BOOST_TEST(pair.notes().size() == static_cast<std::size_t>(copies));
  BOOST_TEST(pair.notes().front() == "link alice—bob: a copy of the one before");
}

BOOST_AUTO_TEST_CASE(a_damaged_packet_differs_in_one_bit_which_is_named) {
  Pair pair{with({.delay = 10ms, .corruption = 1})};
  pair.send_evenly(100, 100, 1ms);

  const auto intact = a_packet(100);
  BOOST_REQUIRE(pair.got.size() == 100u);
  const auto notes = pair.notes();
  for (std::size_t i = 0; i < 100; ++i) {
    std::size_t turned = 0;
    std::string note;
    for (std::size_t bit = 0; bit < 800; ++bit) {
      const auto mask = std::byte{0x80} >> static_cast<int>(bit % 8);
      if (((intact[bit / 8] ^ pair.got[i].packet[bit / 8]) & mask) == std::byte{0}) continue;
      ++turned;
      note = "link alice—bob: bit " + std::to_string(bit % 8) + " of octet " +
             std::to_string(bit / 8) + " turned";
    }
    BOOST_REQUIRE(turned == 1u);
    BOOST_REQUIRE(notes[i] == note);
  }
}

BOOST_AUTO_TEST_CASE(what_waits_says_how_long) {
  Pair pair{with({.delay = 1ms, .rate = 1'000'000})};
  for (int i = 0; i < 3; ++i) pair.link.a().send_new(a_packet(1000));
  pair.run_until(1s);

  const std::vector<std::string> expected{"link alice—bob: 8 ms in the queue",
                                          "link alice—bob: 16 ms in the queue"};
  BOOST_TEST(pair.notes() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_outage_loses_what_is_sent_and_what_waits_and_says_so) {
  Pair pair{with({.rate = 1'000'000, .outages = {{10ms, 30ms}}})};
  for (int i = 0; i < 4; ++i) pair.link.a().send_new(a_packet(1000));  // leave at 8, 16, 24, 32 ms
  pair.run_until(20ms);
  pair.link.a().send_new(a_packet(1000));
  pair.run_until(1s);

  BOOST_REQUIRE(pair.got.size() == 2u);
  BOOST_TEST(pair.got[0].identity == 1u);
  BOOST_TEST(pair.got[1].identity == 4u);
  const std::vector<std::string> path{"alice.eth0 > 1",   "alice.eth0 > 2",   "alice.eth0 > 3",
                                      "alice.eth0 > 4",   "bob.eth0 < 1",     "alice.eth0 > 2 x",
                                      "alice.eth0 > 5 x", "alice.eth0 > 3 x", "bob.eth0 < 4"};
  BOOST_TEST(pair.sightings.path() == path, boost::test_tools::per_element());
  const std::vector<std::string> comments(3,
                                          "lost on link alice—bob: an outage from 10 ms to 30 ms");
  BOOST_TEST(pair.sightings.comments() == comments, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_direction_has_its_own_mtu) {
  Pair pair{{{}, {.mtu = 1400}, {.mtu = 1300}}};

  BOOST_TEST((pair.link.a().send_new(a_packet(1400)) == SendResult::Queued));
  BOOST_TEST((pair.link.b().send_new(a_packet(1400)) == SendResult::TooBig));
}

BOOST_AUTO_TEST_CASE(a_list_of_drops_names_its_entry) {
  Pair pair{with({.drops = {{What::Datagram, 2}}})};
  for (int i = 0; i < 3; ++i) pair.link.a().send_new(a_packet(100));
  pair.run_until(1s);

  BOOST_TEST(pair.got.size() == 2u);
  const std::vector<std::string> comments{
      "lost on link alice—bob: datagram 2 of the list of drops"};
  BOOST_TEST(pair.sightings.comments() == comments, boost::test_tools::per_element());
}

// The flight is made out by looking at both directions.
BOOST_AUTO_TEST_CASE(the_second_flight_is_lost_once_and_passes_when_it_is_sent_again) {
  Pair pair{{{}, {.delay = 1ms, .drops = {{What::DtlsFlight, 2}}}, {.delay = 1ms}}};
  const auto datagram = [](const Bytes& payload, bool to_bob) {
    const auto a = *Endpoint::parse("10.0.0.1:1000");
    const auto b = *Endpoint::parse("10.0.0.2:2000");
    return to_bob ? ip::build_udp(a, b, payload, 0) : ip::build_udp(b, a, payload, 0);
  };
  const auto step = [&](const Bytes& payload, bool to_bob) {
    (to_bob ? pair.link.a() : pair.link.b()).send_new(datagram(payload, to_bob));
    pair.simulation.run_until(Simulation::now() + 5ms);
  };

  step(client_hello(0), true);                        // 1
  step(handshake_message(0), false);                  // 2
  step(handshake_message(1), true);                   // 3: lost
  step(change_cipher_spec() + encrypted(22), true);   // 4: lost, of the same flight
  step(handshake_message(1), true);                   // 5: the retransmission
  step(change_cipher_spec() + encrypted(22), true);   // 6
  step(change_cipher_spec() + encrypted(22), false);  // 7

  std::vector<std::uint64_t> arrived;
  for (const auto& got : pair.got) arrived.push_back(got.identity);
  const std::vector<std::uint64_t> expected{1, 5, 6};
  BOOST_TEST(arrived == expected, boost::test_tools::per_element());
  const std::vector<std::string> comments(
      2, "lost on link alice—bob: dtls-flight 2 of the list of drops");
  BOOST_TEST(pair.sightings.comments() == comments, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_shorter_delay_lets_nothing_pass_what_is_on_its_way) {
  Pair pair{with({.delay = 100ms})};
  pair.link.a().send_new(a_packet(100));
  pair.run_until(10ms);

  pair.link.set_quality(Way::AToB, {.delay = 20ms});
  pair.link.a().send_new(a_packet(100));
  pair.run_until(150ms);
  pair.link.a().send_new(a_packet(100));
  pair.run_until(1s);

  BOOST_REQUIRE(pair.got.size() == 3u);
  BOOST_TEST((pair.got[0].at == Instant{100ms}));
  BOOST_TEST((pair.got[1].at == Instant{100ms}));
  BOOST_TEST((pair.got[2].at == Instant{170ms}));
}

BOOST_AUTO_TEST_CASE(everything_can_change_during_the_run) {
  Pair pair{with({})};
  const auto arrivals_of_one = [&](const LinkQuality& quality) {
    pair.link.set_quality(Way::AToB, quality);
    const auto before = pair.got.size();
    pair.link.a().send_new(a_packet(1000));
    pair.simulation.run_until(Simulation::now() + 1s);
    return pair.got.size() - before;
  };

  BOOST_TEST(arrivals_of_one({}) == 1u);
  BOOST_TEST(arrivals_of_one({.loss = 1}) == 0u);
  BOOST_TEST(arrivals_of_one({.duplication = 1}) == 2u);
  BOOST_TEST(arrivals_of_one({.mtu = 999}) == 0u);
  BOOST_TEST(arrivals_of_one({.burst_loss = topology::BurstLoss{1, 0}}) == 0u);
  BOOST_TEST(arrivals_of_one({.rate = 1'000}) == 0u);            // takes 8 s
  BOOST_TEST(arrivals_of_one({.opportunities = {10ms}}) == 2u);  // and the one that was being sent
  BOOST_TEST(arrivals_of_one({.outages = {{0s, 1h}}}) == 0u);
  BOOST_TEST(arrivals_of_one({.drops = {{What::Packet, 1}}}) == 0u);
  BOOST_TEST(arrivals_of_one({.drops = {{What::Packet, 2}}}) == 1u);
  BOOST_TEST(arrivals_of_one({.delay = 2s}) == 0u);
  BOOST_TEST((pair.link.quality(Way::AToB) == LinkQuality{.delay = 2s}));
  BOOST_TEST((pair.link.quality(Way::BToA) == LinkQuality{}));
}

std::vector<std::string> history(std::uint64_t seed) {
  Pair pair{with({.delay = 20ms,
                  .jitter = {.spread = 10ms,
                             .distribution = topology::JitterDistribution::Pareto,
                             .correlation = 0.5,
                             .reorders = true},
                  .rate = 2'000'000,
                  .queue = 20,
                  .discipline = topology::QueueDiscipline::FqCoDel,
                  .loss = 0.05,
                  .burst_loss = topology::BurstLoss{0.05, 0.3},
                  .duplication = 0.05,
                  .corruption = 0.05,
                  .reordering = 0.05,
                  .reordering_delay = 30ms}),
            seed};
  pair.send_evenly(1000, 700, 2ms);
  std::vector<std::string> lines;
  for (const auto& one : pair.sightings.seen) {
    lines.push_back(one.where + std::to_string(one.at.time_since_epoch().count()) +
                    to_hex(one.packet) + one.comment + one.note);
  }
  return lines;
}

BOOST_AUTO_TEST_CASE(one_seed_has_one_history_with_all_effects_at_once) {
  BOOST_TEST((history(3) == history(3)));
  BOOST_TEST((history(3) != history(4)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
