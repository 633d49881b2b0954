// What NATs, rollbacks and lost paths do to a call is no fault of its agents.
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

#include <array>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::Fate;
using evidence::SignallingType;

// What the world sees of Bob.
const Endpoint kBobOutside = *Endpoint::parse("198.51.100.2:6000");
const Endpoint kBobElsewhere = *Endpoint::parse("198.51.100.2:6001");

BOOST_AUTO_TEST_SUITE(judge_paths)

// --- answers ---

// Alice checks Bob, and what he answers leaves his NAT from another port.
void check_through_nat(Case& call, Duration at, unsigned number) {
  call.translated(at, Alice, Bob, {kAlice, kBobOutside}, {kAlice, kBob},
                  sealed_check({.number = number}));
}
void answer_from_elsewhere(Case& call, Duration at, unsigned number) {
  call.translated(at + kWay, Bob, Alice, {kBob, kAlice}, {kBobElsewhere, kAlice},
                  success(Bob, number));
}

BOOST_AUTO_TEST_CASE(an_answer_that_a_nat_lets_out_elsewhere_was_given_all_the_same) {
  auto call = std::move(Case{}.negotiated());
  for (const unsigned number : {1u, 2u, 3u}) {
    check_through_nat(call, number * 1s, number);
    answer_from_elsewhere(call, number * 1s, number);
  }
  const auto judgement = call.judged("ice-8445-7.3-answer");
  BOOST_TEST(judgement.cases == 3u);
  BOOST_TEST(judgement.breaches == 0u);
}

BOOST_AUTO_TEST_CASE(behind_such_a_nat_a_check_without_answer_is_still_one) {
  auto call = std::move(Case{}.negotiated());
  for (const unsigned number : {1u, 2u, 3u}) {
    check_through_nat(call, number * 1s, number);
    if (number != 2) answer_from_elsewhere(call, number * 1s, number);
  }
  BOOST_TEST(call.judged("ice-8445-7.3-answer").breaches == 1u);
}

// Alice's request goes out twice, and her NAT gives it another port the second time.
Case asked_by_two_ports(const Endpoint& told_second) {
  const std::array outside{*Endpoint::parse("203.0.113.1:5000"),
                           *Endpoint::parse("203.0.113.1:5001")};
  const std::array told{outside[0], told_second};
  Case call;
  const auto request = sealed(message(stun::Class::Request, stun::Method::Binding, 1), "");
  for (const std::size_t i : {0u, 1u}) {
    const auto at = 1s + i * 500ms;
    call.translated(at, Alice, Turn, {kAlice, kTurn}, {outside.at(i), kTurn}, request);
    auto response = message(stun::Class::Success, stun::Method::Binding, 1);
    response.add(stun::XorMappedAddress{told.at(i)});
    call.translated(at + kWay, Turn, Alice, {kTurn, outside.at(i)}, {kTurn, kAlice},
                    sealed(response, ""));
  }
  return call;
}

BOOST_AUTO_TEST_CASE(a_request_sent_twice_by_two_ports_is_told_both) {
  const auto told_both = asked_by_two_ports(*Endpoint::parse("203.0.113.1:5001"));
  const auto judgement = told_both.judged("stun-8489-12-binding-xma");
  BOOST_TEST(judgement.cases == 2u);
  BOOST_TEST(judgement.breaches == 0u);
  const auto told_one = asked_by_two_ports(*Endpoint::parse("203.0.113.1:5000"));
  BOOST_TEST(told_one.judged("stun-8489-12-binding-xma").breaches == 1u);
}

// --- checking back ---

// Bob's offer is answered by Alice, who checks him at once. Evidence goes on for long enough.
Case answered_offer(std::optional<Duration> delivered) {
  Case call;
  call.offer(0s, Bob, description(Bob, SignallingType::Offer))
      .answer(20ms, Alice, description(Alice, SignallingType::Answer));
  call.delivered(delivered);
  call.answered(1s, {.number = 1});
  call.packet(20s, Alice, Bob, sealed_check({.number = 2}));
  return call;
}

BOOST_AUTO_TEST_CASE(whoever_has_not_got_the_answer_cannot_check_back) {
  constexpr auto kClause = "ice-8445-7.3.1.4-triggered-check";
  BOOST_TEST(answered_offer(30ms).verdict(kClause) == "fail");
  BOOST_TEST(answered_offer(std::nullopt).verdict(kClause) == "inconclusive");

  // The password came late, and then there is time enough.
  auto late = answered_offer(9s);
  BOOST_TEST(late.verdict(kClause) == "fail");
  late.answered(9500ms, {.who = Bob, .number = 3});
  late.packet(20s, Alice, Bob, sealed_check({.number = 4}));
  BOOST_TEST(late.verdict(kClause) == "pass");
}

BOOST_AUTO_TEST_CASE(whoever_takes_the_offer_back_checks_nobody_for_it) {
  auto call = answered_offer(2s);
  const auto set = [&](Duration at, std::string which) {
    call.event(at, Bob, "peer:description_set", {{"which", Value{std::move(which)}}});
  };
  set(0s, "pending_local");
  set(1500ms, "none pending");
  BOOST_TEST(call.verdict("ice-8445-7.3.1.4-triggered-check") == "inconclusive");
  set(2s, "current_remote");
  BOOST_TEST(call.verdict("ice-8445-7.3.1.4-triggered-check") == "fail");
}

