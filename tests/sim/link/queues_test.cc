// Rates and queues: formulas, and CoDel's promises.
#include "tests/sim/link/pair.h"
#include "tests/sim/link/statistics.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using topology::QueueDiscipline;

BOOST_AUTO_TEST_SUITE(queues)

// n packets at once: the k-th leaves after k times the time that one takes.
BOOST_AUTO_TEST_CASE(the_delay_of_a_burst_grows_by_one_packet_each) {
  Pair pair{with({.delay = 5ms, .rate = 10'000'000, .queue = 100})};

  for (int i = 0; i < 100; ++i) pair.link.a().send_new(a_packet(1250));
  pair.run_until(1s);

  BOOST_REQUIRE(pair.got.size() == 100u);
  for (std::size_t i = 0; i < 100; ++i) {
    BOOST_REQUIRE((pair.got[i].at == Instant{5ms + (i + 1) * 1ms}));
  }
}

// More comes than goes: packets of 1 ms each 0.9 ms. The queue grows by one in ten, is full after
// 1000 packets, and from then on every packet waits for 100 others.
BOOST_AUTO_TEST_CASE(a_full_queue_delays_by_its_length_and_loses_the_rest) {
  Pair pair{with({.rate = 10'000'000, .queue = 100})};
  pair.send_evenly(5000, 1250, 900us);

  const auto& last = pair.got.back();
  const auto sent = Instant{(last.identity - 1) * 900us};
  BOOST_TEST(std::abs(static_cast<double>((last.at - sent).count()) / 1e6 - 101) <= 1.0);
  // 4.5 s at one each millisecond, and the hundred that still wait.
  BOOST_TEST(std::abs(static_cast<double>(pair.got.size()) - 4600) <= 1.0);
  BOOST_TEST(pair.sightings.comments().size() == 5000 - pair.got.size());
}

// What each packet of the second half waited, with 5 % more packets than the link carries.
std::vector<double> waits(QueueDiscipline discipline) {
  Pair pair{with({.rate = 10'000'000, .queue = 1000, .discipline = discipline})};
  constexpr std::size_t kPackets = 60'000;
  const auto interval = Duration{1ms} * 100 / 105;
  pair.send_evenly(kPackets, 1250, interval);
  std::vector<double> all;
  for (const auto& got : pair.got) {
    if (got.identity < kPackets / 2) continue;
    const auto sent = Instant{interval * (got.identity - 1)};
    all.push_back(static_cast<double>((got.at - sent - 1ms).count()) / 1e6);
  }
  std::ranges::sort(all);
  return all;
}

// RFC 8289 §4.1: a standing queue is one of more than the target, 5 ms, for an interval of 100 ms.
// What is sent here does not give way, so that CoDel has to find the rate of drops by itself, and
// swings about it.
BOOST_DATA_TEST_CASE(codel_keeps_the_standing_queue_near_its_target, data::make({1, 2}), which) {
  const auto found = waits(which == 1 ? QueueDiscipline::CoDel : QueueDiscipline::FqCoDel);

  const auto median = found[found.size() / 2];
  BOOST_TEST_MESSAGE("median " << median << " ms, 95 % below " << found[found.size() * 95 / 100]);
  BOOST_TEST(median < 2 * 5.0);
  BOOST_TEST(found[found.size() * 95 / 100] < 100.0);
}

BOOST_AUTO_TEST_CASE(without_codel_the_same_queue_stands_full) {
  const auto found = waits(QueueDiscipline::DropTail);

  BOOST_TEST(found[found.size() / 2] > 950.0);
}

BOOST_AUTO_TEST_CASE(what_codel_drops_is_seen_where_it_was_sent_with_its_wait) {
  Pair pair{with({.rate = 1'000'000, .queue = 100, .discipline = QueueDiscipline::CoDel})};
  pair.send_evenly(200, 1000, 4ms);

  const auto comments = pair.sightings.comments();
  BOOST_REQUIRE(!comments.empty());
  BOOST_TEST(comments.front().starts_with("dropped on link alice—bob: CoDel after "));
  BOOST_TEST(pair.got.size() + comments.size() == 200u);
}

// One flow has a tenth more than the link carries; another sends a packet now and then.
double mean_wait_of_the_sparse_flow(QueueDiscipline discipline) {
  Pair pair{with({.rate = 10'000'000, .queue = 200, .discipline = discipline})};
  std::map<std::uint64_t, Instant> sparse;
  for (int i = 0; i < 10'000; ++i) {
    pair.run_until(i * 900us);
    pair.link.a().send_new(a_packet(1250, 1000));
    if (i % 100 != 99) continue;
    const auto identity = pair.link.a().new_packet_id();
    sparse.emplace(identity.value(), Simulation::now());
    pair.link.a().send(a_packet(200, 3000), identity);
  }
  pair.run_until(20s);
  std::vector<double> all;
  for (const auto& got : pair.got) {
    const auto sent = sparse.find(got.identity);
    if (sent != sparse.end()) {
      all.push_back(static_cast<double>((got.at - sent->second).count()) / 1e6);
    }
  }
  // Where the bulk flow keeps the queue full, few of them get in.
  BOOST_TEST(all.size() >= (discipline == QueueDiscipline::FqCoDel ? 100u : 10u));
  return mean_of(all);
}

// RFC 8290 §1.3: a flow that does not build a queue goes first.
BOOST_AUTO_TEST_CASE(fq_codel_lets_a_sparse_flow_go_before_a_bulk_flow) {
  // The packet that is being sent, 1 ms at most, and its own 0.16 ms.
  BOOST_TEST(mean_wait_of_the_sparse_flow(QueueDiscipline::FqCoDel) < 1.2);
  BOOST_TEST(mean_wait_of_the_sparse_flow(QueueDiscipline::DropTail) > 100.0);
}

// The same trace as in mahimahi's form, through the whole link.
BOOST_AUTO_TEST_CASE(a_trace_carries_what_it_says) {
  std::vector<Duration> trace;
  for (int i = 0; i < 1000; ++i) trace.emplace_back(std::chrono::milliseconds{i * i % 997 / 2 + i});
  std::ranges::sort(trace);
  const auto period = trace.back();
  Pair pair{with({.opportunities = trace, .queue = 1'000'000})};

  for (int i = 0; i < 12'000; ++i) pair.link.a().send_new(a_packet(1500));
  pair.run_until(10 * period);

  BOOST_TEST(pair.got.size() == 10u * trace.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
