#include "tests/agents/sctp/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::sctp {

static std::ostream& operator<<(std::ostream& out, Order order) {
  return out << (order == Order::Ordered ? "ordered" : "unordered");
}

namespace {

namespace data = boost::unit_test::data;

Bytes numbered(std::uint32_t number, std::size_t size) {
  ByteWriter out;
  out.u32(number).octets(pattern(size - 4, number));
  return out.take();
}
std::uint32_t number_of(const MessageReceived& message) {
  return ByteReader{message.bytes}.u32();
}

BOOST_AUTO_TEST_SUITE(sctp_transfer)

BOOST_AUTO_TEST_CASE(the_first_data_is_acknowledged_at_once_and_then_every_second_packet) {
  Associations pair{{.delay = 10ms}};
  connect(pair);
  pair.crossings.clear();
  for (int i = 0; i < 3; ++i) {
    (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("x"));
    pair.run(20ms);
  }
  // First DATA: SACK at once. Second: waits. Third: SACK.
  const auto sacks = std::ranges::count_if(
      pair.crossings, [](const Crossing& c) { return chunk_in<SackChunk>(c.packet) != nullptr; });
  BOOST_TEST(sacks == 2);
}

BOOST_AUTO_TEST_CASE(a_lone_packet_is_acknowledged_after_200_ms) {
  Associations pair{{.delay = 10ms}};
  connect(pair);
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("first"));
  pair.run(1s);
  const auto sent = pair.now();
  pair.crossings.clear();
  (void)pair.a().endpoint.send(sent, StreamId{0}, text("second"));
  pair.run(2s);

  BOOST_REQUIRE(pair.crossings.size() == 2u);
  BOOST_TEST((pair.crossings[1].at - sent == 210ms));
}

BOOST_AUTO_TEST_CASE(a_waiting_acknowledgement_rides_with_data) {
  Associations pair{{.delay = 10ms}};
  connect(pair);
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("first"));
  pair.run(1s);
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("second"));
  pair.run(50ms);
  (void)pair.b().endpoint.send(pair.now(), StreamId{0}, text("answer"));
  pair.drain();

  const auto& packet = pair.crossings.back().packet;
  BOOST_REQUIRE(packet.chunks.size() == 2u);
  BOOST_TEST(std::holds_alternative<SackChunk>(packet.chunks[0]));
  BOOST_TEST(std::holds_alternative<DataChunk>(packet.chunks[1]));
}

BOOST_AUTO_TEST_CASE(no_packet_is_larger_than_the_mtu) {
  Associations pair{{.delay = 10ms, .loss_percent = 5}};
  connect(pair);
  for (std::size_t size = 1; size < 6000; size += 37) {
    (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(size), {}, {}});
  }
  pair.run(60s);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 163u);
  for (const auto& crossing : pair.crossings) BOOST_REQUIRE(crossing.size <= 1132u);
}

BOOST_AUTO_TEST_CASE(a_megabyte_arrives_whole) {
  Options big;
  big.max_message_size = 1 << 20;
  big.remote_max_message_size = 1 << 20;
  Associations pair{{.delay = 10ms}, big, big};
  connect(pair);
  const auto octets = pattern(1 << 20);
  BOOST_REQUIRE((pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, octets, {}, {}}) ==
                 SendStatus::Queued));
  BOOST_REQUIRE(
      (pair.a().endpoint.send(pair.now(), StreamId{1}, {Ppid{53}, octets, Order::Unordered, {}}) ==
       SendStatus::Queued));

  BOOST_REQUIRE(pair.run(60s, [&] { return pair.b().all<MessageReceived>().size() == 2; }));

  for (const auto& message : pair.b().all<MessageReceived>()) BOOST_TEST((message.bytes == octets));
}

BOOST_AUTO_TEST_CASE(a_megabyte_arrives_whole_under_loss) {
  Options big;
  big.max_message_size = 1 << 20;
  big.remote_max_message_size = 1 << 20;
  Associations pair{{.delay = 10ms, .loss_percent = 2, .reorder_percent = 5, .seed = 4}, big, big};
  connect(pair);
  const auto octets = pattern(1 << 20);
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, octets, {}, {}});

  BOOST_REQUIRE(pair.run(600s, [&] { return pair.b().has<MessageReceived>(); }));

  BOOST_TEST((pair.b().all<MessageReceived>()[0].bytes == octets));
}

