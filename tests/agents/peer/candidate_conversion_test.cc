#include "agents/peer/candidate_conversion.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;

std::optional<ice::Candidate> read(const std::string& text) {
  const auto parsed = sdp::Candidate::parse(text);
  BOOST_REQUIRE(parsed.has_value());
  return to_ice(*parsed);
}

BOOST_AUTO_TEST_SUITE(peer_candidate_conversion)

// As browsers, RFC 6544 and the mDNS draft write them.
const std::vector<std::string> kUsable{
    "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host ufrag abcd",
    "candidate:2 1 udp 1694498815 192.0.2.3 45664 typ srflx raddr 0.0.0.0 rport 9 ufrag abcd",
    "candidate:3 1 tcp 1518149375 192.0.2.1 9 typ host tcptype active ufrag abcd",
    "candidate:4 1 tcp 1518083839 2001:db8::1 4433 typ host tcptype passive ufrag abcd",
    "candidate:5 1 tcp 1518018303 192.0.2.1 4434 typ host tcptype so ufrag abcd",
    "candidate:6 1 udp 2130706431 2b5a3c5e-0f5c-4a1b-9d55-0d9b4c0f7a11.local 5000 typ host ufrag "
    "abcd",
};
BOOST_DATA_TEST_CASE(a_usable_candidate_reads_the_same_on_the_other_side, data::make(kUsable),
                     text) {
  const auto candidate = read(text);
  BOOST_REQUIRE(candidate.has_value());
  BOOST_TEST(to_sdp(*candidate, "abcd", {}).serialize() == text);
}

const std::vector<std::string> kUseless{
    "candidate:1 1 sctp 2130706431 192.0.2.1 5000 typ host",
    "candidate:1 1 tcp 2130706431 192.0.2.1 9 typ host",
    "candidate:1 1 tcp 2130706431 192.0.2.1 9 typ host tcptype sideways",
    "candidate:1 2 udp 2130706431 192.0.2.1 5000 typ host",
    "candidate:1 1 udp 2130706431 192.0.2.1 0 typ host",
    "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ newkind",
    "candidate:1 1 udp 2130706431 host.example.org 5000 typ host",
};
BOOST_DATA_TEST_CASE(what_cannot_be_used_is_ignored, data::make(kUseless), text) {
  BOOST_TEST(!read(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
