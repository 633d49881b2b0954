#include "agents/ice/candidate.h"

#include "agents/ice/credentials.h"
#include "agents/ice/foundation.h"
#include "agents/ice/local_preference.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

Ip ip(std::string_view text) {
  return *Ip::parse(text);
}

BOOST_AUTO_TEST_SUITE(ice_candidate)

// RFC 8839 §5.1.
BOOST_AUTO_TEST_CASE(reads_as_an_sdp_attribute) {
  Candidate candidate;
  candidate.type = CandidateType::ServerReflexive;
  candidate.address = *Endpoint::parse("192.0.2.3:45664");
  candidate.foundation = "2";
  candidate.priority = Priority{1694498815};
  candidate.related = *Endpoint::parse("203.0.113.141:8998");

  BOOST_TEST(
      candidate.to_string() ==
      "candidate:2 1 udp 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998");
}

BOOST_AUTO_TEST_CASE(types_have_the_tokens_of_sdp) {
  for (const auto type : {CandidateType::Host, CandidateType::ServerReflexive,
                          CandidateType::PeerReflexive, CandidateType::Relayed}) {
    BOOST_TEST((parse_candidate_type(to_string(type)) == type));
  }
  BOOST_TEST(!parse_candidate_type("srv").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ice_foundation)

struct Fixture {
  Foundations foundations{Deviations{}};
  Foundations::Kind host{CandidateType::Host, Transport::Udp, ip("192.168.1.2"), std::nullopt};
};

// RFC 8445 §5.1.1.3: type, base, server and transport decide, and nothing else.
BOOST_FIXTURE_TEST_CASE(alike_candidates_share_one, Fixture) {
  const auto first = foundations.of(host);
  auto other = host;
  other.base = ip("192.168.1.3");

  BOOST_TEST(foundations.of(other) != first);
  BOOST_TEST(foundations.of(host) == first);
}

BOOST_FIXTURE_TEST_CASE(the_server_makes_a_difference, Fixture) {
  auto reflexive = host;
  reflexive.type = CandidateType::ServerReflexive;
  reflexive.server = ip("198.51.100.1");
  auto elsewhere = reflexive;
  elsewhere.server = ip("198.51.100.2");

  BOOST_TEST(foundations.of(reflexive) != foundations.of(elsewhere));
}

BOOST_AUTO_TEST_CASE(a_deviant_agent_has_one_for_all) {
  Foundations foundations{Deviations{Deviation::SdpOneFoundation}};
  const auto a =
      foundations.of({CandidateType::Host, Transport::Udp, ip("192.0.2.1"), std::nullopt});
  BOOST_TEST(a == foundations.of(
                      {CandidateType::Relayed, Transport::Udp, ip("192.0.2.9"), ip("192.0.2.8")}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ice_local_preference)

// RFC 8445 §5.1.2.1.
BOOST_AUTO_TEST_CASE(a_single_address_has_the_highest) {
  BOOST_TEST(local_preference(0, 0) == 65535);
}

BOOST_AUTO_TEST_CASE(no_two_addresses_and_servers_share_one) {
  BOOST_TEST(local_preference(0, 1) > local_preference(1, 0));
  BOOST_TEST(local_preference(1, 0) > local_preference(1, 1));
}

// RFC 8421 §4, with its own example: two of IPv4 and six of IPv6.
BOOST_AUTO_TEST_CASE(families_take_turns_and_ipv6_has_a_head_start) {
  const std::vector addresses{ip("192.0.2.1"),   ip("192.0.2.2"),   ip("2001:db8::1"),
                              ip("2001:db8::2"), ip("2001:db8::3"), ip("2001:db8::4"),
                              ip("2001:db8::5"), ip("2001:db8::6")};
  std::string families;
  for (const auto& each : by_preference(addresses)) families += each.is_v4() ? '4' : '6';
  BOOST_TEST(families == "66664664");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ice_credentials)

// RFC 8839 §5.4.
BOOST_AUTO_TEST_CASE(are_long_enough_and_of_ice_chars) {
  SeededRng rng{1};
  const auto credentials = Credentials::draw(rng);
  BOOST_TEST(credentials.ufrag.size() >= 4);
  BOOST_TEST(credentials.pwd.size() >= 22);
  const auto is_ice_char = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
  };
  BOOST_TEST(std::ranges::all_of(credentials.ufrag + credentials.pwd, is_ice_char));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
