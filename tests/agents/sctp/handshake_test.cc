#include "tests/agents/sctp/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::sctp {
namespace {

namespace data = boost::unit_test::data;

template <class T>
bool carries(const Crossing& crossing) {
  return chunk_in<T>(crossing.packet) != nullptr;
}

BOOST_AUTO_TEST_SUITE(sctp_handshake)

BOOST_AUTO_TEST_CASE(takes_two_round_trips) {
  Associations pair{{.delay = 50ms}};
  const auto start = pair.now();
  pair.a().endpoint.connect(start);

  BOOST_REQUIRE(pair.run(10s, [&] { return both_established(pair); }));

  BOOST_TEST((pair.now() - start == 200ms));
  const auto established = pair.a().all<Established>();
  BOOST_REQUIRE(established.size() == 1u);
  BOOST_TEST(established[0].outbound_streams == 65535);
  BOOST_TEST(pair.crossings.size() == 4u);
}

BOOST_AUTO_TEST_CASE(the_round_trip_is_measured_by_init_and_cookie) {
  Associations pair{{.delay = 700ms}};
  pair.a().endpoint.connect(pair.now());
  // INIT takes 1.4 s, longer than RTO.Initial; but only the second round trip is unambiguous.
  BOOST_REQUIRE(pair.run(20s, [&] { return both_established(pair); }));
  BOOST_TEST((pair.a().endpoint.metrics().smoothed_round_trip_time == 1400ms));
}

BOOST_AUTO_TEST_CASE(data_rides_on_cookie_echo_and_arrives_after_one_and_a_half_round_trips) {
  Associations pair{{.delay = 50ms}};
  const auto start = pair.now();
  BOOST_REQUIRE((pair.a().endpoint.send(start, StreamId{0}, text("early")) == SendStatus::Queued));
  pair.a().endpoint.connect(start);

  BOOST_REQUIRE(pair.run(10s, [&] { return pair.b().has<MessageReceived>(); }));

  BOOST_TEST((pair.now() - start == 150ms));
  const auto& echo = pair.crossings[2].packet;
  BOOST_TEST(std::holds_alternative<CookieEchoChunk>(echo.chunks[0]));
  BOOST_TEST(std::holds_alternative<DataChunk>(echo.chunks[1]));
  // RFC 9260 §5.1.5: COOKIE ACK first, and a SACK at once.
  const auto& answer = pair.crossings[3].packet;
  BOOST_TEST(std::holds_alternative<CookieAckChunk>(answer.chunks[0]));
  BOOST_TEST(chunk_in<SackChunk>(answer) != nullptr);
}

BOOST_AUTO_TEST_CASE(nothing_leaves_between_cookie_echo_and_cookie_ack) {
  Associations pair{{.delay = 50ms}};
  for (int i = 0; i < 20; ++i) {
    BOOST_REQUIRE(
        (pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(1000), {}, {}}) ==
         SendStatus::Queued));
  }
  pair.a().endpoint.connect(pair.now());
  pair.run(10s, [&] { return pair.a().endpoint.state() == State::Established; });

  std::size_t sent_by_a = 0;
  for (const auto& crossing : pair.crossings)
    sent_by_a += crossing.from == 0 && crossing.at < pair.now() ? 1 : 0;
  BOOST_TEST(sent_by_a == 2u);  // INIT, and COOKIE ECHO with one message
  pair.run(10s);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 20u);
}

BOOST_AUTO_TEST_CASE(both_sides_at_once_make_one_association) {
  Associations pair{{.delay = 50ms}};
  const auto start = pair.now();
  (void)pair.a().endpoint.send(start, StreamId{0}, text("from a"));
  (void)pair.b().endpoint.send(start, StreamId{1}, text("from b"));
  pair.a().endpoint.connect(start);
  pair.b().endpoint.connect(start);

  pair.run(30s);

  BOOST_TEST(both_established(pair));
  BOOST_TEST(pair.a().all<Established>().size() == 1u);
  BOOST_TEST(pair.b().all<Established>().size() == 1u);
  BOOST_TEST(pair.a().all<MessageReceived>().size() == 1u);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 1u);
  // COOKIE ECHO crosses COOKIE ECHO: each is up after one and a half round trips.
  BOOST_TEST((pair.a().traced("sctp:established")[0].first - start == 150ms));
  // Nothing was lost, so nothing was sent twice.
  BOOST_TEST(pair.a().endpoint.metrics().chunks_retransmitted == 0u);
}

