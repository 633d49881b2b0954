#include "topologies/link_presets.h"

#include "topologies/units.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::topology {
namespace {

namespace data = boost::unit_test::data;

// The mean loss that the page on links states; what is not named here loses nothing.
struct MeanLoss {
  std::string_view preset;
  double loss;
};
constexpr std::array kMeanLosses{MeanLoss{"satellite-leo", 0.005}, MeanLoss{"hotel", 0.01},
                                 MeanLoss{"lossy-wifi", 0.02}, MeanLoss{"train", 0.05},
                                 MeanLoss{"very-bad", 0.1}};

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const auto& preset : link_presets()) all.push_back(preset.name);
  return all;
}

BOOST_AUTO_TEST_SUITE(link_presets_table)

BOOST_AUTO_TEST_CASE(each_name_stands_for_one_and_says_where_its_numbers_are_from) {
  const auto all = names();

  BOOST_TEST((std::set<std::string_view>{all.begin(), all.end()}.size()) == all.size());
  for (const auto& preset : link_presets()) {
    BOOST_TEST(!preset.title.empty());
    BOOST_TEST(preset.reason.size() > 20u, preset.name);
    BOOST_TEST(find_link_preset(preset.name) == &preset);
  }
  BOOST_TEST(find_link_preset("telepathy") == nullptr);
}

BOOST_DATA_TEST_CASE(the_mean_loss_of_each_is_known, data::make(names()), name) {
  const auto& preset = *find_link_preset(name);
  const auto* const stated = std::ranges::find(kMeanLosses, name, &MeanLoss::preset);
  const auto expected = stated == kMeanLosses.end() ? 0 : stated->loss;

  BOOST_TEST(preset.up.mean_loss() == expected, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(preset.down.mean_loss() == expected, boost::test_tools::tolerance(1e-12));
}

BOOST_DATA_TEST_CASE(each_has_a_rate_and_a_delay_in_both_directions, data::make(names()), name) {
  const auto& preset = *find_link_preset(name);

  for (const auto* const quality : {&preset.up, &preset.down}) {
    BOOST_TEST(quality->rate.has_value());
    BOOST_TEST(quality->delay.count() > 0);
  }
}

BOOST_AUTO_TEST_CASE(a_quality_is_told_in_the_words_of_files) {
  const LinkQuality quality{
      .delay = std::chrono::milliseconds{40},
      .jitter = {.spread = std::chrono::microseconds{1500},
                 .distribution = JitterDistribution::Pareto,
                 .correlation = 0.5},
      .rate = 1'500'000,
      .discipline = QueueDiscipline::FqCoDel,
      .loss = 0.0002,
      .burst_loss = BurstLoss{0.01, 0.19, 0.4},
  };
  const std::vector<LinkTerm> expected{
      {"delay", "40ms"},
      {"jitter", "1500us"},
      {"jitterDistribution", "pareto"},
      {"jitterCorrelation", "50%"},
      {"rate", "1500kbit/s"},
      {"queueDiscipline", "fq-codel"},
      {"loss", "0.02%"},
      {"burstLoss", "goodToBad 1%, badToGood 19%, lossInBad 40%"},
  };
  BOOST_TEST((terms_of(quality) == expected));
  BOOST_TEST(terms_of({}).empty());
}

BOOST_AUTO_TEST_CASE(what_the_units_print_they_read_back) {
  using namespace std::chrono_literals;
  for (const Duration duration : {Duration{0}, Duration{1ns}, Duration{90s}, Duration{5min},
                                  Duration{1500us}, Duration{1h}}) {
    BOOST_TEST((units::parse_duration(units::format_duration(duration)) == duration));
  }
  for (const std::uint64_t rate : {1u, 999u, 384'000u, 1'500'000u, 1'000'000'000u}) {
    BOOST_TEST((units::parse_rate(units::format_rate(rate)) == rate));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
