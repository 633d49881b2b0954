// NATs against the judge: each row of the table, and what a NAT that keeps every clause shows.
#include "reports/judge/judge.h"
#include "tests/scenario/nat_exercise.h"
#include "tests/scenario/nat_table.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>

namespace rtclab::topology {
std::ostream& operator<<(std::ostream& out, const NatPreset& preset) {
  return out << preset.name;
}
}  // namespace rtclab::topology

namespace rtclab::test {

std::ostream& operator<<(std::ostream& out, const NatRow& row) {
  return out << row.what;
}

namespace {

namespace data = boost::unit_test::data;
using judge::Verdict;

topology::NatBehaviour behaviour_of(Base base) {
  return {.filtering = base == Base::Open ? topology::Filtering::EndpointIndependent
                                          : topology::Filtering::AddressAndPortDependent,
          .port_allocation = topology::PortAllocation::Random,
          .port_parity = true,
          .hairpinning = topology::Hairpinning::ExternalSource,
          .unsolicited_syn = topology::UnsolicitedSyn::Icmp};
}

// Of the clauses on NATs.
struct Verdicts {
  std::map<std::string, judge::Judgement> all;

  explicit Verdicts(const evidence::Evidence& evidence) {
    for (auto& judgement : judge::judge(evidence)) {
      if (judgement.requirement->id.starts_with("nat-"))
        all.emplace(judgement.requirement->id, judgement);
    }
  }
  [[nodiscard]] std::set<std::string> with(Verdict verdict, Verdict or_else) const {
    std::set<std::string> ids;
    for (const auto& [id, judgement] : all) {
      if (judgement.verdict == verdict || judgement.verdict == or_else) ids.insert(id);
    }
    return ids;
  }
  [[nodiscard]] std::set<std::string> broken() const {
    return with(Verdict::Fail, Verdict::Advice);
  }
  [[nodiscard]] std::set<std::string> declared() const {
    return with(Verdict::Declared, Verdict::Declared);
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& [id, judgement] : all) {
      if (judgement.verdict != Verdict::Pass && judgement.verdict != Verdict::Inconclusive)
        text += fmt::format("{} {}: {}\n", to_string(judgement.verdict), id, judgement.summary);
    }
    return text;
  }
};

std::set<std::string> set_of(const std::vector<std::string_view>& ids) {
  return {ids.begin(), ids.end()};
}

void lie(evidence::Evidence& evidence, std::string_view term, std::string_view value) {
  for (auto& event : evidence.trace) {
    if (event.name != "nat:declared") continue;
    for (auto& [key, said] : event.data) {
      if (key == term) said = std::string{value};
    }
  }
}

BOOST_AUTO_TEST_SUITE(nats_and_the_judge)

BOOST_DATA_TEST_CASE(a_row_is_seen_as_what_it_is_and_as_nothing_else, data::make(nat_table()),
                     row) {
  auto behaviour = behaviour_of(row.base);
  row.change(behaviour);
  auto evidence =
      perform({.behaviour = behaviour, .faults = row.faults, .one_address = row.one_address});
  if (!row.term.empty()) lie(evidence, row.term, row.lie);

  const Verdicts verdicts{evidence};

  BOOST_TEST_CONTEXT(verdicts.text()) {
    BOOST_TEST(verdicts.declared() == set_of(row.declared), boost::test_tools::per_element());
    BOOST_TEST(verdicts.broken() == set_of(row.broken), boost::test_tools::per_element());
  }
}

// With the two of them every clause has a case, but those that need a NAT of another kind.
BOOST_AUTO_TEST_CASE(a_nat_that_keeps_every_clause_passes_each_that_comes_up) {
  std::set<std::string> passed, known;
  for (const auto base : {Base::Open, Base::Strict}) {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      const Verdicts verdicts{perform({.behaviour = behaviour_of(base), .seed = seed})};
      BOOST_TEST(verdicts.broken().empty(), verdicts.text());
      BOOST_TEST(verdicts.declared().empty(), verdicts.text());
      passed.merge(verdicts.with(Verdict::Pass, Verdict::Pass));
      for (const auto& [id, judgement] : verdicts.all) known.insert(id);
    }
  }
  std::set<std::string> missing;
  std::ranges::set_difference(known, passed, std::inserter(missing, missing.end()));
  const std::set<std::string> others{
      "nat-4787-4.2.1-port-preserve-collide",  // ports that are kept
      "nat-5508-REQ-8-exhaust-13",             // a limit that is reached
  };
  BOOST_TEST(missing == others, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(whoever_has_a_kept_port_keeps_it) {
  auto behaviour = behaviour_of(Base::Strict);
  behaviour.port_allocation = topology::PortAllocation::Preserving;
  const Verdicts verdicts{perform({.behaviour = behaviour, .one_address = true})};
  BOOST_TEST((verdicts.all.at("nat-4787-4.2.1-port-preserve-collide").verdict == Verdict::Pass));
}

BOOST_AUTO_TEST_CASE(a_port_below_1024_goes_where_the_declared_ports_are) {
  const auto verdict_of = [](topology::PortRange ports) {
    auto behaviour = behaviour_of(Base::Strict);
    behaviour.port_allocation = topology::PortAllocation::Preserving;
    behaviour.ports = ports;
    return Verdicts{perform({.behaviour = behaviour, .privileged_port = true})}
        .all.at("nat-4787-REQ-3a-port-range")
        .verdict;
  };
  BOOST_TEST((verdict_of({Port{1}, Port{65535}}) == Verdict::Pass));
  BOOST_TEST((verdict_of({Port{1024}, Port{65535}}) == Verdict::Declared));
}

BOOST_AUTO_TEST_CASE(a_reached_limit_is_told_as_declared) {
  auto behaviour = behaviour_of(Base::Strict);
  behaviour.mappings_per_host = 4;
  const auto verdict_of = [&](topology::Exhaustion exhaustion) {
    behaviour.exhaustion = exhaustion;
    return Verdicts{perform({.behaviour = behaviour})}.all.at("nat-5508-REQ-8-exhaust-13").verdict;
  };
  BOOST_TEST((verdict_of(topology::Exhaustion::Icmp) == Verdict::Pass));
  BOOST_TEST((verdict_of(topology::Exhaustion::Silent) == Verdict::Declared));
}

// The rows show each clause not kept, but for those that nothing of ours can break.
BOOST_AUTO_TEST_CASE(every_clause_on_nats_has_a_row) {
  std::set<std::string> shown{"nat-5508-REQ-8-exhaust-13", "nat-4787-REQ-3a-port-range",  // above
                              // Not played: no NAT of ours can be made to steal a port, to map some
                              // hosts otherwise than others, to stop simultaneous opens alone.
                              "nat-4787-4.2.1-port-preserve-collide",
                              "nat-4787-REQ-11-deterministic", "nat-5382-REQ-2-tcp-sequences"};
  for (const auto& row : nat_table()) {
    shown.merge(set_of(row.declared));
    shown.merge(set_of(row.broken));
  }
  for (const auto& requirement : judge::requirements()) {
    if (requirement.id.starts_with("nat-"))
      BOOST_TEST(shown.contains(std::string{requirement.id}), requirement.id);
  }
}

// A user's run is not to turn red because he chose a NAT that is not as the RFCs want it.
BOOST_DATA_TEST_CASE(no_preset_breaks_what_it_does_not_declare,
                     data::make(std::vector<topology::NatPreset>(topology::nat_presets().begin(),
                                                                 topology::nat_presets().end())),
                     preset) {
  const Verdicts verdicts{perform({.behaviour = preset.behaviour})};
  BOOST_TEST(verdicts.broken().empty(), verdicts.text());
}

// Nothing is declared there: what a NAT does is held against the RFCs alone.
BOOST_AUTO_TEST_CASE(a_recording_of_both_sides_is_judged_by_the_same_clauses) {
  const Verdicts good{record({.behaviour = behaviour_of(Base::Strict)})};
  BOOST_TEST(good.broken().empty(), good.text());
  BOOST_TEST(good.declared().empty());
  BOOST_TEST(good.with(Verdict::Pass, Verdict::Pass).size() > 20u);

  auto symmetric = behaviour_of(Base::Strict);
  symmetric.mapping = topology::Mapping::AddressAndPortDependent;
  symmetric.lifetimes.udp = std::chrono::seconds{30};
  const Verdicts bad{record({.behaviour = symmetric})};
  const auto broken = bad.broken();
  for (const auto* const id : {"nat-4787-REQ-1-eim", "nat-5382-REQ-1-tcp-eim",
                               "nat-4787-REQ-5-udp-120s", "nat-4787-REQ-5c-udp-300s"})
    BOOST_TEST(broken.contains(id), id << '\n' << bad.text());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