// The second side connects when the first one's INIT, INIT ACK, COOKIE ECHO … is anywhere on its
// way.
BOOST_DATA_TEST_CASE(whenever_the_second_side_connects_it_is_one_association,
                     data::xrange(0, 320, 5), lag) {
  Associations pair{{.delay = 50ms}};
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("from a"));
  (void)pair.b().endpoint.send(pair.now(), StreamId{1}, text("from b"));
  pair.a().endpoint.connect(pair.now());
  pair.run(std::chrono::milliseconds{lag});
  pair.b().endpoint.connect(pair.now());

  pair.run(40s);

  BOOST_TEST(both_established(pair));
  BOOST_TEST(pair.a().all<MessageReceived>().size() == 1u);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 1u);
  BOOST_TEST(!pair.a().has<Restarted>());
  BOOST_TEST(!pair.b().has<Restarted>());
}

BOOST_DATA_TEST_CASE(each_datagram_of_the_set_up_may_be_lost, data::xrange(12), lost) {
  Associations pair{{.delay = 50ms}};
  pair.lose = [lost](const Crossing&, std::size_t index) {
    return index == static_cast<std::size_t>(lost);
  };
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("from a"));
  pair.a().endpoint.connect(pair.now());
  BOOST_REQUIRE(pair.run(10s, [&] { return both_established(pair); }));
  (void)pair.b().endpoint.send(pair.now(), StreamId{1}, text("from b"));

  pair.run(20s);

  BOOST_TEST(pair.a().all<MessageReceived>().size() == 1u);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 1u);
}

