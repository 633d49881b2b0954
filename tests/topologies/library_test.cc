// The library of topologies, and the schema that says to editors what the loader accepts.
#include "tests/topologies/support.h"
#include "topologies/loader.h"
#include "topologies/nets.h"
#include "topologies/vocabulary.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <pugixml.hpp>

#include <cstdlib>
#include <filesystem>
#include <set>

namespace rtclab::topology {
namespace {

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

const fs::path kFolder = fs::path{RTCLAB_SOURCE_DIR} / "topologies";

std::vector<std::string> library() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{kFolder / "library"}) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

Topology loaded(const std::string& name) {
  auto topology = load(kFolder / "library" / name);
  BOOST_REQUIRE_MESSAGE(topology.has_value(),
                        (topology ? std::string{} : topology.error().to_string()));
  return *topology;
}

// The values of an attribute wherever XPath finds it in the schema.
std::set<std::string> in_schema(const std::string& path, const char* attribute) {
  pugi::xml_document schema;
  BOOST_REQUIRE(schema.load_file((kFolder / "topology.xsd").c_str()));
  std::set<std::string> values;
  for (const auto& found : schema.select_nodes(path.c_str())) {
    values.insert(found.node().attribute(attribute).value());
  }
  return values;
}

template <class Choices>
std::set<std::string> words(const Choices& choices) {
  std::set<std::string> found;
  for (const auto& choice : choices) found.emplace(choice.text);
  return found;
}

BOOST_AUTO_TEST_SUITE(topology_library)

BOOST_DATA_TEST_CASE(every_file_is_loaded_and_named_after_itself, data::make(library()), file) {
  const auto topology = loaded(file);

  BOOST_TEST(topology.name == fs::path{file}.stem().string());
  BOOST_TEST(topology.title != topology.name);
  BOOST_TEST(!topology.description.empty());
}

BOOST_DATA_TEST_CASE(every_file_is_valid_by_the_schema, data::make(library()), file) {
  const auto command = "xmllint --nonet --noout --schema '" + (kFolder / "topology.xsd").string() +
                       "' '" + (kFolder / "library" / file).string() + "' 2>&1";

  BOOST_TEST(std::system(command.c_str()) == 0);
}

// Outside: RFC 5737. Inside: RFC 1918, and in a CLAT RFC 7335. IPv6: RFC 3849, on both sides, and
// the unique local addresses that RFC 6296 draws its examples with.
BOOST_DATA_TEST_CASE(addresses_are_those_for_documentation, data::make(library()), file) {
  const auto topology = loaded(file);
  const std::vector<Prefix> inside{*Prefix::parse("10.0.0.0/8"), *Prefix::parse("172.16.0.0/12"),
                                   *Prefix::parse("192.168.0.0/16"),
                                   *Prefix::parse("100.64.0.0/10"),  // RFC 6598
                                   *Prefix::parse("192.0.0.0/29")};
  const std::vector<Prefix> outside{*Prefix::parse("192.0.2.0/24"),
                                    *Prefix::parse("198.51.100.0/24"),
                                    *Prefix::parse("203.0.113.0/24")};
  const std::vector<Prefix> v6{*Prefix::parse("2001:db8::/32"),
                               *Prefix::parse("fd01:203:405::/48")};
  const auto in = [](const std::vector<Prefix>& nets, const Prefix& address) {
    return std::ranges::any_of(nets, [&](const Prefix& net) { return net.contains(address.ip); });
  };

  const Nets nets_of_it{topology};
  for (const auto& name : topology.machine_names()) {
    for (const auto& interface : topology.interfaces_of(name)) {
      // Behind a NAT, or openly in the net.
      const auto gateway = nets_of_it.net_of({name, interface.name})->gateway();
      const bool is_inside = gateway && (topology.find_nat(*gateway) != nullptr ||
                                         topology.kind_of(*gateway) == MachineKind::Clat);
      for (const auto& address : interface.addresses) {
        BOOST_TEST(in(!address.ip.is_v4() ? v6 : is_inside ? inside : outside, address));
      }
    }
  }
}

Duration one_way(const Topology& topology, const std::vector<std::string>& machines) {
  Duration sum{0};
  for (std::size_t i = 0; i + 1 < machines.size(); ++i) {
    const auto link = std::ranges::find_if(topology.links, [&](const Link& candidate) {
      return (candidate.a.machine == machines[i] && candidate.b.machine == machines[i + 1]) ||
             (candidate.b.machine == machines[i] && candidate.a.machine == machines[i + 1]);
    });
    BOOST_REQUIRE((link != topology.links.end()));
    BOOST_TEST((link->a_to_b.delay == link->b_to_a.delay));
    sum += link->a_to_b.delay;
  }
  return sum;
}

// So that the time to set up a call counts in round trips between the peers.
BOOST_AUTO_TEST_CASE(signalling_between_two_homes_takes_as_long_as_the_direct_path) {
  const auto topology = loaded("two-homes.xml");

  const auto direct =
      one_way(topology, {"alice-laptop", "home-a", "internet", "home-b", "bob-laptop"});
  const auto signalled = one_way(topology, {"alice-laptop", "home-a", "internet", "signalling"}) +
                         one_way(topology, {"signalling", "internet", "home-b", "bob-laptop"});

  BOOST_TEST((direct == 37ms));
  BOOST_TEST((signalled == direct));
  for (const auto& link : topology.links) BOOST_TEST(!link.a_to_b.rate.has_value());
}

BOOST_AUTO_TEST_CASE(the_symmetric_pair_is_symmetric_and_draws_its_ports) {
  for (const auto& nat : loaded("symmetric-pair.xml").nats) {
    BOOST_TEST((nat.behaviour.mapping == Mapping::AddressAndPortDependent));
    BOOST_TEST((nat.behaviour.filtering == Filtering::AddressAndPortDependent));
    BOOST_TEST((nat.behaviour.port_allocation == PortAllocation::Random));
  }
}

BOOST_AUTO_TEST_CASE(the_schema_knows_the_words_of_every_enumeration) {
  const auto of = [](const std::string& type) {
    return in_schema("//xs:simpleType[@name='" + type + "']//xs:enumeration", "value");
  };

  BOOST_TEST(of("mapping") == words(kMappings));
  BOOST_TEST(of("filtering") == words(kFilterings));
  BOOST_TEST(of("portAllocation") == words(kPortAllocations));
  BOOST_TEST(of("pooling") == words(kPoolings));
  BOOST_TEST(of("unsolicitedSyn") == words(kUnsolicitedSyns));
  BOOST_TEST(of("fragments") == words(kFragmentTreatments));
  BOOST_TEST(of("exhaustion") == words(kExhaustions));
  BOOST_TEST(of("icmpErrors") == words(kIcmpErrorTreatments));
  BOOST_TEST(of("jitterDistribution") == words(kJitterDistributions));
  BOOST_TEST(of("queueDiscipline") == words(kQueueDisciplines));
  BOOST_TEST(of("dropKind") == words(kDropKinds));
  BOOST_TEST(of("refresh") == words(kRefreshes));
  BOOST_TEST(of("hairpinning") == words(kHairpinnings));
  BOOST_TEST(of("transport") == words(kTransports));
  BOOST_TEST(of("serverTransport") == words(kServerTransports));
}

BOOST_AUTO_TEST_CASE(the_schema_knows_the_elements_and_attributes_of_the_loader) {
  std::set<std::string> elements;
  std::set<std::string> attributes;
  for (const auto& rule : grammar().elements) {
    elements.emplace(rule.name);
    attributes.insert(rule.required.begin(), rule.required.end());
    attributes.insert(rule.optional.begin(), rule.optional.end());
  }

  BOOST_TEST(in_schema("//xs:element", "name") == elements);
  BOOST_TEST(in_schema("//xs:attribute", "name") == attributes);
}

BOOST_AUTO_TEST_CASE(each_machine_is_found_by_its_name_and_kind) {
  const auto topology = loaded("same-lan.xml");

  BOOST_TEST(topology.find_host("alice-laptop") != nullptr);
  BOOST_TEST(topology.find_host("home") == nullptr);
  BOOST_TEST(topology.find_nat("home") != nullptr);
  BOOST_TEST(topology.find_stun_server("stun") != nullptr);
  BOOST_TEST(topology.find_turn_server("turn") != nullptr);
  BOOST_TEST(topology.find_signalling_server("signalling") != nullptr);
  BOOST_TEST((topology.kind_of("switch") == MachineKind::Lan));
  BOOST_TEST((topology.kind_of("internet") == MachineKind::Router));
  BOOST_TEST(!topology.kind_of("nobody").has_value());
  BOOST_TEST(topology.machine_names().size() == 8u);
  BOOST_TEST(topology.interfaces_of("home").size() == 2u);
  BOOST_TEST(topology.interfaces_of("switch").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
