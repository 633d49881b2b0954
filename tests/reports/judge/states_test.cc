// What a trace shows of states and restarts, and what else is told about candidates and roles.
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::SignallingType;
using stun::Class;
using stun::Method;

using Data = std::vector<std::pair<std::string, Value>>;
Data from_to(const char* from, const char* to) {
  return {{"from", std::string{from}}, {"to", std::string{to}}};
}

// An application's call with a description, and its end in the state where it left its peer.
void set(Case& call, Duration at, const char* method, const char* type) {
  call.event(at, Alice, "api:call", {{"method", std::string{method}}, {"type", std::string{type}}});
}
void settle(Case& call, Duration at, const char* method, const char* outcome = "fulfilled") {
  call.event(at, Alice, "api:settled",
             {{"method", std::string{method}}, {"outcome", std::string{outcome}}});
}

// A description whose session has the second version, with fresh credentials or the old ones.
std::string later(bool restarts) {
  auto sdp = description(Alice, SignallingType::Offer, {"o=- 1 1", "o=- 1 2"});
  if (restarts) {
    sdp.replace(sdp.find("aliU"), 4, "ali2");
    sdp.replace(sdp.find("alice+"), 6, "fresh+");
  }
  return sdp;
}

BOOST_AUTO_TEST_SUITE(judge_states)

