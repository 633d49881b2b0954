// The table comes out as the field has it, and a NAT that behaves otherwise is found out.
#include "scenarios/validate/access_kinds.h"
#include "scenarios/validate/grid.h"
#include "scenarios/validate/sections.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::validate {
namespace {

Section with(Checks checks) {
  Section section;
  section.blocks.emplace_back(std::move(checks));
  return section;
}

BOOST_AUTO_TEST_SUITE(validation_nat_table)

BOOST_AUTO_TEST_CASE(all_cells_are_as_the_table_from_outside_has_them) {
  const auto section = nat_table({.seeds = 1});

  BOOST_TEST(section.checks() == 123u);
  BOOST_TEST(section.failures() == 0u);
}

BOOST_AUTO_TEST_CASE(a_table_that_expects_another_cell_differs_in_it_alone) {
  const std::vector<Row> rows{{"EIM/APDF", access_kind("EIM/APDF").access},
                              {"APDM/APDF", access_kind("APDM/APDF").access}};
  const auto measured = meet_all(rows, rows, {.seeds = 1});

  BOOST_TEST(with(checks_of("right", rows, rows, measured, {"Pr", "rr"})).failures() == 0u);
  BOOST_TEST(with(checks_of("wrong", rows, rows, measured, {"Pr", "Pr"})).failures() == 1u);
}

BOOST_AUTO_TEST_CASE(a_nat_that_filters_less_than_it_says_is_found) {
  auto said = access_kind("EIM/APDF");
  const std::vector<Row> rows{{"EIM/APDF", access_kind("EIM/EIF").access}};
  const std::vector<Row> columns{{"APDM/APDF", access_kind("APDM/APDF").access}};

  const auto measured = meet_all(rows, columns, {.seeds = 1});

  BOOST_TEST(
      with(checks_of("filter", rows, columns, measured, {{said.reaches.back()}})).failures() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::validate
