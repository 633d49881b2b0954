#include "agents/sctp/data_channel.h"

#include "agents/sctp/dcep.h"
#include "tests/agents/sctp/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::sctp {
namespace {

namespace data = boost::unit_test::data;

void connect(Channels& pair) {
  pair.a().endpoint.connect(pair.now(), {.local_role = DtlsRole::Client});
  pair.b().endpoint.connect(pair.now(), {.local_role = DtlsRole::Server});
}
bool up(Channels& pair) {
  return pair.a().has<TransportConnected>() && pair.b().has<TransportConnected>();
}
std::vector<ChannelData> messages(Channels::Side& side) {
  std::vector<ChannelData> found;
  for (auto& message : side.all<ChannelMessage>()) found.push_back(message.data);
  return found;
}
// A pair that is up, and a channel that a opened and b knows.
ChannelId an_open_channel(Channels& pair, ChannelInit init = {}) {
  const auto id = *pair.a().endpoint.open(pair.now(), "chat", std::move(init));
  connect(pair);
  pair.run(20s, [&] { return pair.b().has<ChannelOpened>() && up(pair); });
  pair.run(1s);
  return id;
}

BOOST_AUTO_TEST_SUITE(sctp_data_channel)

BOOST_AUTO_TEST_CASE(opens_for_the_peer_after_one_and_a_half_round_trips) {
  Channels pair{{.delay = 50ms}};
  const auto start = pair.now();
  const auto id = pair.a().endpoint.open(start, "chat", {.protocol = "p", .priority = 512});
  BOOST_REQUIRE(id.has_value());
  pair.a().endpoint.connect(start, {.local_role = DtlsRole::Client});
  pair.b().endpoint.connect(start, {.local_role = DtlsRole::Server});

  BOOST_REQUIRE(pair.run(10s, [&] { return pair.b().has<ChannelOpened>(); }));

  BOOST_TEST((pair.now() - start == 150ms));
  pair.run(0ms);
  const auto announced = pair.b().all<ChannelAnnounced>().at(0);
  BOOST_TEST(announced.label == "chat");
  BOOST_TEST(announced.init.protocol == "p");
  BOOST_TEST(announced.init.priority == 512);
  BOOST_TEST((announced.stream == StreamId{0}));
  BOOST_TEST(pair.a().all<ChannelOpened>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_client_takes_even_streams_and_the_server_odd_ones) {
  Channels pair;
  std::vector<ChannelId> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(*pair.a().endpoint.open(pair.now(), "a", {}));
  for (int i = 0; i < 3; ++i) ids.push_back(*pair.b().endpoint.open(pair.now(), "b", {}));
  connect(pair);
  pair.run(5s);

  for (std::uint16_t i = 0; i < 3; ++i) {
    BOOST_TEST(
        (pair.a().endpoint.find(ids[i])->stream == StreamId{static_cast<std::uint16_t>(2 * i)}));
    BOOST_TEST((pair.b().endpoint.find(ids[3 + i])->stream ==
                StreamId{static_cast<std::uint16_t>(2 * i + 1)}));
  }
  BOOST_TEST(pair.a().all<ChannelAnnounced>().size() == 3u);
  BOOST_TEST(pair.b().all<ChannelAnnounced>().size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_stream_agreed_on_is_not_given_away) {
  Channels pair;
  ChannelInit agreed;
  agreed.negotiated = StreamId{0};
  (void)pair.a().endpoint.open(pair.now(), "agreed", agreed);
  BOOST_TEST(
      (pair.a().endpoint.open(pair.now(), "again", agreed).error() == ChannelError::StreamInUse));
  agreed.negotiated = StreamId{65535};
  BOOST_TEST((pair.a().endpoint.open(pair.now(), "last", agreed).error() ==
              ChannelError::StreamOutOfRange));
  const auto other = *pair.a().endpoint.open(pair.now(), "other", {});
  connect(pair);
  BOOST_TEST((pair.a().endpoint.find(other)->stream == StreamId{2}));
}

BOOST_AUTO_TEST_CASE(texts_and_octets_empty_or_not_arrive_as_what_they_are) {
  Channels pair;
  const auto id = an_open_channel(pair);
  const std::vector<ChannelData> sent{std::string{"grüß"}, Bytes{std::byte{0}, std::byte{255}},
                                      std::string{}, Bytes{}};
  for (const auto& message : sent)
    BOOST_REQUIRE(pair.a().endpoint.send(pair.now(), id, message).has_value());
  pair.run(5s);
  BOOST_TEST((messages(pair.b()) == sent));

  std::vector<std::uint32_t> ppids;
  for (const auto& crossing : pair.crossings) {
    for (const auto& chunk : crossing.packet.chunks) {
      if (const auto* user = std::get_if<DataChunk>(&chunk); user != nullptr && crossing.from == 0)
        ppids.push_back(user->header.ppid.value());
    }
  }
  BOOST_TEST((ppids == std::vector<std::uint32_t>{50, 51, 53, 56, 57}));

  const auto theirs = pair.b().all<ChannelOpened>().at(0).id;
  BOOST_REQUIRE(pair.b().endpoint.send(pair.now(), theirs, std::string{"back"}).has_value());
  pair.run(5s);
  BOOST_TEST((messages(pair.a()) == std::vector<ChannelData>{std::string{"back"}}));
}

struct Kind {
  const char* name;
  Order order;
  Reliability reliability;
  std::uint8_t type;
  friend std::ostream& operator<<(std::ostream& out, const Kind& row) { return out << row.name; }
};
const std::vector<Kind> kKinds{
    {"reliable", Order::Ordered, Reliable{}, 0x00},
    {"reliable, unordered", Order::Unordered, Reliable{}, 0x80},
    {"retransmissions", Order::Ordered, LimitedRetransmissions{3}, 0x01},
    {"retransmissions, unordered", Order::Unordered, LimitedRetransmissions{0}, 0x81},
    {"lifetime", Order::Ordered, LimitedLifetime{1500ms}, 0x02},
    {"lifetime, unordered", Order::Unordered, LimitedLifetime{65535ms}, 0x82},
};
BOOST_DATA_TEST_CASE(the_kind_of_a_channel_is_the_same_on_both_sides, data::make(kKinds), kind) {
  Channels pair;
  (void)an_open_channel(pair, {.order = kind.order, .reliability = kind.reliability});
  const auto announced = pair.b().all<ChannelAnnounced>().at(0);
  BOOST_TEST((announced.init.order == kind.order));
  BOOST_TEST((announced.init.reliability == kind.reliability));
  BOOST_TEST(std::to_integer<unsigned>(
                 encode(DcepOpen{kind.order, kind.reliability, 0, "", ""})[1]) == kind.type);
}

BOOST_AUTO_TEST_CASE(an_unordered_channel_is_ordered_until_the_ack) {
  Channels pair{{.delay = 50ms}};
  const auto id = *pair.a().endpoint.open(pair.now(), "u", {.order = Order::Unordered});
  connect(pair);
  pair.run(20s, [&] { return pair.a().has<ChannelOpened>(); });
  pair.crossings.clear();
  (void)pair.a().endpoint.send(pair.now(), id, std::string{"before"});
  pair.run(5s);
  (void)pair.a().endpoint.send(pair.now(), id, std::string{"after"});
  pair.run(5s);

  std::vector<bool> unordered;
  for (const auto& crossing : pair.crossings) {
    if (const auto* user = chunk_in<DataChunk>(crossing.packet);
        user != nullptr && crossing.from == 0 && user->header.ppid == kPpidString) {
      unordered.push_back(user->header.unordered);
    }
  }
  BOOST_TEST((unordered == std::vector<bool>{false, true}));
}

BOOST_AUTO_TEST_CASE(a_message_of_the_peer_counts_as_the_ack) {
  // The ACK is lost for a while, the answer of the application is not.
  Channels pair{{.delay = 50ms}};
  const auto id = *pair.a().endpoint.open(pair.now(), "u", {.order = Order::Unordered});
  connect(pair);
  pair.run(20s, [&] { return pair.a().has<ChannelOpened>(); });
  BOOST_TEST(!pair.a().endpoint.find(id)->peer_knows);
  pair.run(5s);
  BOOST_TEST(pair.a().endpoint.find(id)->peer_knows);
}

BOOST_AUTO_TEST_CASE(a_negotiated_channel_speaks_no_dcep) {
  Channels pair;
  ChannelInit init{.order = Order::Unordered};
  init.negotiated = StreamId{7};
  const auto a = *pair.a().endpoint.open(pair.now(), "x", init);
  const auto b = *pair.b().endpoint.open(pair.now(), "y", init);
  connect(pair);
  pair.run(5s);
  BOOST_TEST(pair.a().all<ChannelOpened>().size() == 1u);
  BOOST_TEST(pair.b().all<ChannelOpened>().size() == 1u);
  (void)pair.a().endpoint.send(pair.now(), a, std::string{"1"});
  (void)pair.b().endpoint.send(pair.now(), b, std::string{"2"});
  pair.run(5s);
  BOOST_TEST((messages(pair.a()) == std::vector<ChannelData>{std::string{"2"}}));
  BOOST_TEST((messages(pair.b()) == std::vector<ChannelData>{std::string{"1"}}));
  for (const auto& crossing : pair.crossings) {
    const auto* user = chunk_in<DataChunk>(crossing.packet);
    BOOST_TEST((user == nullptr || user->header.ppid != kPpidDcep));
  }
}

std::size_t resets(const Channels& pair) {
  return static_cast<std::size_t>(std::ranges::count_if(pair.crossings, [](const auto& crossing) {
    return chunk_in<ReConfigChunk>(crossing.packet) != nullptr;
  }));
}

// RFC 8831 §6.7. Found by channel-negotiated-alone: it stayed "closing" for ever.
BOOST_AUTO_TEST_CASE(a_negotiated_channel_that_the_peer_has_never_made_closes_all_the_same) {
  Channels pair;
  ChannelInit init;
  init.negotiated = StreamId{14};
  const auto id = *pair.a().endpoint.open(pair.now(), "alone", init);
  connect(pair);
  pair.run(5s);
  BOOST_REQUIRE(pair.a().has<ChannelOpened>());

  pair.a().endpoint.close(pair.now(), id);
  pair.run(5s);
  BOOST_TEST(pair.a().has<ChannelClosed>());
  const auto exchanged = resets(pair);
  pair.run(60s);
  BOOST_TEST(resets(pair) == exchanged);

  // The id is free again, on both sides.
  const auto again = *pair.a().endpoint.open(pair.now(), "again", init);
  pair.run(1s);
  pair.a().endpoint.close(pair.now(), again);
  pair.run(5s);
  BOOST_TEST(pair.a().all<ChannelClosed>().size() == 2u);
}

// RFC 8832 §6.
BOOST_AUTO_TEST_CASE(who_speaks_on_a_channel_that_the_peer_has_not_made_is_closed) {
  Channels pair;
  ChannelInit init;
  init.negotiated = StreamId{14};
  for (int round = 0; round < 2; ++round) {
    const auto id = *pair.a().endpoint.open(pair.now(), "alone", init);
    if (round == 0) connect(pair);
    pair.run(5s);
    (void)pair.a().endpoint.send(pair.now(), id, std::string{"Is anybody there?"});
    pair.run(5s);
  }
  BOOST_TEST(pair.a().all<ChannelClosed>().size() == 2u);
  BOOST_TEST(!pair.b().has<ChannelMessage>());
  const auto exchanged = resets(pair);
  pair.run(60s);
  BOOST_TEST(resets(pair) == exchanged);
}

BOOST_DATA_TEST_CASE(closes_by_resetting_both_streams, data::make({0, 1}), closer) {
  Channels pair{{.delay = 50ms}};
  const auto id = an_open_channel(pair);
  const auto theirs = pair.b().all<ChannelOpened>().at(0).id;
  (void)pair.a().endpoint.send(pair.now(), id, std::string{"last words"});
  const auto start = pair.now();
  if (closer == 0) {
    pair.a().endpoint.close(pair.now(), id);
    BOOST_TEST((pair.a().endpoint.send(pair.now(), id, std::string{"too late"}).error() ==
                ChannelError::NotOpen));
  } else {
    pair.b().endpoint.close(pair.now(), theirs);
  }
  BOOST_REQUIRE(pair.run(
      10s, [&] { return pair.a().has<ChannelClosed>() && pair.b().has<ChannelClosed>(); }));

  // One round trip for each direction, side by side.
  BOOST_TEST((pair.now() - start <= 200ms));
  BOOST_TEST(pair.a().all<ChannelClosed>().at(0).error.empty());
  BOOST_TEST(pair.side(1 - static_cast<std::size_t>(closer)).all<ChannelClosing>().size() == 1u);
  if (closer == 0)
    BOOST_TEST((messages(pair.b()) == std::vector<ChannelData>{std::string{"last words"}}));

  // The stream is free again.
  const auto next = *pair.a().endpoint.open(pair.now(), "next", {});
  BOOST_TEST((pair.a().endpoint.find(next)->stream == StreamId{0}));
  (void)pair.a().endpoint.send(pair.now(), next, std::string{"hello again"});
  pair.run(5s);
  BOOST_TEST(pair.b().all<ChannelAnnounced>().size() == 2u);
  BOOST_TEST((messages(pair.b()).back() == ChannelData{std::string{"hello again"}}));
}

BOOST_DATA_TEST_CASE(both_may_close_at_once_and_under_loss,
                     data::make({0u, 20u}) * data::xrange(10), loss, seed) {
  Channels pair{
      {.delay = 50ms, .loss_percent = loss, .seed = static_cast<std::uint64_t>(seed) + 1}};
  const auto id = *pair.a().endpoint.open(pair.now(), "chat", {});
  connect(pair);
  BOOST_REQUIRE(pair.run(
      300s, [&] { return pair.b().has<ChannelOpened>() && pair.a().has<ChannelOpened>(); }));
  const auto theirs = pair.b().all<ChannelOpened>().at(0).id;
  for (int i = 0; i < 30; ++i) {
    (void)pair.a().endpoint.send(pair.now(), id, ChannelData{pattern(3000)});
  }
  pair.a().endpoint.close(pair.now(), id);
  pair.run(seed * 10ms);
  pair.b().endpoint.close(pair.now(), theirs);
  BOOST_TEST(pair.run(
      2000s, [&] { return pair.a().has<ChannelClosed>() && pair.b().has<ChannelClosed>(); }));
  BOOST_TEST(pair.a().all<ChannelClosed>().at(0).error.empty());
}

BOOST_AUTO_TEST_CASE(what_was_queued_before_close_is_delivered_under_loss) {
  Channels pair{{.delay = 50ms, .loss_percent = 10, .seed = 6}};
  const auto id = *pair.a().endpoint.open(pair.now(), "chat", {});
  connect(pair);
  BOOST_REQUIRE(pair.run(
      300s, [&] { return pair.b().has<ChannelOpened>() && pair.a().has<ChannelOpened>(); }));
  for (int i = 0; i < 40; ++i)
    (void)pair.a().endpoint.send(pair.now(), id, std::to_string(i) + std::string(2000, 'x'));
  pair.a().endpoint.close(pair.now(), id);
  BOOST_REQUIRE(pair.run(2000s, [&] { return pair.b().has<ChannelClosed>(); }));
  BOOST_TEST(pair.b().all<ChannelMessage>().size() == 40u);
}

BOOST_AUTO_TEST_CASE(a_channel_closed_before_the_association_never_opens) {
  Channels pair;
  const auto id = *pair.a().endpoint.open(pair.now(), "chat", {});
  pair.a().endpoint.close(pair.now(), id);
  connect(pair);
  pair.run(5s);
  BOOST_TEST(pair.a().all<ChannelClosed>().size() == 1u);
  BOOST_TEST(!pair.b().has<ChannelAnnounced>());
}

BOOST_AUTO_TEST_CASE(a_channel_closed_while_connecting_closes_on_both_sides) {
  Channels pair{{.delay = 50ms}};
  const auto id = *pair.a().endpoint.open(pair.now(), "chat", {});
  connect(pair);
  pair.run(60ms);
  pair.a().endpoint.close(pair.now(), id);
  pair.run(10s);
  BOOST_TEST(pair.a().all<ChannelClosed>().size() == 1u);
  BOOST_TEST(!pair.a().has<ChannelOpened>());
  BOOST_TEST(pair.b().all<ChannelClosed>().size() == pair.b().all<ChannelAnnounced>().size());
}

BOOST_AUTO_TEST_CASE(the_end_of_the_association_closes_every_channel) {
  Channels pair;
  (void)an_open_channel(pair);
  pair.a().endpoint.abort(pair.now(), "bye");
  pair.run(5s);
  for (const auto side : {0u, 1u}) {
    BOOST_TEST(pair.side(side).all<ChannelClosed>().size() == 1u);
    BOOST_TEST(pair.side(side).all<TransportClosed>().size() == 1u);
  }
  BOOST_TEST(pair.a().all<ChannelClosed>()[0].error.empty());
  BOOST_TEST(pair.b().all<ChannelClosed>()[0].error == "bye");
  BOOST_TEST(
      (pair.a().endpoint.open(pair.now(), "more", {}).error() == ChannelError::AssociationClosed));
}

BOOST_AUTO_TEST_CASE(sends_are_refused_for_good_reasons) {
  Channels pair;
  const auto early = *pair.a().endpoint.open(pair.now(), "chat", {});
  BOOST_TEST((pair.a().endpoint.send(pair.now(), early, std::string{"x"}).error() ==
              ChannelError::NotOpen));
  BOOST_TEST((pair.a().endpoint.send(pair.now(), ChannelId{99}, std::string{"x"}).error() ==
              ChannelError::NotOpen));
  BOOST_TEST((pair.a().endpoint.open(pair.now(), std::string(65536, 'x'), {}).error() ==
              ChannelError::LabelTooLong));
  connect(pair);
  pair.run(5s);
  BOOST_TEST((pair.a().endpoint.send(pair.now(), early, std::string(65537, 'x')).error() ==
              ChannelError::MessageTooLarge));
  BOOST_TEST(pair.a().endpoint.send(pair.now(), early, std::string(65536, 'x')).has_value());
}

BOOST_AUTO_TEST_CASE(buffered_amount_falls_and_tells) {
  Channels pair;
  const auto id = an_open_channel(pair);
  pair.a().endpoint.set_buffered_amount_low_threshold(id, 10000);
  (void)pair.a().endpoint.send(pair.now(), id, std::string(60000, 'x'));
  BOOST_TEST(pair.a().endpoint.buffered_amount(id) > 50000u);
  BOOST_REQUIRE(pair.run(5s, [&] { return pair.a().has<ChannelBufferedAmountLow>(); }));
  BOOST_TEST(pair.a().endpoint.buffered_amount(id) <= 10000u);
}

// --- a peer that does what it must not ---

// Channels whose peer is a bare association that sends what the test likes.
struct Mixed {
  SeededRng rng_a{1};
  SeededRng rng_b{2};
  Association raw{Options{}, rng_a};
  DataChannels channels{Options{}, rng_b};
  Instant now{1s};
  std::vector<ChannelEvent> events;
  std::vector<AssociationEvent> raw_events;

  Mixed() {
    channels.connect(now, {.local_role = DtlsRole::Server});
    raw.connect(now);
    settle();
  }
  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      while (auto output = raw.poll_output()) {
        if (const auto* octets = std::get_if<Bytes>(&*output))
          channels.handle_packet(now, *octets), moved = true;
      }
      while (auto output = channels.poll_output()) {
        if (const auto* octets = std::get_if<Bytes>(&*output))
          raw.handle_packet(now, *octets), moved = true;
      }
    }
    while (auto event = channels.poll_event()) events.push_back(*std::move(event));
    while (auto event = raw.poll_event()) raw_events.push_back(*std::move(event));
  }
  void send(std::uint16_t stream, Ppid ppid, Bytes bytes) {
    (void)raw.send(now, StreamId{stream}, {ppid, std::move(bytes), {}, {}});
    settle();
  }
  [[nodiscard]] bool stream_was_reset() const {
    return std::ranges::any_of(
        raw_events, [](const auto& e) { return std::holds_alternative<IncomingStreamsReset>(e); });
  }
  template <class E>
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(events, [](const auto& e) { return std::holds_alternative<E>(e); }));
  }
};
Bytes an_open() {
  return encode(DcepOpen{.label = "x"});
}