BOOST_AUTO_TEST_CASE(the_signaling_state_moves_as_the_machine_has_it) {
  constexpr auto kId = "jsep-9429-3.2-state-table";
  constexpr auto kEvent = "peer:signaling_state_changed";
  Case good;
  good.event(1s, Alice, kEvent, from_to("stable", "have-local-offer"))
      .event(2s, Alice, kEvent, from_to("have-local-offer", "have-remote-offer"))
      .event(3s, Alice, kEvent, from_to("have-remote-offer", "stable"))
      .event(4s, Alice, kEvent, from_to("stable", "closed"));
  BOOST_TEST(good.verdict(kId) == "pass");
  BOOST_TEST(
      Case{}.event(1s, Alice, kEvent, from_to("stable", "have-local-pranswer")).verdict(kId) ==
      "fail");
  Case jumps;
  jumps.event(1s, Alice, kEvent, from_to("stable", "have-local-offer"))
      .event(2s, Alice, kEvent, from_to("have-remote-offer", "stable"));
  BOOST_TEST(jumps.verdict(kId) == "fail");
  BOOST_TEST(Case{}.verdict(kId) == "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_description_leads_where_its_type_says) {
  constexpr auto kId = "jsep-9429-3.2-state-table";
  const auto answered_by = [&](const char* type) {
    Case call;
    set(call, 1s, "setLocalDescription", "offer");
    call.event(1s, Alice, "peer:signaling_state_changed", from_to("stable", "have-local-offer"));
    settle(call, 1s, "setLocalDescription");
    set(call, 2s, "setRemoteDescription", type);
    call.event(2s, Alice, "peer:signaling_state_changed", from_to("have-local-offer", "stable"));
    settle(call, 2s, "setRemoteDescription");
    return call.verdict(kId);
  };
  BOOST_TEST(answered_by("answer") == "pass");
  BOOST_TEST(answered_by("pranswer") == "fail");
}

// A browser says only where it went; our trace shows the way.
BOOST_AUTO_TEST_CASE(an_offer_over_ones_own_goes_by_way_of_a_rollback) {
  constexpr auto kEvent = "peer:signaling_state_changed";
  const auto collision = [&](bool tells_descriptions) {
    Case call;
    call.event(1s, Alice, kEvent, from_to("stable", "have-local-offer"));
    if (tells_descriptions) call.event(2s, Alice, "peer:description_set", {});
    call.event(2s, Alice, kEvent, from_to("have-local-offer", "have-remote-offer"));
    return call.verdict("jsep-9429-3.2-state-table");
  };
  BOOST_TEST(collision(false) == "pass");
  BOOST_TEST(collision(true) == "fail");
}

BOOST_AUTO_TEST_CASE(a_rollback_that_succeeds_leads_back_to_stable) {
  constexpr auto kId = "jsep-9429-5.7-rollback-same";
  const auto rolled_back = [&](bool moves, const char* outcome) {
    Case call;
    call.event(1s, Alice, "peer:signaling_state_changed", from_to("stable", "have-local-offer"));
    set(call, 2s, "setLocalDescription", "rollback");
    if (moves)
      call.event(2s, Alice, "peer:signaling_state_changed", from_to("have-local-offer", "stable"));
    settle(call, 2s, "setLocalDescription", outcome);
    return call.verdict(kId);
  };
  BOOST_TEST(rolled_back(true, "fulfilled") == "pass");
  BOOST_TEST(rolled_back(false, "fulfilled") == "fail");
  BOOST_TEST(rolled_back(false, "InvalidStateError") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(gathering_begins_before_it_is_complete) {
  constexpr auto kEvent = "peer:ice_gathering_state_changed";
  Case good;
  good.event(1s, Bob, kEvent, from_to("new", "gathering"))
      .event(2s, Bob, kEvent, from_to("gathering", "complete"))
      .event(3s, Bob, kEvent, from_to("complete", "gathering"));
  BOOST_TEST(good.verdict("w3c-gathering-states") == "pass");
  BOOST_TEST(Case{}
                 .event(1s, Bob, kEvent, from_to("gathering", "complete"))
                 .verdict("w3c-gathering-states") == "fail");
}

BOOST_AUTO_TEST_CASE(negotiationneeded_waits_for_the_stable_state) {
  constexpr auto kId = "w3c-negotiationneeded-stable";
  Case call;
  call.event(1s, Alice, "peer:negotiation_needed", {});
  BOOST_TEST(call.verdict(kId) == "pass");
  call.event(2s, Alice, "peer:signaling_state_changed", from_to("stable", "have-local-offer"))
      .event(3s, Alice, "peer:negotiation_needed", {});
  BOOST_TEST(call.verdict(kId) == "fail");
}

BOOST_AUTO_TEST_CASE(after_close_nothing_is_heard) {
  Case call;
  call.event(1s, Alice, "api:call", {{"method", std::string{"close"}}});
  BOOST_TEST(call.verdict("w3c-closed-silent") == "pass");
  call.event(2s, Alice, "peer:icecandidate", {});
  BOOST_TEST(call.verdict("w3c-closed-silent") == "fail");
}

BOOST_AUTO_TEST_CASE(a_restart_that_was_asked_for_shows_in_the_next_offer) {
  const auto asked = [](bool restarts) {
    auto call = std::move(Case{}.negotiated());
    call.event(4s, Alice, "api:call", {{"method", std::string{"restartIce"}}});
    call.offer(5s, Alice, later(restarts));
    return call.verdict("jsep-9429-5.2.3.1-restart-offer");
  };
  BOOST_TEST(asked(true) == "pass");
  BOOST_TEST(asked(false) == "fail");
  BOOST_TEST(Case{}.negotiated().verdict("jsep-9429-5.2.3.1-restart-offer") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_restart_that_one_offer_was_asked_for_shows_in_it) {
  const auto offered = [](bool restarts) {
    auto call = std::move(Case{}.negotiated());
    call.event(4s, Alice, "api:call",
               {{"method", std::string{"createOffer"}}, {"ice_restart", true}});
    set(call, 5s, "setLocalDescription", "offer");
    call.event(5s, Alice, "peer:description_set",
               {{"which", std::string{"pending_local"}}, {"type", std::string{"offer"}}});
    call.offer(6s, Alice, later(restarts));
    return call.verdict("jsep-9429-5.2.3.1-restart-offer");
  };
  BOOST_TEST(offered(true) == "pass");
  BOOST_TEST(offered(false) == "fail");
}

BOOST_AUTO_TEST_CASE(ice_has_patience) {
  const auto failed_after = [](Duration patience) {
    Case call;
    call.event(1s, Alice, "ice:state_changed", from_to("new", "checking"))
        .event(1s + patience, Alice, "ice:state_changed", from_to("checking", "failed"));
    return call.verdict("pac-8863-4-pac-timer");
  };
  BOOST_TEST(failed_after(39500ms) == "pass");
  BOOST_TEST(failed_after(39499ms) == "fail");
  BOOST_TEST(Case{}.verdict("pac-8863-4-pac-timer") == "inconclusive");
}

// --- candidates ---

struct Text {
  const char* requirement;
  const char* good;
  const char* bad;
  const char* verdict;
};

BOOST_AUTO_TEST_CASE(what_a_candidate_says_of_itself) {
  const std::vector<Text> texts{
      {"ice-8445-5.1.1.1-no-loopback", "candidate:1 1 udp 2130706431 10.0.0.1 5 typ host",
       "candidate:1 1 udp 2130706431 127.0.0.1 5 typ host", "fail"},
      {"ice-8445-5.1.2.1-prio-formula", "candidate:1 1 udp 2130706431 10.0.0.1 5 typ host",
       "candidate:1 1 udp 2130706430 10.0.0.1 5 typ host", "advice"},
      {"ice-8445-5.1.2.1-type-pref-order", "candidate:1 1 udp 2130706431 10.0.0.1 5 typ host",
       "candidate:1 1 udp 2147483647 10.0.0.1 5 typ host", "fail"},
      {"ice-8445-5.1.2.2-type-pref-values", "candidate:1 1 udp 2130706431 10.0.0.1 5 typ host",
       "candidate:1 1 udp 1694498815 10.0.0.1 5 typ host", "advice"},
      {"icesdp-8839-5.1-component-start", "candidate:1 2 udp 2130706430 10.0.0.1 5 typ host",
       "candidate:1 3 udp 2130706429 10.0.0.1 5 typ host", "fail"},
      {"icesdp-8839-5.1-rel-addr-hidden",
       "candidate:1 1 udp 16777215 10.0.0.1 5 typ relay raddr 0.0.0.0 rport 9",
       "candidate:1 1 udp 16777215 10.0.0.1 5 typ relay raddr 0.0.0.0 rport 0", "fail"},
      {"icetcp-6544-4.5-tcptype", "candidate:1 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active",
       "candidate:1 1 tcp 1518280447 10.0.0.1 9 typ host", "fail"},
      {"icetcp-6544-4.5-active-port9",
       "candidate:1 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active",
       "candidate:1 1 tcp 1518280447 10.0.0.1 10 typ host tcptype active", "fail"},
      {"icetcp-6544-4.2-direction-pref",  // 6 << 21 of an active host candidate, 4 of a passive one
       "candidate:1 1 tcp 2126512383 10.0.0.1 9 typ host tcptype active",
       "candidate:1 1 tcp 2126512383 10.0.0.1 9 typ host tcptype passive", "advice"},
  };
  for (const auto& text : texts) {
    BOOST_TEST(Case{}.candidate(1s, Alice, text.good).verdict(text.requirement) == "pass",
               text.good);
    BOOST_TEST(Case{}.candidate(1s, Alice, text.bad).verdict(text.requirement) == text.verdict,
               text.bad);
    BOOST_TEST(Case{}.verdict(text.requirement) == "inconclusive", text.requirement);
  }
}

BOOST_AUTO_TEST_CASE(a_reflexive_candidate_at_a_hosts_own_address_says_nothing_new) {
  const auto reflexive_at = [](const char* address) {
    Case call;
    call.candidate(1s, Alice, "candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host");
    call.candidate(2s, Alice,
                   std::string{"candidate:2 1 udp 1694498815 "} + address +
                       " 5000 typ srflx raddr 10.0.0.1 rport 5000");
    return call.verdict("ice-8445-5.1.3-redundant");
  };
  BOOST_TEST(reflexive_at("203.0.113.1") == "pass");
  BOOST_TEST(reflexive_at("10.0.0.1") == "advice");
}

// --- trickle ---

const std::string kHost = "candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host";

BOOST_AUTO_TEST_CASE(a_candidate_is_told_once_for_a_section_that_there_is) {
  auto call = std::move(Case{}.negotiated().candidate(1s, Alice, kHost));
  BOOST_TEST(call.verdict("trickle-8838-9-order-once") == "pass");
  BOOST_TEST(call.verdict("trickle-8840-4.2-mid-present") == "pass");
  BOOST_TEST(call.verdict("trickle-8840-5-option-token") == "pass");
  call.candidate(2s, Alice, kHost);
  BOOST_TEST(call.verdict("trickle-8838-9-order-once") == "fail");
  call.candidate(3s, Alice, kHost, "nowhere");
  BOOST_TEST(call.verdict("trickle-8840-4.2-mid-present") == "fail");
}

BOOST_AUTO_TEST_CASE(who_trickles_says_so) {
  Case call;
  call.offer(0s, Alice, description(Alice, SignallingType::Offer, {"trickle ice2", "ice2"}));
  BOOST_TEST(call.verdict("trickle-8840-5-option-token") == "inconclusive");
  call.candidate(1s, Alice, kHost);
  BOOST_TEST(call.verdict("trickle-8840-5-option-token") == "fail");
}

BOOST_AUTO_TEST_CASE(what_an_earlier_description_did_not_say_of_trickle_binds_no_later_one) {
  const auto silent = [](SignallingType type) {
    return description(Alice, type, {"trickle ice2", "ice2"});
  };
  Case call;
  call.offer(0s, Alice, silent(SignallingType::Offer));
  call.offer(1s, Alice, description(Alice, SignallingType::Offer));
  call.candidate(2s, Alice, kHost);
  BOOST_TEST(call.verdict("trickle-8840-5-option-token") == "pass");
  call.offer(3s, Alice, silent(SignallingType::Offer));
  call.candidate(4s, Alice, "candidate:2 1 udp 2130706175 10.0.0.1 5001 typ host");
  BOOST_TEST(call.verdict("trickle-8840-5-option-token") == "fail");
}

BOOST_AUTO_TEST_CASE(after_the_nomination_no_candidate_follows) {
  const auto candidate_at = [](Duration at) {
    auto call = std::move(Case{}.negotiated().answered(1s, {.nominates = true}));
    call.candidate(at, Alice, kHost);
    return call.verdict("trickle-8838-13-none-after-nomination");
  };
  BOOST_TEST(candidate_at(1019ms) == "pass");
  BOOST_TEST(candidate_at(1020ms) == "fail");
  BOOST_TEST(Case{}.negotiated().verdict("trickle-8838-13-none-after-nomination") ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(the_end_of_gathering_is_told) {
  auto call = std::move(Case{}.negotiated().candidate(1s, Alice, kHost));
  call.event(2s, Alice, "ice:end_of_candidates", {{"ufrag", std::string{"aliU"}}});
  BOOST_TEST(call.verdict("trickle-8838-13-eoc-told") == "advice");
  call.end_of_candidates(2s, Alice, "aliU");
  BOOST_TEST(call.verdict("trickle-8838-13-eoc-told") == "pass");
}

// --- checks ---

BOOST_AUTO_TEST_CASE(whoever_is_refused_changes_role_and_tie_breaker) {
  const auto next = [](bool controlling, std::uint64_t tie_breaker) {
    auto call = std::move(Case{}.negotiated());
    call.packet(1s, Alice, Bob, sealed_check({.number = 1, .tie_breaker = 7}));
    call.packet(1010ms, Bob, Alice, error(Bob, 1, 487));
    call.packet(
        1100ms, Alice, Bob,
        sealed_check({.number = 2, .controlling = controlling, .tie_breaker = tie_breaker}));
    return call.verdict("ice-8445-7.2.5.1-487-switch");
  };
  BOOST_TEST(next(false, 8) == "pass");
  BOOST_TEST(next(true, 8) == "fail");
  BOOST_TEST(next(false, 7) == "fail");
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("ice-8445-7.2.5.1-487-switch") ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_check_between_two_that_were_answered_is_answered_too) {
  auto call = std::move(Case{}.negotiated().answered(1s, {.number = 1}));
  call.packet(2s, Alice, Bob, sealed_check({.number = 2}));
  BOOST_TEST(call.verdict("ice-8445-7.3-answer") == "pass");  // it may have been the end
  call.answered(3s, {.number = 3});
  BOOST_TEST(call.verdict("ice-8445-7.3-answer") == "fail");
}

BOOST_AUTO_TEST_CASE(a_lite_agent_is_silent) {
  const auto lite = [](Who checks) {
    Case call;
    call.offer(0s, Alice,
               description(Alice, SignallingType::Offer, {"a=group", "a=ice-lite\r\na=group"}))
        .answer(1ms, Bob, description(Bob, SignallingType::Answer));
    call.answered(1s, {.who = checks});
    return call.verdict("ice-8445-8.2-lite-silent");
  };
  BOOST_TEST(lite(Bob) == "pass");
  BOOST_TEST(lite(Alice) == "fail");
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("ice-8445-8.2-lite-silent") ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(long_after_a_nomination_no_other_pair_is_checked) {
  auto call = std::move(Case{}.negotiated().answered(1s, {.number = 1, .nominates = true}));
  call.answered(10s, {.number = 2});
  BOOST_TEST(call.verdict("ice-8445-8.1.2-remove-after") == "pass");
  call.packet(12s, Alice, Turn, sealed_check({.number = 3}));
  BOOST_TEST(call.verdict("ice-8445-8.1.2-remove-after") == "fail");
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("ice-8445-8.1.2-remove-after") ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(thirty_seconds_after_the_last_answer_data_ends) {
  const Bytes data = from_hex("17fefd0001000000000001 0002 aabb");
  auto call = std::move(Case{}.negotiated().answered(1s, {}));
  call.packet(31s + 20ms, Alice, Bob, data);
  BOOST_TEST(call.verdict("consent-7675-5.1-expire-30s") == "pass");
  call.packet(31s + 21ms, Alice, Bob, data);
  BOOST_TEST(call.verdict("consent-7675-5.1-expire-30s") == "fail");
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("consent-7675-5.1-expire-30s") ==
             "inconclusive");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
