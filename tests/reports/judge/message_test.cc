// RFC 8489: the form of messages, requests and responses.
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::Fate;
using stun::Class;
using stun::Method;

// One datagram of Alice's to Bob, whatever its octets.
Case one(Bytes payload) {
  return std::move(Case{}.negotiated().packet(1s, Alice, Bob, std::move(payload)));
}

Bytes changed(Bytes octets, std::size_t place, unsigned value) {
  octets.at(place) = static_cast<std::byte>(value);
  return octets;
}

Bytes with(Deviation deviation) {
  return stun::seal(
      check({}),
      {.key = stun::short_term_key(kBobPwd), .fingerprint = true, .deviations = {deviation}});
}

BOOST_AUTO_TEST_SUITE(judge_messages)

BOOST_AUTO_TEST_CASE(evidence_of_nothing_is_inconclusive_about_everything) {
  for (const auto& judgement : judge::judge(evidence::Evidence{})) {
    BOOST_TEST((judgement.verdict == judge::Verdict::Inconclusive), judgement.requirement->id);
    BOOST_TEST(judgement.cases == 0u);
    BOOST_TEST(judgement.exhibits.empty());
    BOOST_TEST(judgement.summary.ends_with(" in the evidence"), judgement.summary);
  }
}

BOOST_AUTO_TEST_CASE(a_sound_check_passes_what_is_said_of_its_form) {
  const auto sound = one(sealed_check({}));
  for (const auto* id :
       {"stun-8489-5-msb-zero", "stun-8489-5-length-body", "stun-8489-5-txid-fresh",
        "stun-8489-14-attr-pad", "stun-8489-14.5-mi-coverage", "stun-8489-14.7-fp-last",
        "stun-8489-9.1.2-st-username", "ice-8445-7.1.1-priority-attr", "ice-8445-7.1.3-role-attr",
        "ice-8445-7.2.2-short-term-cred", "ice-8445-7.2.4-fingerprint",
        "ice-8445-6.1.1-role-initial"}) {
    BOOST_TEST(sound.verdict(id) == "pass", id);
  }
}

BOOST_AUTO_TEST_CASE(a_set_top_bit_fails_and_names_its_frame) {
  const auto judgement = one(changed(sealed_check({}), 0, 0x80)).judged("stun-8489-5-msb-zero");
  BOOST_TEST((judgement.verdict == judge::Verdict::Fail));
  BOOST_TEST(
      judgement.summary ==
      "messages with the STUN cookie: 1 of 1 not as required, first alice: first octet 0x80");
  BOOST_TEST(judgement.exhibits.at(0).frame.value() == 1u);
  BOOST_TEST(judgement.exhibits.at(0).capture == "capture.pcapng");
}

BOOST_AUTO_TEST_CASE(a_length_that_counts_the_header_fails) {
  BOOST_TEST(one(with(Deviation::StunLengthCountsHeader)).verdict("stun-8489-5-length-body") ==
             "fail");
}

BOOST_AUTO_TEST_CASE(padding_that_is_not_zero_fails) {
  BOOST_TEST(one(with(Deviation::StunPaddingNonZero)).verdict("stun-8489-14-attr-pad") == "fail");
}