struct Weather {
  unsigned loss, duplicate, reorder;
  friend std::ostream& operator<<(std::ostream& out, const Weather& row) {
    return out << row.loss << '/' << row.duplicate << '/' << row.reorder;
  }
};
const std::vector<Weather> kWeather{{0, 0, 0},   {10, 0, 0},   {30, 0, 0},
                                    {0, 30, 30}, {10, 10, 10}, {30, 10, 10}};

BOOST_DATA_TEST_CASE(every_message_arrives_once_and_in_order,
                     data::make(kWeather) * data::xrange(6), weather, seed) {
  Associations pair{{.delay = 25ms,
                     .loss_percent = weather.loss,
                     .duplicate_percent = weather.duplicate,
                     .reorder_percent = weather.reorder,
                     .seed = static_cast<std::uint64_t>(seed) + 1}};
  pair.a().endpoint.connect(pair.now());
  pair.b().endpoint.connect(pair.now());
  constexpr std::uint32_t kMessages = 120;
  SeededRng sizes{static_cast<std::uint64_t>(seed)};
  for (std::uint32_t i = 0; i < kMessages; ++i) {
    const auto size = 4 + sizes.below(3000);
    (void)pair.a().endpoint.send(pair.now(), StreamId{static_cast<std::uint16_t>(i % 3)},
                                 {Ppid{53}, numbered(i, size), {}, {}});
    (void)pair.b().endpoint.send(pair.now(), StreamId{static_cast<std::uint16_t>(i % 2)},
                                 {Ppid{53}, numbered(i, size), Order::Unordered, {}});
    pair.run(20ms);
  }
  // At 30 % a timeout follows the other, and RFC 9260 §6.3.3 keeps the RTO up until new data is
  // measured.
  pair.run(6000s, [&] {
    return pair.a().all<MessageReceived>().size() >= kMessages &&
           pair.b().all<MessageReceived>().size() >= kMessages;
  });

  // Ordered: per stream the numbers rise by three.
  std::array<std::uint32_t, 3> next{0, 1, 2};
  for (const auto& message : pair.b().all<MessageReceived>()) {
    const auto number = number_of(message);
    BOOST_REQUIRE(number == next.at(message.stream.value()));
    BOOST_REQUIRE((message.bytes == numbered(number, message.bytes.size())));
    next.at(message.stream.value()) += 3;
  }
  // Unordered: each number once.
  std::set<std::uint32_t> seen;
  for (const auto& message : pair.a().all<MessageReceived>())
    BOOST_REQUIRE(seen.insert(number_of(message)).second);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == kMessages);
  BOOST_TEST(seen.size() == kMessages);
  pair.run(300s);
  BOOST_TEST(pair.a().endpoint.metrics().bytes_in_flight == 0u);
}

BOOST_AUTO_TEST_CASE(one_seed_gives_one_history) {
  const auto history = [](std::uint64_t seed) {
    Associations pair{
        {.loss_percent = 10, .duplicate_percent = 5, .reorder_percent = 5, .seed = seed}};
    pair.a().endpoint.connect(pair.now());
    pair.b().endpoint.connect(pair.now());
    for (std::uint32_t i = 0; i < 50; ++i) {
      (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, numbered(i, 900), {}, {}});
    }
    pair.run(200s);
    return pair.fingerprint;
  };
  BOOST_TEST(history(3) == history(3));
  BOOST_TEST(history(3) != history(4));
}

BOOST_AUTO_TEST_CASE(three_missing_reports_bring_the_lost_chunk_back_before_t3) {
  Associations pair{{.delay = 50ms}};
  connect(pair);
  // Warm up, so that the window holds enough packets for three reports.
  for (int i = 0; i < 20; ++i)
    (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(1100), {}, {}});
  pair.run(3s);
  bool lost = false;
  pair.lose = [&lost](const Crossing& crossing, std::size_t) {
    return chunk_in<DataChunk>(crossing.packet) != nullptr && !std::exchange(lost, true);
  };
  const auto start = pair.now();
  for (int i = 0; i < 12; ++i)
    (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(1100), {}, {}});
  pair.run(900ms);

  const auto again = pair.a().traced("sctp:retransmitted");
  BOOST_REQUIRE(again.size() == 1u);
  BOOST_TEST((std::get<std::string>(*again[0].second.find("reason")) == "fast retransmit"));
  BOOST_TEST((again[0].first - start < 250ms));
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 32u);
  // RFC 9260 §7.2.3: half the window, or four packets.
  BOOST_TEST(pair.a().endpoint.metrics().slow_start_threshold == 4 * 1120u);
}

