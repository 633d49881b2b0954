#include "scenarios/signal.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::scenario {
namespace {

namespace data = boost::unit_test::data;

const peer::IceCandidateInit kCandidate{.candidate = "candidate:1 1 udp 1 192.0.2.1 9 typ host",
                                        .sdp_mid = "0",
                                        .sdp_mline_index = 0,
                                        .username_fragment = "abcd"};

BOOST_AUTO_TEST_SUITE(signal_message)

BOOST_AUTO_TEST_CASE(what_is_sent_is_what_arrives) {
  auto end = kCandidate;
  end.candidate.clear();
  const std::vector<Signal> signals{peer::Description{peer::SdpType::Offer, "v=0\r\n"},
                                    peer::Description{peer::SdpType::Answer, "v=0\r\na=\"x\"\r\n"},
                                    kCandidate, end};
  for (const auto& signal : signals) BOOST_TEST((parse_signal(to_json(signal)) == signal));
}

BOOST_AUTO_TEST_CASE(the_end_of_candidates_has_a_type_of_its_own_and_names_its_generation) {
  auto end = kCandidate;
  end.candidate.clear();
  BOOST_TEST(
      to_json(end) ==
      R"({"type":"end-of-candidates","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"})");
}

BOOST_DATA_TEST_CASE(text_that_is_no_signal_is_refused,
                     data::make({"", "{", "[]", "null", "42", "{}", R"({"type":7})",
                                 R"({"type":"offer"})", R"({"type":"offer","sdp":1})",
                                 R"({"type":"bye","sdp":""})", R"({"type":"candidate"})",
                                 R"({"type":"candidate","candidate":null})"}),
                     text) {
  BOOST_TEST(!parse_signal(text).has_value());
}

BOOST_AUTO_TEST_CASE(members_of_a_wrong_type_are_taken_as_absent) {
  const auto signal = parse_signal(
      R"({"type":"candidate","candidate":"candidate:x","sdpMid":3,"sdpMLineIndex":-1})");
  BOOST_REQUIRE(signal.has_value());
  const auto& init = std::get<peer::IceCandidateInit>(*signal);
  BOOST_TEST(!init.sdp_mid.has_value());
  BOOST_TEST(!init.sdp_mline_index.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