// --- SCTP ---

sctp::DataChunk chunk(std::uint32_t tsn, std::size_t size = 1000) {
  return {.header = {.tsn = sctp::Tsn{tsn}, .beginning = true, .end = true},
          .payload = Bytes(size)};
}

sctp::SackChunk sack(std::uint32_t cumulative, std::vector<sctp::GapAckBlock> gaps = {}) {
  return {.cumulative_tsn = sctp::Tsn{cumulative}, .receiver_window = 100000, .gaps = gaps};
}

// Alice's and Bob's association stands, and so does the path.
Case associated() {
  auto call = std::move(Case{}.negotiated().answered(500ms, {.number = 1}));
  call.sctp(1s, Alice, {sctp::CookieEchoChunk{Bytes(4)}});
  call.sctp(1010ms, Bob, {sctp::CookieAckChunk{}});
  return call;
}

BOOST_AUTO_TEST_CASE(user_data_is_acknowledged_within_half_a_second) {
  const auto verdict = [](Duration at) {
    auto call = associated();
    call.sctp(2s, Alice, {chunk(1)}).sctp(at, Bob, {sack(1)});
    return call.verdict("sctp-9260-6.2-sack-delay");
  };
  BOOST_TEST(verdict(2510ms) == "pass");
  BOOST_TEST(verdict(2511ms) == "fail");
}

BOOST_AUTO_TEST_CASE(data_from_where_no_check_came_may_be_left_alone) {
  const auto elsewhere = *Endpoint::parse("10.0.0.1:5999");
  auto call = associated();
  call.sctp(2s, Alice, {chunk(1)}, {kAlice, kBob}, {elsewhere, kBob});
  call.sctp(4s, Bob, {sack(1)}, {kBob, elsewhere}, {kBob, kAlice});
  BOOST_TEST(call.verdict("sctp-9260-6.2-sack-delay") == "inconclusive");
  BOOST_TEST(call.verdict("sctp-9260-5.1-first-sack") == "inconclusive");

  // Once a check has come from there, data from there counts.
  call.translated(1500ms, Alice, Bob, {kAlice, kBob}, {elsewhere, kBob},
                  sealed_check({.number = 2}));
  call.translated(1510ms, Bob, Alice, {kBob, elsewhere}, {kBob, kAlice}, success(Bob, 2));
  BOOST_TEST(call.verdict("sctp-9260-6.2-sack-delay") == "fail");
  BOOST_TEST(call.verdict("sctp-9260-5.1-first-sack") == "fail");
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_by_a_new_path_may_have_waited_for_it) {
  auto call = associated();
  call.sctp(2s, Alice, {chunk(1)});
  call.sctp(4s, Bob, {sack(1)}, {kBobElsewhere, kAlice}, {kBobElsewhere, kAlice});
  BOOST_TEST(call.verdict("sctp-9260-6.2-sack-delay") == "inconclusive");
}

// Alice sends eleven chunks, hears `answer`, and sends twelve more.
Case burst(sctp::SackChunk answer) {
  auto call = associated();
  for (std::uint32_t tsn = 1; tsn <= 11; ++tsn) call.sctp(2s, Alice, {chunk(tsn)});
  call.sctp(2010ms, Bob, {std::move(answer)});
  for (std::uint32_t tsn = 12; tsn <= 23; ++tsn) call.sctp(2500ms, Alice, {chunk(tsn)});
  return call;
}

BOOST_AUTO_TEST_CASE(what_a_gap_block_acknowledges_is_in_flight_no_more) {
  // Of eleven chunks ten arrived; without the gap block all of them were in flight.
  BOOST_TEST(burst(sack(0, {{2, 11}})).verdict("sctp-9260-6.1-cwnd") == "pass");
  BOOST_TEST(burst(sack(0)).verdict("sctp-9260-6.1-cwnd") == "fail");
  BOOST_TEST(burst(sack(11)).verdict("sctp-9260-6.1-cwnd") == "pass");
}

BOOST_AUTO_TEST_CASE(what_was_given_up_is_in_flight_no_more) {
  auto call = associated();
  for (std::uint32_t tsn = 1; tsn <= 11; ++tsn)
    call.sctp(2s, Alice, {chunk(tsn)}, tsn == 11 ? Fate::Delivered : Fate::Lost);
  auto sent_on = call;
  for (std::uint32_t tsn = 12; tsn <= 20; ++tsn) sent_on.sctp(3s, Alice, {chunk(tsn)});
  BOOST_TEST(sent_on.verdict("sctp-9260-6.1-cwnd") == "fail");

  call.sctp(2900ms, Alice, {sctp::ForwardTsnChunk{.new_cumulative_tsn = sctp::Tsn{10}}});
  for (std::uint32_t tsn = 12; tsn <= 20; ++tsn) call.sctp(3s, Alice, {chunk(tsn)});
  BOOST_TEST(call.verdict("sctp-9260-6.1-cwnd") == "pass");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
