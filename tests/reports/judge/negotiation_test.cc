// Which description another one is measured by: offers that cross or are rolled back, sections that
// move within a BUNDLE group, restarts that are asked for in between, calls beside each other.
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::SignallingType;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error{"no \"" + std::string{from} + '"'};
  return text.replace(at, from.size(), to);
}

// One media section, in which payload type 98 is `codec`.
std::string media(Who who, SignallingType type, std::string_view codec) {
  auto sdp = description(
      who, type,
      {"m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=audio 9 UDP/TLS/RTP/SAVPF 98"});
  return replaced(std::move(sdp), "a=sctp-port:5000",
                  "a=rtcp-mux\r\na=rtpmap:98 " + std::string{codec});
}

BOOST_AUTO_TEST_SUITE(judge_negotiation)

// Found by a stranger's glare-kinds.xml: audio and video are added at both ends at once.
BOOST_AUTO_TEST_CASE(an_offer_that_was_rolled_back_binds_nobody_to_its_payload_types) {
  const auto crossing = [](std::string_view answered) {
    Case glare;
    glare.offer(0s, Alice, media(Alice, SignallingType::Offer, "VP9/90000"))
        .offer(0s, Bob, media(Bob, SignallingType::Offer, "telephone-event/8000"))
        .answer(1s, Alice, media(Alice, SignallingType::Answer, "telephone-event/8000"))
        .offer(2s, Alice, media(Alice, SignallingType::Offer, answered));
    return glare.verdict("oa-3264-8.3.2-pt-stable");
  };

  BOOST_TEST(crossing("telephone-event/8000") == "pass");
  BOOST_TEST(crossing("VP9/90000") == "fail");  // Alice's own answer stands in between
}

// Found by glare-deadlock, with Bob's offer before Alice's: both give way, both answer "active",
// and neither answer can be set. The roles are those of the answer that ends it.
BOOST_AUTO_TEST_CASE(an_answer_to_an_offer_that_was_taken_back_settles_no_role) {
  const auto glare = [](Duration alice_offers, std::string_view last) {
    const auto told = [](Who who, SignallingType type) { return description(who, type); };
    Case crossing;
    crossing.offer(0s, Bob, told(Bob, SignallingType::Offer))
        .offer(alice_offers, Alice, told(Alice, SignallingType::Offer))
        .answer(10ms, Alice, told(Alice, SignallingType::Answer))
        .answer(alice_offers + 10ms, Bob, told(Bob, SignallingType::Answer))
        .offer(1s, Alice, told(Alice, SignallingType::Offer))
        .answer(1010ms, Bob, told(Bob, SignallingType::Answer))
        .offer(2s, Alice, told(Alice, SignallingType::Offer))
        .answer(2010ms, Bob, replaced(told(Bob, SignallingType::Answer), "active", last));
    return crossing.verdict("dtlssdp-8842-5.3-continue-role");
  };

  BOOST_TEST(glare(5ms, "active") == "pass");
  BOOST_TEST(glare(10ms, "active") == "pass");  // she answers at the same instant
  BOOST_TEST(glare(5ms, "passive") == "fail");
}

// Alice offers, and offers anew before the first offer has arrived.
BOOST_AUTO_TEST_CASE(an_offer_that_is_still_on_its_way_is_answered_by_the_next_answer) {
  const auto answered = [](std::string_view by_first) {
    Case in_flight;
    in_flight.offer(0s, Alice, media(Alice, SignallingType::Offer, "VP8/90000"))
        .delivered(1s)
        .offer(300ms, Alice, media(Alice, SignallingType::Offer, "VP9/90000"))
        .delivered(1300ms)
        .answer(1s, Bob, media(Bob, SignallingType::Answer, by_first))
        .delivered(2s)
        .answer(1300ms, Bob, media(Bob, SignallingType::Answer, "VP9/90000"))
        .delivered(2300ms);
    return in_flight.verdict("oa-3264-6.1-common-format");
  };

  BOOST_TEST(answered("VP8/90000") == "pass");
  BOOST_TEST(answered("VP9/90000") == "fail");
}