BOOST_AUTO_TEST_CASE(t3_doubles_from_one_second_until_the_peer_is_given_up) {
  Associations pair{{.delay = 10ms}};
  connect(pair);
  pair.run(1s);
  bool deaf = false;
  pair.lose = [&deaf](const Crossing&, std::size_t) { return deaf; };
  deaf = true;
  pair.crossings.clear();
  const auto start = pair.now();
  (void)pair.a().endpoint.send(start, StreamId{0}, text("lost"));
  pair.run(2000s);

  std::vector<Duration> sent;
  for (const auto& crossing : pair.crossings) {
    if (crossing.from == 0 && chunk_in<DataChunk>(crossing.packet) != nullptr)
      sent.push_back(crossing.at - start);
  }
  // RTO.Min 1 s, doubled, at most 60 s; Association.Max.Retrans 10.
  const std::vector<Duration> expected{0s, 1s, 3s, 7s, 15s, 31s, 63s, 123s, 183s, 243s, 303s};
  BOOST_TEST((sent == expected));
  const auto closed = pair.a().traced("sctp:closed");
  BOOST_REQUIRE(closed.size() == 1u);
  BOOST_TEST((closed[0].first - start == 363s));
}

BOOST_AUTO_TEST_CASE(an_idle_pair_exchanges_heartbeats_and_notices_silence) {
  Associations pair{{.delay = 10ms}};
  connect(pair);
  pair.crossings.clear();
  pair.run(320s);
  const auto beats = std::ranges::count_if(pair.crossings, [](const Crossing& c) {
    return c.from == 0 && chunk_in<HeartbeatChunk>(c.packet) != nullptr;
  });
  // Every 30 s + RTO (1 s) within half an RTO.
  BOOST_TEST(beats >= 9);
  BOOST_TEST(beats <= 11);

  pair.lose = [](const Crossing&, std::size_t) { return true; };
  pair.run(2000s);
  BOOST_TEST((pair.a().endpoint.state() == State::Closed));
  BOOST_TEST((pair.b().endpoint.state() == State::Closed));
}

BOOST_AUTO_TEST_CASE(a_closed_window_is_probed_and_the_transfer_goes_on) {
  // b holds a message that cannot be completed, so its window stays shut until the lost chunk
  // comes.
  Options small;
  small.receive_buffer = 8000;
  small.max_message_size = 8000;
  Associations pair{{.delay = 10ms}, {}, small};
  connect(pair);
  // Two streams: the second message of the first stream is lost again and again, the rest piles up.
  int drops = 0;
  pair.lose = [&drops](const Crossing& crossing, std::size_t) {
    const auto* chunk = chunk_in<DataChunk>(crossing.packet);
    return chunk != nullptr && chunk->header.ssn == Ssn{0} && drops++ < 3;
  };
  for (std::uint32_t i = 0; i < 60; ++i)
    (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, numbered(i, 1000), {}, {}});

  BOOST_REQUIRE(pair.run(120s, [&] { return pair.b().all<MessageReceived>().size() == 60; }));

  std::uint32_t next = 0;
  for (const auto& message : pair.b().all<MessageReceived>())
    BOOST_TEST(number_of(message) == next++);
}

BOOST_AUTO_TEST_CASE(window_probes_begin_after_one_rto_double_and_never_give_up) {
  Associations pair{{.delay = 10ms}};
  connect(pair);
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("first"));
  pair.run(2s);
  // A peer whose window is shut and that drops every probe: played by hand.
  const auto tag = [&](std::size_t side) {
    for (const auto& crossing : pair.crossings) {
      if (const auto* init = chunk_in<InitChunk>(crossing.packet); init != nullptr && side == 0)
        return init->body.initiate_tag;
    }
    return 0u;
  }(0);
  const auto* last = chunk_in<DataChunk>(pair.crossings[pair.crossings.size() - 2].packet);
  BOOST_REQUIRE(last != nullptr);
  const auto acknowledged = last->header.tsn;
  const auto shut = [&] {
    return Packet{{5000, 5000, tag}, {SackChunk{acknowledged, 0, {}, {}}}}.serialize();
  };
  pair.lose = [](const Crossing&, std::size_t) { return true; };
  pair.inject(0, shut());
  pair.crossings.clear();
  const auto start = pair.now();
  (void)pair.a().endpoint.send(start, StreamId{0}, text("waits"));
  std::vector<Duration> probes;
  while (probes.size() < 14) {
    pair.run(1000s, [&] { return !pair.crossings.empty(); });
    for (const auto& crossing : pair.crossings) {
      if (crossing.from == 0 && chunk_in<DataChunk>(crossing.packet) != nullptr) {
        probes.push_back(crossing.at - start);
        pair.inject(0, shut());
      }
    }
    pair.crossings.clear();
    BOOST_REQUIRE((pair.a().endpoint.state() == State::Established));
  }
  // More probes than Association.Max.Retrans: answers keep the association alive.
  BOOST_TEST((probes[0] == 1s));
  BOOST_TEST((probes[1] == 2s));
  BOOST_TEST((probes[2] == 4s));
  BOOST_TEST((probes[3] == 8s));
  BOOST_TEST((pair.a().endpoint.metrics().congestion_window == 4404u));

  // The window opens: no need to wait for T3.
  pair.crossings.clear();
  pair.inject(0, Packet{{5000, 5000, tag}, {SackChunk{acknowledged, 50000, {}, {}}}}.serialize());
  BOOST_REQUIRE(!pair.crossings.empty());
  BOOST_TEST(chunk_in<DataChunk>(pair.crossings[0].packet) != nullptr);
}

