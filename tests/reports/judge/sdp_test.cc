// What descriptions and candidates say.
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::SignallingType;
using Change = std::pair<std::string_view, std::string_view>;

constexpr auto kHost = "candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host";
constexpr auto kReflexive =
    "candidate:2 1 udp 1694498815 192.0.2.9 5000 typ srflx raddr 10.0.0.1 rport 5000";

std::string offering(std::string_view requirement, Change change = {}) {
  return Case{}
      .offer(0s, Alice, description(Alice, SignallingType::Offer, change))
      .verdict(requirement);
}

std::string answering(std::string_view requirement, Change change = {}) {
  return Case{}
      .offer(0s, Alice, description(Alice, SignallingType::Offer))
      .answer(1s, Bob, description(Bob, SignallingType::Answer, change))
      .verdict(requirement);
}

std::string trickling(std::string_view requirement, std::vector<std::string> candidates) {
  Case call;
  for (auto& each : candidates) call.candidate(1s, Alice, std::move(each));
  return call.verdict(requirement);
}

BOOST_AUTO_TEST_SUITE(judge_sdp)

BOOST_AUTO_TEST_CASE(a_sound_offer_and_answer_pass) {
  const auto call = std::move(Case{}.negotiated());
  for (const auto* id :
       {"icesdp-8839-4.2.1.5-ice2-attr", "icesdp-8839-5.4-lengths", "sdp-8866-5-line-order",
        "dtlssdp-8842-5.2-offer-actpass", "dtlssdp-8842-5.3-answer-role",
        "bundle-9143-7.2-group-present", "bundle-9143-7.3-answer-subset"}) {
    BOOST_TEST(call.verdict(id) == "pass", id);
  }
}

BOOST_AUTO_TEST_CASE(ice2_is_told) {
  BOOST_TEST(offering("icesdp-8839-4.2.1.5-ice2-attr", {"trickle ice2", "trickle"}) == "fail");
}

BOOST_AUTO_TEST_CASE(fragment_and_password_have_their_least_length) {
  BOOST_TEST(offering("icesdp-8839-5.4-lengths", {"aliU", "ali"}) == "fail");
  BOOST_TEST(offering("icesdp-8839-5.4-lengths", {kAlicePwd, "short"}) == "fail");
}

BOOST_AUTO_TEST_CASE(lines_stand_in_order) {
  BOOST_TEST(offering("sdp-8866-5-line-order", {"s=-\r\nt=0 0\r\n", "t=0 0\r\ns=-\r\n"}) == "fail");
}

BOOST_AUTO_TEST_CASE(a_first_offer_is_actpass_with_a_fingerprint) {
  BOOST_TEST(offering("dtlssdp-8842-5.2-offer-actpass", {"setup:actpass", "setup:active"}) ==
             "fail");
  BOOST_TEST(offering("dtlssdp-8842-5.2-offer-actpass", {"a=fingerprint:", "a=x-other:"}) ==
             "fail");
}

BOOST_AUTO_TEST_CASE(a_later_offer_may_name_its_role) {
  auto call = std::move(Case{}.negotiated());
  call.offer(2s, Alice,
             description(Alice, SignallingType::Offer, {"setup:actpass", "setup:passive"}));
  BOOST_TEST(call.verdict("dtlssdp-8842-5.2-offer-actpass") == "pass");
}

