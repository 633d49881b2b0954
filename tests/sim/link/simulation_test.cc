#include "sim/link/simulation.h"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <vector>

namespace rtclab::sim {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(simulation)

BOOST_AUTO_TEST_CASE(what_is_scheduled_for_the_end_while_it_runs_still_runs) {
  Simulation simulation;
  std::vector<int> order;
  Simulation::schedule(Instant{1s}, [&] {
    order.push_back(1);
    Simulation::schedule(Instant{1s}, [&] {
      order.push_back(2);
      Simulation::schedule(Instant{1s}, [&] { order.push_back(3); });
    });
  });
  Simulation::schedule(Instant{1s + 1ns}, [&] { order.push_back(4); });

  BOOST_TEST(simulation.run_until(Instant{1s}));

  const std::vector<int> expected{1, 2, 3};
  BOOST_TEST(order == expected, boost::test_tools::per_element());
  BOOST_TEST((Simulation::now() == Instant{1s}));
}

BOOST_AUTO_TEST_CASE(it_goes_on_where_it_stopped) {
  Simulation simulation;
  std::vector<Instant> fired;
  for (const auto at : {1s, 2s, 3s}) {
    Simulation::schedule(Instant{at}, [&] {
      fired.push_back(Simulation::now());
      if (fired.size() == 2) simulation.stop();
    });
  }

  BOOST_TEST(!simulation.run_until(Instant{10s}));
  BOOST_TEST((Simulation::now() == Instant{2s}));
  BOOST_TEST(simulation.run_until(Instant{20s}));

  BOOST_TEST(fired.size() == 3u);
  BOOST_TEST((Simulation::now() == Instant{20s}));
}

BOOST_AUTO_TEST_CASE(time_passes_also_when_nothing_happens) {
  Simulation simulation;

  BOOST_TEST(simulation.run_until(Instant{5s}));
  BOOST_TEST(simulation.run_until(Instant{5s}));

  BOOST_TEST((Simulation::now() == Instant{5s}));
}

BOOST_AUTO_TEST_CASE(the_next_simulation_begins_at_zero_and_forgets_what_was_scheduled) {
  bool fired = false;
  {
    Simulation first;
    Simulation::schedule(Instant{2s}, [&] { fired = true; });
    first.run_until(Instant{1s});
  }
  Simulation second;

  BOOST_TEST((Simulation::now() == Instant{}));
  second.run_until(Instant{10s});
  BOOST_TEST(!fired);
}

// No timer could end it: at its instant time does not pass.
BOOST_AUTO_TEST_CASE(a_limit_on_events_ends_a_loop_that_never_lets_time_pass) {
  std::function<void()> again;
  {
    sim::Simulation simulation;
    sim::Simulation::limit_events(1000);
    again = [&] { sim::Simulation::schedule(sim::Simulation::now(), again); };
    sim::Simulation::schedule(Instant{1s}, again);

    BOOST_TEST(!simulation.run_until(Instant{2s}));

    BOOST_TEST(sim::Simulation::limit_reached());
    BOOST_TEST((sim::Simulation::now() == Instant{1s}));
    BOOST_TEST(sim::Simulation::events_executed() <= 1001u);
  }
  sim::Simulation next;
  BOOST_TEST(!sim::Simulation::limit_reached());
  for (int i = 0; i < 2000; ++i) sim::Simulation::schedule(Instant{1s}, [] {});
  BOOST_TEST(next.run_until(Instant{2s}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
