#include "agents/base/rng.h"

#include <boost/test/unit_test.hpp>

#include <array>

namespace rtclab {
namespace {

BOOST_AUTO_TEST_SUITE(rng)

BOOST_AUTO_TEST_CASE(a_seed_replays_and_another_does_not) {
  SeededRng a{7};
  SeededRng b{7};
  SeededRng c{8};
  const auto first = a.next();
  BOOST_TEST(first == b.next());
  BOOST_TEST(first != c.next());
}

BOOST_AUTO_TEST_CASE(a_fork_is_not_moved_by_draws_from_its_sibling) {
  const SeededRng root{7};
  auto ice = root.fork("ice");
  (void)ice.next();
  auto sctp = root.fork("sctp");
  auto sctp_alone = SeededRng{7}.fork("sctp");

  BOOST_TEST(sctp.next() == sctp_alone.next());
  BOOST_TEST(root.fork("ice").next() != root.fork("sctp").next());
}

BOOST_AUTO_TEST_CASE(below_reaches_every_value_and_no_other) {
  SeededRng rng{1};
  std::array<int, 6> seen{};
  for (int i = 0; i < 600; ++i) ++seen.at(rng.below(6));
  for (const auto count : seen) BOOST_TEST(count > 60);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
