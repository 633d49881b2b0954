// RFC 8260: I-DATA, I-FORWARD-TSN and the scheduler, between two associations of ours.
#include "tests/agents/sctp/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace rtclab::sctp {
namespace {

namespace data = boost::unit_test::data;

Options interleaving() {
  Options options;
  options.interleaving = true;
  return options;
}

template <class T>
std::size_t count(const Associations& pair) {
  std::size_t found = 0;
  for (const auto& crossing : pair.crossings) {
    for (const auto& chunk : crossing.packet.chunks) found += std::holds_alternative<T>(chunk);
  }
  return found;
}

// Messages are numbered by their PPID: each whole, none twice, ordered ones in order. Their
// numbers.
std::set<std::uint32_t> check_received(const std::vector<MessageReceived>& messages) {
  std::set<std::uint32_t> seen;
  std::map<std::uint16_t, std::uint32_t> last;
  for (const auto& message : messages) {
    const auto number = message.ppid.value();
    BOOST_TEST(seen.insert(number).second);
    BOOST_TEST((message.bytes == pattern(message.bytes.size(), number)));
    if (message.order == Order::Unordered) continue;
    BOOST_TEST((!last.contains(message.stream.value()) || last[message.stream.value()] < number));
    last[message.stream.value()] = number;
  }
  return seen;
}

BOOST_AUTO_TEST_SUITE(sctp_interleaving)

BOOST_AUTO_TEST_CASE(i_data_is_spoken_when_both_offer_it_and_only_then) {
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) {
      Associations pair{{}, a ? interleaving() : Options{}, b ? interleaving() : Options{}};
      connect(pair);
      BOOST_REQUIRE(
          (pair.a().endpoint.send(pair.now(), StreamId{1}, text("hello")) == SendStatus::Queued));
      pair.run(1s);

      BOOST_TEST(count<IDataChunk>(pair) == (a && b ? 1u : 0u));
      BOOST_TEST(count<DataChunk>(pair) == (a && b ? 0u : 1u));
      BOOST_TEST(pair.b().all<MessageReceived>().size() == 1u);
      BOOST_TEST(pair.a().endpoint.metrics().interleaving == (a && b));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_i_data_chunk_has_the_octets_of_section_2_1) {
  ByteWriter out;
  DataHeader header{.tsn = Tsn{0x01020304}, .stream = StreamId{5}, .ppid = Ppid{51}};
  header.beginning = true;
  header.unordered = true;
  header.mid = Mid{7};
  write_data(out, DataKind::IData, header, to_octets("abc"));
  header.beginning = false;
  header.end = true;
  header.fsn = 9;
  write_data(out, DataKind::IData, header, to_octets("defg"));

  BOOST_TEST(to_hex(out.view()) ==
             "400600170102030400050000000000070000003361626300"
             "4005001801020304000500000000000700000009"
             "64656667");
}

BOOST_AUTO_TEST_CASE(a_short_message_overtakes_a_long_one_of_another_stream) {
  const auto arrival = [](const Options& options) {
    Associations pair{{}, options, options};
    connect(pair);
    auto& a = pair.a().endpoint;
    const OutgoingMessage large{Ppid{53}, pattern(60000), {}, {}};
    (void)a.send(pair.now(), StreamId{0}, large);
    (void)a.send(pair.now(), StreamId{1}, text("urgent"));
    pair.run(60s, [&] { return pair.b().all<MessageReceived>().size() == 2; });
    return pair.b().all<MessageReceived>().front().stream;
  };
  BOOST_TEST((arrival(interleaving()) == StreamId{1}));
  BOOST_TEST((arrival({}) == StreamId{0}));
}

// RFC 8831 §6.4: a stream of twice the priority gets twice the octets while both have something to
// say.
BOOST_DATA_TEST_CASE(streams_share_by_their_priorities, data::make({false, true}), with_i_data) {
  const auto options = with_i_data ? interleaving() : Options{};
  Associations pair{{.delay = 10ms}, options, options};
  connect(pair);
  auto& a = pair.a().endpoint;
  const std::map<std::uint16_t, std::uint16_t> priorities{{0, 128}, {1, 256}, {2, 1024}};
  for (const auto& [stream, priority] : priorities) {
    a.set_priority(StreamId{stream}, priority);
    for (int i = 0; i < 400; ++i) {
      (void)a.send(pair.now(), StreamId{stream}, {Ppid{53}, pattern(3000), {}, {}});
    }
  }
  pair.run(60s, [&] { return pair.b().all<MessageReceived>().size() >= 330; });

  std::map<std::uint16_t, double> octets;
  for (const auto& message : pair.b().all<MessageReceived>()) {
    octets[message.stream.value()] += static_cast<double>(message.bytes.size());
  }
  BOOST_TEST(octets[1] / octets[0] == 2.0, boost::test_tools::tolerance(0.1));
  BOOST_TEST(octets[2] / octets[1] == 4.0, boost::test_tools::tolerance(0.1));
}

BOOST_DATA_TEST_CASE(every_message_arrives_once_whole_and_in_order_under_loss,
                     data::xrange(1, 6) * data::make({0u, 5u, 20u}), seed, loss) {
  Associations pair{{.delay = 20ms,
                     .loss_percent = loss,
                     .duplicate_percent = loss,
                     .reorder_percent = loss,
                     .seed = static_cast<std::uint64_t>(seed)},
                    interleaving(),
                    interleaving()};
  pair.a().endpoint.connect(pair.now());
  pair.b().endpoint.connect(pair.now());
  constexpr std::uint32_t kMessages = 60;
  for (std::uint32_t i = 0; i < kMessages; ++i) {
    const auto order = i % 3 == 2 ? Order::Unordered : Order::Ordered;
    const std::size_t size = i % 7 == 6 ? 20000 : 10 + 50 * i;
    BOOST_REQUIRE(
        (pair.a().endpoint.send(pair.now(), StreamId{static_cast<std::uint16_t>(i % 3)},
                                {Ppid{i}, pattern(size, i), order, {}}) == SendStatus::Queued));
  }
  BOOST_REQUIRE(
      pair.run(600s, [&] { return pair.b().all<MessageReceived>().size() >= kMessages; }));
  pair.run(5s);

  const auto seen = check_received(pair.b().all<MessageReceived>());
  BOOST_TEST(seen.size() == kMessages);
  BOOST_TEST(pair.a().endpoint.metrics().bytes_in_flight == 0u);
}

// With partial reliability of every kind, ordered and not, long and short, on several streams: what
// must arrive does, nothing arrives twice, and nothing stalls.
BOOST_DATA_TEST_CASE(what_is_given_up_does_not_stop_the_others, data::xrange(1, 13), seed) {
  Associations pair{{.delay = 20ms,
                     .loss_percent = 15,
                     .duplicate_percent = 5,
                     .reorder_percent = 5,
                     .seed = static_cast<std::uint64_t>(seed)},
                    interleaving(),
                    interleaving()};
  connect(pair);
  constexpr std::uint32_t kMessages = 120;
  for (std::uint32_t i = 0; i < kMessages; ++i) {
    const auto order = i % 2 == 0 ? Order::Ordered : Order::Unordered;
    const Reliability reliability = i % 4 < 2    ? Reliability{}
                                    : i % 4 == 2 ? Reliability{LimitedRetransmissions{0}}
                                                 : Reliability{LimitedLifetime{100ms}};
    (void)pair.a().endpoint.send(
        pair.now(), StreamId{static_cast<std::uint16_t>(i % 3)},
        {Ppid{i}, pattern(i % 5 == 4 ? 6000 : 300, i), order, reliability});
    pair.run(15ms);
  }
  pair.run(300s);

  const auto seen = check_received(pair.b().all<MessageReceived>());
  for (std::uint32_t i = 0; i < kMessages; ++i) {
    if (i % 4 < 2) BOOST_TEST(seen.contains(i), "message " << i);
  }
  BOOST_TEST(seen.size() < kMessages);
  BOOST_TEST(count<IForwardTsnChunk>(pair) >= 1u);
  BOOST_TEST(count<ForwardTsnChunk>(pair) == 0u);
  BOOST_TEST(pair.a().endpoint.metrics().bytes_in_flight == 0u);
  BOOST_TEST((pair.b().endpoint.state() == State::Established));
}

BOOST_AUTO_TEST_CASE(a_reset_stream_counts_its_messages_from_zero_again) {
  Associations pair{{}, interleaving(), interleaving()};
  connect(pair);
  auto& a = pair.a().endpoint;
  for (const auto order : {Order::Ordered, Order::Unordered}) {
    (void)a.send(pair.now(), StreamId{3}, {Ppid{51}, to_octets("one"), order, {}});
  }
  a.reset_streams(pair.now(), std::vector{StreamId{3}});
  pair.run(5s);
  pair.crossings.clear();
  for (const auto order : {Order::Ordered, Order::Unordered}) {
    (void)a.send(pair.now(), StreamId{3}, {Ppid{51}, to_octets("two"), order, {}});
  }
  pair.run(5s);

  for (const auto& crossing : pair.crossings) {
    if (const auto* chunk = chunk_in<IDataChunk>(crossing.packet)) {
      BOOST_TEST((chunk->header.mid == Mid{0}));
    }
  }
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 4u);
}

