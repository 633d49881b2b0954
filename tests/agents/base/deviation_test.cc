#include "agents/base/deviation.h"

#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab {
namespace {

BOOST_AUTO_TEST_SUITE(deviation)

BOOST_AUTO_TEST_CASE(each_row_of_the_table_stands_at_its_enumerator_and_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  std::size_t index = 0;
  for (const auto& row : all_deviations()) {
    BOOST_TEST(static_cast<std::size_t>(row.deviation) == index++);
    BOOST_TEST(names.insert(row.name).second);
    BOOST_TEST(!row.what.empty());
    BOOST_TEST((parse_deviation(row.name) == row.deviation));
  }
  BOOST_TEST(index == static_cast<std::size_t>(Deviation::kCount));
}

BOOST_AUTO_TEST_CASE(a_set_holds_what_was_added_and_nothing_else) {
  const Deviations deviations{Deviation::SdpNoIce2};

  BOOST_TEST(deviations.has(Deviation::SdpNoIce2));
  BOOST_TEST(!deviations.has(Deviation::IceNoPacing));
  BOOST_TEST(Deviations{}.none());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
