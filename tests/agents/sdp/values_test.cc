#include "agents/sdp/values.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::sdp {
namespace {

namespace data = boost::unit_test::data;

template <class T>
bool reads_what_it_writes(std::string_view text) {
  const auto value = T::parse(text);
  return value && value->to_string() == text && T::parse(value->to_string()) == value;
}

const std::string kSha256 =
    "19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:70:88:"
    "A2";

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(each_value_reads_what_it_writes) {
  BOOST_TEST(reads_what_it_writes<Origin>("- 4962303333179871722 1 IN IP4 0.0.0.0"));
  BOOST_TEST(
      reads_what_it_writes<Origin>("jdoe 99999999999999999999999 18446744073709551615 IN IP6 ::1"));
  BOOST_TEST(reads_what_it_writes<Connection>("IN IP4 233.252.0.1/127/3"));
  BOOST_TEST(reads_what_it_writes<MediaLine>("application 9 UDP/DTLS/SCTP webrtc-datachannel"));
  BOOST_TEST(reads_what_it_writes<MediaLine>("video 49170/2 RTP/AVP 31 98"));
  BOOST_TEST(reads_what_it_writes<Fingerprint>("sha-256 " + kSha256));
  BOOST_TEST(reads_what_it_writes<Group>("BUNDLE a1 v1"));
  BOOST_TEST(reads_what_it_writes<Group>("BUNDLE"));
}

// RFC 8122 §5 writes the hash in lower and the octets in upper case; not all do.
BOOST_AUTO_TEST_CASE(a_fingerprint_is_held_as_the_rfc_writes_it) {
  const auto fingerprint =
      Fingerprint::parse("SHA-1 4a:ad:b9:b1:3f:82:18:3b:54:02:12:df:3e:5d:49:6b:19:e5:7c:ab");

  BOOST_TEST(fingerprint->algorithm == "sha-1");
  BOOST_TEST(fingerprint->value == "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB");
}

BOOST_AUTO_TEST_CASE(a_fingerprint_has_the_length_of_its_hash) {
  BOOST_TEST(!Fingerprint::parse("sha-1 " + kSha256).has_value());
  BOOST_TEST(!Fingerprint::parse("sha-256 AB:CD").has_value());
  BOOST_TEST(Fingerprint::parse("new-hash AB:CD").has_value());
}

BOOST_DATA_TEST_CASE(text_that_is_no_fingerprint_is_refused,
                     data::make({"", "sha-256", "sha-256 ", "x ABCD", "x AB:", "x AB:G0", "x AB:C",
                                 "x AB CD", "x +1:AB"}),
                     text) {
  BOOST_TEST(!Fingerprint::parse(text).has_value());
}

BOOST_DATA_TEST_CASE(text_that_is_no_media_line_is_refused,
                     data::make({"", "audio", "audio 9 RTP/AVP", "audio 65536 RTP/AVP 0",
                                 "audio x RTP/AVP 0", "audio 9/ RTP/AVP 0", "audio 9/0 RTP/AVP 0",
                                 "audio 9 RTP//AVP 0", "audio  9 RTP/AVP 0", "audio 9 RTP/AVP 0 ",
                                 "au:dio 9 RTP/AVP 0"}),
                     text) {
  BOOST_TEST(!MediaLine::parse(text).has_value());
}

BOOST_DATA_TEST_CASE(text_that_is_no_origin_is_refused,
                     data::make({"", "- 1 1 IN IP4", "- x 1 IN IP4 h", "- 1 x IN IP4 h",
                                 "- 1 -1 IN IP4 h", "- 1 1 IN IP4 h h",
                                 "- 1 18446744073709551616 IN IP4 h", "-  1 1 IN IP4 h"}),
                     text) {
  BOOST_TEST(!Origin::parse(text).has_value());
}

BOOST_AUTO_TEST_CASE(other_values_refuse_what_their_grammar_does_not_know) {
  BOOST_TEST(!Connection::parse("IN IP4").has_value());
  BOOST_TEST(!Group::parse("").has_value());
  BOOST_TEST(!Group::parse("BUNDLE a  b").has_value());
  BOOST_TEST(!parse_setup("ACTIVE").has_value());
}

// RFC 8839 §5.6 wants spaces; libdatachannel writes "ice2,trickle".
BOOST_AUTO_TEST_CASE(ice_options_may_stand_between_commas) {
  const std::vector<std::string> both{"ice2", "trickle"};

  BOOST_TEST(parse_ice_options("ice2 trickle") == both);
  BOOST_TEST(parse_ice_options("ice2,trickle") == both);
  BOOST_TEST(parse_ice_options(" ,").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sdp