// RFC 8260 §2.2.3, §2.3.1: the wrong kind is a violation of the protocol.
BOOST_AUTO_TEST_CASE(a_chunk_of_the_other_kind_ends_the_association) {
  const auto ends = [](const Options& options, const Chunk& chunk) {
    Associations pair{{}, options, options};
    connect(pair);
    const auto tag = pair.crossings.back().packet.header.verification_tag;
    const auto to = 1 - pair.crossings.back().from;
    pair.inject(to, Packet{{5000, 5000, tag}, {chunk}}.serialize());
    return pair.side(to).endpoint.state() == State::Closed;
  };
  DataHeader header{.tsn = Tsn{1}, .ppid = Ppid{51}, .beginning = true, .end = true};
  const Chunk plain = DataChunk{header, to_octets("x")};
  const Chunk interleaved = IDataChunk{header, to_octets("x")};
  BOOST_TEST(ends(interleaving(), plain));
  BOOST_TEST(ends({}, interleaved));
  BOOST_TEST(ends(interleaving(), ForwardTsnChunk{}));
  BOOST_TEST(ends({}, IForwardTsnChunk{}));
  BOOST_TEST(!ends(interleaving(), IForwardTsnChunk{}));
  BOOST_TEST(!ends({}, ForwardTsnChunk{}));
}

