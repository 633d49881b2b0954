#include "topologies/link_reader.h"

#include "tests/support/scratch_folder.h"
#include "tests/topologies/support.h"
#include "topologies/link_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::topology {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

const std::string kLine = "<link a=\"carol\" b=\"switch\" delay=\"1ms\"/>";

std::string home_over(const std::string& attributes, const std::string& children = "") {
  return home_with(kLine, "<link a='carol' b='switch' " + attributes + ">" + children + "</link>");
}

Link link_of(const std::string& attributes, const std::string& children = "") {
  const auto text = home_over(attributes, children);
  const auto topology = parse("home.xml", text);
  BOOST_REQUIRE_MESSAGE(topology.has_value(), complaint(text));
  return topology->links.at(1);
}

BOOST_AUTO_TEST_SUITE(link_reader)

BOOST_AUTO_TEST_CASE(every_attribute_reaches_its_effect) {
  const auto link = link_of(
      "delay='5ms' jitter='2ms' jitterDistribution='pareto' jitterCorrelation='25%' "
      "jitterReorders='yes' rate='1Mbit/s' queue='7' queueDiscipline='fq-codel' mtu='1280' "
      "loss='1%' duplication='2%' corruption='3%' reordering='4%' reorderingDelay='9ms'",
      "<burstLoss goodToBad='10%' badToGood='40%' lossInBad='90%' lossInGood='1%'/>"
      "<outage from='1s' to='2s'/><outage from='2s' to='3s'/>"
      "<drop what='dtls-flight' number='2'/><drop number='1'/>");

  LinkQuality expected;
  expected.delay = 5ms;
  expected.jitter = {2ms, JitterDistribution::Pareto, 0.25, true};
  expected.rate = 1'000'000;
  expected.queue = 7;
  expected.discipline = QueueDiscipline::FqCoDel;
  expected.mtu = 1280;
  expected.loss = 0.01;
  expected.burst_loss = BurstLoss{0.1, 0.4, 0.9, 0.01};
  expected.duplication = 0.02;
  expected.corruption = 0.03;
  expected.reordering = 0.04;
  expected.reordering_delay = 9ms;
  expected.outages = {{1s, 2s}, {2s, 3s}};
  expected.drops = {{Drop::What::DtlsFlight, 2}, {Drop::What::Packet, 1}};
  BOOST_TEST((link.a_to_b == expected));
  BOOST_TEST((link.b_to_a == expected));
}

BOOST_AUTO_TEST_CASE(a_direction_takes_what_the_link_says_unless_it_says_otherwise) {
  const auto link = link_of("delay='5ms' loss='1%'",
                            "<outage from='1s' to='2s'/><aToB><drop number='3'/></aToB>"
                            "<bToA loss='2%'><outage from='5s' to='6s'/></bToA>");

  BOOST_TEST((link.a_to_b.outages == std::vector<Outage>{{1s, 2s}}));
  BOOST_TEST((link.a_to_b.drops == std::vector<Drop>{{Drop::What::Packet, 3}}));
  BOOST_TEST((link.b_to_a.outages == std::vector<Outage>{{5s, 6s}}));
  BOOST_TEST(link.b_to_a.drops.empty());
  BOOST_TEST(link.b_to_a.loss == 0.02);
  BOOST_TEST((link.b_to_a.delay == 5ms));
}

BOOST_AUTO_TEST_CASE(a_list_of_drops_may_stand_in_one_attribute) {
  const auto link = link_of(
      "",
      "<aToB drops='datagram:7 dtls-flight:2'/><bToA drops='packet:9'><drop number='3'/></bToA>");

  BOOST_TEST((link.a_to_b.drops ==
              std::vector<Drop>{{Drop::What::Datagram, 7}, {Drop::What::DtlsFlight, 2}}));
  BOOST_TEST(
      (link.b_to_a.drops == std::vector<Drop>{{Drop::What::Packet, 3}, {Drop::What::Packet, 9}}));
}

BOOST_AUTO_TEST_CASE(the_customer_of_a_preset_is_at_a) {
  const auto& preset = *find_link_preset("lte");
  const auto link = link_of("preset='lte' loss='50%'");

  auto up = preset.up;
  auto down = preset.down;
  up.loss = down.loss = 0.5;
  BOOST_TEST((link.a_to_b == up));
  BOOST_TEST((link.b_to_a == down));
}

BOOST_AUTO_TEST_CASE(the_mean_loss_is_that_of_both_causes) {
  const LinkQuality quality{.loss = 0.1, .burst_loss = BurstLoss{0.01, 0.04}};

  BOOST_TEST(quality.burst_loss->mean_loss() == 0.2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(quality.mean_loss() == 1 - 0.9 * 0.8, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_bandwidth_trace_stands_beside_the_topology) {
  const test::ScratchFolder folder;
  folder.write("cell.trace", "0\n1\n1\n5\n");
  folder.write("home.xml", home_over("bandwidthTrace='cell.trace'"));

  const auto topology = load(folder.path() / "home.xml");
  BOOST_REQUIRE(topology.has_value());
  const auto& quality = topology->links.at(1).a_to_b;
  BOOST_TEST((quality.opportunities == std::vector<Duration>{0ms, 1ms, 1ms, 5ms}));
}

struct Flaw {
  std::string attributes;
  std::string children;
  std::string says;
};
std::ostream& operator<<(std::ostream& out, const Flaw& flaw) {
  return out << flaw.attributes << flaw.children;
}
const std::vector<Flaw> kFlaws{
    {"preset='ltee'", "", "unknown kind of link \"ltee\", did you mean \"lte\"?"},
    {"mtu='67'", "", "expected a number from 68 to 65535"},
    {"reordering='5%'", "", "packets are held back for no time, expected a reorderingDelay"},
    {"reorderingDelay='5ms'", "", "nothing is held back, expected reordering as well"},
    {"rate='1Mbit/s' bandwidthTrace='x'", "", "a link has a rate or a bandwidthTrace, not both"},
    {"bandwidthTrace='no-such.trace'", "", "no-such.trace: no such file"},
    {"", "<outage from='2s' to='2s'/>", "expected a time after from"},
    {"", "<outage from='1s' to='3s'/><outage from='2s' to='4s'/>", "expected outages in order"},
    {"drops='datagram 7'", "", "expected what is lost and its number, with spaces between"},
    {"drops='datagrm:7'", "", "expected what is lost and its number, with spaces between"},
    {"drops='datagram:7 datagram:7'", "", "datagram:7 stands here twice"},
    {"", "<drop number='0'/>", "expected a number from 1 to 1000000"},
    {"", "<drop number='1'/><drop what='packet' number='1'/>", "this drop stands here twice"},
    {"", "<drop what='dtls-fligt' number='1'/>", "did you mean \"dtls-flight\"?"},
    {"", "<burstLoss goodToBad='0%' badToGood='0%'/>", "no state is ever left"},
    {"", "<burstLoss goodToBad='1%' badToGood='9%'/><burstLoss goodToBad='1%' badToGood='9%'/>",
     "<burstLoss> stands here twice"},
};

BOOST_DATA_TEST_CASE(a_wrong_link_is_said_at_its_place, data::make(kFlaws), flaw) {
  const auto said = complaint(home_over(flaw.attributes, flaw.children));

  BOOST_TEST(said.find(flaw.says) != std::string::npos, said);
  BOOST_TEST(said.starts_with("home.xml:12:"), said);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
