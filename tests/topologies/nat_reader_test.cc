#include "topologies/nat_reader.h"

#include "tests/topologies/support.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

namespace rtclab::topology {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

std::string home_behind(const std::string& attributes) {
  return home_with(" mapping=\"ADM\" filtering=\"ADF\"", " " + attributes);
}

NatBehaviour behaviour(const std::string& attributes) {
  const auto topology = parse("home.xml", home_behind(attributes));
  BOOST_REQUIRE_MESSAGE(topology.has_value(), complaint(home_behind(attributes)));
  return topology->nats.at(0).behaviour;
}

BOOST_AUTO_TEST_SUITE(nat_reader)

BOOST_AUTO_TEST_CASE(every_attribute_reaches_its_term) {
  const auto nat = behaviour(
      "mapping='ADM' filtering='ADF' tcpMapping='APDM' tcpFiltering='EIF' pooling='arbitrary' "
      "portAllocation='overloading' collision='random' portReuseAfter='9s' firstPort='2000' "
      "lastPort='3000' portParity='yes' "
      "portContiguity='yes' portBlock='64' mappingsPerHost='5' mostMappings='50' "
      "exhaustion='host-unreachable' lifetime='30s' answeredLifetime='120s' answeredAfter='2s' "
      "icmpLifetime='31s' tcpOpeningLifetime='32s' tcpEstablishedLifetime='5h' "
      "tcpClosingLifetime='33s' tcpHalfClosedLifetime='35s' tcpResetLifetime='34s' refresh='both' "
      "hairpinning='external-source' "
      "unsolicitedSyn='icmp' fragments='in-order' icmpErrors='dropped' blocks='tcp' "
      "allows='udp/3478 udp'");

  NatBehaviour expected;
  expected.mapping = Mapping::AddressDependent;
  expected.filtering = Filtering::AddressDependent;
  expected.tcp_mapping = Mapping::AddressAndPortDependent;
  expected.tcp_filtering = Filtering::EndpointIndependent;
  expected.pooling = Pooling::Arbitrary;
  expected.port_allocation = PortAllocation::Overloading;
  expected.ports = {Port{2000}, Port{3000}};
  expected.collision = Collision::Random;
  expected.port_reuse_after = 9s;
  expected.port_parity = true;
  expected.port_contiguity = true;
  expected.port_block = 64;
  expected.mappings_per_host = 5;
  expected.most_mappings = 50;
  expected.exhaustion = Exhaustion::HostUnreachable;
  expected.lifetimes = {30s, 120s, 2s, 31s, 32s, 5h, 33s, 34s, 35s};
  expected.refresh = Refresh::Both;
  expected.hairpinning = Hairpinning::ExternalSource;
  expected.unsolicited_syn = UnsolicitedSyn::Icmp;
  expected.fragments = Fragments::InOrder;
  expected.translates_icmp_errors = false;
  expected.policy = {{Transport::Tcp}, {{Transport::Udp, Port{3478}}, {Transport::Udp, {}}}};
  BOOST_TEST((nat == expected));
}

BOOST_AUTO_TEST_CASE(tcp_is_treated_as_udp_unless_it_is_said_otherwise) {
  const auto nat = behaviour("mapping='APDM' filtering='ADF' tcpMapping='EIM'");

  BOOST_TEST((nat.mapping_of(Transport::Udp) == Mapping::AddressAndPortDependent));
  BOOST_TEST((nat.mapping_of(Transport::Tcp) == Mapping::EndpointIndependent));
  BOOST_TEST((nat.filtering_of(Transport::Tcp) == Filtering::AddressDependent));
}

BOOST_AUTO_TEST_CASE(what_is_said_comes_on_top_of_a_preset) {
  const auto& symmetric = find_nat_preset("symmetric")->behaviour;

  BOOST_TEST((behaviour("preset='symmetric'") == symmetric));
  auto hairpinning = symmetric;
  hairpinning.hairpinning = Hairpinning::ExternalSource;
  BOOST_TEST((behaviour("preset='symmetric' hairpinning='external-source'") == hairpinning));
}

struct Flaw {
  std::string attributes;
  std::string says;
};
std::ostream& operator<<(std::ostream& out, const Flaw& flaw) {
  return out << flaw.attributes;
}
const std::vector<Flaw> kFlaws{
    {"preset='symetric'", "unknown kind of NAT \"symetric\", did you mean \"symmetric\"?"},
    {"allows='tcp/443,udp'", "expected transports and ports such as \"tcp/443 udp/3478 udp\""},
    {"allows='tcp/0'", "expected transports and ports"},
    {"allows='tcp/65536'", "expected transports and ports"},
    {"allows='icmp'", "expected transports and ports"},
    {"allows=''", "expected transports and ports"},
    {"blocks='udp' allows='udp/3478'", "what is allowed is blocked as well: \"udp/3478\""},
    {"lifetime='0s'", "expected a lifetime above 0"},
    {"tcpResetLifetime='0s'", "expected a lifetime above 0"},
    {"firstPort='3000' lastPort='2000'", "the range of ports ends before it begins: 3000 to 2000"},
    {"portBlock='0'", "expected a number from 1 to 32768"},
    {"exhaustion='evcit'", "did you mean \"evict\"?"},
    {"portParity='true'", "unknown portParity \"true\", expected yes or no"},
};

BOOST_DATA_TEST_CASE(a_wrong_value_is_said_at_its_attribute, data::make(kFlaws), flaw) {
  const auto said = complaint(home_behind(flaw.attributes));

  BOOST_TEST(said.find(flaw.says) != std::string::npos, said);
  BOOST_TEST(said.starts_with("home.xml:5:"), said);
}

// The gate becomes what the row says, with these sides.
std::string home_behind_other(const std::string& element, const std::string& inside,
                              const std::string& outside) {
  auto text = home_with("<nat name=\"gate\" mapping=\"ADM\" filtering=\"ADF\">",
                        "<" + element + " name=\"gate\">");
  text.replace(text.find("</nat>"), 6, "</" + element + ">");
  text.replace(text.find("192.168.1.1/24"), 14, inside);
  text.replace(text.find("203.0.113.10/24"), 15, outside);
  for (const auto* const host : {"192.168.1.10/24", "192.168.1.30/24"}) {
    const std::string own =
        inside.find(':') == std::string::npos
            ? host
            : std::string{"2001:db8:1::"} + (host[10] == '1' ? "1" : "3") + "0/64";
    text.replace(text.find(host), 15, own);
  }
  return text;
}

BOOST_AUTO_TEST_CASE(each_translator_needs_its_families) {
  const auto said = [](const std::string& element, const std::string& inside,
                       const std::string& outside) {
    return complaint(home_behind_other(element, inside, outside));
  };
  const std::string v4_in = "192.168.1.1/24";
  const std::string v4_out = "203.0.113.10/24";
  const std::string v6_in = "2001:db8:1::1/64";
  const std::string v6_out = "2001:db8:f::1/64";

  BOOST_TEST(said("nat64", v6_in, v4_out) == "");
  BOOST_TEST(said("nat64", v6_in, v4_out + " " + v6_out) == "");
  BOOST_TEST(said("nat64", v6_in, v6_out).find("needs an IPv4 address outside") !=
             std::string::npos);
  BOOST_TEST(said("nat64", v4_in, v4_out).find("needs an IPv6 address inside") !=
             std::string::npos);
  BOOST_TEST(said("clat", v4_in, v6_out)
                 .find("a <clat> serves one host, and the net of "
                       "gate.inside has 2") != std::string::npos);
  BOOST_TEST(said("clat", v4_in, v4_out).find("needs an IPv6 address outside") !=
             std::string::npos);
  BOOST_TEST(said("npt", v6_in, v6_out) == "");
  BOOST_TEST(said("npt", v6_in, "2001:db8:f::1/48").find("expected prefixes of one length") !=
             std::string::npos);
  BOOST_TEST(said("npt", v6_in, v4_out).find("needs an IPv6 address outside") != std::string::npos);
}

// Its neighbours in a LAN would have to know who stands behind it.
BOOST_AUTO_TEST_CASE(the_outside_of_an_npt_is_in_no_lan) {
  std::ifstream in{RTCLAB_SOURCE_DIR "/topologies/library/npt.xml"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::string link = "<link a=\"office.outside\" b=\"internet\" delay=\"15ms\"/>";
  text.replace(text.find(link), link.size(),
               "<lan name=\"street\"/><link a=\"office.outside\" b=\"street\"/>"
               "<link a=\"street\" b=\"internet\"/>");
  BOOST_TEST(complaint(text).find("office.outside is in the LAN street, expected a link to a "
                                  "router") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