// Two data-like sections in one group; the answer accepts both and tags the first. Then the first
// is stopped, and its transport moves into the second.
std::string pair_of_sections(Who who, SignallingType type) {
  auto sdp = description(who, type, {"BUNDLE 0", "BUNDLE 0 1"});
  auto second = sdp.substr(sdp.find("m=application"));
  second = replaced(std::move(second), "a=mid:0", "a=mid:1");
  if (type == SignallingType::Offer) {
    second = replaced(std::move(second), "aliU", "othr");
    second = replaced(std::move(second), "alice+password", "other+password");
  } else {
    second.erase(second.find("a=ice-ufrag"),
                 second.find("a=sctp-port") - second.find("a=ice-ufrag"));
  }
  return sdp + second;
}
std::string first_stopped(Who who, SignallingType type, std::string_view ufrag,
                          std::string_view pwd) {
  auto sdp = description(who, type, {"BUNDLE 0", "BUNDLE 1"});
  sdp = replaced(std::move(sdp), "o=- 1 1", "o=- 1 2");
  auto second = replaced(sdp.substr(sdp.find("m=application")), "a=mid:0", "a=mid:1");
  const std::string own{who == Alice ? "aliU" : "bobU"};
  second = replaced(std::move(second), own, ufrag);
  second = replaced(std::move(second), who == Alice ? kAlicePwd : kBobPwd, pwd);
  sdp.erase(sdp.find("m=application"));
  return sdp +
         "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n" +
         second;
}

// Found by a stranger's stop-all-then-data.xml.
BOOST_AUTO_TEST_CASE(a_tag_that_moves_to_another_section_restarts_nothing) {
  const auto moved = [](std::string_view ufrag, std::string_view pwd) {
    return std::move(
        Case{}
            .offer(0s, Alice, pair_of_sections(Alice, SignallingType::Offer))
            .answer(1ms, Bob, pair_of_sections(Bob, SignallingType::Answer))
            .offer(5s, Alice, first_stopped(Alice, SignallingType::Offer, ufrag, pwd))
            .answer(5001ms, Bob, first_stopped(Bob, SignallingType::Answer, "bobU", kBobPwd)));
  };
  constexpr auto kAnswerRestarts = "icesdp-8839-4.4.2.1-answer-restart";

  const auto sound = moved("aliU", kAlicePwd);
  BOOST_TEST(sound.verdict(kAnswerRestarts) == "inconclusive");
  BOOST_TEST(sound.verdict("jsep-9429-5.3.2-answer-creds-stable") == "pass");

  // What the second section once had of its own was given up with the first answer: now it is new.
  const auto back = moved("othr", "other+password+of+22+chars");
  BOOST_TEST(back.verdict(kAnswerRestarts) == "fail");
}

// --- what is asked for in between ---

Case& called(Case& call, Duration at, Who who, const char* method) {
  return call.event(at, who, "api:call", {{"method", std::string{method}}});
}
Case& set(Case& call, Duration at, Who who, const char* type) {
  return call.event(at, who, "peer:description_set",
                    {{"which", std::string{"pending_local"}}, {"type", std::string{type}}});
}
std::string with_credentials(Who who, SignallingType type, std::string_view ufrag,
                             std::string_view pwd) {
  auto sdp = description(who, type, {"o=- 1 1", "o=- 1 2"});
  sdp = replaced(std::move(sdp), who == Alice ? "aliU" : "bobU", ufrag);
  return replaced(std::move(sdp), who == Alice ? kAlicePwd : kBobPwd, pwd);
}
constexpr auto kAsked = "jsep-9429-5.2.3.1-restart-offer";
constexpr auto kFreshPwd = "fresh+password+of+22+chars";