BOOST_AUTO_TEST_CASE(messages_without_padding_say_nothing_about_it) {
  const auto bare = message(Class::Request, Method::Binding, 1);
  BOOST_TEST(one(stun::seal(bare)).verdict("stun-8489-14-attr-pad") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_fingerprint_before_the_signature_is_there_but_not_last) {
  const auto early = one(with(Deviation::StunFingerprintNotLast));
  BOOST_TEST(early.verdict("stun-8489-14.7-fp-last") == "fail");
  BOOST_TEST(early.verdict("ice-8445-7.2.4-fingerprint") == "pass");
}

BOOST_AUTO_TEST_CASE(a_wrong_fingerprint_fails_where_it_is_checked) {
  auto octets = sealed_check({});
  octets.back() ^= std::byte{1};
  BOOST_TEST(one(octets).verdict("stun-8489-14.7-fp-last") == "fail");
}

BOOST_AUTO_TEST_CASE(a_signature_under_no_password_is_a_matter_of_its_computation) {
  const auto unadjusted = one(with(Deviation::StunIntegrityUnadjustedLength));
  BOOST_TEST(unadjusted.verdict("stun-8489-14.5-mi-coverage") == "fail");
  BOOST_TEST(unadjusted.verdict("ice-8445-7.2.2-short-term-cred") == "pass");
}

BOOST_AUTO_TEST_CASE(a_signature_under_the_senders_own_password_is_a_matter_of_credentials) {
  const auto own = one(sealed(check({}), kAlicePwd));
  BOOST_TEST(own.verdict("stun-8489-14.5-mi-coverage") == "pass");
  BOOST_TEST(own.verdict("ice-8445-7.2.2-short-term-cred") == "fail");
}

BOOST_AUTO_TEST_CASE(without_descriptions_nobody_knows_the_password) {
  const auto unknown = std::move(Case{}.packet(1s, Alice, Bob, sealed_check({})));
  BOOST_TEST(unknown.verdict("stun-8489-14.5-mi-coverage") == "inconclusive");
  BOOST_TEST(unknown.verdict("ice-8445-7.2.2-short-term-cred") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(ids_that_count_up_are_not_random) {
  Case counting;
  Case random;
  for (unsigned i = 1; i <= 12; ++i) {
    auto counted = message(Class::Request, Method::Binding, 0);
    counted.transaction = {};
    counted.transaction.octets[11] = static_cast<std::byte>(i);
    counting.packet(i * 1s, Alice, Turn, stun::seal(counted));
    random.packet(i * 1s, Alice, Turn, stun::seal(message(Class::Request, Method::Binding, i)));
  }
  BOOST_TEST(counting.verdict("stun-8489-5-txid-random") == "fail");
  BOOST_TEST(random.verdict("stun-8489-5-txid-random") == "pass");
}

BOOST_AUTO_TEST_CASE(seven_ids_are_too_few_to_tell) {
  Case few;
  for (unsigned i = 1; i <= 7; ++i)
    few.packet(i * 1s, Alice, Turn, stun::seal(message(Class::Request, Method::Binding, i)));
  BOOST_TEST(few.verdict("stun-8489-5-txid-random") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(the_same_octets_may_keep_their_id_and_others_may_not) {
  auto resent = one(sealed_check({}));
  resent.packet(2s, Alice, Bob, sealed_check({}));
  BOOST_TEST(resent.verdict("stun-8489-5-txid-fresh") == "pass");

  auto rewritten = one(sealed_check({}));
  rewritten.packet(2s, Alice, Bob, sealed_check({.nominates = true}));
  BOOST_TEST(rewritten.verdict("stun-8489-5-txid-fresh") == "fail");

  auto elsewhere = one(sealed_check({}));
  elsewhere.packet(2s, Alice, Turn, sealed_check({}));
  BOOST_TEST(elsewhere.verdict("stun-8489-5-txid-fresh") == "fail");
}

BOOST_AUTO_TEST_CASE(a_response_needs_the_id_of_its_request) {
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("stun-8489-5-txid-echo") == "pass");
  auto strange = one(sealed_check({.number = 1}));
  strange.packet(1010ms, Bob, Alice, success(Bob, 2));
  const auto judgement = strange.judged("stun-8489-5-txid-echo");
  BOOST_TEST(judgement.summary ==
             "responses: 1 of 1 not as required, first bob: Binding success under an id that "
             "nobody asked with");
}

BOOST_AUTO_TEST_CASE(a_response_to_something_unseen_proves_nothing) {
  BOOST_TEST(Case{}.packet(1s, Bob, Alice, success(Bob, 2)).verdict("stun-8489-5-txid-echo") ==
             "inconclusive");
}

// Sends of one request at these times.
Case resends(std::vector<Duration> times) {
  Case call;
  call.negotiated();
  for (const auto at : times) call.packet(at, Alice, Bob, sealed_check({}), Fate::Lost);
  return call;
}

BOOST_AUTO_TEST_CASE(resends_at_half_a_second_and_doubling_follow_the_schedule) {
  const auto good = resends({1s, 1500ms, 2500ms, 4500ms});
  BOOST_TEST(good.verdict("stun-8489-6.2.1-rto-floor") == "pass");
  BOOST_TEST(good.verdict("stun-8489-6.2.1-rto-double") == "pass");
  BOOST_TEST(good.verdict("ice-8445-14.3-rto-floor") == "pass");
}

BOOST_AUTO_TEST_CASE(an_early_resend_is_advice_for_stun_and_a_failure_for_ice) {
  const auto early = resends({1s, 1499999us});
  BOOST_TEST(early.verdict("stun-8489-6.2.1-rto-floor") == "advice");
  BOOST_TEST(early.verdict("ice-8445-14.3-rto-floor") == "fail");
}

BOOST_AUTO_TEST_CASE(a_recordings_clock_is_given_two_milliseconds) {
  auto early = resends({1s, 1499ms});
  BOOST_TEST(early.recorded().verdict("ice-8445-14.3-rto-floor") == "pass");
}

BOOST_AUTO_TEST_CASE(waits_that_stay_the_same_are_advice) {
  const auto judgement = resends({1s, 1500ms, 2s}).judged("stun-8489-6.2.1-rto-double");
  BOOST_TEST((judgement.verdict == judge::Verdict::Advice));
  BOOST_TEST(
      judgement.exhibits.at(0).what ==
      "alice: Binding request sent a third time after 500.0 ms; the first wait was 500.0 ms");
}

BOOST_AUTO_TEST_CASE(one_late_timer_of_a_real_machine_is_no_departure) {
  auto late = resends({1s, 1100ms, 1322ms, 1722ms});
  BOOST_TEST(late.verdict("stun-8489-6.2.1-rto-double") == "advice");
  BOOST_TEST(late.recorded().verdict("stun-8489-6.2.1-rto-double") == "pass");
}

BOOST_AUTO_TEST_CASE(two_sends_have_no_second_wait) {
  BOOST_TEST(resends({1s, 1500ms}).verdict("stun-8489-6.2.1-rto-double") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(an_answered_request_is_not_sent_again) {
  auto call = std::move(Case{}.negotiated().answered(1s, {}));
  BOOST_TEST(call.verdict("stun-8489-6.2.1-stop-on-response") == "pass");
  call.packet(1500ms, Alice, Bob, sealed_check({}));
  BOOST_TEST(call.verdict("stun-8489-6.2.1-stop-on-response") == "fail");
}

BOOST_AUTO_TEST_CASE(an_answer_that_was_lost_or_forged_does_not_stop_a_request) {
  auto lost = one(sealed_check({}));
  lost.packet(1010ms, Bob, Alice, success(Bob, 1), Fate::Lost)
      .packet(1500ms, Alice, Bob, sealed_check({}));
  BOOST_TEST(lost.verdict("stun-8489-6.2.1-stop-on-response") == "inconclusive");

  auto forged = one(sealed_check({}));
  forged.packet(1010ms, Bob, Alice, success(Alice, 1)).packet(1500ms, Alice, Bob, sealed_check({}));
  BOOST_TEST(forged.verdict("stun-8489-6.2.1-stop-on-response") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(an_error_says_which) {
  BOOST_TEST(one(error(Alice, 1, 400)).verdict("stun-8489-6.3.1.1-error-code-attr") == "pass");
  BOOST_TEST(one(stun::seal(message(Class::Error, Method::Binding, 1)))
                 .verdict("stun-8489-6.3.1.1-error-code-attr") == "fail");
}

BOOST_AUTO_TEST_CASE(an_indication_is_left_alone) {
  auto call = one(stun::seal(message(Class::Indication, Method::Binding, 1)));
  BOOST_TEST(call.verdict("stun-8489-6.3.2-indication-silent") == "pass");
  call.packet(1010ms, Bob, Alice, success(Bob, 1));
  BOOST_TEST(call.verdict("stun-8489-6.3.2-indication-silent") == "fail");
  BOOST_TEST(call.verdict("stun-8489-5-txid-echo") == "pass");
}

BOOST_AUTO_TEST_CASE(a_signed_check_gets_a_signed_answer_without_a_name) {
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("stun-8489-9.1.3-st-resp-signed") ==
             "pass");
  auto response = message(Class::Success, Method::Binding, 1).add(stun::XorMappedAddress{kAlice});
  auto unsigned_one = one(sealed_check({}));
  unsigned_one.packet(1010ms, Bob, Alice, stun::seal(response));
  BOOST_TEST(unsigned_one.verdict("stun-8489-9.1.3-st-resp-signed") == "fail");
  auto named = one(sealed_check({}));
  named.packet(1010ms, Bob, Alice, sealed(response.add(stun::Username{"aliU:bobU"}), kBobPwd));
  BOOST_TEST(named.verdict("stun-8489-9.1.3-st-resp-signed") == "fail");
  BOOST_TEST(one(sealed_check({})).verdict("stun-8489-9.1.3-st-resp-signed") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(the_mapped_address_is_where_the_request_came_from) {
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("stun-8489-12-binding-xma") == "pass");
  auto call = one(sealed_check({}));
  auto wrong = message(Class::Success, Method::Binding, 1).add(stun::XorMappedAddress{kBob});
  call.packet(1010ms, Bob, Alice, sealed(wrong, kBobPwd));
  BOOST_TEST(call.verdict("stun-8489-12-binding-xma") == "fail");
}

// --- TURN ---

Case allocate(stun::Message request) {
  return std::move(Case{}.packet(1s, Alice, Turn, stun::seal(request)));
}

BOOST_AUTO_TEST_CASE(the_first_allocate_shows_no_credentials) {
  const auto bare = message(Class::Request, Method::Allocate, 1);
  BOOST_TEST(allocate(bare).verdict("stun-8489-9.2.3.1-lt-first-bare") == "pass");
  auto named = bare;
  const auto judgement =
      allocate(named.add(stun::Username{"alice"})).judged("stun-8489-9.2.3.1-lt-first-bare");
  BOOST_TEST(judgement.exhibits.at(0).what == "alice: first Allocate with USERNAME");
}

BOOST_AUTO_TEST_CASE(after_a_stale_nonce_the_fresh_one_counts) {
  const auto with_nonce = [](const char* nonce) {
    Case call;
    const auto request = [](unsigned number, const char* of) {
      return stun::seal(message(Class::Request, Method::Refresh, number).add(stun::Nonce{of}));
    };
    auto stale = message(Class::Error, Method::Refresh, 1)
                     .add(stun::ErrorCode::standard(438))
                     .add(stun::Nonce{"new"});
    call.packet(1s, Alice, Turn, request(1, "old")).packet(1010ms, Turn, Alice, stun::seal(stale));
    call.packet(1015ms, Alice, Turn, request(2, "old"));  // it has not heard of it yet
    if (nonce != nullptr) call.packet(1030ms, Alice, Turn, request(3, nonce));
    return call.verdict("stun-8489-9.2.5-lt-438-retry");
  };
  BOOST_TEST(with_nonce("new") == "pass");
  BOOST_TEST(with_nonce("old") == "fail");
  BOOST_TEST(with_nonce(nullptr) == "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_send_indication_waits_until_the_permission_has_arrived) {
  const auto sent_at = [](Duration at) {
    Case call;
    auto asks =
        message(Class::Request, Method::CreatePermission, 1).add(stun::XorPeerAddress{kBob});
    auto sends = message(Class::Indication, Method::Send, 2)
                     .add(stun::XorPeerAddress{kBob})
                     .add(stun::Data{{}});
    call.packet(1s, Alice, Turn, stun::seal(asks));
    call.packet(1010ms, Turn, Alice,
                stun::seal(message(Class::Success, Method::CreatePermission, 1)));
    call.packet(at, Alice, Turn, stun::seal(sends));
    return call.verdict("turn-8656-11.1-send-needs-permission");
  };
  BOOST_TEST(sent_at(1020ms) == "pass");
  BOOST_TEST(sent_at(1019ms) == "fail");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