BOOST_AUTO_TEST_CASE(an_answer_chooses_its_role) {
  BOOST_TEST(answering("dtlssdp-8842-5.3-answer-role", {"setup:active", "setup:actpass"}) ==
             "fail");
  BOOST_TEST(answering("dtlssdp-8842-5.3-answer-role", {"a=setup:active\r\n", ""}) == "fail");
  BOOST_TEST(offering("dtlssdp-8842-5.3-answer-role") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_bundle_group_names_sections_that_are_there) {
  BOOST_TEST(offering("bundle-9143-7.2-group-present", {"BUNDLE 0", "BUNDLE 0 1"}) == "fail");
  BOOST_TEST(offering("bundle-9143-7.2-group-present", {"a=group:BUNDLE 0\r\n", ""}) ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(an_answer_bundles_only_what_was_offered_and_accepted) {
  BOOST_TEST(answering("bundle-9143-7.3-answer-subset", {"BUNDLE 0", "BUNDLE 0 1"}) == "fail");
  BOOST_TEST(answering("bundle-9143-7.3-answer-subset", {"m=application 9", "m=application 0"}) ==
             "fail");
  BOOST_TEST(offering("bundle-9143-7.3-answer-subset") == "inconclusive");
}

// --- candidates ---

BOOST_AUTO_TEST_CASE(a_candidate_follows_its_grammar) {
  BOOST_TEST(trickling("icesdp-8839-5.1-candidate-grammar", {kHost, kReflexive}) == "pass");
  for (const auto* bad : {"candidate:1 1 udp 2130706431 10.0.0.1 typ host",
                          "candidate:1 one udp 1 10.0.0.1 5000 typ host",
                          "candidate:a-b 1 udp 2130706431 10.0.0.1 5000 typ host",
                          "candidate:1 257 udp 2130706431 10.0.0.1 5000 typ host"}) {
    BOOST_TEST(trickling("icesdp-8839-5.1-candidate-grammar", {bad}) == "fail", bad);
  }
}

BOOST_AUTO_TEST_CASE(a_reflexive_candidate_has_a_related_address_and_a_host_has_none) {
  BOOST_TEST(trickling("icesdp-8839-5.1-rel-addr", {kHost, kReflexive}) == "pass");
  BOOST_TEST(trickling("icesdp-8839-5.1-rel-addr",
                       {"candidate:2 1 udp 1 192.0.2.9 5000 typ srflx"}) == "fail");
  BOOST_TEST(trickling("icesdp-8839-5.1-rel-addr",
                       {std::string{kHost} + " raddr 10.0.0.1 rport 5000"}) == "fail");
}

BOOST_AUTO_TEST_CASE(priorities_are_unique_in_a_stream) {
  const auto* const id = "ice-8445-5.1.2-prio-range-unique";
  const std::string other = "candidate:1 1 udp 2130706431 10.0.0.1 5001 typ host";
  BOOST_TEST(trickling(id, {kHost, kReflexive}) == "pass");
  BOOST_TEST(trickling(id, {kHost, other}) == "fail");
  BOOST_TEST(trickling(id, {"candidate:1 1 udp 0 10.0.0.1 5000 typ host"}) == "fail");
  BOOST_TEST(trickling(id, {kHost, kHost}) ==
             "pass");  // told twice, as a description may repeat it
  BOOST_TEST(Case{}.candidate(1s, Alice, kHost, "0").candidate(1s, Alice, other, "1").verdict(id) ==
             "pass");
}

// The most preferred address first, as the digit of its family.
std::string ordered(std::string_view families) {
  std::vector<std::string> candidates;
  for (std::size_t i = 0; i < families.size(); ++i) {
    candidates.push_back(fmt::format("candidate:{} 1 udp {} {}{} 5000 typ host", i + 1,
                                     2130706431 - 256 * i,
                                     families[i] == '6' ? "2001:db8::" : "192.0.2.", i + 1));
  }
  return trickling("dualstack-8421-4-interleave", std::move(candidates));
}

BOOST_AUTO_TEST_CASE(neither_family_waits_for_all_of_the_other) {
  BOOST_TEST(ordered("66664664") == "pass");  // RFC 8421 §4 has this order
  BOOST_TEST(ordered("64646666") == "pass");
  BOOST_TEST(ordered("664") == "pass");
  BOOST_TEST(ordered("66666644") == "advice");
  BOOST_TEST(ordered("44666666") == "advice");
  BOOST_TEST(ordered("666") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(each_type_has_foundations_of_its_own) {
  const auto* const id = "ice-8445-5.1.1.3-foundation-diff";
  BOOST_TEST(trickling(id, {kHost, kReflexive}) == "pass");
  BOOST_TEST(
      trickling(
          id, {kHost, "candidate:1 1 udp 1 192.0.2.9 5000 typ srflx raddr 10.0.0.1 rport 5000"}) ==
      "fail");
}

// --- the end of candidates ---

BOOST_AUTO_TEST_CASE(an_end_names_a_generation_of_its_sender) {
  const auto ending = [](Who who, std::optional<std::string> ufrag) {
    return Case{}
        .negotiated()
        .end_of_candidates(2s, who, std::move(ufrag))
        .verdict("trickle-8838-13-eoc-generation");
  };
  BOOST_TEST(ending(Alice, "aliU") == "pass");
  BOOST_TEST(ending(Alice, std::nullopt) == "fail");
  BOOST_TEST(ending(Alice, "bobU") == "fail");
}

BOOST_AUTO_TEST_CASE(nothing_follows_the_end_in_the_same_stream_and_generation) {
  const auto* const id = "trickle-8838-13-no-candidate-after-eoc";
  const auto ended = [](std::optional<std::string> ufrag) {
    return std::move(Case{}
                         .negotiated()
                         .candidate(2s, Alice, kHost)
                         .end_of_candidates(3s, Alice, std::move(ufrag)));
  };
  BOOST_TEST(ended("aliU").verdict(id) == "pass");
  BOOST_TEST(ended("aliU").candidate(4s, Alice, kReflexive).verdict(id) == "fail");
  BOOST_TEST(ended(std::nullopt).candidate(4s, Alice, kReflexive).verdict(id) == "fail");
  BOOST_TEST(ended("aliU").candidate(4s, Alice, kReflexive, "1").verdict(id) == "pass");
  BOOST_TEST(ended("aliU").candidate(4s, Bob, kReflexive).verdict(id) == "pass");
  BOOST_TEST(ended("old").candidate(4s, Alice, kReflexive).verdict(id) == "pass");
}

BOOST_AUTO_TEST_CASE(the_local_end_in_a_recording_never_travels) {
  auto call =
      std::move(Case{}.negotiated().end_of_candidates(2s, Alice, std::nullopt, std::nullopt));
  auto recording = call;
  BOOST_TEST(call.verdict("trickle-8838-13-eoc-generation") == "fail");
  BOOST_TEST(recording.recorded().verdict("trickle-8838-13-eoc-generation") == "inconclusive");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