BOOST_AUTO_TEST_SUITE_END()

// --- RFC 9653 ---

BOOST_AUTO_TEST_SUITE(sctp_zero_checksum)

Options zero_checksum() {
  Options options;
  options.zero_checksum = true;
  return options;
}

std::uint32_t checksum_of(ByteView packet) {
  return ByteReader{packet.subspan(8)}.u32();
}

// Every packet of a, in order, by what is in it first.
struct Observed {
  std::string name;
  bool is_zero;
};
std::vector<Observed> session(const Options& a, const Options& b) {
  SeededRng rng_a{1};
  SeededRng rng_b{2};
  std::array<Association, 2> sides{Association{a, rng_a}, Association{b, rng_b}};
  std::vector<Observed> seen;
  const Instant now{1s};
  sides[0].connect(now);
  (void)sides[0].send(now, StreamId{0}, text("early"));
  bool moved = true;
  const auto carry = [&](std::size_t from) {
    while (const auto output = sides[from].poll_output()) {
      const auto* const octets = std::get_if<Bytes>(&*output);
      if (octets == nullptr) continue;
      const auto packet = Packet::parse(*octets, ChecksumPolicy::Ignore);
      seen.push_back({std::string{name(packet->chunks.front())}, checksum_of(*octets) == 0});
      sides[1 - from].handle_packet(now, *octets);
      moved = true;
    }
  };
  for (int round = 0; moved && round < 20; ++round) {
    moved = false;
    carry(0);
    carry(1);
    if (round == 5) (void)sides[0].send(now, StreamId{0}, text("late"));
    moved |= round < 6;
  }
  return seen;
}

BOOST_AUTO_TEST_CASE(packets_go_without_when_both_offered_it_but_not_the_first_two) {
  for (const auto& [name, is_zero] : session(zero_checksum(), zero_checksum())) {
    if (name == "INIT" || name == "COOKIE ECHO") BOOST_TEST(!is_zero, name);
    if (name == "DATA" || name == "SACK") BOOST_TEST(is_zero, name);
  }
}

BOOST_AUTO_TEST_CASE(every_packet_has_one_when_only_one_side_offered) {
  for (const auto& [name, is_zero] : session(zero_checksum(), {})) BOOST_TEST(!is_zero, name);
  for (const auto& [name, is_zero] : session({}, zero_checksum())) BOOST_TEST(!is_zero, name);
}

BOOST_AUTO_TEST_CASE(a_zero_is_not_taken_in_an_init_nor_by_who_did_not_offer) {
  auto init = Packet{{5000, 5000, 0}, {InitChunk{{.initiate_tag = 1}}}}.serialize();
  auto sack = Packet{{5000, 5000, 1}, {SackChunk{}}}.serialize();
  for (auto* const octets : {&init, &sack}) std::fill_n(octets->begin() + 8, 4, std::byte{0});

  BOOST_TEST(!Packet::parse(init, ChecksumPolicy::ZeroToo).has_value());
  BOOST_TEST(Packet::parse(sack, ChecksumPolicy::ZeroToo).has_value());
  BOOST_TEST(!Packet::parse(sack, ChecksumPolicy::Verify).has_value());
  sack[8] = std::byte{1};
  BOOST_TEST(!Packet::parse(sack, ChecksumPolicy::ZeroToo).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