BOOST_AUTO_TEST_CASE(an_open_of_our_own_parity_is_answered_by_a_reset) {
  Mixed mixed;
  mixed.send(1, kPpidDcep, an_open());
  BOOST_TEST(mixed.count<ChannelAnnounced>() == 0u);
  BOOST_TEST(mixed.stream_was_reset());
}

BOOST_AUTO_TEST_CASE(every_malformed_open_is_answered_by_a_reset) {
  const auto good = encode(DcepOpen{.label = "label", .protocol = "protocol"});
  for (std::size_t size = 2; size < good.size(); ++size) {
    Mixed mixed;
    mixed.send(0, kPpidDcep, Bytes{good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
    BOOST_TEST(mixed.count<ChannelAnnounced>() == 0u);
    BOOST_TEST(mixed.stream_was_reset());
  }
}

BOOST_AUTO_TEST_CASE(a_second_open_on_a_stream_closes_the_channel) {
  Mixed mixed;
  mixed.send(0, kPpidDcep, an_open());
  mixed.send(0, kPpidDcep, an_open());
  BOOST_TEST(mixed.count<ChannelAnnounced>() == 1u);
  BOOST_TEST(mixed.stream_was_reset());
}

BOOST_DATA_TEST_CASE(an_unknown_ppid_closes_the_channel, data::make({0u, 52u, 54u, 99u}), ppid) {
  Mixed mixed;
  mixed.send(0, kPpidDcep, an_open());
  mixed.send(0, Ppid{ppid}, Bytes(3));
  BOOST_TEST(mixed.count<ChannelMessage>() == 0u);
  BOOST_TEST(mixed.count<ChannelClosing>() == 1u);
  BOOST_TEST(mixed.stream_was_reset());
}

BOOST_AUTO_TEST_CASE(data_on_a_stream_without_a_channel_closes_the_stream) {
  Mixed mixed;
  mixed.send(8, kPpidString, to_octets("lost"));
  mixed.settle();
  BOOST_TEST(mixed.stream_was_reset());
  mixed.send(10, kPpidDcep, encode(DcepAck{}));
  BOOST_TEST(mixed.count<ChannelMessage>() == 0u);
  BOOST_TEST(mixed.count<ChannelClosed>() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
