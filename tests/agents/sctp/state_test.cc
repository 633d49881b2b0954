// Every chunk that matters, in every state where it matters; and the end of an association.
#include "agents/sctp/peer_init.h"
#include "tests/agents/sctp/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::sctp {

static std::ostream& operator<<(std::ostream& out, State state) {
  return out << to_string(state);
}

namespace {

namespace data = boost::unit_test::data;

// a is brought to `state`, and what it sends afterwards is kept and goes nowhere.
struct Stage {
  Associations pair{{.delay = 10ms}};
  std::uint32_t a_tag = 0;  // what a packet to a must carry
  std::uint32_t b_tag = 0;

  explicit Stage(State state) {
    if (state == State::Closed) {
      mute();
      return;
    }
    auto& a = pair.a().endpoint;
    a.connect(pair.now());
    pair.run(60s, [&] {
      return a.state() == (state <= State::CookieEchoed ? state : State::Established);
    });
    if (state > State::CookieEchoed) pair.run(1s);
    learn_tags();
    mute();
    if (state == State::ShutdownPending || state == State::ShutdownReceived) {
      // Unacknowledged data holds it there.
      (void)a.send(pair.now(), StreamId{0}, text("unacknowledged"));
    }
    if (state == State::ShutdownPending || state == State::ShutdownSent) a.shutdown(pair.now());
    if (state == State::ShutdownReceived || state == State::ShutdownAckSent)
      to_a(ShutdownChunk{last_tsn});
    pair.drain();
    pair.crossings.clear();
  }

  void to_a(const Chunk& chunk) { to_a({chunk}, a_tag); }
  void to_a(std::vector<Chunk> chunks, std::uint32_t tag) {
    pair.inject(0, Packet{{5000, 5000, tag}, std::move(chunks)}.serialize());
  }
  [[nodiscard]] State state() { return pair.a().endpoint.state(); }
  [[nodiscard]] std::size_t answers() const { return pair.crossings.size(); }
  template <class T>
  [[nodiscard]] const T* answer() const {
    return pair.crossings.empty() ? nullptr : chunk_in<T>(pair.crossings.back().packet);
  }

  Tsn next_tsn{0};  // of b's data
  Tsn last_tsn{0};  // before a's first