BOOST_DATA_TEST_CASE(each_datagram_of_a_simultaneous_set_up_may_be_lost, data::xrange(14), lost) {
  Associations pair{{.delay = 50ms}};
  pair.lose = [lost](const Crossing&, std::size_t index) {
    return index == static_cast<std::size_t>(lost);
  };
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("from a"));
  (void)pair.b().endpoint.send(pair.now(), StreamId{1}, text("from b"));
  pair.a().endpoint.connect(pair.now());
  pair.b().endpoint.connect(pair.now());

  pair.run(30s);

  BOOST_TEST(both_established(pair));
  BOOST_TEST(pair.a().all<MessageReceived>().size() == 1u);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(init_is_sent_nine_times_and_then_given_up) {
  Associations pair;
  pair.lose = [](const Crossing&, std::size_t) { return true; };
  const auto start = pair.now();
  pair.a().endpoint.connect(start);

  pair.run(1000s);

  std::vector<Duration> sent;
  for (const auto& crossing : pair.crossings) sent.push_back(crossing.at - start);
  const std::vector<Duration> expected{0s, 1s, 3s, 7s, 15s, 31s, 63s, 123s, 183s};
  BOOST_TEST((sent == expected));
  const auto closed = pair.a().all<Closed>();
  BOOST_REQUIRE(closed.size() == 1u);
  BOOST_TEST((closed[0].cause == CloseCause::TooManyRetransmissions));
  BOOST_TEST((pair.a().traced("sctp:closed")[0].first - start == 243s));
  BOOST_TEST(!pair.a().endpoint.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(an_init_of_the_responder_keeps_nothing_behind) {
  Associations pair;
  pair.lose = [](const Crossing& crossing, std::size_t) { return carries<InitAckChunk>(crossing); };
  pair.a().endpoint.connect(pair.now());
  pair.run(100ms);

  BOOST_TEST((pair.b().endpoint.state() == State::Closed));
  BOOST_TEST(!pair.b().endpoint.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(a_late_cookie_is_stale_and_a_new_one_is_asked_for) {
  // b's cookies live for 100 ms; the first COOKIE ECHO takes a second longer because it is lost
  // once.
  Options b;
  b.valid_cookie_life = 100ms;
  Associations pair{{.delay = 20ms}, {}, b};
  bool lost = false;
  pair.lose = [&lost](const Crossing& crossing, std::size_t) {
    return carries<CookieEchoChunk>(crossing) && !std::exchange(lost, true);
  };
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("once"));
  pair.a().endpoint.connect(pair.now());

  BOOST_REQUIRE(pair.run(20s, [&] { return both_established(pair); }));
  pair.run(5s);

  BOOST_TEST(pair.b().all<MessageReceived>().size() == 1u);
  BOOST_TEST(pair.a().traced("sctp:error_received").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_forged_cookie_is_passed_over_in_silence) {
  Associations pair;
  connect(pair);
  const auto before = pair.crossings.size();
  pair.inject(1, Packet{{5000, 5000, 7}, {CookieEchoChunk{Bytes(96)}}}.serialize());
  BOOST_TEST(pair.crossings.size() == before);
  BOOST_TEST((pair.b().endpoint.state() == State::Established));
}

BOOST_AUTO_TEST_CASE(a_peer_that_restarts_is_met_anew) {
  Associations pair{{.delay = 20ms}};
  connect(pair);
  (void)pair.b().endpoint.send(pair.now(), StreamId{3}, text("before"));
  pair.run(1s);

  // a forgets everything and begins again.
  SeededRng rng{99};
  pair.a().endpoint = Association{Options{}, rng};
  pair.a().endpoint.connect(pair.now());
  BOOST_REQUIRE(pair.run(10s, [&] { return pair.b().has<Restarted>(); }));
  (void)pair.a().endpoint.send(pair.now(), StreamId{3}, text("after, from a"));
  (void)pair.b().endpoint.send(pair.now(), StreamId{3}, text("after, from b"));
  pair.run(5s);

  BOOST_TEST(pair.a().all<MessageReceived>().size() == 2u);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 1u);
}

// RFC 9260 §3.2.1: Pion refuses the whole INIT because of 0x8001; we must not.
struct UnknownParameter {
  std::uint16_t type;
  bool goes_on;
  bool reported;
  friend std::ostream& operator<<(std::ostream& out, const UnknownParameter& row) {
    return out << row.type;
  }
};
const std::vector<UnknownParameter> kUnknown{
    {0x3ffe, false, false}, {0x7ffe, false, true}, {0x8001, true, false}, {0xfffe, true, true}};

BOOST_DATA_TEST_CASE(an_unknown_parameter_never_costs_the_association, data::make(kUnknown), row) {
  Associations pair;
  const InitBody body{.initiate_tag = 77,
                      .receiver_window = 100000,
                      .outbound_streams = 10,
                      .inbound_streams = 10,
                      .initial_tsn = Tsn{1},
                      // what follows the unknown one is read or not, as its upper bits say
                      .parameters = {{row.type, Bytes(3)}, {0xfffd, Bytes(1)}}};
  pair.inject(1, Packet{{5000, 5000, 0}, {InitChunk{body}}}.serialize());

  BOOST_REQUIRE(pair.crossings.size() == 1u);
  const auto* answer = chunk_in<InitAckChunk>(pair.crossings[0].packet);
  BOOST_REQUIRE(answer != nullptr);
  BOOST_TEST(pair.crossings[0].packet.header.verification_tag == 77u);
  std::size_t reports = 0;
  for (const auto& parameter : answer->body.parameters) reports += parameter.type == 8 ? 1 : 0;
  BOOST_TEST(reports == (row.reported ? 1u : 0u) + (row.goes_on ? 1u : 0u));
}

BOOST_AUTO_TEST_CASE(unknown_parameters_of_init_ack_are_reported_behind_cookie_echo) {
  Associations pair;
  pair.lose = [](const Crossing&, std::size_t) { return true; };
  pair.a().endpoint.connect(pair.now());
  pair.drain();
  const auto tag = std::get<InitChunk>(pair.crossings[0].packet.chunks[0]).body.initiate_tag;
  const InitBody body{77, 100000, 10, 10, Tsn{1}, {{0xfffe, Bytes(3)}, {7, Bytes(20)}}};
  pair.inject(0, Packet{{5000, 5000, tag}, {InitAckChunk{body}}}.serialize());

  const auto& echo = pair.crossings.back().packet;
  BOOST_REQUIRE(echo.chunks.size() == 2u);
  BOOST_TEST(std::holds_alternative<CookieEchoChunk>(echo.chunks[0]));
  BOOST_REQUIRE(std::holds_alternative<ErrorChunk>(echo.chunks[1]));
  BOOST_TEST(std::get<ErrorChunk>(echo.chunks[1]).causes[0].code == 8);
}

BOOST_AUTO_TEST_CASE(an_init_that_cannot_be_is_aborted_under_its_own_tag) {
  for (const auto& body :
       {InitBody{77, 1499, 10, 10, Tsn{1}, {}}, InitBody{77, 5000, 0, 10, Tsn{1}, {}},
        InitBody{77, 5000, 10, 0, Tsn{1}, {}},
        InitBody{77, 5000, 10, 10, Tsn{1}, {{11, Bytes(4)}}}}) {
    Associations pair;
    pair.inject(1, Packet{{5000, 5000, 0}, {InitChunk{body}}}.serialize());
    BOOST_REQUIRE(pair.crossings.size() == 1u);
    BOOST_TEST(chunk_in<AbortChunk>(pair.crossings[0].packet) != nullptr);
    BOOST_TEST(pair.crossings[0].packet.header.verification_tag == 77u);
  }
}

BOOST_AUTO_TEST_CASE(an_init_with_tag_zero_is_passed_over_in_silence) {
  Associations pair;
  pair.inject(1, Packet{{5000, 5000, 0}, {InitChunk{{0, 5000, 1, 1, Tsn{1}, {}}}}}.serialize());
  BOOST_TEST(pair.crossings.empty());
}

BOOST_AUTO_TEST_CASE(an_init_ack_without_a_cookie_ends_it) {
  Associations pair;
  pair.lose = [](const Crossing&, std::size_t) { return true; };
  pair.a().endpoint.connect(pair.now());
  pair.drain();
  const auto tag = std::get<InitChunk>(pair.crossings[0].packet.chunks[0]).body.initiate_tag;
  pair.inject(
      0, Packet{{5000, 5000, tag}, {InitAckChunk{{77, 100000, 10, 10, Tsn{1}, {}}}}}.serialize());

  const auto* abort = chunk_in<AbortChunk>(pair.crossings.back().packet);
  BOOST_REQUIRE(abort != nullptr);
  BOOST_TEST(abort->causes[0].code == 2);  // Missing Mandatory Parameter
  BOOST_TEST((pair.a().endpoint.state() == State::Closed));
}

BOOST_AUTO_TEST_CASE(streams_are_the_lesser_of_what_both_want) {
  Options few;
  few.inbound_streams = 4;
  few.outbound_streams = 7;
  Associations pair{{}, {}, few};
  connect(pair);
  const auto a = pair.a().all<Established>().at(0);
  const auto b = pair.b().all<Established>().at(0);
  BOOST_TEST(a.outbound_streams == 4);
  BOOST_TEST(a.inbound_streams == 7);
  BOOST_TEST(b.outbound_streams == 7);
  BOOST_TEST(b.inbound_streams == 4);
  BOOST_TEST(
      (pair.a().endpoint.send(pair.now(), StreamId{4}, text("x")) == SendStatus::NoSuchStream));
}

BOOST_AUTO_TEST_CASE(state_changes_are_told_with_their_reasons) {
  Associations pair;
  connect(pair);
  const auto changes = pair.a().traced("sctp:state_changed");
  BOOST_REQUIRE(changes.size() == 3u);
  BOOST_TEST((std::get<std::string>(*changes[0].second.find("to")) == "COOKIE-WAIT"));
  BOOST_TEST((std::get<std::string>(*changes[1].second.find("to")) == "COOKIE-ECHOED"));
  BOOST_TEST((std::get<std::string>(*changes[2].second.find("to")) == "ESTABLISHED"));
  BOOST_TEST((std::get<std::string>(*changes[2].second.find("reason")) == "COOKIE ACK"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
