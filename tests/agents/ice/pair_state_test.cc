#include "agents/ice/pair_state.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <ostream>

namespace rtclab::ice {

std::ostream& boost_test_print_type(std::ostream& out, PairState state) {
  return out << to_string(state);
}
std::ostream& boost_test_print_type(std::ostream& out, PairCause cause) {
  return out << to_string(cause);
}

namespace {

namespace data = boost::unit_test::data;
using enum PairState;
using enum PairCause;

const std::array kStates{Frozen, Waiting, InProgress, Succeeded, Failed};
const std::array kCauses{Unfrozen,     CheckSent, CheckPassed,       CheckFailed,
                         RoleConflict, Triggered, PermissionRefused, AddressLost};

BOOST_AUTO_TEST_SUITE(ice_pair_state)

// RFC 8445 §7.3.1.4.
BOOST_AUTO_TEST_CASE(a_triggered_check_leaves_a_succeeded_pair_alone) {
  BOOST_TEST(!next(Succeeded, Triggered).has_value());
}

BOOST_AUTO_TEST_CASE(only_a_frozen_pair_is_unfrozen) {
  for (const auto state : kStates)
    BOOST_TEST(next(state, Unfrozen).has_value() == (state == Frozen));
}

// All states times all causes: what is not in the table is asserted, too.
BOOST_DATA_TEST_CASE(a_move_is_one_row_of_the_table, data::make(kStates) * data::make(kCauses),
                     from, cause) {
  const auto rows = std::ranges::count_if(
      kPairMoves, [&](const PairMove& move) { return move.from == from && move.cause == cause; });
  BOOST_TEST(rows <= 1);
  BOOST_TEST(next(from, cause).has_value() == (rows == 1));
}

BOOST_AUTO_TEST_CASE(no_move_stays_where_it_is) {
  for (const auto& move : kPairMoves) BOOST_TEST(move.from != move.to);
}

BOOST_AUTO_TEST_CASE(draws_itself) {
  BOOST_TEST(pair_moves_dot().find("\"waiting\" -> \"in-progress\" [label=\"check sent\"]") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