 private:
  void mute() {
    pair.lose = [](const Crossing&, std::size_t) { return true; };
    pair.drain();
    pair.crossings.clear();
  }
  void learn_tags() {
    for (const auto& crossing : pair.crossings) {
      if (const auto* init = chunk_in<InitChunk>(crossing.packet)) {
        a_tag = init->body.initiate_tag;
        last_tsn = Tsn{init->body.initial_tsn.value() - 1};
      }
      if (const auto* init = chunk_in<InitAckChunk>(crossing.packet)) {
        b_tag = init->body.initiate_tag;
        next_tsn = init->body.initial_tsn;
      }
    }
  }
};

DataChunk a_data(Tsn tsn) {
  return {{.tsn = tsn, .ppid = Ppid{51}, .beginning = true, .end = true}, to_octets("x")};
}

const std::vector<State> kWithPeer{State::CookieEchoed,     State::Established,
                                   State::ShutdownPending,  State::ShutdownSent,
                                   State::ShutdownReceived, State::ShutdownAckSent};

BOOST_AUTO_TEST_SUITE(sctp_states)

BOOST_DATA_TEST_CASE(the_stage_is_set,
                     data::make({State::Closed, State::CookieWait}) + data::make(kWithPeer),
                     state) {
  Stage stage{state};
  BOOST_TEST(stage.state() == state);
}

BOOST_DATA_TEST_CASE(a_foreign_tag_changes_nothing, data::make(kWithPeer), state) {
  Stage stage{state};
  for (const Chunk& chunk :
       std::vector<Chunk>{a_data(stage.next_tsn), AbortChunk{}, ShutdownChunk{stage.last_tsn},
                          ShutdownCompleteChunk{}, CookieAckChunk{},
                          SackChunk{stage.last_tsn, 5000, {}, {}}, HeartbeatChunk{Bytes(8)}}) {
    stage.to_a({chunk}, stage.a_tag ^ 1u);
    BOOST_TEST(stage.state() == state);
    BOOST_TEST(stage.answers() == 0u);
  }
}

BOOST_DATA_TEST_CASE(an_abort_ends_it_in_every_state, data::make(kWithPeer), state) {
  Stage stage{state};
  stage.to_a(
      AbortChunk{TagKind::Own, {cause(CauseCode::UserInitiatedAbort, to_octets("so long"))}});
  BOOST_TEST(stage.state() == State::Closed);
  BOOST_TEST(stage.answers() == 0u);
  const auto closed = stage.pair.a().all<Closed>().at(0);
  BOOST_TEST((closed.cause == CloseCause::PeerAbort));
  BOOST_TEST(closed.reason == "so long");
  BOOST_TEST(!stage.pair.a().endpoint.next_wakeup().has_value());
}

BOOST_DATA_TEST_CASE(an_abort_with_the_t_bit_carries_the_peers_tag, data::make(kWithPeer), state) {
  Stage wrong{state};
  wrong.to_a({AbortChunk{TagKind::Reflected, {}}}, wrong.a_tag);
  BOOST_TEST(wrong.state() == state);
  Stage right{state};
  right.to_a({AbortChunk{TagKind::Reflected, {}}}, right.b_tag);
  BOOST_TEST(right.state() == State::Closed);
}

BOOST_DATA_TEST_CASE(data_is_taken_in_three_states_only, data::make(kWithPeer), state) {
  Stage stage{state};
  stage.to_a(a_data(stage.next_tsn));
  const bool takes = state == State::Established || state == State::ShutdownPending ||
                     state == State::ShutdownSent;
  BOOST_TEST(stage.pair.a().has<MessageReceived>() == takes);
  BOOST_TEST(stage.state() == state);
  // RFC 9260 §9.2: in SHUTDOWN-SENT by SHUTDOWN, at once.
  BOOST_TEST((stage.answer<ShutdownChunk>() != nullptr) == (state == State::ShutdownSent));
}

BOOST_DATA_TEST_CASE(late_chunks_of_the_handshake_are_passed_over, data::make(kWithPeer), state) {
  if (state == State::CookieEchoed) return;
  Stage stage{state};
  stage.to_a(CookieAckChunk{});
  stage.to_a(InitAckChunk{{9, 5000, 1, 1, Tsn{1}, {{7, Bytes(8)}}}});
  stage.to_a(ErrorChunk{{cause(CauseCode::StaleCookie, Bytes(4))}});
  BOOST_TEST(stage.state() == state);
  BOOST_TEST(stage.answers() == 0u);
}

BOOST_DATA_TEST_CASE(shutdown_complete_means_something_in_one_state, data::make(kWithPeer), state) {
  Stage stage{state};
  stage.to_a(ShutdownCompleteChunk{});
  BOOST_TEST(stage.state() == (state == State::ShutdownAckSent ? State::Closed : state));
}

BOOST_DATA_TEST_CASE(shutdown_ack_completes_the_shutdown, data::make(kWithPeer), state) {
  Stage stage{state};
  stage.to_a(ShutdownAckChunk{});
  const bool ends = state == State::ShutdownSent || state == State::ShutdownAckSent;
  BOOST_TEST(stage.state() == (ends ? State::Closed : state));
  if (ends) BOOST_TEST((stage.answer<ShutdownCompleteChunk>()->tag == TagKind::Own));
  // RFC 9260 §8.5.1 E: during the set-up it is out of the blue.
  if (state == State::CookieEchoed)
    BOOST_TEST((stage.answer<ShutdownCompleteChunk>()->tag == TagKind::Reflected));
}

BOOST_AUTO_TEST_CASE(shutdown_during_the_set_up_is_passed_over) {
  for (const auto state : {State::CookieWait, State::CookieEchoed}) {
    Stage stage{state};
    stage.to_a(ShutdownChunk{stage.last_tsn});
    BOOST_TEST(stage.state() == state);
    BOOST_TEST(stage.answers() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(an_init_in_shutdown_ack_sent_gets_shutdown_ack_again) {
  Stage stage{State::ShutdownAckSent};
  stage.to_a({InitChunk{{9, 5000, 1, 1, Tsn{1}, {}}}}, 0);
  BOOST_TEST(stage.answer<ShutdownAckChunk>() != nullptr);
  BOOST_TEST(stage.answer<InitAckChunk>() == nullptr);
}

BOOST_DATA_TEST_CASE(an_init_in_a_living_association_is_answered_and_changes_nothing,
                     data::make(kWithPeer), state) {
  if (state == State::ShutdownAckSent) return;
  Stage stage{state};
  stage.to_a({InitChunk{{9, 5000, 1, 1, Tsn{1}, {}}}}, 0);
  BOOST_TEST(stage.state() == state);
  const auto* answer = stage.answer<InitAckChunk>();
  BOOST_REQUIRE(answer != nullptr);
  // RFC 9260 §5.2.1: the same tag while setting up; §5.2.2: another one later.
  BOOST_TEST((answer->body.initiate_tag == stage.a_tag) == (state == State::CookieEchoed));
}

BOOST_DATA_TEST_CASE(heartbeats_are_answered_until_the_end_begins, data::make(kWithPeer), state) {
  Stage stage{state};
  stage.to_a(HeartbeatChunk{from_hex("0001000801020304")});
  const bool answers = state == State::Established || state == State::ShutdownPending ||
                       state == State::ShutdownReceived;
  const auto* answer = stage.answer<HeartbeatAckChunk>();
  BOOST_TEST((answer != nullptr) == answers);
  if (answer != nullptr) BOOST_TEST((answer->information == from_hex("0001000801020304")));
}

BOOST_AUTO_TEST_CASE(init_bundled_with_anything_is_refused) {
  Stage stage{State::Established};
  stage.to_a({InitChunk{{9, 5000, 1, 1, Tsn{1}, {}}}, CookieAckChunk{}}, 0);
  stage.to_a(std::vector<Chunk>{InitChunk{{9, 5000, 1, 1, Tsn{1}, {}}}}, stage.a_tag);
  BOOST_TEST(stage.answers() == 0u);
}

BOOST_AUTO_TEST_CASE(data_without_user_data_is_aborted) {
  Stage stage{State::Established};
  auto chunk = a_data(stage.next_tsn);
  chunk.payload.clear();
  stage.to_a(chunk);
  BOOST_REQUIRE(stage.answer<AbortChunk>() != nullptr);
  BOOST_TEST(stage.answer<AbortChunk>()->causes.at(0).code == 9);
  BOOST_TEST(stage.state() == State::Closed);
}

BOOST_AUTO_TEST_CASE(data_on_a_stream_that_does_not_exist_is_reported_and_acknowledged) {
  Stage stage{State::Established};
  auto chunk = a_data(stage.next_tsn);
  chunk.header.stream = StreamId{65535};
  stage.to_a(chunk);
  BOOST_REQUIRE(stage.answer<ErrorChunk>() != nullptr);
  BOOST_TEST(stage.answer<ErrorChunk>()->causes.at(0).code == 1);
  BOOST_REQUIRE(stage.answer<SackChunk>() != nullptr);
  BOOST_TEST((stage.answer<SackChunk>()->cumulative_tsn == stage.next_tsn));
  BOOST_TEST(!stage.pair.a().has<MessageReceived>());
}

struct UnknownType {
  std::uint8_t type;
  bool goes_on, reported;
  friend std::ostream& operator<<(std::ostream& out, const UnknownType& row) {
    return out << int{row.type};
  }
};
const std::vector<UnknownType> kUnknown{
    {0x3f, false, false}, {0x7f, false, true}, {0xbf, true, false}, {0xfe, true, true}};
BOOST_DATA_TEST_CASE(an_unknown_chunk_is_treated_by_its_upper_bits, data::make(kUnknown), row) {
  Stage stage{State::Established};
  stage.to_a({UnknownChunk{row.type, 0, Bytes(5)}, a_data(stage.next_tsn)}, stage.a_tag);
  BOOST_TEST(stage.pair.a().has<MessageReceived>() == row.goes_on);
  BOOST_TEST((stage.answer<ErrorChunk>() != nullptr) == row.reported);
}

// --- out of the blue ---

BOOST_AUTO_TEST_CASE(what_belongs_to_no_association_is_answered_as_section_8_4_says) {
  const auto answer_to = [](const Chunk& chunk) {
    Stage stage{State::Closed};
    stage.to_a({chunk}, 0xabcd);
    return stage.pair.crossings;
  };
  for (const Chunk& silent : std::vector<Chunk>{
           AbortChunk{}, ShutdownCompleteChunk{}, CookieAckChunk{},
           ErrorChunk{{cause(CauseCode::StaleCookie, Bytes(4))}}, CookieEchoChunk{Bytes(9)}}) {
    BOOST_TEST(answer_to(silent).empty(), name(silent));
  }
  const auto complete = answer_to(ShutdownAckChunk{});
  BOOST_REQUIRE(complete.size() == 1u);
  BOOST_TEST((chunk_in<ShutdownCompleteChunk>(complete[0].packet)->tag == TagKind::Reflected));
  BOOST_TEST(complete[0].packet.header.verification_tag == 0xabcdu);
  for (const Chunk& other :
       std::vector<Chunk>{a_data(Tsn{1}), SackChunk{}, HeartbeatChunk{}, ShutdownChunk{}}) {
    const auto abort = answer_to(other);
    BOOST_REQUIRE(abort.size() == 1u);
    BOOST_TEST((chunk_in<AbortChunk>(abort[0].packet)->tag == TagKind::Reflected));
    BOOST_TEST(abort[0].packet.header.verification_tag == 0xabcdu);
  }
}

BOOST_AUTO_TEST_CASE(after_the_end_an_init_is_refused) {
  Stage stage{State::Established};
  stage.pair.a().endpoint.abort(stage.pair.now(), "over");
  stage.pair.drain();
  stage.to_a({InitChunk{{9, 5000, 1, 1, Tsn{1}, {}}}}, 0);
  BOOST_TEST(stage.answer<AbortChunk>() != nullptr);
  BOOST_TEST(stage.pair.crossings.back().packet.header.verification_tag == 9u);
  stage.pair.a().endpoint.connect(stage.pair.now());
  BOOST_TEST(stage.state() == State::Closed);
}

// --- shutdown ---

BOOST_AUTO_TEST_CASE(a_shutdown_delivers_what_is_queued_on_both_sides) {
  Associations pair{{.delay = 20ms}};
  connect(pair);
  for (int i = 0; i < 30; ++i) {
    (void)pair.a().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(1000), {}, {}});
    (void)pair.b().endpoint.send(pair.now(), StreamId{0}, {Ppid{53}, pattern(1000), {}, {}});
  }
  pair.a().endpoint.shutdown(pair.now());
  BOOST_TEST(
      (pair.a().endpoint.send(pair.now(), StreamId{0}, text("late")) == SendStatus::Closing));
  pair.run(60s);
  for (const auto side : {0u, 1u}) {
    BOOST_TEST(pair.side(side).all<MessageReceived>().size() == 30u);
    BOOST_TEST((pair.side(side).all<Closed>().at(0).cause == CloseCause::Shutdown));
    BOOST_TEST(!pair.side(side).endpoint.next_wakeup().has_value());
  }
}

BOOST_DATA_TEST_CASE(each_datagram_of_the_shutdown_may_be_lost, data::xrange(5) * data::xrange(2),
                     lost, both) {
  Associations pair{{.delay = 20ms}};
  connect(pair);
  pair.run(1s);
  pair.crossings.clear();
  pair.lose = [lost](const Crossing&, std::size_t index) {
    return index == static_cast<std::size_t>(lost);
  };
  pair.a().endpoint.shutdown(pair.now());
  if (both == 1) pair.b().endpoint.shutdown(pair.now());
  pair.run(60s);
  BOOST_TEST(pair.a().endpoint.state() == State::Closed);
  BOOST_TEST(pair.b().endpoint.state() == State::Closed);
  BOOST_TEST((pair.a().all<Closed>().at(0).cause == CloseCause::Shutdown));
  BOOST_TEST((pair.b().all<Closed>().at(0).cause == CloseCause::Shutdown));
}

BOOST_AUTO_TEST_CASE(a_shutdown_that_nobody_answers_is_given_up) {
  Stage stage{State::ShutdownSent};
  stage.pair.run(2000s);
  BOOST_TEST(stage.state() == State::Closed);
  // T5-shutdown-guard (5 * RTO.Max) comes before ten doublings of T2.
  const auto closed = stage.pair.a().all<Closed>().at(0);
  BOOST_TEST((closed.cause == CloseCause::LocalAbort));
}

BOOST_AUTO_TEST_CASE(shutdown_while_the_cookie_is_on_its_way_waits_for_the_association) {
  Associations pair{{.delay = 20ms}};
  (void)pair.a().endpoint.send(pair.now(), StreamId{0}, text("still"));
  pair.a().endpoint.connect(pair.now());
  pair.run(60s, [&] { return pair.a().endpoint.state() == State::CookieEchoed; });
  pair.a().endpoint.shutdown(pair.now());
  pair.run(10s);
  BOOST_TEST(pair.b().all<MessageReceived>().size() == 1u);
  BOOST_TEST((pair.a().all<Closed>().at(0).cause == CloseCause::Shutdown));
}

BOOST_AUTO_TEST_CASE(an_abort_of_ours_carries_the_reason) {
  Associations pair;
  connect(pair);
  pair.a().endpoint.abort(pair.now(), "enough");
  pair.run(5s);
  BOOST_TEST((pair.a().all<Closed>().at(0).cause == CloseCause::LocalAbort));
  BOOST_TEST((pair.b().all<Closed>().at(0).cause == CloseCause::PeerAbort));
  BOOST_TEST(pair.b().all<Closed>().at(0).reason == "enough");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
