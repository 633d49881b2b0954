// Shares of whole populations, and what else NATs do.
#include "scenarios/validate/mixes.h"

#include "scenarios/validate/sections.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::validate {
namespace {

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(validation_of_populations)

BOOST_DATA_TEST_CASE(every_figure_agrees, data::make({nat_variants, population, birthday}),
                     section) {
  const auto measured = section({.seeds = 1, .samples = 200});

  BOOST_TEST(measured.checks() >= 8u);
  for (const auto& block : measured.blocks) {
    const auto* const checks = std::get_if<Checks>(&block);
    if (checks == nullptr) continue;
    for (const auto& row : checks->rows)
      BOOST_TEST(row.agrees, row.what << ": " << row.expected << ", but " << row.measured);
  }
}

BOOST_AUTO_TEST_CASE(the_sum_over_all_pairs_is_fords) {
  BOOST_TEST(expected_direct({{"EIM/APDF", 0.82}, {"APDM/APDF", 0.18}}) == 0.82 * 0.82,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_full_cone_reaches_a_symmetric_nat_in_both_roles) {
  const Mix mix{{"EIM/EIF", 0.5}, {"APDM/APDF", 0.5}};

  BOOST_TEST(expected_direct(mix) == 0.75, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(check_share("half and half", 0.75, measure_direct(mix, 60, 1)).agrees);
}

BOOST_AUTO_TEST_CASE(another_mix_than_was_expected_is_found) {
  const Mix said{{"EIM/APDF", 0.9}, {"APDM/APDF", 0.1}};
  const Mix real{{"EIM/APDF", 0.5}, {"APDM/APDF", 0.5}};

  BOOST_TEST(!check_share("said", expected_direct(said), measure_direct(real, 100, 1)).agrees);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::validate
