// Every timer is as the standards have it; one that is not stands out.
#include "scenarios/validate/timers.h"

#include "agents/stun/message.h"
#include "scenarios/validate/access.h"
#include "scenarios/validate/sections.h"
#include "scenarios/validate/solo_ice.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(validation_of_timers)

BOOST_AUTO_TEST_CASE(all_agree) {
  const auto section = timers({});

  BOOST_TEST(section.checks() > 45u);
  for (const auto& block : section.blocks) {
    const auto* const checks = std::get_if<Checks>(&block);
    if (checks == nullptr) continue;
    BOOST_TEST(!checks->rows.empty());
    for (const auto& row : checks->rows)
      BOOST_TEST(row.agrees, row.what << ": " << row.expected << ", but " << row.measured);
  }
}

BOOST_AUTO_TEST_CASE(a_call_takes_its_round_trips) {
  const auto section = set_up({});

  BOOST_TEST(section.checks() == 4u);
  BOOST_TEST(section.failures() == 0u);
}

// What the rows are measured by tells an agent that keeps no pace from one that does.
BOOST_AUTO_TEST_CASE(an_agent_without_pacing_is_seen_in_the_capture) {
  SoloPlan plan{.remote_candidates = 3, .length = 200ms};
  const auto topology = two_sides({}, {});
  const auto paced = run_solo(topology, plan, 1);
  plan.configuration.deviations = {Deviation::IceNoPacing};
  const auto unpaced = run_solo(topology, plan, 1);
  const auto times = [](const evidence::Evidence& evidence) {
    return text_of(times_of(stun_at(evidence, "a.eth0", evidence::Direction::Outbound, true)));
  };

  BOOST_TEST(times(paced) == "0, 0.05, 0.1 s");
  BOOST_TEST(times(unpaced) == "0, 0, 0 s");
}

BOOST_AUTO_TEST_CASE(an_agent_with_a_short_rto_is_seen_in_the_capture) {
  SoloPlan plan{.remote_candidates = 1, .length = 450ms};
  plan.configuration.deviations = {Deviation::IceShortRto};
  const auto evidence = run_solo(two_sides({}, {}), plan, 1);

  BOOST_TEST(text_of(times_of(stun_at(evidence, "a.eth0", evidence::Direction::Outbound, true))) !=
             "0 s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::validate
