#include "topologies/loader.h"

#include "tests/topologies/support.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <ostream>

namespace rtclab::topology {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

// Field by field: g++ 12 takes the comparison of two empty optionals for a use of what is not
// there.
void check_quality(const LinkQuality& quality, Duration delay, std::uint64_t rate, double loss,
                   std::size_t queue) {
  BOOST_TEST((quality.delay == delay));
  BOOST_TEST(quality.rate.value_or(0) == rate);
  BOOST_TEST(quality.loss == loss);
  BOOST_TEST(quality.queue == queue);
}

BOOST_AUTO_TEST_SUITE(topology_loader)

BOOST_AUTO_TEST_CASE(a_file_becomes_plain_values) {
  const auto topology = parse("home.xml", kHome);

  BOOST_REQUIRE_MESSAGE(topology.has_value(), complaint(kHome));
  BOOST_TEST(topology->file == "home.xml");
  BOOST_TEST(topology->name == "home");
  BOOST_TEST(topology->title == "home");
  BOOST_TEST(topology->hosts.size() == 2u);
  const Interface eth0{"eth0", {*Prefix::parse("192.168.1.10/24")}, 2};
  BOOST_TEST((topology->hosts[0] == Host{"alice", {eth0}, 2}));
  const auto& nat = topology->nats.at(0);
  BOOST_TEST((nat.inside == Interface{"inside", {*Prefix::parse("192.168.1.1/24")}, 6}));
  BOOST_TEST((nat.outside == Interface{"outside", {*Prefix::parse("203.0.113.10/24")}, 7}));
  BOOST_TEST((nat.behaviour.mapping == Mapping::AddressDependent));
  BOOST_TEST((nat.behaviour.filtering == Filtering::AddressDependent));
  BOOST_TEST((topology->stun_servers.at(0).endpoint() == Endpoint::parse("192.0.2.10:3478")));
  const auto& link = topology->links.at(3);
  BOOST_TEST(link.a.to_string() == "gate.outside");
  BOOST_TEST(link.b.to_string() == "internet");
  check_quality(link.a_to_b, 20ms, 10'000'000, 0.1, 50);
  check_quality(link.b_to_a, 20ms, 10'000'000, 0.1, 50);
  BOOST_TEST(link.line == 14u);
}

BOOST_AUTO_TEST_CASE(what_a_nat_does_not_say_is_the_usual) {
  const auto topology = parse("home.xml", home_with(" mapping=\"ADM\" filtering=\"ADF\"", ""));

  const auto& nat = topology->nats.at(0);
  BOOST_TEST((nat.behaviour.mapping == Mapping::EndpointIndependent));
  BOOST_TEST((nat.behaviour.filtering == Filtering::AddressAndPortDependent));
  BOOST_TEST((nat.behaviour.port_allocation == PortAllocation::Preserving));
  BOOST_TEST((nat.behaviour.lifetimes.udp == 300s));  // RFC 4787 REQ-5
  BOOST_TEST((nat.behaviour.refresh == Refresh::Outbound));
  BOOST_TEST((nat.behaviour.hairpinning == Hairpinning::None));
  BOOST_TEST((nat.behaviour.ports == PortRange{Port{1024}, Port{65535}}));
}

BOOST_AUTO_TEST_CASE(each_direction_of_a_link_may_differ) {
  const auto topology = parse(
      "home.xml", home_with("<link a=\"alice\" b=\"switch\" delay=\"1ms\"/>",
                            "<link a=\"alice\" b=\"switch\" delay=\"1ms\" loss=\"1%\">"
                            "<aToB rate=\"1Mbit/s\"/><bToA delay=\"2ms\" loss=\"0%\"/></link>"));

  const auto& link = topology->links.at(0);
  check_quality(link.a_to_b, 1ms, 1'000'000, 0.01, 100);
  check_quality(link.b_to_a, 2ms, 0, 0, 100);
}

BOOST_AUTO_TEST_CASE(a_turn_server_has_users_and_a_range_of_relay_ports) {
  const auto topology = parse(
      "home.xml",
      home_with("<stunServer name=\"stun\"><interface address=\"192.0.2.10/24\"/></stunServer>",
                "<turnServer name=\"stun\" realm=\"r\" port=\"80\" firstRelayPort=\"5000\" "
                "lastRelayPort=\"5001\"><interface address=\"192.0.2.10/24\"/>"
                "<user name=\"u\" password=\"p\"/></turnServer>"));

  BOOST_REQUIRE(topology.has_value());
  const auto& server = topology->turn_servers.at(0);
  BOOST_TEST(server.realm == "r");
  BOOST_TEST((server.endpoint() == Endpoint::parse("192.0.2.10:80")));
  BOOST_TEST((server.users == std::vector<TurnUser>{{"u", "p"}}));
  BOOST_TEST((server.relay_ports == PortRange{Port{5000}, Port{5001}}));
}

struct Broken {
  std::string old_text;
  std::string new_text;
  std::string says;
};

std::ostream& operator<<(std::ostream& out, const Broken& row) {
  return out << row.old_text << " -> " << row.new_text;
}

const std::vector<Broken> kBroken{
    // Names.
    {"name=\"home\"", "name=\"my home\"",
     "home.xml:1:11: name: expected a name of at most 64 letters, digits, - and _, found \"my "
     "home\""},
    {"<lan name=\"switch\"", "<lann name=\"switch\"",
     "home.xml:4:3: unknown element <lann> in <topology>, did you mean \"lan\"?"},
    {"name=\"carol\"", "name=\"alice\"",
     "home.xml:3:9: the name alice is taken by the <host> in line 2"},
    {"<lan name=\"switch\"", "<lan name=\"stun\"",
     "home.xml:10:15: the name stun is taken by the <lan> in line 4"},
    {"name=\"alice\"", "name=\"\"", "home.xml:2:9: name: expected a name"},
    {"</host>", "<interface address=\"192.168.1.11/24\"/></host>",
     "home.xml:2:72: alice has an interface eth0 already, in line 2"},
    // Enumerations.
    {"ADM", "SYM", "home.xml:5:20: unknown mapping \"SYM\", expected EIM, ADM or APDM"},
    {"ADF", "cone", "home.xml:5:34: unknown filtering \"cone\", expected EIF, ADF or APDF"},
    {"mapping=\"ADM\"", "portAllocation=\"randon\"",
     "home.xml:5:20: unknown portAllocation \"randon\", expected preserving, overloading, "
     "sequential or random, "
     "did you mean \"random\"?"},
    {"mapping=\"ADM\"", "refresh=\"x\"",
     "home.xml:5:20: unknown refresh \"x\", expected outbound, inbound or both"},
    {"mapping=\"ADM\"", "hairpinning=\"yes\"",
     "home.xml:5:20: unknown hairpinning \"yes\", expected none, internal-source or "
     "external-source"},
    // Numbers and units.
    {"delay=\"20ms\"", "delay=\"20\"",
     "home.xml:14:39: delay: expected a time of at most 1000h with its unit (ns, us, ms, s, min, "
     "h, d) such "
     "as 20ms or 1.5s, "
     "found \"20\""},
    {"delay=\"20ms\"", "delay=\"-20ms\"", "found \"-20ms\""},
    {"10Mbit/s", "10Mbps",
     "home.xml:14:52: rate: expected a rate above 0 with its unit (bit/s, kbit/s, Mbit/s, Gbit/s) "
     "such "
     "as 100Mbit/s, found \"10Mbps\""},
    {"loss=\"10%\"", "loss=\"110%\"",
     "home.xml:14:68: loss: expected a share from 0% to 100% such as 10% or 0.5%, found \"110%\""},
    {"queue=\"50\"", "queue=\"0\"",
     "home.xml:14:79: queue: expected a number from 1 to 1000000, found \"0\""},
    {"mapping=\"ADM\"", "lifetime=\"0s\"", "home.xml:5:20: expected a lifetime above 0"},
    {"mapping=\"ADM\"", "lifetime=\"5 min\"",
     "home.xml:5:20: lifetime: expected a time of at most 1000h with its unit"},
    {"mapping=\"ADM\"", "firstPort=\"70000\"",
     "home.xml:5:20: firstPort: expected a number from 1 to 65535, found \"70000\""},
    {"mapping=\"ADM\"", "firstPort=\"5000\" lastPort=\"4000\"",
     "home.xml:5:37: the range of ports ends before it begins: 5000 to 4000"},
    {"name=\"stun\"", "name=\"stun\" port=\"stun\"",
     "home.xml:10:27: port: expected a number from 1 to 65535, found \"stun\""},
    // Structure.
    {"<inside address=\"192.168.1.1/24\"/>", "", "home.xml:5:3: <nat> needs one <inside>, found 0"},
    {"<inside", "<inside address=\"192.168.1.2/24\"/><inside",
     "home.xml:6:39: <nat> needs one <inside>, found 2"},
    {"<interface name=\"eth0\" address=\"192.168.1.10/24\"/>", "",
     "home.xml:2:3: <host> needs an <interface>"},
    {" address=\"192.168.1.10/24\"", "", "home.xml:2:22: <interface> needs the attribute address"},
    {"<router name=\"internet\"/>",
     "<turnServer name=\"internet\" realm=\"\"><interface address=\"192.0.2.9/24\"/></turnServer>",
     "home.xml:9:31: expected a realm"},
    {"<router name=\"internet\"/>",
     "<turnServer name=\"internet\" realm=\"r\"><interface address=\"192.0.2.9/24\"/></turnServer>",
     "home.xml:9:3: <turnServer> needs a <user>, nobody could use it"},
    // Links.
    {"<link a=\"alice\"", "<link a=\"alise\"",
     "home.xml:11:9: unknown machine \"alise\", did you mean \"alice\"?"},
    {"a=\"gate.outside\"", "a=\"gate\"",
     "home.xml:14:9: gate has several interfaces, expected gate.inside or gate.outside"},
    {"a=\"gate.outside\"", "a=\"gate.outsde\"",
     "home.xml:14:9: unknown interface \"gate.outsde\", did you mean \"gate.outside\"?"},
    {"a=\"switch\"", "a=\"switch.eth0\"",
     "home.xml:13:9: switch has no interfaces, expected its name alone"},
    {"a=\"carol\"", "a=\"alice\"", "home.xml:12:9: alice.eth0 has a link already, in line 11"},
    {"a=\"gate.outside\" b=\"internet\"", "a=\"gate.outside\" b=\"gate.inside\"",
     "home.xml:14:26: both ends are at gate, expected two machines"},
    {"<link a=\"internet\" b=\"stun\"/>", "<link a=\"internet\" b=\"stun\"><aToB/><aToB/></link>",
     "home.xml:15:38: <aToB> stands here twice"},
    // A network that works.
    {"  <link a=\"carol\" b=\"switch\" delay=\"1ms\"/>\n", "",
     "home.xml:3:22: carol.eth0 has no link, so that nothing reaches it"},
    {"<lan name=\"switch\"/>", "<lan name=\"switch\"/><lan name=\"spare\"/>",
     "home.xml:4:23: spare has no link, so that nothing reaches it"},
    {"<lan name=\"switch\"/>",
     "<lan name=\"switch\"/><lan name=\"two\"/><link a=\"switch\" b=\"two\"/><link a=\"two\" "
     "b=\"switch\"/>",
     "home.xml:4:66: this link closes a loop: two and switch are joined already"},
    {"<link a=\"alice\" b=\"switch\" delay=\"1ms\"/>",
     "<lan name=\"lonely\"/><link a=\"alice\" b=\"lonely\"/>",
     "home.xml:2:3: alice has no path to internet"},
    {"<link a=\"internet\" b=\"stun\"/>", "<lan name=\"lonely\"/><link a=\"lonely\" b=\"stun\"/>",
     "home.xml:10:3: stun has no path to internet"},
    {"<link a=\"switch\" b=\"gate.inside\"/>",
     "<lan name=\"lonely\"/><link a=\"lonely\" b=\"gate.inside\"/>",
     "home.xml:2:3: alice has no path to internet"},
    {"<link a=\"gate.outside\" b=\"internet\" delay=\"20ms\"",
     "<lan name=\"lonely\"/><link a=\"gate.outside\" b=\"lonely\"",
     "home.xml:2:3: alice has no path to internet"},
    {"<link a=\"switch\" b=\"gate.inside\"/>",
     "<link a=\"switch\" b=\"gate.inside\"/><link a=\"switch\" b=\"internet\"/>",
     "home.xml:5:3: the net of alice.eth0 has two ways out, internet and gate, expected one"},
    {"name=\"home\">", "name=\"home\"><title>a</title><title>b</title>",
     "home.xml:1:39: <title> stands here twice, expected only the one in line 1"},
    {"mapping=\"ADM\"", "preset=\"\"",
     "home.xml:5:20: unknown kind of NAT \"\", expected rfc4787, full-cone,"},
    {"delay=\"20ms\" rate=\"10Mbit/s\"", "bandwidthTrace=\"\"",
     "home.xml:14:39: bandwidthTrace: expected the name of a file beside this one, found \"\""},
    // Addresses.
    {"192.168.1.10/24", "192.168.1.10",
     "home.xml:2:45: address: expected an address with the length of its net such as "
     "192.168.1.10/24, or "
     "several with spaces between, found \"192.168.1.10\""},
    {"192.168.1.10/24", "192.168.1.256/24", "found \"192.168.1.256/24\""},
    {"192.168.1.10/24", "192.168.1.10/33", "found \"192.168.1.10/33\""},
    {"192.168.1.10/24", "192.168.1.10/4",
     "home.xml:2:45: expected a net of /8 to /32, found 192.168.1.10/4"},
    {"192.168.1.10/24", "192.168.1.10/24 2001:db8::1/8",
     "home.xml:2:45: expected a net of /16 to /128, found 2001:db8::1/8"},
    {"192.168.1.10/24", "192.168.1.10/24 fe80::1/64",
     "home.xml:2:45: fe80::1 is link-local, expected an address that routers forward"},
    {"192.168.1.10/24", "ff02::fb/64",
     "home.xml:2:45: ff02::fb is no address that an interface can have"},
    {"192.168.1.10/24", "192.168.1.10/24 192.168.2.10/24",
     "home.xml:2:45: 192.168.2.10/24 is not in the net 192.168.1.0/24 of the address before it"},
    {"192.168.1.1/24", "2001:db8::1/64",
     "home.xml:6:13: a <nat> translates IPv4 and needs an IPv4 address inside, expected one"},
    {"192.168.1.10/24", "192.168.1.0/24",
     "home.xml:2:45: 192.168.1.0 is the name of the net 192.168.1.0/24"},
    {"192.168.1.10/24", "192.168.1.255/24",
     "home.xml:2:45: 192.168.1.255 is the broadcast address of the net 192.168.1.0/24"},
    {"192.168.1.10/24", "127.0.0.1/24",
     "home.xml:2:45: 127.0.0.1 is no address that an interface can have"},
    {"192.168.1.10/24", "224.0.0.5/24", "224.0.0.5 is no address that an interface can have"},
    {"192.168.1.30/24", "192.168.2.30/24",
     "home.xml:3:45: 192.168.2.30/24 is not in the net 192.168.1.0/24 of its neighbour alice.eth0"},
    {"192.168.1.30/24", "192.168.1.30/25",
     "home.xml:3:45: 192.168.1.30/25 is not in the net 192.168.1.0/24"},
    {"192.168.1.30/24", "192.168.1.10/24",
     "home.xml:3:45: 192.168.1.10 is the address of alice.eth0 already"},
    {"192.0.2.10/24", "203.0.113.10/24",
     "home.xml:10:38: 203.0.113.10 is the address of gate.outside already"},
    {"192.0.2.10/24", "192.168.1.77/24",
     "home.xml:6:13: the net 192.168.1.0/24 inside holds 192.168.1.77 of stun.eth0 outside"},
};

BOOST_DATA_TEST_CASE(what_is_wrong_is_said_in_one_sentence_at_its_place, data::make(kBroken), row) {
  const auto said = complaint(home_with(row.old_text, row.new_text));

  BOOST_TEST_CONTEXT(said) {
    BOOST_TEST(said.find(row.says) != std::string::npos);
    BOOST_TEST(said.find('\n') == std::string::npos);
  }
}

// Of the machines that translate IPv6, in files of the library.
struct BrokenTranslator {
  std::string file;
  std::string old_text;
  std::string new_text;
  std::string says;
};
std::ostream& operator<<(std::ostream& out, const BrokenTranslator& row) {
  return out << row.file << " with " << row.new_text;
}
const std::vector<BrokenTranslator> kBrokenTranslators{
    {"ipv6-only-nat64", "<nat64 name=\"carrier\"",
     "<nat64 name=\"carrier\" prefix=\"2001:db8:cafe::/96\"",
     "prefix 2001:db8:cafe::/96 of carrier, which stands for IPv4, overlaps its net "
     "2001:db8:cafe::/64 inside, expected a prefix that no machine has an address of"},
    {"xlat464", "<clat name=\"clat\"", "<clat name=\"clat\" prefix=\"2001:db8:64::/96\"",
     "the prefix 2001:db8:64::/96 of clat is not that of carrier behind which it stands, expected "
     "64:ff9b::/96"},
    {"xlat464", "<nat64 name=\"carrier\"", "<nat64 name=\"carrier\" prefix=\"2001:db8:64::/96\"",
     "the prefix 64:ff9b::/96 of clat is not that of carrier behind which it stands, expected "
     "2001:db8:64::/96"},
    {"npt", "2001:db8:1::1/48", "fd01:203:405:2::1/48",
     "an <npt> translates one prefix to another, and fd01:203:405::/48 is on both sides, expected "
     "two"},
};

BOOST_DATA_TEST_CASE(a_translator_that_could_not_translate_is_refused,
                     data::make(kBrokenTranslators), row) {
  std::ifstream in{RTCLAB_SOURCE_DIR "/topologies/library/" + row.file + ".xml"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto at = text.find(row.old_text);
  BOOST_REQUIRE(at != std::string::npos);
  BOOST_TEST(complaint(text) == "");

  const auto said = complaint(text.replace(at, row.old_text.size(), row.new_text));

  BOOST_TEST(said.find(row.says) != std::string::npos, said);
}

BOOST_AUTO_TEST_CASE(a_topology_without_a_host_is_none) {
  BOOST_TEST(complaint("<topology name=\"x\"/>") == "home.xml:1:1: a topology needs a <host>");
}

// Port forwarding is not known, so whoever needs that server would wait in vain.
BOOST_AUTO_TEST_CASE(a_server_behind_a_nat_that_no_host_shares_is_refused) {
  auto text =
      home_with("</nat>",
                "</nat><nat name=\"far\"><inside address=\"10.0.0.1/24\"/><outside "
                "address=\"198.51.100.1/24\"/></nat>"
                "<stunServer name=\"hidden\"><interface address=\"10.0.0.2/24\"/></stunServer>"
                "<link a=\"hidden\" b=\"far.inside\"/><link a=\"far.outside\" b=\"internet\"/>");

  BOOST_TEST(complaint(text) == "home.xml:8:98: no host reaches hidden, which stands behind a NAT");
}

BOOST_AUTO_TEST_CASE(a_server_in_the_same_home_is_reached) {
  const auto text = home_with(
      "<lan name=\"switch\"/>",
      "<lan name=\"switch\"/><signallingServer name=\"hub\"><interface address=\"192.168.1.5/24\"/>"
      "</signallingServer><link a=\"hub\" b=\"switch\"/>");

  BOOST_TEST(complaint(text) == "");
}

BOOST_AUTO_TEST_CASE(a_lan_alone_is_a_network) {
  BOOST_TEST(
      complaint("<topology name=\"x\"><host name=\"a\"><interface address=\"10.0.0.1/8\"/></host>"
                "<host name=\"b\"><interface address=\"10.0.0.2/8\"/></host><link a=\"a\" "
                "b=\"b\"/></topology>") == "");
}

BOOST_AUTO_TEST_CASE(without_a_core_all_must_reach_the_same_net) {
  BOOST_TEST(
      complaint("<topology name=\"x\"><host name=\"a\"><interface address=\"10.0.0.1/8\"/></host>"
                "<host name=\"b\"><interface address=\"10.0.0.2/8\"/></host><lan name=\"m\"/><lan "
                "name=\"n\"/>"
                "<link a=\"a\" b=\"m\"/><link a=\"b\" b=\"n\"/></topology>") ==
      "home.xml:1:75: b has no path to the net that a reaches");
}

// The same inside net in two homes is how the world is.
BOOST_AUTO_TEST_CASE(two_homes_may_use_the_same_inside_addresses) {
  const auto text =
      home_with("</nat>",
                "</nat><nat name=\"gate2\"><inside address=\"192.168.1.1/24\"/><outside "
                "address=\"203.0.113.11/24\"/></nat>"
                "<host name=\"bob\"><interface address=\"192.168.1.10/24\"/></host>"
                "<link a=\"bob\" b=\"gate2.inside\"/><link a=\"gate2.outside\" b=\"internet\"/>");

  BOOST_TEST(complaint(text) == "");
}

BOOST_AUTO_TEST_CASE(nats_may_stand_behind_nats) {
  const auto text = home_with(
      "<link a=\"gate.outside\" b=\"internet\" delay=\"20ms\" rate=\"10Mbit/s\" loss=\"10%\" "
      "queue=\"50\"/>",
      "<nat name=\"carrier\"><inside address=\"203.0.113.1/24\"/><outside "
      "address=\"198.51.100.1/24\"/></nat>"
      "<link a=\"gate.outside\" b=\"carrier.inside\"/><link a=\"carrier.outside\" "
      "b=\"internet\"/>");

  BOOST_TEST(complaint(text) == "");
}

BOOST_AUTO_TEST_CASE(an_outer_nat_may_not_use_the_inner_net) {
  const auto text = home_with(
      "<link a=\"gate.outside\" b=\"internet\" delay=\"20ms\" rate=\"10Mbit/s\" loss=\"10%\" "
      "queue=\"50\"/>",
      "<nat name=\"carrier\"><inside address=\"203.0.113.1/24\"/><outside "
      "address=\"192.168.1.99/24\"/></nat>"
      "<link a=\"gate.outside\" b=\"carrier.inside\"/><link a=\"carrier.outside\" "
      "b=\"internet\"/>");

  BOOST_TEST(complaint(text).find("inside holds 192.168.1.99 of carrier.outside outside") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(nats_in_a_ring_lead_nowhere) {
  const auto text = home_with(
      "<link a=\"gate.outside\" b=\"internet\" delay=\"20ms\" rate=\"10Mbit/s\" loss=\"10%\" "
      "queue=\"50\"/>",
      "<nat name=\"back\"><inside address=\"203.0.113.1/24\"/><outside "
      "address=\"192.168.1.99/24\"/></nat>"
      "<link a=\"gate.outside\" b=\"back.inside\"/><link a=\"back.outside\" b=\"switch\"/>");

  BOOST_TEST(!complaint(text).empty());
}

BOOST_AUTO_TEST_CASE(a_flood_of_machines_is_refused_soon) {
  std::string text = "<topology name=\"x\">";
  for (int i = 0; i < 40'000; ++i) text += "<lan name=\"l" + std::to_string(i) + "\"/>";
  text += "<host name=\"a\"><interface address=\"10.0.0.1/8\"/></host></topology>";

  BOOST_TEST(complaint(text) ==
             "home.xml:1:1: this topology has 40001 machines, expected at most 30000");
}

BOOST_AUTO_TEST_CASE(the_largest_topology_allowed_is_loaded) {
  std::string text = "<topology name=\"x\"><router name=\"core\"/>";
  for (int i = 1; i < 2000; ++i) {
    const auto number = std::to_string(i);
    text += "<host name=\"h" + number + "\"><interface address=\"10." + std::to_string(i / 250) +
            "." + std::to_string(i % 250) + ".1/24\"/></host><link a=\"h" + number +
            "\" b=\"core\"/>";
  }

  BOOST_TEST(complaint(text + "</topology>") == "");
}

// Alice and Carol have IPv6 as well; gate passes it on untranslated.
std::string dual_stack(const std::string& alice, const std::string& carol) {
  auto text = std::string{kHome};
  const auto replace = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("192.168.1.10/24", "192.168.1.10/24 " + alice);
  replace("192.168.1.30/24", "192.168.1.30/24 " + carol);
  replace("203.0.113.10/24", "203.0.113.10/24 2001:db8:f::1/64");
  replace("192.0.2.10/24", "192.0.2.10/24 2001:db8:5::10/64");
  return text;
}

BOOST_AUTO_TEST_CASE(an_interface_may_have_addresses_of_both_families) {
  const auto text = dual_stack("2001:db8:1::10/64", "2001:db8:1::30/64");
  const auto topology = parse("home.xml", text);

  BOOST_REQUIRE_MESSAGE(topology.has_value(), complaint(text));
  const auto& eth0 = topology->hosts.at(0).interfaces.at(0);
  BOOST_TEST(eth0.address(Family::V4)->to_string() == "192.168.1.10/24");
  BOOST_TEST(eth0.address(Family::V6)->to_string() == "2001:db8:1::10/64");
  BOOST_TEST(!topology->nats.at(0).inside.address(Family::V6).has_value());
}

BOOST_AUTO_TEST_CASE(each_family_of_a_net_has_one_prefix) {
  BOOST_TEST(complaint(dual_stack("2001:db8:1::10/64", "2001:db8:2::30/64")) ==
             "home.xml:3:45: 2001:db8:2::30/64 is not in the net 2001:db8:1::/64 of its neighbour "
             "alice.eth0");
}

// NATs do not translate it, so an address inside must differ from all outside.
BOOST_AUTO_TEST_CASE(an_ipv6_address_is_unique_on_both_sides_of_a_nat) {
  BOOST_TEST(complaint(dual_stack("2001:db8:5::10/64", "2001:db8:5::30/64")) ==
             "home.xml:10:38: 2001:db8:5::10 is the address of alice.eth0 already, and both are "
             "reached from the same side");
}

BOOST_AUTO_TEST_CASE(a_firewall_is_a_gateway_that_keeps_addresses) {
  const auto text = home_with("<nat name=\"gate\" mapping=\"ADM\" filtering=\"ADF\">",
                              "<firewall name=\"gate\" filtering=\"ADF\" lifetime=\"2min\" "
                              "blocks=\"udp\">");
  auto closed = text;
  closed.replace(closed.find("</nat>"), 6, "</firewall>");
  const auto topology = parse("home.xml", closed);

  BOOST_REQUIRE_MESSAGE(topology.has_value(), complaint(closed));
  const auto& firewall = *topology->find_firewall("gate");
  BOOST_TEST((firewall.rules.filtering == Filtering::AddressDependent));
  BOOST_TEST((firewall.rules.lifetimes.udp == 2min));
  BOOST_TEST((firewall.rules.policy.blocks == std::vector{Transport::Udp}));
  BOOST_TEST((topology->kind_of("gate") == MachineKind::Firewall));
}

// Both sides of a firewall are one realm, other than with a NAT.
BOOST_AUTO_TEST_CASE(behind_a_firewall_no_address_comes_twice) {
  auto text = home_with("<nat name=\"gate\" mapping=\"ADM\" filtering=\"ADF\">",
                        "<firewall name=\"gate\">");
  text.replace(text.find("</nat>"), 6, "</firewall>");
  text.replace(text.find("192.0.2.10/24"), 13, "192.168.1.10/24");

  BOOST_TEST(complaint(text).find("192.168.1.10 is the address of alice.eth0 already") !=
             std::string::npos);
}

struct TurnRow {
  std::string attributes;
  std::string says;
};
std::ostream& operator<<(std::ostream& out, const TurnRow& row) {
  return out << row.attributes;
}
const std::vector<TurnRow> kTurnRows{
    {"transports=\"udp tcp tls\" port=\"80\" tlsPort=\"443\" nonceLifetime=\"10min\" "
     "allocationsPerUser=\"2\"",
     ""},
    {"transports=\"udp dtls\"", "unknown transports \"dtls\", expected udp, tcp or tls"},
    {"transports=\"udp udp\"", "udp stands here twice"},
    {"transports=\"\"", "expected one or more of udp, tcp or tls"},
    {"port=\"5349\"", "expected two different ports, port and tlsPort"},
    {"nonceLifetime=\"0s\"", "expected a lifetime above 0"},
    {"alternateServer=\"trun\"", "unknown other TURN server \"trun\""},
    {"alternateServer=\"turn\"", "unknown other TURN server \"turn\""},
};

BOOST_DATA_TEST_CASE(a_turn_server_says_how_it_is_reached, data::make(kTurnRows), row) {
  const auto text = home_with(
      "<router name=\"internet\"/>",
      "<router name=\"internet\"/><turnServer name=\"turn\" realm=\"r\" " + row.attributes +
          "><interface address=\"198.51.100.1/24\"/><user name=\"u\" password=\"p\"/>"
          "</turnServer><link a=\"turn\" b=\"internet\"/>");
  const auto said = complaint(text);

  BOOST_TEST_CONTEXT(said) {
    BOOST_TEST(said.empty() == row.says.empty());
    BOOST_TEST(said.find(row.says) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_alternate_server_is_another_turn_server) {
  const std::string server =
      "><interface address=\"198.51.100.1/24\"/><user name=\"u\" password=\"p\"/></turnServer>";
  const auto text = home_with("<router name=\"internet\"/>",
                              "<router name=\"internet\"/>"
                              "<turnServer name=\"one\" realm=\"r\" alternateServer=\"two\"" +
                                  server + "<turnServer name=\"two\" realm=\"r\"" + server +
                                  "<link a=\"one\" b=\"internet\"/><link a=\"two\" "
                                  "b=\"internet\"/>");
  auto distinct = text;
  distinct.replace(distinct.rfind("198.51.100.1"), 12, "198.51.101.1");

  const auto topology = parse("home.xml", distinct);
  BOOST_REQUIRE_MESSAGE(topology.has_value(), complaint(distinct));
  BOOST_TEST(topology->find_turn_server("one")->alternate == "two");
  BOOST_TEST((topology->find_turn_server("two")->transports == std::vector{ServerTransport::Udp}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
