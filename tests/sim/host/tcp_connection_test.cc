// Two ends joined in memory. Round trip 20 ms unless a case says otherwise.
#include "tests/sim/host/tcp_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::tcp {
namespace {

namespace data = boost::unit_test::data;
using Lines = std::vector<std::string>;

// A wire that loses what `is_lost` says, by the number of the segment of that side, from 0.
Pair::Fate losing(Pair& pair, std::function<bool(char from, int number, const Segment&)> is_lost) {
  auto numbers = std::make_shared<std::map<char, int>>();
  return [&pair, numbers, is_lost = std::move(is_lost)](char from, const Segment& segment) {
    const bool lost = is_lost(from, (*numbers)[from]++, segment);
    return lost ? std::vector<Duration>{} : std::vector{pair.delay};
  };
}

void expect(const Lines& got, const Lines& wanted) {
  BOOST_CHECK_EQUAL_COLLECTIONS(got.begin(), got.end(), wanted.begin(), wanted.end());
}

struct Connection2 {
  ConnectionId a;
  ConnectionId b;
};
Connection2 establish(Pair& pair) {
  const auto id = pair.connect();
  pair.run_until(pair.now + 100ms);
  BOOST_REQUIRE(pair.b.accepted.size() == 1u);
  pair.wire.clear();
  return {id, pair.b.accepted[0]};
}

// Each datum: how many octets a side has; the pattern shows where one is missing or double.
std::string pattern(std::size_t octets) {
  std::string text(octets, ' ');
  for (std::size_t i = 0; i < octets; ++i)
    text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

BOOST_AUTO_TEST_SUITE(tcp_connection)

// RFC 9293 §3.5, figure 6, and §3.6, figure 12.
BOOST_AUTO_TEST_CASE(opens_talks_and_closes_as_the_rfc_draws_it) {
  Pair pair;
  const auto id = pair.connect();
  pair.run_until(Instant{100ms});
  pair.send(pair.a, id, "hello");
  pair.run_until(Instant{200ms});
  pair.a.stack.close(pair.now, id);
  pair.run_until(Instant{300ms});

  expect(pair.ladder(),
         {"a 0 SYN seq 0", "b 10 SYN,ACK seq 0 ack 1", "a 20 ACK seq 1 ack 1",
          "a 100 ACK seq 1 ack 1 len 5", "b 110 ACK seq 1 ack 6", "a 200 FIN,ACK seq 6 ack 1",
          "b 210 FIN,ACK seq 1 ack 7", "a 220 ACK seq 7 ack 2"});
  expect(pair.a.events, {"connected", "finished", "closed"});
  expect(pair.b.events, {"accepted", "finished", "closed"});
  BOOST_TEST(pair.b.received == "hello");
  BOOST_TEST(pair.wire[0].segment.mss.value() == 1460u);
  BOOST_TEST(pair.wire[3].segment.psh);
}

BOOST_AUTO_TEST_CASE(time_wait_ends_and_leaves_nothing) {
  Pair pair;
  pair.a.stack.close(pair.now, establish(pair).a);
  pair.run_until(pair.now + 59s);
  BOOST_TEST(pair.a.stack.size() == 1u);
  BOOST_TEST(pair.b.stack.size() == 0u);
  pair.run_until(pair.now + 2s);

  BOOST_TEST(pair.a.stack.size() == 0u);
  BOOST_TEST(!pair.a.stack.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(an_answer_carries_the_acknowledgment) {
  Pair pair;
  const auto id = establish(pair);
  pair.b.reads = false;
  pair.send(pair.a, id.a, "ping");
  pair.now += 10ms;
  const auto arriving = pair.in_flight.extract(pair.in_flight.begin()).mapped();
  pair.b.stack.handle_segment(pair.now, arriving.source, arriving.destination, arriving.octets);
  pair.b.read(pair.now, id.b);
  pair.b.stack.send(pair.now, id.b, as_octets("pong"));
  pair.run_until(pair.now + 100ms);

  expect(pair.ladder(),
         {"a 100 ACK seq 0 ack 0 len 4", "b 110 ACK seq 0 ack 4 len 4", "a 120 ACK seq 4 ack 4"});
}

// --- opening ---

// RFC 9293 §3.5, figure 7. (By §3.10.7.4 alone the second SYN of each would be out of the window.)
BOOST_AUTO_TEST_CASE(both_sides_open_at_once) {
  Pair pair;
  const auto a = *pair.a.stack.connect(pair.now, kAlice, kBob);
  const auto b = *pair.b.stack.connect(pair.now, kBob, kAlice);
  pair.run_until(Instant{1s});

  expect(pair.ladder(), {"a 0 SYN seq 0", "b 0 SYN seq 0", "b 10 SYN,ACK seq 0 ack 1",
                         "a 10 SYN,ACK seq 0 ack 1"});
  expect(pair.a.events, {"connected"});
  expect(pair.b.events, {"connected"});
  pair.send(pair.a, a, "from alice");
  pair.send(pair.b, b, "from bob");
  pair.run_until(Instant{2s});
  BOOST_TEST(pair.b.received == "from alice");
  BOOST_TEST(pair.a.received == "from bob");
}

// Bit i of `mask`: whether that side's i-th segment is lost, for the first three of each.
BOOST_DATA_TEST_CASE(both_sides_open_at_once_whatever_is_lost, data::xrange(64), mask) {
  Pair pair;
  pair.fate = losing(pair, [mask](char from, int number, const Segment&) {
    return number < 3 && (mask >> (number + (from == 'a' ? 0 : 3)) & 1) != 0;
  });
  const auto a = *pair.a.stack.connect(pair.now, kAlice, kBob);
  const auto b = *pair.b.stack.connect(pair.now, kBob, kAlice);
  pair.run_until(Instant{30s});

  expect(pair.a.events, {"connected"});
  expect(pair.b.events, {"connected"});
  pair.send(pair.a, a, "from alice");
  pair.send(pair.b, b, "from bob");
  pair.run_until(Instant{60s});
  BOOST_TEST(pair.b.received == "from alice");
  BOOST_TEST(pair.a.received == "from bob");
}

BOOST_DATA_TEST_CASE(opens_whatever_is_lost, data::xrange(16), mask) {
  Pair pair;
  pair.fate = losing(pair, [mask](char from, int number, const Segment&) {
    return number < 2 && (mask >> (number + (from == 'a' ? 0 : 2)) & 1) != 0;
  });
  const auto id = pair.connect();
  pair.a.stack.send(pair.now, id, as_octets("hello"));
  pair.run_until(Instant{60s});

  expect(pair.a.events, {"connected"});
  expect(pair.b.events, {"accepted"});
  BOOST_TEST(pair.b.received == "hello");
}

// RFC 6298 §2.1 and §5.5 to §5.7; RFC 9293 §3.8.3: at least 3 minutes.
BOOST_AUTO_TEST_CASE(a_syn_that_nobody_answers_is_repeated_at_doubling_intervals) {
  Pair pair;
  pair.fate = [](char, const Segment&) { return std::vector<Duration>{}; };
  pair.connect();
  pair.run_until(Instant{600s});

  expect(pair.ladder(),
         {"a 0 SYN seq 0 lost", "a 1000 SYN seq 0 lost", "a 3000 SYN seq 0 lost",
          "a 7000 SYN seq 0 lost", "a 15000 SYN seq 0 lost", "a 31000 SYN seq 0 lost",
          "a 63000 SYN seq 0 lost", "a 123000 SYN seq 0 lost"});
  expect(pair.a.events, {"timed out"});
  BOOST_TEST(pair.a.stack.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_port_where_nobody_listens_resets) {
  Pair pair;
  (void)pair.a.stack.connect(pair.now, kAlice, kBob);
  pair.run_until(Instant{1s});

  expect(pair.a.events, {"connection refused"});
  BOOST_REQUIRE(pair.wire.size() == 2u);
  BOOST_TEST(pair.wire[1].segment.rst);
  BOOST_TEST((pair.wire[1].segment.ack_number == pair.wire[0].segment.seq + 1));
  BOOST_TEST(pair.a.stack.size() == 0u);
}

BOOST_AUTO_TEST_CASE(an_icmp_refusal_ends_an_attempt_but_not_a_connection) {
  Pair pair;
  const auto id = establish(pair);
  pair.a.stack.handle_refusal(pair.now, {Transport::Tcp, kAlice, kBob});
  const Endpoint other{kAliceIp, Port{5001}};
  (void)pair.a.stack.connect(pair.now, other, kBob);
  pair.a.stack.handle_refusal(pair.now, {Transport::Tcp, other, kBob});
  pair.settle();

  expect(pair.a.events, {"connected", "port unreachable"});
  BOOST_TEST((pair.a.stack.find(id.a)->state() == State::Established));
}

BOOST_AUTO_TEST_CASE(one_local_port_serves_many_peers_listens_and_connects) {
  Pair pair;
  BOOST_REQUIRE(pair.b.stack.listen(kBob));
  BOOST_REQUIRE(pair.a.stack.listen(kAlice));
  for (const auto port : std::array<std::uint16_t, 3>{1000, 1001, 1002}) {
    (void)pair.a.stack.connect(pair.now, {kAliceIp, Port{port}}, kBob);
  }
  (void)pair.a.stack.connect(pair.now, kAlice, kBob);
  BOOST_TEST(!pair.a.stack.connect(pair.now, kAlice, kBob).has_value());
  pair.run_until(Instant{1s});

  BOOST_TEST(pair.b.accepted.size() == 4u);
  (void)pair.b.stack.connect(pair.now, {kBobIp, Port{81}}, kAlice);
  pair.run_until(Instant{2s});
  BOOST_TEST(pair.a.accepted.size() == 1u);
}

// --- data ---

BOOST_AUTO_TEST_CASE(slow_start_doubles_each_round_trip) {
  Pair pair;
  const auto id = establish(pair);
  pair.send(pair.a, id.a, pattern(1460 * 40));
  std::map<std::int64_t, int> per_round;
  pair.run_until(pair.now + 1s);
  for (const auto& one : pair.wire) {
    if (one.from == 'a') ++per_round[(one.at.time_since_epoch() - 100ms) / 20ms];
  }

  BOOST_TEST(pair.b.received == pattern(1460 * 40));
  // RFC 5681 §3.1: three segments at first, one more for each that is acknowledged.
  BOOST_TEST((per_round == std::map<std::int64_t, int>{{0, 3}, {1, 6}, {2, 12}, {3, 19}}));
}

BOOST_AUTO_TEST_CASE(the_third_duplicate_acknowledgment_sends_the_lost_segment_again) {
  Pair pair;
  const auto id = establish(pair);
  pair.send(pair.a, id.a, pattern(1460 * 9));
  pair.fate = losing(pair, [first = true](char from, int, const Segment&) mutable {
    return from == 'a' && std::exchange(first, false);
  });
  pair.run_until(pair.now + 900ms);  // less than a retransmission timeout

  BOOST_TEST(pair.b.received == pattern(1460 * 9));
  // Lost: the fourth segment, sent at 120 ms. Its followers reach bob at 130 ms, so at 140 ms alice
  // has the third duplicate.
  const auto lost =
      std::find_if(pair.wire.begin(), pair.wire.end(), [](const auto& one) { return one.lost; });
  BOOST_REQUIRE(lost != pair.wire.end());
  std::vector<Instant> times;
  for (const auto& one : pair.wire) {
    if (one.from == 'a' && one.segment.seq == lost->segment.seq) times.push_back(one.at);
  }
  BOOST_TEST((times == std::vector{Instant{120ms}, Instant{140ms}}));
}

BOOST_AUTO_TEST_CASE(a_lost_last_segment_waits_for_the_timer) {
  Pair pair;
  const auto id = establish(pair);
  pair.fate =
      losing(pair, [](char from, int number, const Segment&) { return from == 'a' && number < 3; });
  pair.send(pair.a, id.a, "hello");
  pair.run_until(pair.now + 30s);

  // The round trip of the SYN gave 20 + 4 * 10 ms, below the least timeout of 1 s (RFC 6298 §2.4).
  expect(pair.ladder(), {"a 100 ACK seq 0 ack 0 len 5 lost", "a 1100 ACK seq 0 ack 0 len 5 lost",
                         "a 3100 ACK seq 0 ack 0 len 5 lost", "a 7100 ACK seq 0 ack 0 len 5",
                         "b 7110 ACK seq 0 ack 5"});
}

BOOST_AUTO_TEST_CASE(data_that_nobody_acknowledges_resets_the_connection) {
  Pair pair;
  const auto id = establish(pair);
  pair.fate = [](char, const Segment&) { return std::vector<Duration>{}; };
  pair.send(pair.a, id.a, "hello");
  pair.run_until(pair.now + 2000s);

  // Sent at 100 ms; again after 1, 3, 7, 15, 31, 63, 123, 183 … 903 s: then R2 of 900 s is over.
  BOOST_REQUIRE(pair.wire.size() == 21u);
  BOOST_TEST((pair.wire[6].at == Instant{100ms + 63s}));
  BOOST_TEST((pair.wire[19].at == Instant{100ms + 843s}));
  BOOST_TEST((pair.wire[20].at == Instant{100ms + 903s}));
  BOOST_TEST(pair.wire[20].segment.rst);
  expect(pair.a.events, {"connected", "timed out"});
}

BOOST_AUTO_TEST_CASE(after_a_lost_syn_data_waits_three_seconds) {
  Pair pair;
  pair.fate = losing(pair, [](char from, int number, const Segment& segment) {
    return from == 'a' && (number == 0 || !segment.payload.empty());
  });
  const auto id = pair.connect();
  pair.run_until(Instant{2s});
  pair.send(pair.a, id, "hello");
  pair.run_until(Instant{6s});

  // RFC 6298 §5.7.
  BOOST_TEST((pair.wire.back().at == Instant{5s}));
}

struct Wire {
  double loss;
  double doubled;
  Duration jitter;
};
std::ostream& operator<<(std::ostream& out, const Wire& wire) {
  return out << "loss " << wire.loss << " doubled " << wire.doubled << " jitter "
             << wire.jitter.count();
}
const std::vector<Wire> kBadWires{{0.1, 0, 0ms}, {0.3, 0, 0ms},    {0, 0.3, 0ms},
                                  {0, 0, 15ms},  {0.1, 0.1, 30ms}, {0.2, 0.2, 50ms}};

BOOST_DATA_TEST_CASE(every_octet_arrives_once_and_in_order,
                     data::make(kBadWires) * data::xrange(25), wire, seed) {
  Options options;
  if (seed % 2 == 1) options.delayed_ack = 200ms;
  Pair pair{options, static_cast<std::uint64_t>(seed) + 1};
  SeededRng rng{static_cast<std::uint64_t>(seed) + 1000};
  pair.fate = [&](char, const Segment&) {
    std::vector<Duration> delays;
    const auto copies = rng.uniform() < wire.doubled ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      if (rng.uniform() < wire.loss) continue;
      delays.push_back(pair.delay + Duration{static_cast<std::int64_t>(rng.below(
                                        static_cast<std::uint64_t>(wire.jitter.count()) + 1))});
    }
    return delays;
  };
  const auto there = pattern(60'000);
  const auto back = pattern(20'001);

  const auto id = pair.connect();
  pair.a.stack.send(pair.now, id, as_octets(there));
  pair.b.closes_after_peer = false;
  pair.run_until(Instant{50s});
  BOOST_REQUIRE(pair.b.accepted.size() == 1u);
  pair.a.stack.close(pair.now, id);
  pair.run_until(Instant{3000s});
  pair.b.stack.send(pair.now, pair.b.accepted[0],
                    as_octets(back));  // half closed: this way is open
  pair.b.stack.close(pair.now, pair.b.accepted[0]);
  pair.run_until(Instant{6000s});

  BOOST_TEST((pair.b.received == there));
  BOOST_TEST((pair.a.received == back));
  expect(pair.a.events, {"connected", "finished", "closed"});
  expect(pair.b.events, {"accepted", "finished", "closed"});
  BOOST_TEST(pair.a.stack.size() + pair.b.stack.size() == 0u);
}

BOOST_AUTO_TEST_CASE(sequence_numbers_may_pass_zero) {
  struct Fixed final : Rng {
    std::uint64_t next() override { return 0xffff'fff0; }
  };
  Fixed rng;
  Stack a{{}, rng};
  Stack b{{}, rng};
  std::string received;
  BOOST_REQUIRE(b.listen(kBob));
  const auto id = *a.connect({}, kAlice, kBob);
  a.send({}, id, as_octets(pattern(5000)));
  for (int i = 0; i < 40; ++i) {
    for (auto* side : {&a, &b}) {
      while (const auto event = side->poll_event()) {
        if (std::holds_alternative<Readable>(event->event)) {
          received += as_text(side->read({}, event->connection, 99'999));
        }
      }
      while (const auto out = side->poll_output()) {
        (side == &a ? b : a).handle_segment({}, out->source, out->destination, out->octets);
      }
    }
  }

  BOOST_TEST((received == pattern(5000)));
}

// --- windows ---

BOOST_AUTO_TEST_CASE(a_full_window_stops_the_sender_until_the_program_reads) {
  Options options;
  options.receive_buffer = 3 * 1460;
  Pair pair{options};
  const auto id = establish(pair);
  pair.b.reads = false;
  pair.send(pair.a, id.a, pattern(10'000));
  pair.run_until(pair.now + 500ms);

  BOOST_TEST(pair.a.stack.find(id.a)->unacknowledged() == 10'000u - 3 * 1460);
  BOOST_TEST(pair.wire.back().segment.window == 0u);
  pair.b.reads = true;
  pair.b.read(pair.now, id.b);
  pair.run_until(pair.now + 200ms);  // before any timer: the window update does it
  BOOST_TEST((pair.b.received == pattern(10'000)));
}

// RFC 9293 §3.8.6.1.
BOOST_AUTO_TEST_CASE(a_lost_window_update_is_found_by_a_probe) {
  Options options;
  options.receive_buffer = 3 * 1460;
  Pair pair{options};
  const auto id = establish(pair);
  pair.b.reads = false;
  pair.send(pair.a, id.a, pattern(10'000));
  pair.run_until(pair.now + 500ms);
  pair.wire.clear();
  pair.run_until(Instant{20s});
  const auto probes = pair.ladder();
  pair.b.reads = true;
  pair.fate = losing(
      pair, [](char from, int number, const Segment&) { return from == 'b' && number == 0; });
  pair.b.read(pair.now, id.b);
  pair.run_until(Instant{60s});

  // The window is known to be closed at 120 ms; then after 1, 2, 4 and 8 s.
  expect(probes,
         {"a 1120 ACK seq 0 ack 0 len 1", "b 1130 ACK seq 0 ack 0", "a 3120 ACK seq 0 ack 0 len 1",
          "b 3130 ACK seq 0 ack 0", "a 7120 ACK seq 0 ack 0 len 1", "b 7130 ACK seq 0 ack 0",
          "a 15120 ACK seq 0 ack 0 len 1", "b 15130 ACK seq 0 ack 0"});
  BOOST_TEST((pair.b.received == pattern(10'000)));
}

BOOST_AUTO_TEST_CASE(a_probed_window_stays_closed_for_as_long_as_the_peer_answers) {
  Options options;
  options.receive_buffer = 3 * 1460;
  Pair pair{options};
  const auto id = establish(pair);
  pair.b.reads = false;
  pair.send(pair.a, id.a, pattern(10'000));
  pair.run_until(Instant{5000s});
  BOOST_TEST((pair.a.stack.find(id.a)->state() == State::Established));

  pair.fate = [](char, const Segment&) { return std::vector<Duration>{}; };
  pair.run_until(Instant{6000s});
  expect(pair.a.events, {"connected", "timed out"});
}

// RFC 9293 §3.8.6.2.1: a small remnant of a window is not worth a segment, until nothing else
// helps.
BOOST_AUTO_TEST_CASE(the_remnant_of_a_window_is_filled_after_a_timeout) {
  Options options;
  options.receive_buffer = 4000;
  Pair pair{options};
  const auto id = establish(pair);
  pair.b.reads = false;
  pair.send(pair.a, id.a, pattern(10'000));
  pair.run_until(Instant{1500ms});

  expect(pair.ladder(), {"a 100 ACK seq 0 ack 0 len 1460", "a 100 ACK seq 1460 ack 0 len 1460",
                         "b 110 ACK seq 0 ack 1460", "b 110 ACK seq 0 ack 2920",
                         "a 1120 ACK seq 2920 ack 0 len 1080", "b 1130 ACK seq 0 ack 4000"});
}

BOOST_AUTO_TEST_CASE(a_delayed_acknowledgment_waits_for_a_second_segment_or_its_time) {
  Options options;
  options.delayed_ack = 200ms;
  Pair pair{options};
  const auto id = establish(pair);
  pair.send(pair.a, id.a, "one");
  pair.run_until(Instant{1s});
  pair.send(pair.a, id.a, "two");
  pair.send(pair.a, id.a, "three");
  pair.run_until(Instant{2s});

  expect(pair.ladder(),
         {"a 100 ACK seq 0 ack 0 len 3", "b 310 ACK seq 0 ack 3", "a 1000 ACK seq 3 ack 0 len 3",
          "a 1000 ACK seq 6 ack 0 len 5", "b 1010 ACK seq 0 ack 11"});
}

// --- ends ---

BOOST_AUTO_TEST_CASE(one_way_closes_and_the_other_goes_on) {
  Pair pair;
  pair.b.closes_after_peer = false;
  const auto id = establish(pair);
  pair.a.stack.close(pair.now, id.a);
  pair.run_until(pair.now + 100ms);
  BOOST_TEST((pair.a.stack.find(id.a)->state() == State::FinWait2));
  BOOST_TEST((pair.b.stack.find(id.b)->state() == State::CloseWait));
  pair.send(pair.b, id.b, "still here");
  pair.a.stack.send(pair.now, id.a, as_octets("not any more"));
  pair.run_until(pair.now + 100ms);
  pair.b.stack.close(pair.now, id.b);
  pair.run_until(pair.now + 100ms);

  BOOST_TEST(pair.a.received == "still here");
  BOOST_TEST(pair.b.received.empty());
  BOOST_TEST((pair.a.stack.find(id.a)->state() == State::TimeWait));
}

// RFC 9293 §3.6, figure 13.
BOOST_AUTO_TEST_CASE(both_sides_close_at_once) {
  Pair pair;
  const auto id = establish(pair);
  pair.a.stack.close(pair.now, id.a);
  pair.b.stack.close(pair.now, id.b);
  pair.run_until(pair.now + 100ms);

  BOOST_TEST((pair.a.stack.find(id.a)->state() == State::TimeWait));
  BOOST_TEST((pair.b.stack.find(id.b)->state() == State::TimeWait));
  expect(pair.ladder(), {"a 100 FIN,ACK seq 0 ack 0", "b 100 FIN,ACK seq 0 ack 0",
                         "b 110 ACK seq 1 ack 1", "a 110 ACK seq 1 ack 1"});
}

BOOST_AUTO_TEST_CASE(an_abort_resets_the_peer_at_once) {
  Pair pair;
  const auto id = establish(pair);
  pair.send(pair.a, id.a, pattern(5000));
  pair.a.stack.abort(pair.now, id.a);
  pair.run_until(pair.now + 1s);

  expect(pair.a.events, {"connected", "aborted"});
  expect(pair.b.events, {"accepted", "reset by the peer"});
  BOOST_TEST(pair.a.stack.size() + pair.b.stack.size() == 0u);
}

// RFC 9293 §3.10.7.4, second and fourth: forged segments get a challenge, and nothing ends.
BOOST_AUTO_TEST_CASE(a_reset_or_syn_that_only_fits_the_window_is_challenged) {
  for (const bool is_reset : {true, false}) {
    Pair pair;
    const auto id = establish(pair);
    pair.send(pair.a, id.a, "x");
    pair.run_until(pair.now + 50ms);
    auto forged = pair.wire.front().segment;
    forged.payload.clear();
    forged.seq = forged.seq + 100;
    forged.rst = is_reset;
    forged.syn = !is_reset;
    pair.wire.clear();
    pair.b.stack.handle_segment(pair.now, kAliceIp, kBobIp, forged.serialize(kAliceIp, kBobIp));
    pair.settle();

    BOOST_TEST((pair.b.stack.find(id.b)->state() == State::Established));
    BOOST_REQUIRE(pair.wire.size() == 1u);
    BOOST_TEST(pair.wire[0].segment.ack);
    BOOST_TEST(!pair.wire[0].segment.rst);
  }
}

BOOST_AUTO_TEST_CASE(a_listener_survives_an_attempt_that_is_reset) {
  Pair pair;
  pair.fate = losing(
      pair, [](char from, int number, const Segment&) { return from == 'a' && number == 1; });
  const auto id = pair.connect();
  pair.run_until(Instant{25ms});
  pair.fate = [&pair](char, const Segment&) { return std::vector{pair.delay}; };
  pair.a.stack.abort(pair.now, id);
  pair.run_until(Instant{1s});

  BOOST_TEST(pair.b.events.empty());
  BOOST_TEST(pair.b.stack.size() == 0u);
  BOOST_TEST(pair.a.stack.connect(pair.now, kAlice, kBob).has_value());
  pair.run_until(Instant{2s});
  expect(pair.b.events, {"accepted"});
}

// Whatever comes in, nothing crashes, nothing loops, and an honest connection beside it lives.
BOOST_DATA_TEST_CASE(random_segments_do_no_harm, data::xrange(40), seed) {
  Pair pair{{}, static_cast<std::uint64_t>(seed) + 1};
  const auto id = establish(pair);
  SeededRng rng{static_cast<std::uint64_t>(seed)};
  pair.send(pair.a, id.a, "x");
  const auto honest = pair.wire.back().segment;
  pair.run_until(pair.now + 50ms);
  for (int i = 0; i < 300; ++i) {
    auto segment = honest;
    segment.source = Port{static_cast<std::uint16_t>(rng.below(4) == 0 ? 5001 : 5000)};
    segment.seq = segment.seq +
                  static_cast<std::uint32_t>(rng.below(2) == 0 ? rng.below(70'000) : rng.next());
    segment.ack_number = segment.ack_number +
                         static_cast<std::uint32_t>(rng.below(2) == 0 ? rng.below(3) : rng.next());
    segment.syn = rng.below(8) == 0;
    segment.fin = rng.below(8) == 0;
    segment.rst = rng.below(16) == 0;
    segment.ack = rng.below(8) != 0;
    segment.window = static_cast<std::uint16_t>(rng.next());
    segment.payload.resize(rng.below(20));
    auto octets = segment.serialize(kAliceIp, kBobIp);
    if (rng.below(10) == 0) octets.resize(rng.below(octets.size()));
    pair.b.stack.handle_segment(pair.now, kAliceIp, kBobIp, octets);
    pair.run_until(pair.now + 1ms);
  }
  pair.run_until(pair.now + 2000s);
  BOOST_TEST(pair.wire.size() < 5000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::tcp
