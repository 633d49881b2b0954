// NATs of every kind classified from outside, inside one run of their topology.
#include "scenarios/selfcheck/selfcheck.h"

#include "tests/scenarios/selfcheck/support.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::topology {
std::ostream& operator<<(std::ostream& out, Mapping mapping) {
  return out << to_string(mapping);
}
std::ostream& operator<<(std::ostream& out, Filtering filtering) {
  return out << to_string(filtering);
}
std::ostream& operator<<(std::ostream& out, const NatPreset& preset) {
  return out << preset.name;
}
}  // namespace rtclab::topology

namespace rtclab::selfcheck {
namespace {

namespace data = boost::unit_test::data;
using topology::Filtering;
using topology::Hairpinning;
using topology::Mapping;
using topology::NatBehaviour;
using topology::PortAllocation;

const auto kMappings = data::make(
    {Mapping::EndpointIndependent, Mapping::AddressDependent, Mapping::AddressAndPortDependent});
const auto kFilterings = data::make({Filtering::EndpointIndependent, Filtering::AddressDependent,
                                     Filtering::AddressAndPortDependent});

const Subject& subject(const Report& report, std::string_view name, Transport transport) {
  for (const auto& each : report.subjects) {
    if (each.name == name && each.transport == transport) return each;
  }
  throw std::logic_error{"no such subject"};
}

std::string seen(const Report& report, Transport transport, std::string_view term) {
  const auto* const finding = find(subject(report, "home", transport).findings, term);
  return finding == nullptr ? "" : finding->seen;
}

BOOST_AUTO_TEST_SUITE(selfcheck)

BOOST_DATA_TEST_CASE(tells_each_mapping_and_filtering_apart_over_udp_and_tcp,
                     kMappings* kFilterings, mapping, filtering) {
  const NatBehaviour nat{
      .mapping = mapping, .filtering = filtering, .port_allocation = PortAllocation::Random};

  const auto report = check(behind(nat), {});

  BOOST_TEST(report.agrees(), to_text(report));
  for (const auto transport : {Transport::Udp, Transport::Tcp})
    BOOST_TEST(seen(report, transport, "mapping") == to_string(mapping));
  BOOST_TEST(seen(report, Transport::Udp, "filtering") == to_string(filtering));
  // Over TCP an answer that leaves through another mapping makes no connection.
  const auto stricter = std::max(filtering, static_cast<Filtering>(mapping));
  BOOST_TEST(seen(report, Transport::Tcp, "filtering") == to_string(stricter));
}

// A stranger's find: the probe took one port twice.
BOOST_AUTO_TEST_CASE(a_nat_with_few_ports_is_looked_at_with_few) {
  for (const auto last : {Port{5000}, Port{5003}}) {
    const auto report = check(behind({.ports = {Port{5000}, last}}), {});
    BOOST_TEST(seen(report, Transport::Udp, "filtering") == "APDF");
  }
}

BOOST_DATA_TEST_CASE(names_every_preset_as_its_terms_appear,
                     data::make(std::vector<topology::NatPreset>(topology::nat_presets().begin(),
                                                                 topology::nat_presets().end())) *
                         data::make({1, 2, 3}),
                     preset, seed) {
  for (const unsigned addresses : {1u, 2u}) {
    const auto report =
        check(behind(preset.behaviour, addresses), {.seed = static_cast<std::uint64_t>(seed)});
    BOOST_TEST(report.agrees(), to_text(report));
    BOOST_TEST(report.subjects.size() == 2u);
  }
}

// One row: what the network really does, what its file says, and which term shows it.
struct Lie {
  std::string_view term;
  Transport transport;
  NatBehaviour real;
  NatBehaviour said;
};
std::ostream& operator<<(std::ostream& out, const Lie& lie) {
  return out << lie.term << " over " << to_string(lie.transport);
}

std::vector<Lie> lies() {
  using namespace std::chrono_literals;
  const NatBehaviour base{.port_allocation = PortAllocation::Random};
  const auto with = [&](auto change) {
    auto changed = base;
    change(changed);
    return changed;
  };
  using enum Transport;
  return {
      {"mapping", Udp, base, with([](auto& n) { n.mapping = Mapping::AddressDependent; })},
      {"mapping", Tcp, base, with([](auto& n) { n.tcp_mapping = Mapping::AddressDependent; })},
      {"filtering", Udp, base, with([](auto& n) { n.filtering = Filtering::AddressDependent; })},
      {"filtering", Tcp, base,
       with([](auto& n) { n.tcp_filtering = Filtering::EndpointIndependent; })},
      {"hairpinning", Udp, base,
       with([](auto& n) { n.hairpinning = Hairpinning::ExternalSource; })},
      {"lifetime", Udp, base, with([](auto& n) { n.lifetimes.udp = 120s; })},
      {"lifetime", Tcp, base, with([](auto& n) { n.lifetimes.tcp_established = 3600s; })},
      {"ports", Udp, base, with([](auto& n) { n.port_allocation = PortAllocation::Sequential; })},
      {"parity", Udp, base, with([](auto& n) { n.port_parity = true; })},
      {"refresh", Udp, base, with([](auto& n) { n.refresh = topology::Refresh::Both; })},
      {"ICMP errors", Udp, base, with([](auto& n) { n.translates_icmp_errors = false; })},
      {"unsolicited SYN", Tcp, base,
       with([](auto& n) { n.unsolicited_syn = topology::UnsolicitedSyn::Reset; })},
      {"passes", Udp, base, with([](auto& n) { n.policy.blocks = {Udp}; })},
  };
}

BOOST_DATA_TEST_CASE(a_nat_that_is_not_what_its_file_says_is_found, data::make(lies()), lie) {
  const auto report = check(behind(lie.real), behind(lie.said), {});

  BOOST_TEST(!report.agrees());
  const auto* const finding = find(subject(report, "home", lie.transport).findings, lie.term);
  BOOST_REQUIRE(finding != nullptr);
  BOOST_TEST((finding->agreement == Agreement::Differs), finding->seen);
}

// A stranger's finds: what such a NAT does not show is no difference.
struct Shy {
  std::string_view what;
  NatBehaviour nat;
  std::vector<std::string_view> hidden;  // terms of UDP
  bool hides_tcp = false;
};
std::ostream& operator<<(std::ostream& out, const Shy& shy) {
  return out << shy.what;
}

std::vector<Shy> shy_nats() {
  using namespace std::chrono_literals;
  return {
      {"a lifetime of 1 ms", {.lifetimes = {.udp = 1ms}}, {"ports", "refresh"}},
      {"a lifetime of 15 s", {.lifetimes = {.udp = 15s}}, {"ports"}},
      {"a lifetime of 500 h", {.lifetimes = {.udp = 500h}}, {"refresh"}},
      {"one mapping per host",
       {.mappings_per_host = 1},
       {"hairpinning", "lifetime", "ports", "parity", "refresh", "ICMP errors"},
       true},
      {"five mappings per host", {.mappings_per_host = 5}, {"refresh", "ICMP errors"}, true},
      {"two mappings in all, the oldest ends",
       {.most_mappings = 2, .exhaustion = topology::Exhaustion::Evict},
       {"ports"}},
      {"21 ports that rest",
       {.ports = {Port{5000}, Port{5020}}, .port_reuse_after = 120s},
       {"ports", "parity"}},
      {"answered only after its end",
       {.lifetimes = {.udp = 30s, .udp_answered = 120s, .udp_answered_after = 40s}},
       {}},
      {"answered after 5 s",
       {.lifetimes = {.udp = 5s, .udp_answered = 120s, .udp_answered_after = 5s}},
       {"ports"}},
  };
}

BOOST_DATA_TEST_CASE(what_a_nat_cannot_show_is_no_difference_and_has_a_reason,
                     data::make(shy_nats()), shy) {
  const auto report = check(behind(shy.nat), {});

  BOOST_TEST(report.agrees(), to_text(report));
  for (const auto term : shy.hidden) {
    const auto* const finding = find(subject(report, "home", Transport::Udp).findings, term);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST((finding->agreement == Agreement::Hidden), term);
  }
  for (const auto& each : report.subjects) {
    for (const auto& finding : each.findings) BOOST_TEST(!finding.reason.empty(), finding.term);
  }
  const auto* const passes = find(subject(report, "home", Transport::Tcp).findings, "passes");
  BOOST_TEST((passes->agreement == Agreement::Hidden) == shy.hides_tcp);
}

BOOST_AUTO_TEST_CASE(little_room_hides_no_lie_about_mapping_and_filtering) {
  const auto report = check(behind({.mappings_per_host = 5}),
                            behind({.mapping = Mapping::AddressDependent,
                                    .filtering = Filtering::EndpointIndependent,
                                    .mappings_per_host = 5}),
                            {});
  for (const auto* const term : {"mapping", "filtering"}) {
    const auto* const finding = find(subject(report, "home", Transport::Udp).findings, term);
    BOOST_TEST((finding->agreement == Agreement::Differs), term);
  }
}

// Another mapping would need another destination, and there is none left.
BOOST_AUTO_TEST_CASE(an_endpoint_independent_nat_that_overloads_is_seen_to_preserve) {
  const auto report = check(behind({.port_allocation = PortAllocation::Overloading}), {});

  BOOST_TEST(report.agrees(), to_text(report));
  const auto& ports = *find(subject(report, "home", Transport::Udp).findings, "ports");
  BOOST_TEST(ports.declared == "overloading");
  BOOST_TEST(ports.expected == "preserving");
}

BOOST_AUTO_TEST_CASE(a_cascade_is_classified_part_by_part_and_as_a_whole) {
  using namespace std::chrono_literals;
  auto town = behind({.mapping = Mapping::EndpointIndependent,
                      .filtering = Filtering::EndpointIndependent,
                      .port_allocation = PortAllocation::Random});
  topology::Nat carrier{.name = "carrier",
                        .inside = an_interface("inside", {"203.0.113.65/24"}),
                        .outside = an_interface("outside", {"198.51.100.1/24"}),
                        .behaviour = {.mapping = Mapping::AddressDependent,
                                      .filtering = Filtering::AddressDependent,
                                      .port_allocation = PortAllocation::Random,
                                      .lifetimes = {.udp = 60s}}};
  town.nats.push_back(carrier);
  town.links[1] = {.a = {"home", "outside"}, .b = {"carrier", "inside"}};
  town.links.push_back({.a = {"carrier", "outside"}, .b = {"core", ""}});

  const auto report = check(town, {});

  BOOST_TEST(report.agrees(), to_text(report));
  BOOST_TEST_REQUIRE(report.subjects.size() == 5u);
  const auto& whole = report.subjects.back();
  BOOST_TEST(whole.name == "alice through home, carrier");
  BOOST_TEST(find(whole.findings, "mapping")->seen == "ADM");
  BOOST_TEST(find(whole.findings, "filtering")->seen == "ADF");
}

BOOST_AUTO_TEST_CASE(a_firewall_filters_and_maps_nothing) {
  auto town = behind({});
  town.nats.clear();
  topology::Firewall firewall{.name = "wall",
                              .inside = an_interface("inside", {"192.168.1.1/24"}),
                              .outside = an_interface("outside", {"203.0.113.1/24"}),
                              .rules = {.filtering = Filtering::AddressDependent}};
  town.firewalls = {firewall};
  town.links[0].b.machine = "wall";
  town.links[1].a.machine = "wall";

  const auto report = check(town, {});

  BOOST_TEST(report.agrees(), to_text(report));
  const auto& udp = subject(report, "wall", Transport::Udp);
  BOOST_TEST(find(udp.findings, "filtering")->seen == "ADF");
  BOOST_TEST(find(udp.findings, "hairpinning") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_nat64_is_classified_from_ipv6) {
  auto town = behind({});
  town.hosts.front().interfaces.front() = an_interface("eth0", {"2001:db8:a::10/64"});
  town.nats.clear();
  town.nat64s = {{.name = "carrier",
                  .inside = an_interface("inside", {"2001:db8:a::1/64"}),
                  .outside = an_interface("outside", {"203.0.113.1/24"}),
                  .behaviour = topology::find_nat_preset("mobile-ipv6-only")->behaviour}};
  town.links[0].b.machine = "carrier";
  town.links[1].a.machine = "carrier";

  const auto report = check(town, {});

  BOOST_TEST(report.agrees(), to_text(report));
  const auto& udp = subject(report, "carrier", Transport::Udp);
  BOOST_TEST(find(udp.findings, "mapping")->seen == "EIM");
  BOOST_TEST(find(udp.findings, "filtering")->seen == "ADF");
  BOOST_TEST(find(udp.findings, "hairpinning")->seen == "external-source");
}

BOOST_AUTO_TEST_CASE(ipv6_through_a_nat_is_checked_as_through_a_firewall) {
  auto town = behind({});
  town.nats.front().inside.addresses.push_back(*Prefix::parse("2001:db8:a::1/64"));
  town.nats.front().outside.addresses.push_back(*Prefix::parse("2001:db8:f::1/64"));

  const auto report = check(town, {});

  BOOST_TEST(report.agrees(), to_text(report));
  BOOST_TEST(find(subject(report, "home (IPv6)", Transport::Udp).findings, "filtering")->seen ==
             "APDF");
}

BOOST_AUTO_TEST_CASE(a_lossy_link_beyond_the_probes_changes_nothing) {
  auto town = behind({});
  town.links[1].a_to_b.loss = town.links[1].b_to_a.loss = 1;
  const auto report = check(town, {});
  BOOST_TEST(report.agrees(), to_text(report));
}

BOOST_AUTO_TEST_CASE(the_same_seed_tells_the_same) {
  const NatBehaviour nat{.mapping = Mapping::AddressDependent,
                         .port_allocation = PortAllocation::Random};
  BOOST_TEST(to_text(check(behind(nat), {.seed = 4})) == to_text(check(behind(nat), {.seed = 4})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::selfcheck
