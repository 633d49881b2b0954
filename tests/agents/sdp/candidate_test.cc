#include "agents/sdp/candidate.h"

#include "tests/agents/sdp/support.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::sdp {
namespace {

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(candidate)

// One of each shape that the recordings of real peers hold.
const std::vector<std::string> kSeen{
    "candidate:0 1 UDP 2122252543 10.2.0.2 53926 typ host",
    "candidate:1 1 TCP 2105524479 10.77.0.1 9 typ host tcptype active",
    "candidate:1124135880 1 udp 1686052607 203.0.113.1 54850 typ srflx raddr 10.1.0.2 rport 54850 "
    "generation 0 "
    "ufrag KCH8 network-id 1",
    "candidate:2409586463 1 udp 58662911 203.0.113.10 64177 typ relay raddr 0.0.0.0 rport 0 "
    "generation 0 "
    "ufrag DkWY network-id 1",
    "candidate:240708694 1 udp 2113937151 d9197193-d9af-4e68-b88f-227332229c34.local 57626 typ "
    "host "
    "generation 0 ufrag EUue network-cost 999",
    "candidate:41c49a367b69f260933ec15436c8fa3b 1 udp 2130706431 2001:db8::7 52161 typ host",
};

BOOST_DATA_TEST_CASE(what_real_peers_write_is_written_back_the_same, data::make(kSeen), text) {
  const auto candidate = Candidate::parse(text);

  BOOST_REQUIRE(candidate.has_value());
  BOOST_TEST(candidate->serialize() == text);
}

BOOST_AUTO_TEST_CASE(every_field_is_read) {
  const auto candidate = Candidate::parse(
      "candidate:a+/9 2 tcp 1518280447 192.0.2.7 9 typ srflx raddr 10.0.0.1 rport 5000 tcptype "
      "passive "
      "generation 3");

  BOOST_REQUIRE(candidate.has_value());
  BOOST_TEST(candidate->foundation == "a+/9");
  BOOST_TEST(candidate->component == 2);
  BOOST_TEST(candidate->transport == "tcp");
  BOOST_TEST(candidate->priority == 1518280447u);
  BOOST_TEST((candidate->ip() == Ip::parse("192.0.2.7")));
  BOOST_TEST((candidate->port == Port{9}));
  BOOST_TEST(candidate->type == "srflx");
  BOOST_TEST(candidate->related_address.value() == "10.0.0.1");
  BOOST_TEST((candidate->related_port == Port{5000}));
  BOOST_TEST(candidate->tcp_type.value() == "passive");
  BOOST_REQUIRE(candidate->find_extension("generation") != nullptr);
  BOOST_TEST(*candidate->find_extension("generation") == "3");
  BOOST_TEST(candidate->find_extension("ufrag") == nullptr);
}

// The API's form, libdatachannel's, and the value of an a= line.
BOOST_DATA_TEST_CASE(the_prefix_may_be_there_or_not,
                     data::make({"candidate:1 1 udp 7 192.0.2.1 5000 typ host",
                                 "a=candidate:1 1 udp 7 192.0.2.1 5000 typ host",
                                 "a=candidate:1 1 udp 7 192.0.2.1 5000 typ host\r\n",
                                 "1 1 udp 7 192.0.2.1 5000 typ host",
                                 "candidate:1 1  udp 7 192.0.2.1 5000 TYP host "}),
                     text) {
  const auto candidate = Candidate::parse(text);

  BOOST_REQUIRE(candidate.has_value());
  BOOST_TEST(candidate->serialize() == "candidate:1 1 udp 7 192.0.2.1 5000 typ host");
}

BOOST_AUTO_TEST_CASE(the_transport_is_known_in_any_case) {
  BOOST_TEST(Candidate::parse("1 1 UDP 7 192.0.2.1 5000 typ host")->is_udp());
  BOOST_TEST(Candidate::parse("1 1 Tcp 7 192.0.2.1 9 typ host tcptype active")->is_tcp());
}

BOOST_AUTO_TEST_CASE(a_name_is_no_address_but_is_kept) {
  const auto candidate = Candidate::parse("1 1 udp 7 8000a767-4d6a.local 5000 typ host");

  BOOST_TEST(!candidate->ip().has_value());
  BOOST_TEST(candidate->is_mdns_name());
}

BOOST_AUTO_TEST_CASE(an_unknown_type_is_kept_for_the_agent_to_ignore) {
  BOOST_TEST(Candidate::parse("1 1 udp 7 192.0.2.1 5000 typ tunnel")->type == "tunnel");
}

BOOST_DATA_TEST_CASE(
    text_that_is_no_candidate_is_refused,
    data::make({"", "candidate:", "candidate", "1 1 udp 7 192.0.2.1 5000 typ",
                "1 1 udp 7 192.0.2.1 5000 host", "x-y 1 udp 7 192.0.2.1 5000 typ host",
                "012345678901234567890123456789012 1 udp 7 192.0.2.1 5000 typ host",
                "1 0 udp 7 192.0.2.1 5000 typ host", "1 257 udp 7 192.0.2.1 5000 typ host",
                "1 1 u/p 7 192.0.2.1 5000 typ host", "1 1 udp 4294967296 192.0.2.1 5000 typ host",
                "1 1 udp -7 192.0.2.1 5000 typ host", "1 1 udp 7 192.0.2.1 65536 typ host",
                "1 1 udp 7 192.0.2.1 5000 typ srflx raddr",
                "1 1 udp 7 192.0.2.1 5000 typ srflx rport x",
                "1 1 udp 7 192.0.2.1 5000 typ host gen/eration 0",
                "1 1 udp 7 192.0.2.1\t 5000 typ host", "1 1 udp 7 192.0.2.1 5000 typ host\nv=0"}),
    text) {
  BOOST_TEST(!Candidate::parse(text).has_value());
}

BOOST_DATA_TEST_CASE(cutting_the_text_anywhere_never_crashes, data::xrange(kSeen[2].size()),
                     length) {
  const auto cut = std::string_view{kSeen[2]}.substr(0, length);

  const auto candidate = Candidate::parse(cut);

  const auto up_to_type = kSeen[2].find(" raddr");
  BOOST_TEST(candidate.has_value() <= (length > kSeen[2].find("typ ") + 3));
  if (length == up_to_type) BOOST_TEST(candidate->type == "srflx");
}

// RFC 9429 §7 prints trickled candidates with their sdpMid, index and ufrag, folded to the page.
BOOST_DATA_TEST_CASE(the_trickled_candidates_of_jsep_are_read, data::make(files(".txt")), file) {
  auto text = content(data_folder() / file);
  text.erase(0, text.find("candidate:"));
  for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n"))
    text.replace(at, 2, " ");
  text.pop_back();

  const auto candidate = Candidate::parse(text);

  BOOST_REQUIRE(candidate.has_value());
  BOOST_TEST(candidate->serialize() == text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sdp
