// The small decisions: who is paired with whom, who controls, which addresses are candidates.
#include "agents/ice/pairing.h"

#include "agents/ice/host_addresses.h"
#include "agents/ice/role.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

namespace data = boost::unit_test::data;
using Kind = PairingDecision::Kind;

Candidate host(std::string_view address, std::optional<TcpType> tcp_type = std::nullopt) {
  Candidate candidate;
  candidate.transport = tcp_type ? Transport::Tcp : Transport::Udp;
  candidate.tcp_type = tcp_type;
  candidate.address = candidate.base = *Endpoint::parse(address);
  return candidate;
}

BOOST_AUTO_TEST_SUITE(ice_pairing)

struct TcpRow {
  TcpType local;
  TcpType remote;
  Kind kind;
};
std::ostream& operator<<(std::ostream& out, const TcpRow& row) {
  return out << to_string(row.local) << " with " << to_string(row.remote);
}
// RFC 6544 §6.2: all that may be paired, and all that may not.
const std::vector<TcpRow> kTcpRows{
    {TcpType::Active, TcpType::Active, Kind::Never},
    {TcpType::Active, TcpType::Passive, Kind::Pair},
    {TcpType::Active, TcpType::So, Kind::Never},
    {TcpType::Passive, TcpType::Active, Kind::Awaited},
    {TcpType::Passive, TcpType::Passive, Kind::Never},
    {TcpType::Passive, TcpType::So, Kind::Never},
    {TcpType::So, TcpType::Active, Kind::Never},
    {TcpType::So, TcpType::Passive, Kind::Never},
    {TcpType::So, TcpType::So, Kind::Pair},
};
BOOST_DATA_TEST_CASE(tcp_types_pair_by_the_table, data::make(kTcpRows), row) {
  const auto decision =
      decide_pairing(host("192.0.2.1:9", row.local), host("192.0.2.2:9", row.remote));
  BOOST_TEST((decision.kind == row.kind));
}

BOOST_AUTO_TEST_CASE(udp_and_tcp_do_not_mix) {
  BOOST_TEST((decide_pairing(host("192.0.2.1:9"), host("192.0.2.2:9", TcpType::Passive)).kind ==
              Kind::Never));
}

// RFC 8445 §6.1.2.2.
BOOST_AUTO_TEST_CASE(families_and_link_local_addresses_do_not_mix) {
  BOOST_TEST((decide_pairing(host("192.0.2.1:1"), host("[2001:db8::1]:1")).kind == Kind::Never));
  BOOST_TEST((decide_pairing(host("[fe80::1]:1"), host("[2001:db8::1]:1")).kind == Kind::Never));
  BOOST_TEST((decide_pairing(host("[fe80::1]:1"), host("[fe80::2]:1")).kind == Kind::Pair));
}

// RFC 8445 §6.1.2.4: what is sent leaves from the base. Behind a NAT64 that is of IPv6, and the
// address that a STUN server saw of IPv4.
BOOST_AUTO_TEST_CASE(a_reflexive_address_of_another_family_than_its_base_sends_nothing) {
  auto reflexive = host("198.51.100.1:1");
  reflexive.type = CandidateType::ServerReflexive;
  reflexive.base = *Endpoint::parse("[2001:db8::1]:1");
  const auto to_v4 = decide_pairing(reflexive, host("192.0.2.2:1"));
  BOOST_TEST((to_v4.kind == Kind::Never));
  BOOST_TEST(to_v4.reason == "the local base is of another address family");
}

// draft-ietf-mmusic-mdns-ice-candidates §3.3.2.
BOOST_AUTO_TEST_CASE(a_relay_is_not_told_the_address_behind_a_name) {
  auto remote = host("192.168.1.2:1");
  auto relayed = host("192.0.2.1:1");
  relayed.type = CandidateType::Relayed;
  BOOST_TEST((decide_pairing(relayed, remote).kind == Kind::Pair));
  remote.host_name = "2b5a3c5e-0f5c-4a1b-9d55-0d9b4c0f7a11.local";
  BOOST_TEST((decide_pairing(relayed, remote).kind == Kind::Never));
  BOOST_TEST((decide_pairing(host("192.168.1.1:1"), remote).kind == Kind::Pair));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ice_role_decision)

// RFC 8445 §6.1.1.
BOOST_DATA_TEST_CASE(a_full_agent_controls_a_lite_one, data::make({0, 1}), wanted) {
  const auto role = wanted == 0 ? Role::Controlling : Role::Controlled;
  BOOST_TEST((decide_role(role, Level::Full, Level::Lite).role == Role::Controlling));
  BOOST_TEST((decide_role(role, Level::Lite, Level::Full).role == Role::Controlled));
  BOOST_TEST((decide_role(role, Level::Full, Level::Full).role == role));
  BOOST_TEST((decide_role(role, Level::Lite, Level::Lite).role == role));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ice_host_addresses)

// RFC 8445 §5.1.1.1.
const std::vector<std::string> kNoCandidates{
    "127.0.0.1", "::1", "0.0.0.0", "::", "224.0.0.5", "ff02::1", "fec0::1", "::192.0.2.1"};
BOOST_DATA_TEST_CASE(some_addresses_are_never_candidates, data::make(kNoCandidates), text) {
  BOOST_TEST(why_no_candidate(*Ip::parse(text)).has_value());
}
const std::vector<std::string> kCandidates{"192.168.1.1", "100.64.0.1", "169.254.1.1",
                                           "fe80::1",     "fd00::1",    "2001:db8::1"};
BOOST_DATA_TEST_CASE(others_may_be, data::make(kCandidates), text) {
  BOOST_TEST(!why_no_candidate(*Ip::parse(text)).has_value());
}

std::string chosen(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  std::vector<InterfaceAddress> addresses;
  for (const auto& [name, text] : list) addresses.push_back({name, *Ip::parse(text)});
  std::string texts;
  for (const auto& ip : candidate_addresses(addresses)) texts += ip.to_string() + ' ';
  return texts;
}

BOOST_AUTO_TEST_CASE(a_link_local_address_is_left_out_beside_a_routed_one) {
  BOOST_TEST(chosen({{"eth0", "fe80::1"}, {"eth0", "2001:db8::1"}}) == "2001:db8::1 ");
  BOOST_TEST(chosen({{"eth0", "fe80::1"}, {"eth1", "2001:db8::1"}}) == "fe80::1 2001:db8::1 ");
  BOOST_TEST(chosen({{"eth0", "fe80::1"}, {"eth0", "192.0.2.1"}}) == "fe80::1 192.0.2.1 ");
  BOOST_TEST(chosen({{"eth0", "169.254.9.9"}}) == "169.254.9.9 ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
