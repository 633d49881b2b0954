#include "agents/peer/simulcast.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::peer {
namespace {

using Rids = std::vector<std::string>;

const Rids kThree{"1", "2", "3"};
const std::vector<Format> kVp8{{sdp::PayloadType{96}, {"VP8", 90000}}};

Encodings read(const std::vector<std::string>& rids, std::string_view simulcast) {
  Encodings encodings;
  for (const auto& rid : rids) encodings.rids.push_back(sdp::Rid::parse(rid).value());
  encodings.simulcast = sdp::Simulcast::parse(simulcast).value();
  return encodings;
}

std::vector<std::string> written(const Encodings& encodings) {
  std::vector<std::string> lines;
  for (const auto& rid : encodings.rids) lines.push_back(rid.to_string());
  if (encodings.simulcast) lines.push_back(encodings.simulcast->to_string());
  return lines;
}

BOOST_AUTO_TEST_SUITE(simulcast)

BOOST_AUTO_TEST_CASE(an_offer_lists_its_encodings_as_streams_to_send) {
  BOOST_TEST(written(offer_encodings(kThree)) ==
             (Rids{"1 send", "2 send", "3 send", "send 1;2;3"}));
}

// RFC 9429 §5.2.1.
BOOST_AUTO_TEST_CASE(one_encoding_with_a_rid_is_no_simulcast) {
  BOOST_TEST(written(offer_encodings(Rids{"hi"})) == Rids{"hi send"});
  BOOST_TEST(written(offer_encodings({})).empty());
}

// RFC 9429 §3.7.
BOOST_AUTO_TEST_CASE(a_browser_does_not_accept_simulcast) {
  const auto answer = answer_encodings(offer_encodings(kThree), {}, SimulcastReceipt::Refuse, kVp8);

  BOOST_TEST((answer == Encodings{}));
}

BOOST_AUTO_TEST_CASE(a_server_accepts_it_with_the_directions_turned) {
  const auto offer = offer_encodings(kThree);
  const auto answer = answer_encodings(offer, {}, SimulcastReceipt::Accept, kVp8);

  BOOST_TEST(written(answer) == (Rids{"1 recv", "2 recv", "3 recv", "recv 1;2;3"}));
  BOOST_TEST(agreed_rids(offer, answer) == kThree);
}

// RFC 8853 §5.3.2, §5.3.3.
BOOST_AUTO_TEST_CASE(what_the_answer_leaves_out_or_pauses_is_not_sent) {
  const auto offer = offer_encodings(kThree);

  BOOST_TEST(agreed_rids(offer, read({"3 recv", "1 recv"}, "recv 3;1")) == (Rids{"3", "1"}));
  BOOST_TEST(agreed_rids(offer, read({"1 recv", "2 recv"}, "recv ~1;2")) == Rids{"2"});
  BOOST_TEST(agreed_rids(offer, read({"4 recv"}, "recv 4")).empty());
  BOOST_TEST(agreed_rids(offer, Encodings{}).empty());
}

BOOST_AUTO_TEST_CASE(an_offer_to_receive_simulcast_gets_the_encodings_that_we_have) {
  const auto offer = read({"a recv", "b recv", "1 recv", "2 recv"}, "recv a,1;2,b");

  const auto answer = answer_encodings(offer, kThree, SimulcastReceipt::Refuse, kVp8);

  BOOST_TEST(written(answer) == (Rids{"1 send", "2 send", "send 1;2"}));
  BOOST_TEST(agreed_rids(answer, offer) == (Rids{"1", "2"}));
}

// RFC 8851 §6.2.2, steps 3 and 4, and §6.3, step 4.
BOOST_AUTO_TEST_CASE(a_rid_is_dropped_when_its_formats_or_restrictions_are_not_ours) {
  const auto offer =
      read({"1 recv pt=96,97", "2 recv pt=97", "3 recv max-width=320;secret=1"}, "recv 1;2;3");

  const auto answer = answer_encodings(offer, kThree, SimulcastReceipt::Refuse, kVp8);

  BOOST_TEST(written(answer) == (Rids{"1 send pt=96", "send 1"}));
}

BOOST_AUTO_TEST_CASE(an_unknown_restriction_on_what_we_receive_is_no_reason_to_refuse) {
  const auto offer = read({"1 send secret=1"}, "send 1");

  const auto answer = answer_encodings(offer, {}, SimulcastReceipt::Accept, kVp8);

  BOOST_TEST(written(answer) == (Rids{"1 recv secret=1", "recv 1"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
