// RFC 8445: what checks hold, who controls, when checks leave, how a pair is nominated.
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::Fate;
using evidence::SignallingType;
using stun::Class;
using stun::Method;

Case checked(const CheckOf& content) {
  return std::move(Case{}.negotiated().packet(1s, content.who, content.who == Alice ? Bob : Alice,
                                              sealed_check(content)));
}

// A check of Alice's without one attribute.
Case without(stun::AttributeType type) {
  auto message = check({});
  std::erase_if(message.attributes, [&](const stun::Attribute& each) { return each.type == type; });
  return std::move(Case{}.negotiated().packet(1s, Alice, Bob, sealed(message, kBobPwd)));
}

BOOST_AUTO_TEST_SUITE(judge_ice)

// --- what a check holds ---

BOOST_AUTO_TEST_CASE(a_check_needs_a_name_and_a_signature) {
  BOOST_TEST(without(stun::AttributeType::Username).verdict("stun-8489-9.1.2-st-username") ==
             "fail");
  Case call;
  call.negotiated().packet(1s, Alice, Bob, stun::seal(check({}), {.key = {}, .fingerprint = true}));
  BOOST_TEST(call.verdict("stun-8489-9.1.2-st-username") == "fail");
}

BOOST_AUTO_TEST_CASE(a_check_needs_a_fingerprint) {
  Case call;
  call.negotiated().packet(1s, Alice, Bob,
                           stun::seal(check({}), {.key = stun::short_term_key(kBobPwd)}));
  const auto judgement = call.judged("ice-8445-7.2.4-fingerprint");
  BOOST_TEST(judgement.summary ==
             "checks and answers: 1 of 1 not as required, first alice: check without FINGERPRINT");
}

BOOST_AUTO_TEST_CASE(the_name_is_receiver_then_sender) {
  auto swapped = check({});
  swapped.attributes.front() = {stun::Username::kType, to_octets("aliU:bobU")};
  Case call;
  call.negotiated().packet(1s, Alice, Bob, sealed(swapped, kBobPwd));
  BOOST_TEST(call.verdict("ice-8445-7.2.2-short-term-cred") == "fail");
}

BOOST_AUTO_TEST_CASE(after_a_restart_nothing_of_before_is_checked) {
  constexpr auto kId = "ice-8445-9-one-generation";
  const auto restarted = [&](const char* name) {
    auto call = std::move(Case{}.negotiated());
    const auto renewed = [](Who who, evidence::SignallingType type, std::string_view old) {
      auto sdp = description(who, type);
      sdp.replace(sdp.find(old), old.size(), std::string{old.substr(0, 3)} + '2');
      return sdp;
    };
    call.offer(2s, Alice, renewed(Alice, evidence::SignallingType::Offer, "aliU"));
    call.answer(3s, Bob, renewed(Bob, evidence::SignallingType::Answer, "bobU"));
    auto message = check({});
    message.attributes.front() = {stun::Username::kType, to_octets(name)};
    call.packet(4s, Alice, Bob, sealed(message, kBobPwd));
    return call.verdict(kId);
  };
  BOOST_TEST(restarted("bobU:aliU") == "pass");  // consent on the old path
  BOOST_TEST(restarted("bob2:ali2") == "pass");
  BOOST_TEST(restarted("bobU:ali2") == "fail");
  BOOST_TEST(restarted("bob2:aliU") == "fail");
  BOOST_TEST(restarted("bobX:aliU") == "inconclusive");
}

// Found by a stranger's r1-answer-lost.xml.
BOOST_AUTO_TEST_CASE(who_answers_without_being_heard_may_call_itself_anything) {
  const auto answered_by = [](std::string_view username) {
    auto checks = check({.who = Bob, .controlling = false});
    checks.attributes.front() = {stun::Username::kType, to_octets(username)};
    Case call;
    call.offer(0s, Alice, description(Alice, SignallingType::Offer));
    call.packet(1s, Bob, Alice, sealed(checks, kAlicePwd));
    return call;
  };
  constexpr auto kClause = "ice-8445-7.2.2-short-term-cred";

  BOOST_TEST(answered_by("aliU:bobU").verdict(kClause) == "pass");
  BOOST_TEST(answered_by("bobU:aliU").verdict(kClause) == "fail");
  BOOST_TEST(answered_by("aliU").verdict(kClause) == "fail");

  // An answer that is there has to tell.
  auto told = answered_by("aliU:bobU");
  told.answer(500ms, Bob, description(Bob, SignallingType::Answer, {"bobU", "robU"}));
  BOOST_TEST(told.verdict(kClause) == "fail");
}

