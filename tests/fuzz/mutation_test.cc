#include "tests/fuzz/mutation.h"

#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::fuzz {
namespace {

BOOST_AUTO_TEST_SUITE(fuzz_mutation)

BOOST_AUTO_TEST_CASE(one_seed_gives_one_input_and_many_give_many) {
  const auto parent = to_octets("candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host");
  std::set<Bytes> drawn;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SeededRng first{seed};
    SeededRng second{seed};

    const auto input = mutate(parent, as_octets("tcptype so"), first);

    BOOST_TEST((input == mutate(parent, as_octets("tcptype so"), second)));
    BOOST_TEST(input.size() <= parent.size() + 64);
    drawn.insert(input);
  }
  BOOST_TEST(drawn.size() > 90u);
}

BOOST_AUTO_TEST_CASE(nothing_is_a_parent_too) {
  SeededRng rng{1};
  BOOST_TEST(mutate({}, {}, rng).size() <= 64u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::fuzz