// Found by a stranger's restart-mid-reneg.xml.
BOOST_AUTO_TEST_CASE(an_offer_made_before_the_wish_to_restart_does_not_owe_it) {
  const auto next_offer = [](std::string_view ufrag, std::string_view pwd) {
    Case call;
    call.negotiated();
    called(call, 4s, Alice, "createOffer");
    called(call, 4s, Alice, "setLocalDescription");
    set(call, 4s, Alice, "offer");
    called(call, 5s, Alice, "restartIce");
    call.offer(5s + 1ms, Alice, with_credentials(Alice, SignallingType::Offer, "aliU", kAlicePwd))
        .answer(6s, Bob, description(Bob, SignallingType::Answer));
    called(call, 7s, Alice, "setLocalDescription");  // makes one itself
    set(call, 7s, Alice, "offer");
    call.offer(7s + 1ms, Alice, with_credentials(Alice, SignallingType::Offer, ufrag, pwd));
    return call.verdict(kAsked);
  };

  BOOST_TEST(next_offer("ali2", kFreshPwd) == "pass");
  BOOST_TEST(next_offer("aliU", kAlicePwd) == "fail");
}

BOOST_AUTO_TEST_CASE(an_answer_with_new_credentials_meets_a_wish_to_restart) {
  const auto offered_after = [](std::string_view ufrag, std::string_view pwd) {
    Case call;
    call.negotiated();
    called(call, 4s, Bob, "restartIce");
    call.offer(5s, Alice, with_credentials(Alice, SignallingType::Offer, "ali2", kFreshPwd))
        .answer(6s, Bob, with_credentials(Bob, SignallingType::Answer, ufrag, pwd))
        .offer(7s, Bob, with_credentials(Bob, SignallingType::Offer, ufrag, pwd));
    return call.verdict(kAsked);
  };

  BOOST_TEST(offered_after("bob2", kFreshPwd) == "pass");
  BOOST_TEST(offered_after("bobU", kBobPwd) == "fail");
}

// Found by a stranger's r2-empty-restart.xml: the first offer has no sections.
BOOST_AUTO_TEST_CASE(a_wish_to_restart_where_no_ice_runs_is_for_nothing) {
  constexpr std::string_view kEmpty = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
  const auto offered_after = [&](bool empty) {
    const auto first = [&](Who who, SignallingType type) {
      return empty ? std::string{kEmpty} : description(who, type);
    };
    Case call;
    call.offer(0s, Alice, first(Alice, SignallingType::Offer))
        .answer(1s, Bob, first(Bob, SignallingType::Answer));
    called(call, 2s, Alice, "restartIce");
    call.offer(3s, Alice, description(Alice, SignallingType::Offer, {"o=- 1 1", "o=- 1 2"}))
        .answer(4s, Bob, description(Bob, SignallingType::Answer, {"o=- 1 1", "o=- 1 2"}))
        .offer(5s, Alice, description(Alice, SignallingType::Offer, {"o=- 1 1", "o=- 1 3"}));
    return call.verdict(kAsked);
  };

  BOOST_TEST(offered_after(true) == "inconclusive");
  BOOST_TEST(offered_after(false) == "fail");
}

// --- two calls ---

// Found by a stranger's four.xml.
BOOST_AUTO_TEST_CASE(who_calls_beside_others_is_measured_by_its_own_call) {
  const auto beside = [](bool carol_controls) {
    Case calls;
    calls.with_another_call()
        .negotiated()
        .offer(1s, Carol, description(Carol, SignallingType::Offer, {"o=- 1 1", "o=- 987654321 1"}))
        .answer(1001ms, Dave, description(Dave, SignallingType::Answer, {"o=- 1 1", "o=- 55 1"}))
        .answered(2s, {.who = Alice, .number = 1})
        .answered(3s, {.who = Carol, .number = 2, .controlling = carol_controls});
    return calls;
  };

  const auto sound = beside(true);
  BOOST_TEST(sound.judged("ice-8445-6.1.1-role-initial").cases == 2u);
  BOOST_TEST(sound.verdict("ice-8445-6.1.1-role-initial") == "pass");
  BOOST_TEST(sound.verdict("oa-3264-8-origin-stays") == "inconclusive");
  BOOST_TEST(sound.judged("oa-3264-6-answer-m-count").cases == 2u);
  BOOST_TEST(beside(false).verdict("ice-8445-6.1.1-role-initial") == "fail");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