// Found by a stranger's m9.xml. The check ends at a relay, or at a NAT.
BOOST_AUTO_TEST_CASE(whoever_answers_a_lite_agent_controls_it_wherever_its_checks_go) {
  const auto begins = [](std::string_view option) {
    Case call;
    call.offer(0s, Alice,
               description(Alice, SignallingType::Offer,
                           {"t=0 0\r\n", "t=0 0\r\n" + std::string{option}}))
        .answer(1ms, Bob, description(Bob, SignallingType::Answer))
        .packet(1s, Bob, Turn, sealed_check({.who = Bob, .controlling = true}));
    return call.verdict("ice-8445-6.1.1-role-initial");
  };

  BOOST_TEST(begins("a=ice-lite\r\n") == "inconclusive");
  BOOST_TEST(begins("") == "fail");
}

BOOST_AUTO_TEST_CASE(priority_has_a_type_preference_of_its_own) {
  const auto with = [](std::uint32_t preference) {
    auto call = checked({.priority = preference << 24u});
    call.candidate(1s, Alice, "candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host");
    call.candidate(
        1s, Alice,
        "candidate:2 1 udp 1694498815 192.0.2.9 5000 typ srflx raddr 10.0.0.1 rport 5000");
    call.candidate(
        1s, Alice,
        "candidate:3 1 udp 16777215 192.0.2.1 7000 typ relay raddr 192.0.2.9 rport 5000");
    return call.judged("ice-8445-7.1.1-priority-attr");
  };
  BOOST_TEST((with(110).verdict == judge::Verdict::Pass));
  BOOST_TEST(with(126).exhibits.at(0).what ==
             "alice: PRIORITY with type preference 126, that of its host candidates");
  BOOST_TEST(with(0).exhibits.at(0).what ==
             "alice: PRIORITY with type preference 0, that of its relay candidates");
  BOOST_TEST(with(90).exhibits.at(0).what ==
             "alice: PRIORITY with type preference 90, below that of its srflx candidates");
  BOOST_TEST(without(stun::AttributeType::Priority).verdict("ice-8445-7.1.1-priority-attr") ==
             "fail");
}

BOOST_AUTO_TEST_CASE(a_priority_of_126_is_too_high_whoever_told_what) {
  BOOST_TEST(checked({.priority = 126u << 24u}).verdict("ice-8445-7.1.1-priority-attr") == "fail");
}

BOOST_AUTO_TEST_CASE(types_that_share_a_preference_tell_nothing_about_it) {
  auto call = checked({.priority = 110u << 24u});
  call.candidate(1s, Alice, "candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host");
  call.candidate(1s, Alice,
                 "candidate:2 1 udp 2130706431 192.0.2.9 5000 typ srflx raddr 10.0.0.1 rport 5000");
  BOOST_TEST(call.verdict("ice-8445-7.1.1-priority-attr") == "pass");
}

// --- roles ---

BOOST_AUTO_TEST_CASE(a_check_names_exactly_one_role) {
  BOOST_TEST(without(stun::AttributeType::IceControlling).verdict("ice-8445-7.1.3-role-attr") ==
             "fail");
  auto both = check({}).add(stun::IceControlled{1});
  Case call;
  call.negotiated().packet(1s, Alice, Bob, sealed(both, kBobPwd));
  BOOST_TEST(call.verdict("ice-8445-7.1.3-role-attr") == "fail");
}

BOOST_AUTO_TEST_CASE(the_offerer_controls_and_the_answerer_does_not) {
  BOOST_TEST(checked({.who = Alice, .controlling = false}).verdict("ice-8445-6.1.1-role-initial") ==
             "fail");
  BOOST_TEST(checked({.who = Bob, .controlling = true}).verdict("ice-8445-6.1.1-role-initial") ==
             "fail");
  BOOST_TEST(checked({.who = Bob}).verdict("ice-8445-6.1.1-role-initial") == "pass");
}

