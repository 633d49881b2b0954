#include "scenarios/sweep/page.h"

#include "scenarios/sweep/charts.h"
#include "tests/scenarios/sweep/sweep_files.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <regex>
#include <set>

namespace rtclab::sweep {
namespace {

Axis axis(const std::string& name, const std::vector<std::string>& labels) {
  Axis made{.name = name, .points = {}};
  for (const auto& label : labels) made.points.push_back({label, {{name, label}}});
  return made;
}

// Every second run with much delay fails; what fails is never open.
struct Fixture {
  Sweep sweep{.file = "demo.xml",
              .name = "demo",
              .title = "Tea & <cake>",
              .scenario = "first-call",
              .seeds = {1, 4},
              .axes = {.parts = {axis("loss", {"0%", "5%", "9%"}), axis("delay", {"1ms", "99ms"})}},
              .collectors = {{"open", CollectTime{}}}};
  Plan plan = *sweep::plan(sweep);
  std::vector<Row> rows = play();
  Table table{sweep, plan, rows};
  std::vector<View> views = views_of(sweep, plan);

  [[nodiscard]] std::vector<Row> play() const {
    std::vector<Row> all;
    for (RunNumber run = 1; run <= plan.runs(); ++run) {
      Row row{.run = run, .figures = {static_cast<double>(100 * run)}};
      if (plan.cells[plan.cell_of(run)].points[1] == 1 && run % 2 == 0) {
        row = {.run = run,
               .outcome = Outcome::Failed,
               .detail = "nobody <answered>",
               .figures = {Figure{}}};
      }
      all.push_back(row);
    }
    return all;
  }
  [[nodiscard]] std::vector<Row> play_plainly() const {
    std::vector<Row> all;
    for (RunNumber run = 1; run <= plan.runs(); ++run)
      all.push_back({.run = run, .figures = {1.0}});
    return all;
  }
  [[nodiscard]] std::string html() const {
    return sweep_html({table, views, std::vector<std::string>(views.size()), "rtclab sweep demo"});
  }
};

BOOST_FIXTURE_TEST_SUITE(page, Fixture)

BOOST_AUTO_TEST_CASE(rows_are_counted_by_the_points_of_an_axis) {
  const auto by_delay = table.by(*table.axis("delay"), table.all());

  BOOST_TEST(table.share(by_delay[0], "").hits == 12u);
  BOOST_TEST(table.share(by_delay[1], "").hits == 6u);
  BOOST_TEST(table.share(by_delay[1], "").of == 12u);
  BOOST_TEST(table.numbers(by_delay[1], "open").size() == 6u);
}

BOOST_AUTO_TEST_CASE(every_link_leads_to_a_place_that_is_there_once) {
  const auto text = html();
  std::set<std::string> places;
  const std::regex place{" id=\"([^\"]+)\""};
  for (std::sregex_iterator at{text.begin(), text.end(), place}; at != std::sregex_iterator{}; ++at)
    BOOST_TEST(places.insert((*at)[1]).second, (*at)[1]);
  const std::regex link{"href=\"#([^\"]+)\""};
  std::size_t links = 0;
  for (std::sregex_iterator at{text.begin(), text.end(), link}; at != std::sregex_iterator{};
       ++at) {
    BOOST_TEST(places.contains((*at)[1]), (*at)[1]);
    ++links;
  }
  BOOST_TEST(links > 12u);
}

BOOST_AUTO_TEST_CASE(a_cell_leads_to_a_replay_command_of_a_run_that_failed) {
  const auto text = html();
  const auto card = text.find("id=\"view-1-2-2\"");
  BOOST_REQUIRE(card != std::string::npos);
  const auto end = text.find("</article>", card);

  const auto first = text.find("<code class=\"replay\">", card);
  BOOST_TEST(first < end);
  BOOST_TEST(
      text.substr(first).starts_with("<code class=\"replay\">rtclab run first-call --seed 2 --set "
                                     "loss=5% --set delay=99ms</code>"));
}

BOOST_AUTO_TEST_CASE(what_files_and_runs_say_is_escaped) {
  const auto text = html();
  BOOST_TEST(text.find("Tea &amp; &lt;cake&gt;") != std::string::npos);
  BOOST_TEST(text.find("nobody &lt;answered&gt;") != std::string::npos);
  BOOST_TEST(text.find("<cake>") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_page_loads_nothing_and_runs_nothing) {
  const auto text = html();
  BOOST_TEST(text.find("<script") == std::string::npos);
  BOOST_TEST(text.find("http") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(shares_and_numbers_fit_into_a_cell_and_do_not_lie) {
  BOOST_TEST(share_text({1000, 1000}) == "100 %");
  BOOST_TEST(share_text({9999, 10000}) == "99.9 %");
  BOOST_TEST(share_text({1, 10000}) == "0.1 %");
  BOOST_TEST(share_text({0, 10000}) == "0 %");
  BOOST_TEST(number_text(412.4) == "412");
  BOOST_TEST(number_text(0.25) == "0.25");
  BOOST_TEST(number_text(12345) == "12.3k");
  BOOST_TEST(figure_text(412, " ms") == "412 ms");
  BOOST_TEST(figure_text(12345, " ms") == "12.3 s");
  BOOST_TEST(figure_text(12345, "") == "12.3k");
}

BOOST_AUTO_TEST_CASE(a_distribution_ends_at_the_share_that_came_to_it) {
  const auto chart = chart_of(Distribution{"open", "delay"}, table);

  BOOST_REQUIRE(chart.has_value());
  BOOST_TEST(chart->curves.size() == 2u);
  BOOST_TEST(chart->curves[0].points.back().y == 1);
  BOOST_TEST(chart->curves[1].points.back().y == 0.5);
}

// A line would say that something lies between two kinds of NATs.
BOOST_AUTO_TEST_CASE(numbers_are_joined_by_a_line_and_kinds_are_not) {
  const auto numbers = gnuplot_script(*chart_of(Rates{"loss"}, table));
  sweep.axes = {.parts = {axis("nat", {"full-cone", "symmetric", "none"})}};
  plan = *sweep::plan(sweep);
  rows = play_plainly();
  const auto kinds = gnuplot_script(*chart_of(Rates{"nat"}, table));

  BOOST_TEST(numbers.find("with yerrorlines") != std::string::npos);
  BOOST_TEST(kinds.find("with yerrorbars") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_that_would_run_into_each_other_stand_aslant) {
  Chart chart{.x_names = {"a", "b"}, .is_of_kinds = true};
  BOOST_TEST(gnuplot_script(chart).find("rotate") == std::string::npos);

  chart.x_names.assign(15, "address-and-port-dependent");
  BOOST_TEST(gnuplot_script(chart).find("rotate by 40") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_yes_or_no_that_is_collected_has_views_of_its_own) {
  sweep.collectors.push_back({"direct", CollectExpectation{}});
  const auto shown = views_of(sweep, plan);

  BOOST_TEST(std::ranges::any_of(shown, [](const View& view) {
    const auto* const map = std::get_if<HeatMap>(&view);
    return map != nullptr && map->of == "direct";
  }));
  BOOST_TEST(std::ranges::count_if(shown, [](const View& view) {
               const auto* const rates = std::get_if<Rates>(&view);
               return rates != nullptr && rates->of == "direct";
             }) == 2);
}

BOOST_AUTO_TEST_CASE(a_failure_leads_to_its_evidence_where_there_is_some) {
  Page page{table, views, std::vector<std::string>(views.size()), "rtclab sweep demo"};
  BOOST_TEST(sweep_html(page).find("runs/6") == std::string::npos);

  page.evidence = {{6, "runs/6/report.html"}};
  BOOST_TEST(sweep_html(page).find("<a href=\"runs/6/report.html\">evidence of run 6</a>") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_picture_has_the_pages_colours_and_is_drawn_alike_twice) {
  const auto chart = chart_of(Rates{"loss", "", "delay"}, table);
  BOOST_REQUIRE(chart.has_value());
  const auto script = gnuplot_script(*chart);
  const test::ScratchFolder one;
  const test::ScratchFolder other;

  const auto picture = draw(one.path(), "rates", script);

  BOOST_REQUIRE_MESSAGE(picture.has_value(), test::said(picture));
  BOOST_TEST((*picture == *draw(other.path(), "rates", script)));
  BOOST_TEST(picture->starts_with("<svg"));
  for (const auto* const part :
       {"var(--ink)", "var(--line)", "var(--curve-1)", "var(--curve-2)", "delay 99ms"})
    BOOST_TEST(picture->find(part) != std::string::npos, part);
  BOOST_TEST(picture->find("rgb(0,0,2") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
