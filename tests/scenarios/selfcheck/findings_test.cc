// What a file says beside what was seen.
#include "scenarios/selfcheck/findings.h"

#include <boost/test/unit_test.hpp>

#include <chrono>

namespace rtclab::selfcheck {
namespace {

using namespace std::chrono_literals;
using stun::Dependence;
using topology::Filtering;
using topology::Mapping;
using topology::NatBehaviour;
using topology::PortAllocation;

UdpSeen seen_as(Dependence mapping, Dependence filtering) {
  UdpSeen seen;
  seen.rfc5780.mapped.value = Endpoint{*Ip::parse("203.0.113.1"), Port{4000}};
  seen.rfc5780.mapping.value = mapping;
  seen.rfc5780.filtering.value = filtering;
  return seen;
}

BOOST_AUTO_TEST_SUITE(selfcheck_findings)

BOOST_AUTO_TEST_CASE(what_is_seen_as_declared_agrees_and_what_is_not_differs) {
  const NatBehaviour nat{.mapping = Mapping::EndpointIndependent,
                         .filtering = Filtering::AddressDependent};
  const auto findings =
      compare(seen_as(Dependence::EndpointIndependent, Dependence::EndpointIndependent),
              {.behaviour = nat});

  BOOST_TEST((find(findings, "mapping")->agreement == Agreement::Agrees));
  const auto& filtering = *find(findings, "filtering");
  BOOST_TEST((filtering.agreement == Agreement::Differs));
  BOOST_TEST(filtering.expected == "ADF");
  BOOST_TEST(filtering.seen == "EIF");
}

BOOST_AUTO_TEST_CASE(flows_that_share_a_port_look_endpoint_independent) {
  const NatBehaviour linux{.mapping = Mapping::AddressAndPortDependent,
                           .port_allocation = PortAllocation::Overloading};
  const auto findings =
      compare(seen_as(Dependence::EndpointIndependent, Dependence::AddressAndPortDependent),
              {.behaviour = linux});

  const auto& mapping = *find(findings, "mapping");
  BOOST_TEST(mapping.declared == "APDM");
  BOOST_TEST(mapping.expected == "EIM");
  BOOST_TEST((mapping.agreement == Agreement::Agrees));
}

BOOST_AUTO_TEST_CASE(hairpinning_behind_a_filter_per_destination_cannot_be_seen) {
  const NatBehaviour nat{.mapping = Mapping::AddressAndPortDependent,
                         .port_allocation = PortAllocation::Random,
                         .hairpinning = topology::Hairpinning::ExternalSource};
  const auto findings =
      compare(seen_as(Dependence::AddressAndPortDependent, Dependence::AddressAndPortDependent),
              {.behaviour = nat});

  BOOST_TEST((find(findings, "hairpinning")->agreement == Agreement::Hidden));
}

BOOST_AUTO_TEST_CASE(a_term_that_should_have_shown_and_did_not_differs) {
  const auto findings = compare(UdpSeen{}, {});
  BOOST_TEST_REQUIRE(findings.size() == 1u);
  BOOST_TEST(findings.front().term == "passes");
  BOOST_TEST((findings.front().agreement == Agreement::Differs));
}

BOOST_AUTO_TEST_CASE(a_lifetime_agrees_when_it_lies_between_the_bounds) {
  NatBehaviour nat;
  nat.lifetimes.udp = 300s;
  auto seen = seen_as(Dependence::EndpointIndependent, Dependence::AddressAndPortDependent);
  seen.rfc5780.lifetime.value = LifetimeBounds{299s, 300s};
  BOOST_TEST((find(compare(seen, {.behaviour = nat}), "lifetime")->agreement == Agreement::Agrees));
  seen.rfc5780.lifetime.value = LifetimeBounds{120s, 121s};
  BOOST_TEST(
      (find(compare(seen, {.behaviour = nat}), "lifetime")->agreement == Agreement::Differs));
}

BOOST_AUTO_TEST_CASE(only_what_the_policy_lets_out_is_expected_to_pass) {
  topology::Policy policy;
  policy.allows = {{Transport::Tcp, Port{443}}};
  BOOST_TEST(lets_out(policy, Transport::Tcp, Port{443}));
  BOOST_TEST(!lets_out(policy, Transport::Tcp, Port{80}));
  BOOST_TEST(ports_out(policy, Transport::Udp).empty());
  BOOST_TEST_REQUIRE(ports_out(policy, Transport::Tcp).size() == 1u);
  BOOST_TEST(ports_out(policy, Transport::Tcp).front().value() == 443);
}

BOOST_AUTO_TEST_CASE(a_chain_is_as_strict_as_its_strictest_part) {
  const Declared home{.behaviour = {.mapping = Mapping::EndpointIndependent,
                                    .filtering = Filtering::AddressAndPortDependent,
                                    .lifetimes = {.udp = 300s}}};
  const Declared carrier{.behaviour = {.mapping = Mapping::AddressDependent,
                                       .filtering = Filtering::EndpointIndependent,
                                       .port_allocation = PortAllocation::Random,
                                       .lifetimes = {.udp = 60s}}};
  const auto whole = chain({home, carrier}).behaviour;
  BOOST_TEST((whole.mapping == Mapping::AddressDependent));
  BOOST_TEST((whole.filtering == Filtering::AddressAndPortDependent));
  BOOST_TEST((whole.lifetimes.udp == Duration{60s}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::selfcheck