BOOST_AUTO_TEST_CASE(after_two_offers_nobody_knows_who_began) {
  Case glare;
  glare.offer(0s, Alice, description(Alice, evidence::SignallingType::Offer));
  glare.offer(0s, Bob, description(Bob, evidence::SignallingType::Offer));
  glare.answer(1s, Alice, description(Alice, evidence::SignallingType::Answer));
  glare.packet(2s, Alice, Bob, sealed_check({.controlling = false}));
  BOOST_TEST(glare.verdict("ice-8445-6.1.1-role-initial") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(the_controlled_side_does_not_nominate) {
  const auto nominating = checked({.who = Bob, .nominates = true});
  BOOST_TEST(nominating.verdict("ice-8445-7.1.2-use-candidate-controlled") == "fail");
  BOOST_TEST(nominating.verdict("ice-8445-8.1.1-nominate-valid") == "inconclusive");
  BOOST_TEST(checked({.who = Bob}).verdict("ice-8445-7.1.2-use-candidate-controlled") == "pass");
}

// Both claim to control; Alice's tie-breaker is 9, Bob's as given. Bob's check arrives at 1.02 s.
Case conflict(std::uint64_t bobs) {
  return std::move(
      Case{}
          .negotiated()
          .packet(1s, Alice, Bob, sealed_check({.number = 1, .tie_breaker = 9}), Fate::Lost)
          .packet(
              1010ms, Bob, Alice,
              sealed_check({.who = Bob, .number = 2, .controlling = true, .tie_breaker = bobs})));
}

BOOST_AUTO_TEST_CASE(the_larger_or_equal_tie_breaker_of_a_controlling_agent_answers_487) {
  for (const std::uint64_t bobs : {8u, 9u}) {
    auto refused = conflict(bobs);
    refused.packet(1020ms, Alice, Bob, error(Alice, 2, 487));
    BOOST_TEST(refused.verdict("ice-8445-7.3.1.1-role-conflict-487") == "pass");
    auto ignored = conflict(bobs);
    ignored.packet(1020ms, Alice, Bob, success(Alice, 2));
    BOOST_TEST(ignored.verdict("ice-8445-7.3.1.1-role-conflict-487") == "fail");
    BOOST_TEST(ignored.verdict("ice-8445-7.3.1.1-role-conflict-switch") == "inconclusive");
  }
}

BOOST_AUTO_TEST_CASE(the_smaller_tie_breaker_of_a_controlling_agent_gives_in) {
  const auto next = [](bool controlling) {
    auto call = conflict(10);
    call.packet(1020ms, Alice, Bob, success(Alice, 2));
    call.packet(1050ms, Alice, Bob,
                sealed_check({.number = 3, .controlling = controlling, .tie_breaker = 9}));
    BOOST_TEST(call.verdict("ice-8445-7.3.1.1-role-conflict-487") == "inconclusive");
    return call.verdict("ice-8445-7.3.1.1-role-conflict-switch");
  };
  BOOST_TEST(next(false) == "pass");
  BOOST_TEST(next(true) == "fail");
}

BOOST_AUTO_TEST_CASE(different_roles_are_no_conflict) {
  const auto call =
      std::move(Case{}.negotiated().answered(1s, {}).answered(1100ms, {.who = Bob, .number = 2}));
  BOOST_TEST(call.verdict("ice-8445-7.3.1.1-role-conflict-487") == "inconclusive");
  BOOST_TEST(call.verdict("ice-8445-7.3.1.1-role-conflict-switch") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(the_tie_breaker_changes_only_after_a_487) {
  const auto second = [](std::uint64_t tie_breaker, bool refused) {
    auto call = checked({.number = 1, .tie_breaker = 7});
    if (refused) call.packet(1010ms, Bob, Alice, error(Bob, 1, 487));
    call.packet(1015ms, Alice, Bob,
                sealed_check({.number = 2, .tie_breaker = 7}));  // not heard of it yet
    call.packet(1100ms, Alice, Bob, sealed_check({.number = 3, .tie_breaker = tie_breaker}));
    return call.verdict("ice-8445-16.1-tiebreaker-const");
  };
  BOOST_TEST(second(7, false) == "pass");
  BOOST_TEST(second(8, false) == "fail");
  BOOST_TEST(second(8, true) == "pass");
  BOOST_TEST(checked({}).verdict("ice-8445-16.1-tiebreaker-const") == "inconclusive");
}

// --- when ---

BOOST_AUTO_TEST_CASE(two_checks_within_five_milliseconds_are_too_fast) {
  const auto gap = [](Duration wait) {
    auto call = checked({.number = 1});
    call.packet(1s + wait, Alice, Bob, sealed_check({.number = 2}));
    return call.verdict("ice-8445-14.2-ta-floor");
  };
  BOOST_TEST(gap(5ms) == "pass");
  BOOST_TEST(gap(4999us) == "fail");
  BOOST_TEST(checked({}).verdict("ice-8445-14.2-ta-floor") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_check_that_got_through_is_checked_back) {
  auto ignored = std::move(Case{}.negotiated().answered(1s, {}));
  ignored.packet(9s, Alice, Bob, sealed_check({.number = 2}));
  const auto judgement = ignored.judged("ice-8445-7.3.1.4-triggered-check");
  BOOST_TEST(judgement.exhibits.at(0).what ==
             "bob: never checked back to 10.0.0.1:5000, which had checked it");

  auto checked_back =
      std::move(Case{}.negotiated().answered(1s, {}).answered(1100ms, {.who = Bob, .number = 3}));
  checked_back.packet(9s, Alice, Bob, sealed_check({.number = 2}));
  BOOST_TEST(checked_back.verdict("ice-8445-7.3.1.4-triggered-check") == "pass");
}

BOOST_AUTO_TEST_CASE(a_nomination_alone_excuses_nobody_from_checking_back) {
  auto call = std::move(Case{}.negotiated().answered(1s, {.nominates = true}));
  call.packet(9s, Alice, Bob, sealed_check({.number = 2}));
  BOOST_TEST(call.verdict("ice-8445-7.3.1.4-triggered-check") == "fail");
}

BOOST_AUTO_TEST_CASE(a_check_after_ones_own_nomination_has_passed_needs_no_check_back) {
  auto call = std::move(Case{}.negotiated().answered(1s, {.nominates = true}));
  call.answered(1500ms, {.who = Bob, .number = 3});
  call.packet(9s, Alice, Bob, sealed_check({.number = 2}));
  const auto judgement = call.judged("ice-8445-7.3.1.4-triggered-check");
  BOOST_TEST(judgement.breaches == 0u);
  BOOST_TEST(judgement.cases == 1u);  // Alice's, which Bob had to check back
}

BOOST_AUTO_TEST_CASE(evidence_that_ends_too_soon_says_nothing_about_a_missing_check) {
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("ice-8445-7.3.1.4-triggered-check") ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_check_that_was_refused_needs_no_check_back) {
  auto refused = checked({});
  refused.packet(1010ms, Bob, Alice, error(Bob, 1, 401))
      .packet(9s, Alice, Bob, sealed_check({.number = 2}));
  BOOST_TEST(refused.verdict("ice-8445-7.3.1.4-triggered-check") == "inconclusive");
}

Case pairs(const char* first, const char* second) {
  Case call;
  for (const auto* pair : {"1", "2"}) {
    call.event(1s, Alice, "ice:pair_added",
               {{"pair", Value{std::string{pair}}},
                {"local_type", Value{std::string{"host"}}},
                {"priority", Value{std::int64_t{pair == std::string{"1"} ? 100 : 200}}},
                {"state", Value{std::string{"waiting"}}}});
  }
  for (const auto* pair : {first, second}) {
    call.event(2s, Alice, "ice:check_sent",
               {{"pair", Value{std::string{pair}}}, {"kind", Value{std::string{"ordinary"}}}});
    call.event(2s, Alice, "ice:pair_state_changed",
               {{"pair", Value{std::string{pair}}}, {"to", Value{std::string{"in-progress"}}}});
  }
  return call;
}

BOOST_AUTO_TEST_CASE(the_pair_with_the_highest_priority_goes_first) {
  BOOST_TEST(pairs("2", "1").verdict("ice-8445-6.1.4.2-highest-first") == "pass");
  const auto judgement = pairs("1", "2").judged("ice-8445-6.1.4.2-highest-first");
  BOOST_TEST((judgement.verdict == judge::Verdict::Fail));
  BOOST_TEST(judgement.exhibits.at(0).trace_line.value() == 4u);
}

BOOST_AUTO_TEST_CASE(a_pair_that_was_pruned_waits_for_nothing) {
  const auto better = std::pair{std::string{"pair"}, Value{std::string{"2"}}};
  Case call;
  for (const auto* pair : {"1", "2"}) {
    call.event(1s, Alice, "ice:pair_added",
               {{"pair", Value{std::string{pair}}},
                {"priority", Value{std::int64_t{pair == std::string{"1"} ? 100 : 200}}},
                {"state", Value{std::string{"waiting"}}}});
  }
  call.event(2s, Alice, "ice:pair_pruned", {better});
  call.event(3s, Alice, "ice:check_sent",
             {{"pair", Value{std::string{"1"}}}, {"kind", Value{std::string{"ordinary"}}}});
  BOOST_TEST(call.verdict("ice-8445-6.1.4.2-highest-first") == "pass");
}

BOOST_AUTO_TEST_CASE(a_pair_that_the_peer_checked_has_its_turn_in_another_queue) {
  const auto add = [](Case& call, const char* pair, std::int64_t priority, const char* remote) {
    call.event(1s, Alice, "ice:pair_added",
               {{"pair", Value{std::string{pair}}},
                {"local", Value{std::string{"10.0.0.1:5000"}}},
                {"remote", Value{std::string{remote}}},
                {"priority", Value{priority}},
                {"state", Value{std::string{"waiting"}}}});
  };
  const auto ask = [](Case& call) {
    call.event(1s, Alice, "ice:check_received",
               {{"local", Value{std::string{"10.0.0.1:5000"}}},
                {"remote", Value{std::string{"10.0.0.2:6000"}}}});
  };
  const auto send = [](Case& call, const char* pair) {
    call.event(2s, Alice, "ice:check_sent",
               {{"pair", Value{std::string{pair}}}, {"kind", Value{std::string{"ordinary"}}}});
  };
  for (const bool first : {true, false}) {
    Case call;
    add(call, "1", 100, "10.0.0.9:9000");
    if (first) ask(call);
    add(call, "2", 200, "10.0.0.2:6000");
    if (!first) ask(call);
    send(call, "1");
    BOOST_TEST(call.verdict("ice-8445-6.1.4.2-highest-first") == "pass");
  }
  Case call;
  add(call, "1", 100, "10.0.0.9:9000");
  add(call, "2", 200, "10.0.0.2:6000");
  send(call, "1");
  BOOST_TEST(call.verdict("ice-8445-6.1.4.2-highest-first") == "fail");
}

// A hundred pairs, and one more.
Case many_pairs(const char* state_of_the_last) {
  Case call;
  for (int pair = 1; pair <= 101; ++pair) {
    const auto* const state = pair == 101 ? state_of_the_last : "waiting";
    call.event(1s, Alice, "ice:pair_added",
               {{"pair", Value{std::to_string(pair)}},
                {"stream", Value{std::string{pair <= 50 ? "1" : "2"}}},
                {"state", Value{std::string{state}}}});
  }
  return call;
}

BOOST_AUTO_TEST_CASE(a_hundred_pairs_are_as_many_as_an_agent_may_have) {
  constexpr auto kClause = "ice-8445-6.1.2.5-limit-100";
  BOOST_TEST(many_pairs("waiting").verdict(kClause) == "fail");
  // What a check has proved stands on no check list.
  BOOST_TEST(many_pairs("succeeded").verdict(kClause) == "pass");
  const auto pair = [](const char* number) {
    return std::vector<std::pair<std::string, Value>>{{"pair", Value{std::string{number}}}};
  };
  auto pruned = many_pairs("waiting");
  pruned.event(1s, Alice, "ice:pair_pruned", pair("7"));
  BOOST_TEST(pruned.verdict(kClause) == "pass");
  pruned.event(2s, Alice, "ice:check_sent", pair("7"));
  BOOST_TEST(pruned.verdict(kClause) == "fail");
}

BOOST_AUTO_TEST_CASE(the_pairs_of_a_stream_that_is_gone_count_no_more) {
  auto call = many_pairs("succeeded");
  call.event(2s, Alice, "ice:check_list_dropped", {{"stream", Value{std::string{"1"}}}});
  for (int pair = 201; pair <= 250; ++pair) {
    call.event(3s, Alice, "ice:pair_added",
               {{"pair", Value{std::to_string(pair)}},
                {"stream", Value{std::string{"3"}}},
                {"state", Value{std::string{"waiting"}}}});
  }
  BOOST_TEST(call.verdict("ice-8445-6.1.2.5-limit-100") == "pass");
}

// --- nomination ---

BOOST_AUTO_TEST_CASE(only_a_pair_whose_check_has_passed_is_nominated) {
  BOOST_TEST(checked({.nominates = true}).verdict("ice-8445-8.1.1-nominate-valid") == "fail");
  auto regular = std::move(Case{}.negotiated().answered(1s, {.number = 1}));
  regular.answered(1050ms, {.number = 2, .nominates = true});
  BOOST_TEST(regular.verdict("ice-8445-8.1.1-nominate-valid") == "pass");
  BOOST_TEST(regular.verdict("ice-8445-8.1.1-nominate-one") == "pass");
  auto hasty = std::move(Case{}.negotiated().answered(1s, {.number = 1}));
  hasty.answered(1019ms, {.number = 2, .nominates = true});
  BOOST_TEST(hasty.verdict("ice-8445-8.1.1-nominate-valid") == "fail");
}

BOOST_AUTO_TEST_CASE(a_second_nomination_fails) {
  auto call = std::move(Case{}
                            .negotiated()
                            .answered(1s, {.number = 1})
                            .answered(2s, {.number = 2, .nominates = true}));
  call.packet(3s, Alice, Turn, sealed_check({.number = 3, .nominates = true}));
  BOOST_TEST(call.verdict("ice-8445-8.1.1-nominate-one") == "fail");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
