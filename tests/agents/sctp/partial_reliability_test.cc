#include "tests/agents/sctp/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::sctp {
namespace {

namespace data = boost::unit_test::data;

OutgoingMessage numbered(std::uint32_t number, std::size_t size, Order order,
                         Reliability reliability) {
  ByteWriter out;
  out.u32(number).zeros(size - 4);
  return {Ppid{53}, out.take(), order, reliability};
}
std::vector<std::uint32_t> numbers(const std::vector<MessageReceived>& messages) {
  std::vector<std::uint32_t> found;
  for (const auto& message : messages) found.push_back(ByteReader{message.bytes}.u32());
  return found;
}
bool has_data(const Crossing& crossing) {
  return chunk_in<DataChunk>(crossing.packet) != nullptr;
}

BOOST_AUTO_TEST_SUITE(sctp_partial_reliability)

BOOST_AUTO_TEST_CASE(zero_retransmissions_means_sent_once_and_skipped_when_lost) {
  Associations pair{{.delay = 20ms}};
  connect(pair);
  int count = 0;
  pair.lose = [&count](const Crossing& crossing, std::size_t) {
    return has_data(crossing) && count++ == 0;
  };
  auto& a = pair.a().endpoint;
  (void)a.send(pair.now(), StreamId{0},
               numbered(0, 100, Order::Ordered, LimitedRetransmissions{0}));
  (void)a.send(pair.now(), StreamId{0}, numbered(1, 100, Order::Ordered, Reliable{}));
  pair.run(10s);

  BOOST_TEST((numbers(pair.b().all<MessageReceived>()) == std::vector<std::uint32_t>{1}));
  BOOST_TEST(pair.a().traced("sctp:message_abandoned").size() == 1u);
  BOOST_TEST(pair.a().traced("sctp:forward_tsn_sent").size() >= 1u);
  BOOST_TEST(pair.a().endpoint.metrics().chunks_retransmitted == 0u);
}

BOOST_DATA_TEST_CASE(a_message_is_sent_again_as_often_as_allowed_and_not_more, data::xrange(4u),
                     allowed) {
  Associations pair{{.delay = 20ms}};
  connect(pair);
  std::size_t sends = 0;
  pair.lose = [&sends](const Crossing& crossing, std::size_t) {
    sends += has_data(crossing) ? 1 : 0;
    return has_data(crossing);
  };
  (void)pair.a().endpoint.send(pair.now(), StreamId{0},
                               numbered(0, 100, Order::Ordered, LimitedRetransmissions{allowed}));
  pair.run(300s);

  BOOST_TEST(sends == allowed + 1u);
  BOOST_TEST((pair.a().endpoint.state() == State::Established));
  BOOST_TEST(!pair.b().has<MessageReceived>());
}

BOOST_AUTO_TEST_CASE(a_message_whose_lifetime_passes_in_the_queue_never_leaves) {
  Associations pair{{.delay = 20ms}};
  auto& a = pair.a().endpoint;
  (void)a.send(pair.now(), StreamId{0}, numbered(0, 100, Order::Ordered, LimitedLifetime{100ms}));
  (void)a.send(pair.now(), StreamId{0}, numbered(1, 100, Order::Ordered, Reliable{}));
  pair.run(1s);
  connect(pair);
  pair.run(1s);

  BOOST_TEST((numbers(pair.b().all<MessageReceived>()) == std::vector<std::uint32_t>{1}));
  BOOST_TEST(pair.a().traced("sctp:forward_tsn_sent").empty());
  BOOST_TEST(a.buffered_amount(StreamId{0}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_lost_message_is_not_sent_again_after_its_lifetime) {
  Associations pair{{.delay = 20ms}};
  connect(pair);
  int count = 0;
  pair.lose = [&count](const Crossing& crossing, std::size_t) {
    return has_data(crossing) && count++ == 0;
  };
  (void)pair.a().endpoint.send(pair.now(), StreamId{0},
                               numbered(0, 100, Order::Ordered, LimitedLifetime{500ms}));
  pair.run(10s);
  BOOST_TEST(!pair.b().has<MessageReceived>());
  BOOST_TEST(pair.a().endpoint.metrics().chunks_retransmitted == 0u);

  // And within its lifetime it is: T3 is at two seconds after the first loss.
  count = 0;
  (void)pair.a().endpoint.send(pair.now(), StreamId{0},
                               numbered(1, 100, Order::Ordered, LimitedLifetime{2500ms}));
  pair.run(10s);
  BOOST_TEST((numbers(pair.b().all<MessageReceived>()) == std::vector<std::uint32_t>{1}));
}

BOOST_AUTO_TEST_CASE(a_message_cut_in_the_middle_leaves_nothing_at_the_receiver) {
  Associations pair{{.delay = 20ms}};
  connect(pair);
  // 50 kB take many round trips; after 100 ms the rest stays at home.
  auto& a = pair.a().endpoint;
  (void)a.send(pair.now(), StreamId{0}, numbered(0, 50000, Order::Ordered, LimitedLifetime{100ms}));
  (void)a.send(pair.now(), StreamId{0}, numbered(1, 100, Order::Ordered, Reliable{}));
  (void)a.send(pair.now(), StreamId{1},
               numbered(2, 50000, Order::Unordered, LimitedLifetime{100ms}));
  (void)a.send(pair.now(), StreamId{1}, numbered(3, 100, Order::Unordered, Reliable{}));
  pair.run(20s);

  auto arrived = numbers(pair.b().all<MessageReceived>());
  std::ranges::sort(arrived);
  BOOST_TEST((arrived == std::vector<std::uint32_t>{1, 3}));
  BOOST_TEST(a.metrics().bytes_in_flight == 0u);
  // Whole again: the window of the receiver has nothing left in it.
  (void)a.send(pair.now(), StreamId{0}, numbered(4, 30000, Order::Ordered, Reliable{}));
  pair.run(20s);
  BOOST_TEST(numbers(pair.b().all<MessageReceived>()).back() == 4u);
  BOOST_TEST(a.metrics().peer_receiver_window == Options{}.receive_buffer);
}

BOOST_DATA_TEST_CASE(abandons_what_it_must_and_nothing_else,
                     data::make({10u, 30u}) * data::xrange(8), loss, seed) {
  Associations pair{{.delay = 20ms,
                     .loss_percent = loss,
                     .reorder_percent = 10,
                     .seed = static_cast<std::uint64_t>(seed) + 1}};
  connect(pair);
  constexpr std::uint32_t kMessages = 120;
  SeededRng sizes{static_cast<std::uint64_t>(seed)};
  for (std::uint32_t i = 0; i < kMessages; ++i) {
    const auto order = i % 2 == 0 ? Order::Ordered : Order::Unordered;
    const auto size = 4 + sizes.below(4000);
    const std::array<Reliability, 3> kinds{Reliable{}, LimitedRetransmissions{1},
                                           LimitedLifetime{300ms}};
    (void)pair.a().endpoint.send(pair.now(), StreamId{static_cast<std::uint16_t>(i % 2)},
                                 numbered(i, size, order, kinds[i % 3]));
    pair.run(20ms);
  }
  pair.run(6000s, [&] {
    return pair.a().endpoint.buffered_amount(StreamId{0}) == 0 &&
           pair.a().endpoint.buffered_amount(StreamId{1}) == 0 &&
           pair.a().endpoint.metrics().bytes_in_flight == 0;
  });
  pair.run(200s);

  BOOST_REQUIRE((pair.a().endpoint.state() == State::Established));
  const auto arrived = numbers(pair.b().all<MessageReceived>());
  for (std::uint32_t i = 0; i < kMessages; ++i) {
    const auto times = std::ranges::count(arrived, i);
    BOOST_TEST(times <= 1);
    if (i % 3 == 0) BOOST_TEST(times == 1, "reliable message " << i);
  }
  std::vector<std::uint32_t> ordered;
  for (const auto number : arrived) {
    if (number % 2 == 0) ordered.push_back(number);
  }
  BOOST_TEST(std::ranges::is_sorted(ordered));
  BOOST_TEST(pair.a().endpoint.metrics().bytes_in_flight == 0u);
}

BOOST_AUTO_TEST_CASE(a_peer_without_forward_tsn_gets_everything_reliably) {
  // b is played by hand: its INIT names no extension.
  Associations pair;
  auto& a = pair.a().endpoint;
  pair.inject(0,
              Packet{{5000, 5000, 0}, {InitChunk{{77, 100000, 10, 10, Tsn{1}, {}}}}}.serialize());
  const auto answer = std::get<InitAckChunk>(pair.crossings.back().packet.chunks[0]);
  const auto cookie =
      std::ranges::find(answer.body.parameters, std::uint16_t{7}, &Parameter::type)->value;
  pair.lose = [](const Crossing&, std::size_t) { return true; };
  pair.inject(
      0, Packet{{5000, 5000, answer.body.initiate_tag}, {CookieEchoChunk{cookie}}}.serialize());
  BOOST_REQUIRE((a.state() == State::Established));
  pair.crossings.clear();
  (void)a.send(pair.now(), StreamId{0},
               numbered(0, 100, Order::Ordered, LimitedRetransmissions{0}));
  pair.run(4s);

  const auto sends = std::ranges::count_if(
      pair.crossings, [](const Crossing& c) { return c.from == 0 && has_data(c); });
  BOOST_TEST(sends == 3);
  BOOST_TEST(pair.a().traced("sctp:forward_tsn_sent").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
