// What the judge says of offers and answers that differ from sound ones in one line: for each
// requirement the change that breaks it. What changes nothing has to pass, and what is not there
// cannot be judged.
#include "tests/reports/judge/case.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace rtclab::test {
namespace {

namespace data = boost::unit_test::data;
using enum Who;
using evidence::SignallingType;

struct Change {
  const char* requirement;
  const char* from;
  const char* to;
  const char* verdict = "fail";
};
std::ostream& operator<<(std::ostream& out, const Change& change) {
  return out << change.requirement << ": \"" << change.to << '"';
}

std::string replaced(std::string text, const Change& change) {
  const auto at = text.find(change.from);
  if (at == std::string::npos) throw std::logic_error{std::string{"no \""} + change.from + '"'};
  return text.replace(at, std::string_view{change.from}.size(), change.to);
}

const std::string kOffer = description(Alice, SignallingType::Offer);
const std::string kAnswer = description(Bob, SignallingType::Answer);

// Audio and data in one group. The answer leaves the transport to the tagged section.
std::string with_audio(Who who, SignallingType type) {
  auto data = description(who, type);
  const auto at = data.find("m=application");
  const auto transport_from = data.find("a=ice-options");
  const auto transport_to = data.find("a=sctp-port");
  const auto transport = data.substr(transport_from, transport_to - transport_from);
  const bool offers = type == SignallingType::Offer;
  auto own = transport;
  if (offers) own.replace(own.find("a=ice-ufrag:") + 12, 4, "othr");
  const std::string audio =
      "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n" + transport +
      "a=sendrecv\r\na=msid:s t\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
  auto section = data.substr(at);
  section.replace(section.find(transport), transport.size(), offers ? own : "");
  auto head = data.substr(0, at);
  head.replace(head.find("BUNDLE 0"), 8, "BUNDLE 1 0");
  return head + audio + section;
}
const std::string kAudioOffer = with_audio(Alice, SignallingType::Offer);
const std::string kAudioAnswer = with_audio(Bob, SignallingType::Answer);

Case call(const std::string& offer, const std::string& answer) {
  return std::move(Case{}.offer(0s, Alice, offer).answer(1ms, Bob, answer));
}

// A second offer and answer, which differ from the first in their version.
std::string later(std::string text) {
  return replaced(std::move(text), {"", "o=- 1 1 ", "o=- 1 2 "});
}
Case recalled(const std::string& offer, const std::string& answer) {
  auto both = call(kOffer, kAnswer);
  return std::move(both.offer(5s, Alice, offer).answer(5001ms, Bob, answer));
}

// --- of offers, also of those that are never answered ---
const std::vector<Change> kOfferChanges{
    {"oa-3264-5-o-line-ranges", "o=- 1 1", "o=- 98765432109876543210 1"},
    {"sdp-8866-5-line-order", "s=-\r\nt=0 0", "t=0 0\r\ns=-"},
    {"sdp-8866-5-crlf", "s=-\r\n", "s=-\n"},
    {"sdp-8866-5.7-conn-required", "c=IN IP4 0.0.0.0\r\n", ""},
    {"sdp-8866-5.14-m-grammar", " webrtc-datachannel", ""},
    {"icesdp-8839-4.2.1.2-default", "c=IN IP4 0.0.0.0", "c=IN IP4 192.0.2.9"},
    {"icesdp-8839-4.2.1.5-ice2-attr", "trickle ice2", "trickle"},
    {"icesdp-8839-4.3.1-creds", "a=ice-ufrag:aliU\r\n", ""},
    {"icesdp-8839-5.4-ice-chars", "a=ice-ufrag:aliU", "a=ice-ufrag:ali_"},
    {"icesdp-8839-5.4-lengths", "a=ice-ufrag:aliU", "a=ice-ufrag:al"},
    {"ice-8445-5.3-cred-entropy", "alice+password+of+22+chars", "aaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"dtlssdp-8842-5.1-no-holdconn", "a=setup:actpass", "a=setup:holdconn"},
    {"dtlssdp-8842-5.2-offer-actpass", "a=setup:actpass", "a=setup:active"},
    {"fp-8122-5-grammar", "sha-256 AB", "sha-256 ab"},
    {"fp-8122-5-no-md5", "a=fingerprint:sha-256 AB", "a=fingerprint:md5 AB"},
    {"fp-8122-5.1-sha256", "a=fingerprint:sha-256", "a=fingerprint:sha-999"},
    {"sctpsdp-8841-4.3-fmt", "webrtc-datachannel", "webrtc-datachannel another"},
    {"sctpsdp-8841-5.1-sctp-port", "a=sctp-port:5000", "a=sctp-port:05000"},
    {"sctpsdp-8841-5.1-sctp-port", "a=sctp-port:5000\r\n", ""},
    {"sctpsdp-8841-4.1-proto", "UDP/DTLS/SCTP", "DTLS/SCTP"},
    {"jsep-9429-5.1.1-no-sdes", "a=mid:0", "a=crypto:1 A inline:B\r\na=mid:0"},
    {"jsep-9429-5.2.1-meaningless", "s=-", "s=call", "advice"},
    {"jsep-9429-5.2.1-mid-each", "a=mid:0\r\n", ""},
    {"jsep-9429-5.2.1-mid-short", "a=mid:0", "a=mid:zero", "advice"},
    {"jsep-9429-5.2.1-group-bundle", "a=group:BUNDLE 0\r\n", ""},
    {"bundle-9143-7.2-group-present", "BUNDLE 0", "BUNDLE 0 x"},
};

// --- of offers with audio ---
const std::vector<Change> kAudioOfferChanges{
    {"sdp-8866-6.6-rtpmap-once", "a=rtpmap:111 opus/48000/2\r\n", ""},
    {"sdp-8866-6.7-one-direction", "a=sendrecv", "a=sendrecv\r\na=inactive"},
    {"bundle-9143-9.1-mid-extmap", "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n", ""},
    {"bundle-9143-9.3-mux", "a=rtcp-mux\r\n", ""},
    {"mux-5761-4-pt-64-95", "a=rtpmap:111", "a=rtpmap:72"},
    {"jsep-9429-5.1.2-profile-offer", "UDP/TLS/RTP/SAVPF", "RTP/SAVPF"},
    {"jsep-9429-5.2.1-unique-creds", "a=ice-ufrag:othr", "a=ice-ufrag:aliU"},
    {"jsep-9429-5.2.1-fingerprint-same", "sha-256 AB", "sha-256 AC"},
    {"jsep-9429-5.2.1-msid", "a=msid:s t\r\n", ""},
};

// --- of answers to a sound offer ---
const std::vector<Change> kAnswerChanges{
    {"oa-3264-6-answer-m-count", "m=application",
     "m=text 9 X y\r\nc=IN IP4 0.0.0.0\r\nm=application"},
    {"oa-3264-6-answer-kind", "m=application", "m=text"},
    {"oa-3264-6-answer-t", "t=0 0", "t=1 2"},
    {"oa-3264-6.1-common-format", "webrtc-datachannel", "foreign"},
    {"dtlssdp-8842-5.3-answer-role", "a=setup:active", "a=setup:actpass"},
    {"jsep-9429-5.3.1-active-default", "a=setup:active", "a=setup:passive", "advice"},
    {"jsep-9429-5.3.1-mid-copy", "a=mid:0", "a=mid:9"},
    {"jsep-9429-5.3.1-proto-copy", "UDP/DTLS/SCTP", "TCP/DTLS/SCTP"},
    {"bundle-9143-7.3-answer-subset", "BUNDLE 0", "BUNDLE 0 9"},
    {"bundle-9143-7.3-no-bundle-only", "a=mid:0", "a=bundle-only\r\na=mid:0"},
};

// --- of answers to an offer with audio ---
const std::vector<Change> kAudioAnswerChanges{
    {"oa-3264-6.1-direction", "a=sendrecv", "a=sendonly", "pass"},
    {"bundle-9143-7.3.1-answer-tag", "BUNDLE 1 0", "BUNDLE 0 1"},
    {"bundle-9143-7.1.3-tagged", "a=sctp-port", "a=ice-ufrag:bobU\r\na=sctp-port"},
};

// --- of later offers ---
const std::vector<Change> kLaterChanges{
    {"oa-3264-8-origin-stays", "o=- 1 2", "o=- 7 2"},
    {"oa-3264-8-version", "o=- 1 2 IN IP4 127.0.0.1\r\ns=-", "o=- 1 1 IN IP4 127.0.0.1\r\ns=other"},
    {"oa-3264-8-order-kept", "a=mid:0", "a=mid:5"},
    {"icesdp-8839-4.4.1.1.1-options-stable", "trickle ice2", "trickle ice2 more"},
    {"dtlssdp-8842-5.5-fingerprint-stays", "sha-256 AB", "sha-256 AC"},
    {"jsep-9429-5.2.2-s-t-same", "s=-", "s=later"},
};

BOOST_AUTO_TEST_SUITE(judge_description_tables)

BOOST_DATA_TEST_CASE(one_line_of_an_offer_decides, data::make(kOfferChanges), change) {
  // Where the text must differ for the version's sake, "s=" stands in for anything else.
  BOOST_TEST(Case{}.offer(0s, Alice, kOffer).verdict(change.requirement) == "pass");
  BOOST_TEST(Case{}.offer(0s, Alice, replaced(kOffer, change)).verdict(change.requirement) ==
             change.verdict);
}

BOOST_DATA_TEST_CASE(one_line_of_an_offer_with_audio_decides, data::make(kAudioOfferChanges),
                     change) {
  BOOST_TEST(Case{}.offer(0s, Alice, kAudioOffer).verdict(change.requirement) == "pass");
  BOOST_TEST(Case{}.offer(0s, Alice, replaced(kAudioOffer, change)).verdict(change.requirement) ==
             change.verdict);
}

BOOST_DATA_TEST_CASE(one_line_of_an_answer_decides, data::make(kAnswerChanges), change) {
  BOOST_TEST(call(kOffer, kAnswer).verdict(change.requirement) == "pass");
  BOOST_TEST(call(kOffer, replaced(kAnswer, change)).verdict(change.requirement) == change.verdict);
  BOOST_TEST(Case{}.offer(0s, Alice, kOffer).verdict(change.requirement) == "inconclusive");
}

BOOST_DATA_TEST_CASE(one_line_of_an_answer_with_audio_decides, data::make(kAudioAnswerChanges),
                     change) {
  BOOST_TEST(call(kAudioOffer, kAudioAnswer).verdict(change.requirement) == "pass");
  BOOST_TEST(call(kAudioOffer, replaced(kAudioAnswer, change)).verdict(change.requirement) ==
             change.verdict);
}

BOOST_DATA_TEST_CASE(one_line_of_a_later_offer_decides, data::make(kLaterChanges), change) {
  BOOST_TEST(recalled(later(kOffer), later(kAnswer)).verdict(change.requirement) == "pass");
  BOOST_TEST(
      recalled(replaced(later(kOffer), change), later(kAnswer)).verdict(change.requirement) ==
      change.verdict);
  if (std::string_view{change.requirement} != "oa-3264-8-version")
    BOOST_TEST(call(kOffer, kAnswer).verdict(change.requirement) == "inconclusive");
}

BOOST_AUTO_TEST_CASE(what_is_offered_in_one_direction_is_not_answered_in_the_same) {
  const auto one_way = replaced(kAudioOffer, {"", "a=sendrecv", "a=sendonly"});
  BOOST_TEST(call(one_way, kAudioAnswer).verdict("oa-3264-6.1-direction") == "fail");
  BOOST_TEST(call(one_way, replaced(kAudioAnswer, {"", "a=sendrecv", "a=recvonly"}))
                 .verdict("oa-3264-6.1-direction") == "pass");
  BOOST_TEST(call(kOffer, kAnswer).verdict("oa-3264-6.1-direction") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_refused_section_is_answered_with_a_refusal_and_has_no_candidates) {
  const auto refused = replaced(kOffer, {"", "m=application 9", "m=application 0"});
  BOOST_TEST(call(refused, kAnswer).verdict("oa-3264-8.2-port0-both") == "fail");
  BOOST_TEST(call(refused, replaced(kAnswer, {"", "m=application 9", "m=application 0"}))
                 .verdict("oa-3264-8.2-port0-both") == "pass");
  BOOST_TEST(call(kOffer, kAnswer).verdict("oa-3264-8.2-port0-both") == "inconclusive");
  const auto busy = refused + "a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n";
  BOOST_TEST(call(refused, kAnswer).verdict("icesdp-8839-4.4.1.1.2-removed-clean") == "pass");
  BOOST_TEST(call(busy, kAnswer).verdict("icesdp-8839-4.4.1.1.2-removed-clean") == "fail");
}

BOOST_AUTO_TEST_CASE(a_later_offer_has_no_fewer_sections) {
  auto shrunk = call(kAudioOffer, kAudioAnswer);
  shrunk.offer(5s, Alice, later(kOffer));
  BOOST_TEST(shrunk.verdict("oa-3264-8-m-count-monotone") == "fail");
  BOOST_TEST(recalled(later(kOffer), later(kAnswer)).verdict("oa-3264-8-m-count-monotone") ==
             "pass");
}

BOOST_AUTO_TEST_CASE(a_payload_type_keeps_its_meaning) {
  const auto again = [](const char* codec) {
    auto both = call(kAudioOffer, kAudioAnswer);
    both.offer(5s, Alice, later(replaced(kAudioOffer, {"", "opus/48000/2", codec})));
    return both.verdict("oa-3264-8.3.2-pt-stable");
  };
  BOOST_TEST(again("opus/48000/2") == "pass");
  BOOST_TEST(again("ISAC/16000") == "fail");
}

BOOST_AUTO_TEST_CASE(a_msid_stays_and_a_muxed_answer_needs_a_muxed_offer) {
  auto both = call(kAudioOffer, kAudioAnswer);
  both.offer(5s, Alice, later(replaced(kAudioOffer, {"", "a=msid:s t", "a=msid:other t"})));
  BOOST_TEST(both.verdict("jsep-9429-5.2.2-msid-stable") == "fail");
  BOOST_TEST(call(kAudioOffer, kAudioAnswer).verdict("mux-5761-5.1.1-answer") == "pass");
  BOOST_TEST(call(replaced(kAudioOffer, {"", "a=rtcp-mux\r\n", ""}), kAudioAnswer)
                 .verdict("mux-5761-5.1.1-answer") == "fail");
}

BOOST_AUTO_TEST_CASE(rtcp_mux_only_stands_beside_rtcp_mux) {
  const auto only =
      replaced(kAudioOffer, {"", "a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-mux-only\r\n"});
  BOOST_TEST(call(only, kAudioAnswer).verdict("muxonly-8858-4.2-with-mux") == "pass");
  BOOST_TEST(call(replaced(only, {"", "a=rtcp-mux\r\n", ""}), kAudioAnswer)
                 .verdict("muxonly-8858-4.2-with-mux") == "fail");
  BOOST_TEST(call(kAudioOffer, kAudioAnswer).verdict("muxonly-8858-4.2-with-mux") ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_bundle_only_section_has_port_zero_and_nothing_of_ice) {
  const auto busy = replaced(kAudioOffer, {"", "a=mid:0", "a=bundle-only\r\na=mid:0"});
  BOOST_TEST(Case{}.offer(0s, Alice, busy).verdict("bundle-9143-7.2-bundle-only-port0") == "fail");
  BOOST_TEST(Case{}.offer(0s, Alice, busy).verdict("jsep-9429-5.2.1-bundle-only-no-ice") == "fail");
  const auto zero = replaced(busy, {"", "m=application 9", "m=application 0"});
  BOOST_TEST(Case{}.offer(0s, Alice, zero).verdict("bundle-9143-7.2-bundle-only-port0") == "pass");
}

BOOST_AUTO_TEST_CASE(simulcast_names_streams_that_are_described_and_is_answered_only_if_offered) {
  const auto with = [](const char* lines) {
    return replaced(kAudioOffer, {"", "a=msid:s t", lines});
  };
  const auto good = with("a=msid:s t\r\na=rid:h send\r\na=simulcast:send h");
  const auto bad = with("a=msid:s t\r\na=rid:h send\r\na=simulcast:send h;~l");
  BOOST_TEST(Case{}.offer(0s, Alice, good).verdict("simulcast-8853-5.2-rid-exists") == "pass");
  BOOST_TEST(Case{}.offer(0s, Alice, bad).verdict("simulcast-8853-5.2-rid-exists") == "fail");
  BOOST_TEST(Case{}.offer(0s, Alice, kAudioOffer).verdict("simulcast-8853-5.2-rid-exists") ==
             "inconclusive");
  const auto answer = replaced(kAudioAnswer, {"", "a=msid:s t", "a=simulcast:recv h"});
  BOOST_TEST(call(good, answer).verdict("simulcast-8853-5.3-answer-needs-offer") == "pass");
  BOOST_TEST(call(kAudioOffer, answer).verdict("simulcast-8853-5.3-answer-needs-offer") == "fail");
}

BOOST_AUTO_TEST_CASE(one_number_means_one_thing_in_a_group) {
  const auto video = [](const char* lines) {
    return kAudioOffer + "m=video 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\n" +
           lines;
  };
  const auto offer = [](std::string text) {
    return std::move(
        Case{}.offer(0s, Alice, replaced(std::move(text), {"", "BUNDLE 1 0", "BUNDLE 1 0 2"})));
  };
  const auto same = offer(
      video("a=rtpmap:111 opus/48000/2\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"));
  const auto other = offer(video("a=rtpmap:111 VP8/90000\r\na=extmap:4 urn:other\r\n"));
  BOOST_TEST(same.verdict("bundle-9143-9.1.1-pt-share") == "pass");
  BOOST_TEST(other.verdict("bundle-9143-9.1.1-pt-share") == "fail");
  BOOST_TEST(same.verdict("bundle-9143-12-ext-id-same") == "pass");
  BOOST_TEST(other.verdict("bundle-9143-12-ext-id-same") == "fail");
}

BOOST_AUTO_TEST_CASE(the_old_form_of_a_data_section_is_answered_in_the_old_form) {
  const auto old = [](std::string text) {
    text = replaced(std::move(text), {"", "UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5000"});
    return replaced(std::move(text),
                    {"", "a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 256"});
  };
  const auto judgement = call(old(kOffer), old(kAnswer)).judged("sctpsdp-8841-4.3-fmt");
  BOOST_TEST(judgement.cases == 1u);  // only the offerer had the choice
  BOOST_TEST(judgement.breaches == 1u);
}

// --- restarts ---

const std::string kFresh =
    replaced(replaced(later(kOffer), {"", "aliU", "ali2"}),
             {"", "alice+password+of+22+chars", "another+password+of+26+let"});
const std::string kFreshAnswer =
    replaced(replaced(later(kAnswer), {"", "bobU", "bob2"}), {"", "bob+password", "new+password"});

BOOST_AUTO_TEST_CASE(a_restart_changes_both_credentials_and_the_answer_follows) {
  BOOST_TEST(recalled(kFresh, kFreshAnswer).verdict("ice-8445-9-restart-both") == "pass");
  BOOST_TEST(recalled(kFresh, kFreshAnswer).verdict("icesdp-8839-4.4.2.1-answer-restart") ==
             "pass");
  BOOST_TEST(recalled(kFresh, later(kAnswer)).verdict("icesdp-8839-4.4.2.1-answer-restart") ==
             "fail");
  BOOST_TEST(
      recalled(later(kOffer), later(kAnswer)).verdict("icesdp-8839-4.4.2.1-answer-restart") ==
      "inconclusive");
  const auto half = replaced(later(kOffer), {"", "aliU", "ali2"});
  BOOST_TEST(recalled(half, kFreshAnswer).verdict("ice-8445-9-restart-both") == "fail");
  BOOST_TEST(recalled(later(kOffer), later(kAnswer)).verdict("ice-8445-9-restart-both") ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(without_a_restart_the_answer_keeps_its_credentials_and_its_dtls_role) {
  BOOST_TEST(recalled(later(kOffer), kFreshAnswer).verdict("jsep-9429-5.3.2-answer-creds-stable") ==
             "fail");
  BOOST_TEST(
      recalled(later(kOffer), later(kAnswer)).verdict("jsep-9429-5.3.2-answer-creds-stable") ==
      "pass");
  const auto turned = replaced(later(kAnswer), {"", "a=setup:active", "a=setup:passive"});
  BOOST_TEST(recalled(later(kOffer), turned).verdict("dtlssdp-8842-5.3-continue-role") == "fail");
  BOOST_TEST(recalled(later(kOffer), later(kAnswer)).verdict("dtlssdp-8842-5.3-continue-role") ==
             "pass");
}

BOOST_AUTO_TEST_CASE(one_ufrag_has_one_password) {
  const auto other = replaced(later(kOffer), {"", "alice+password", "ecila+password"});
  BOOST_TEST(recalled(other, later(kAnswer)).verdict("icesdp-8839-5.4-ident-ufrag-pwd") == "fail");
  BOOST_TEST(recalled(later(kOffer), later(kAnswer)).verdict("icesdp-8839-5.4-ident-ufrag-pwd") ==
             "pass");
  BOOST_TEST(call(kOffer, kAnswer).verdict("icesdp-8839-5.4-ident-ufrag-pwd") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(in_glare_the_offer_that_was_rolled_back_counts_for_nothing) {
  // Both offer; Alice, who is polite, answers Bob's offer.
  const auto bobs = description(Bob, SignallingType::Offer);
  const auto alices = description(Alice, SignallingType::Answer);
  auto glare = std::move(
      Case{}.offer(0s, Alice, kAudioOffer).offer(1ms, Bob, bobs).answer(2ms, Alice, alices));
  BOOST_TEST(glare.verdict("oa-3264-6-answer-m-count") == "pass");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
