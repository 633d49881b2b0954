#include "scenarios/sweep/plan.h"

#include "scenarios/sweep/dealer.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::sweep {
namespace {

Axis axis(std::string name, const std::vector<std::string>& values) {
  Axis made{.name = name, .points = {}};
  for (const auto& value : values) made.points.push_back({value, {{name, value}}});
  return made;
}

Sweep sweep_of(Axes axes, Seeds seeds = {}) {
  return {.file = "demo.xml",
          .name = "demo",
          .scenario = "first-call",
          .seeds = seeds,
          .axes = std::move(axes)};
}

std::vector<std::string> labels_of(const Plan& plan) {
  std::vector<std::string> all;
  for (const auto& cell : plan.cells) {
    std::string text;
    for (std::size_t i = 0; i < cell.points.size(); ++i)
      text += plan.axes[i].labels[cell.points[i]];
    all.push_back(text);
  }
  return all;
}

using Texts = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(a_plan)

BOOST_AUTO_TEST_CASE(without_axes_is_one_cell) {
  const auto made = plan(sweep_of({}, {1, 3}));
  BOOST_TEST(made->cells.size() == 1u);
  BOOST_TEST(made->runs() == 3u);
}

BOOST_AUTO_TEST_CASE(numbers_its_runs_from_1_and_lets_the_seeds_of_a_cell_follow_each_other) {
  const auto made = plan(sweep_of({.parts = {axis("a", {"x", "y"})}}, {5, 7}));

  BOOST_TEST(made->runs() == 6u);
  BOOST_TEST(made->cell_of(3) == 0u);
  BOOST_TEST(made->cell_of(4) == 1u);
  BOOST_TEST(made->seed_of(1) == 5u);
  BOOST_TEST(made->seed_of(3) == 7u);
  BOOST_TEST(made->seed_of(4) == 5u);
}

BOOST_AUTO_TEST_CASE(combines_combinations) {
  const Axes zipped{.combination = Combination::Zip,
                    .parts = {axis("a", {"x", "y"}), axis("b", {"1", "2"})}};
  const auto made = plan(sweep_of({.parts = {zipped, axis("c", {"P", "Q"})}}));

  BOOST_TEST((labels_of(*made) == Texts{"x1P", "x1Q", "y2P", "y2Q"}));
  BOOST_TEST(made->axes.size() == 3u);
}

BOOST_AUTO_TEST_CASE(sets_what_every_run_has_before_what_its_axes_say) {
  auto sweep = sweep_of({.parts = {axis("loss", {"5%"})}});
  sweep.always = {{"loss", "1%"}, {"delay", "9ms"}};

  const auto made = plan(sweep);

  BOOST_TEST((made->cells.front().assignments ==
              std::vector<scenario::Assignment>{{"loss", "1%"}, {"delay", "9ms"}, {"loss", "5%"}}));
}

BOOST_AUTO_TEST_CASE(refuses_a_zip_of_axes_of_different_length) {
  const auto made = plan(sweep_of({.combination = Combination::Zip,
                                   .parts = {axis("a", {"x", "y"}), axis("b", {"1"})},
                                   .line = 7}));
  BOOST_TEST(made.error().to_string() ==
             "demo.xml:7: a zip needs axes of one length, these have 2, 1 points");
}

BOOST_AUTO_TEST_CASE(refuses_more_runs_than_anybody_waits_for) {
  Texts many(4000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = std::to_string(i);
  const auto made = plan(sweep_of({.parts = {axis("a", many), axis("b", many)}}));
  BOOST_TEST(made.error().message.starts_with("these axes have more than 10000000 points"));
  BOOST_TEST(plan(sweep_of({.parts = {axis("a", many)}}, {1, 3000})).error().message ==
             "4000 cells with 3000 seeds each are more than 10000000 runs");
}

BOOST_AUTO_TEST_CASE(tells_a_run_by_a_command_that_a_shell_reads_as_it_is_meant) {
  using scenario::Assignment;
  const std::vector<Assignment> loss{{"loss", "5%"}};
  const std::vector<Assignment> nat{{"topology//nat[@name='home-a']/@preset", "x"}};
  BOOST_TEST(scenario::replay_command("first-call", 7, loss) ==
             "rtclab run first-call --seed 7 --set loss=5%");
  BOOST_TEST(scenario::replay_command("my call.xml", 1, nat) ==
             "rtclab run 'my call.xml' --seed 1 --set "
             "'topology//nat[@name='\\''home-a'\\'']/@preset=x'");
}

BOOST_AUTO_TEST_CASE(is_shared_out_to_shards_so_that_each_run_belongs_to_one) {
  const auto made = *plan(sweep_of({}, {1, 10}));
  std::vector<RunNumber> all;
  for (const RunNumber shard : {1, 2, 3}) {
    for (const auto run : open_runs(made, {}, {shard, 3})) all.push_back(run);
  }
  std::ranges::sort(all);
  BOOST_TEST((all == open_runs(made, {})));
  BOOST_TEST(all.size() == 10u);
}

BOOST_AUTO_TEST_CASE(leaves_open_what_is_not_done) {
  const auto made = *plan(sweep_of({}, {1, 5}));
  BOOST_TEST((open_runs(made, {true, false, true, true, false}) == std::vector<RunNumber>{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