BOOST_AUTO_TEST_CASE(slow_start_doubles_the_window_each_round_trip) {
  Associations pair{{.delay = 50ms}};
  connect(pair);
  Options big;
  for (int i = 0; i < 300; ++i)
    (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(1100), {}, {}});
  std::vector<std::size_t> windows;
  for (int round = 0; round < 4; ++round) {
    pair.run(100ms);
    windows.push_back(pair.a().endpoint.metrics().congestion_window);
  }
  // Acknowledged every second packet with L = 1, the window grows by half per round trip at least.
  for (std::size_t i = 1; i < windows.size(); ++i) {
    BOOST_TEST(windows[i] >= windows[i - 1] * 5 / 4);
    BOOST_TEST(windows[i] <= windows[i - 1] * 2);
  }
}

BOOST_AUTO_TEST_CASE(at_most_max_burst_packets_leave_at_once) {
  Associations pair{{.delay = 50ms}};
  connect(pair);
  auto& a = pair.a().endpoint;
  (void)a.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(60000), {}, {}});
  BOOST_REQUIRE(pair.run(5s, [&] { return pair.b().has<MessageReceived>(); }));
  pair.run(300ms);
  BOOST_REQUIRE(a.metrics().bytes_in_flight == 0u);
  BOOST_REQUIRE(a.metrics().congestion_window > 10000u);
  pair.crossings.clear();

  (void)a.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(60000), {}, {}});
  pair.drain();

  BOOST_TEST(pair.crossings.size() == 4u);
}

BOOST_AUTO_TEST_CASE(buffered_amount_counts_what_has_not_left_and_tells_when_it_is_low) {
  Associations pair{{.delay = 10ms}};
  auto& a = pair.a().endpoint;
  (void)a.send(pair.now(), StreamId{2}, {Ppid{53}, pattern(5000), {}, {}});
  BOOST_TEST(a.buffered_amount(StreamId{2}) == 5000u);
  a.set_buffered_amount_low_threshold(StreamId{2}, 1000);
  connect(pair);
  BOOST_REQUIRE(pair.run(5s, [&] { return pair.a().has<BufferedAmountLow>(); }));
  BOOST_TEST(a.buffered_amount(StreamId{2}) <= 1000u);
  pair.run(5s);
  BOOST_TEST(a.buffered_amount(StreamId{2}) == 0u);
  BOOST_TEST(pair.a().all<BufferedAmountLow>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(sizes_are_refused_before_anything_is_queued) {
  Options options;
  options.remote_max_message_size = 100;
  options.send_buffer = 150;
  Associations pair{{}, options};
  auto& a = pair.a().endpoint;
  BOOST_TEST((a.send(pair.now(), StreamId{0}, {Ppid{53}, {}, {}, {}}) == SendStatus::Empty));
  BOOST_TEST(
      (a.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(101), {}, {}}) == SendStatus::TooLarge));
  BOOST_TEST(
      (a.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(100), {}, {}}) == SendStatus::Queued));
  BOOST_TEST(
      (a.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(51), {}, {}}) == SendStatus::BufferFull));
}

BOOST_DATA_TEST_CASE(a_message_beyond_max_message_size_ends_the_association,
                     data::make({Order::Ordered, Order::Unordered})) {
  Options strict;
  strict.max_message_size = 10000;
  Associations pair{{.delay = 10ms}, {}, strict};
  connect(pair);
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(20000), sample, {}});
  pair.run(10s);
  BOOST_REQUIRE(pair.b().has<Closed>());
  BOOST_TEST((pair.b().all<Closed>()[0].cause == CloseCause::ProtocolViolation));
  BOOST_TEST((pair.a().all<Closed>().at(0).cause == CloseCause::PeerAbort));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
