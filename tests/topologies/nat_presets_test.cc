#include "topologies/nat_presets.h"

#include "tests/support/scratch_folder.h"
#include "tests/topologies/support.h"
#include "topologies/nat_reader.h"
#include "topologies/nat_terms.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::topology {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

std::string attributes_of(const NatBehaviour& behaviour) {
  std::string text;
  for (const auto& [attribute, value] : terms_of(behaviour)) {
    text += " " + std::string{attribute} + "=\"" + value + "\"";
  }
  return text;
}

NatBehaviour loaded(const std::string& attributes) {
  const auto text = home_with(" mapping=\"ADM\" filtering=\"ADF\"", attributes);
  const auto topology = parse("home.xml", text);
  BOOST_REQUIRE_MESSAGE(topology.has_value(), complaint(text));
  return topology->nats.at(0).behaviour;
}

// What a person sets must not vanish behind what the file says.
BOOST_AUTO_TEST_CASE(a_preset_that_is_set_takes_the_place_of_the_terms_that_stand_there) {
  const test::ScratchFolder folder;
  const auto text = home_with(" mapping=\"ADM\" filtering=\"ADF\"",
                              " mapping=\"EIM\" filtering=\"EIF\" portAllocation=\"preserving\"");
  const auto file = folder.write("home.xml", text);
  const auto set = [&](std::vector<xml::Edit> edits) {
    return load(file, {.edits = std::move(edits)}).value().nats.at(0).behaviour;
  };

  BOOST_TEST((set({{"//nat/@preset", "symmetric"}}) == find_nat_preset("symmetric")->behaviour));
  auto with_term = find_nat_preset("symmetric")->behaviour;
  with_term.filtering = Filtering::EndpointIndependent;
  BOOST_TEST((set({{"//nat/@preset", "symmetric"}, {"//nat/@filtering", "EIF"}}) == with_term));
}

// Nothing in it is as usual.
NatBehaviour unusual() {
  NatBehaviour nat;
  nat.mapping = Mapping::AddressDependent;
  nat.filtering = Filtering::EndpointIndependent;
  nat.tcp_mapping = Mapping::EndpointIndependent;
  nat.tcp_filtering = Filtering::AddressDependent;
  nat.pooling = Pooling::Arbitrary;
  nat.port_allocation = PortAllocation::Overloading;
  nat.collision = Collision::Random;
  nat.ports = {Port{2000}, Port{3000}};
  nat.port_parity = true;
  nat.port_contiguity = true;
  nat.port_block = 64;
  nat.port_reuse_after = 1500ms;
  nat.mappings_per_host = 5;
  nat.most_mappings = 50;
  nat.exhaustion = Exhaustion::HostUnreachable;
  nat.lifetimes = {30s, 120s, 2s, 31s, 32s, 5h, 33s, 34s, 35s};
  nat.refresh = Refresh::Both;
  nat.hairpinning = Hairpinning::InternalSource;
  nat.unsolicited_syn = UnsolicitedSyn::Reset;
  nat.fragments = Fragments::InOrder;
  nat.translates_icmp_errors = false;
  nat.policy = {{Transport::Tcp}, {{Transport::Udp, Port{3478}}, {Transport::Udp, {}}}};
  return nat;
}

BOOST_AUTO_TEST_SUITE(nat_presets_table)

BOOST_DATA_TEST_CASE(a_presets_terms_written_out_are_the_same_nat,
                     data::xrange(nat_presets().size()), number) {
  const auto& preset = nat_presets()[number];

  BOOST_TEST((loaded(attributes_of(preset.behaviour)) == preset.behaviour), preset.name);
  BOOST_TEST((loaded(" preset=\"" + std::string{preset.name} + "\"") == preset.behaviour));
}

BOOST_AUTO_TEST_CASE(every_attribute_is_a_term_when_nothing_is_as_usual) {
  std::set<std::string_view> attributes;
  for (const auto& term : terms_of(unusual())) attributes.insert(term.attribute);

  for (const auto& name : nat_attributes()) {
    BOOST_TEST((attributes.contains(name) || name == "preset"), name);
  }
  BOOST_TEST((loaded(attributes_of(unusual())) == unusual()));
}

BOOST_AUTO_TEST_CASE(a_nat_without_attributes_has_no_terms) {
  BOOST_TEST(terms_of({}).empty());
}

BOOST_AUTO_TEST_CASE(a_preset_has_one_name_a_title_and_a_reason) {
  std::set<std::string_view> names;
  for (const auto& preset : nat_presets()) {
    BOOST_TEST(names.insert(preset.name).second, preset.name);
    BOOST_TEST(!preset.title.empty());
    BOOST_TEST(preset.reason.size() > 40u);
    BOOST_TEST(find_nat_preset(preset.name) == &preset);
  }
  BOOST_TEST(find_nat_preset("symmetrical") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
