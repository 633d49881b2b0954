#include "tests/sim/nat/punching.h"

#include "sim/nat/behaviour.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

// EIM/EIF, EIM/ADF, EIM/APDF, ADM/EIF, …
Behaviour behaviour(int number) {
  return {Mapping{number / 3}, Filtering{number % 3}};
}

std::string name(const Behaviour& nat) {
  return std::string{to_string(nat.mapping)} + "/" + std::string{to_string(nat.filtering)};
}

topology::NatBehaviour a_nat(const Behaviour& nat, topology::PortAllocation allocation) {
  topology::NatBehaviour made;
  made.mapping = nat.mapping;
  made.filtering = nat.filtering;
  made.port_allocation = allocation;
  made.pooling = nat.moves ? topology::Pooling::Arbitrary : topology::Pooling::Paired;
  return made;
}

// The table of the literature: P direct, r only by a relay. Rows and columns in the order of
// behaviour().
constexpr std::array<std::string_view, 9> kTable{
    "PPPPPPPPP",  // EIM/EIF: full cone
    "PPPPPPPPP",  // EIM/ADF: address restricted
    "PPPrrrrrr",  // EIM/APDF: port restricted
    "PPrPPrPPr",  // ADM/EIF
    "PPrPrrPrr",  // ADM/ADF
    "PPrrrrrrr",  // ADM/APDF
    "PPrPPrrrr",  // APDM/EIF
    "PPrPrrrrr",  // APDM/ADF
    "PPrrrrrrr",  // APDM/APDF: symmetric
};

BOOST_AUTO_TEST_SUITE(hole_punching)

BOOST_DATA_TEST_CASE(two_nats_let_a_direct_path_be_exactly_where_the_oracle_says,
                     data::xrange(9) * data::xrange(9), row, column) {
  const auto a = behaviour(row);
  const auto b = behaviour(column);
  const bool direct =
      kTable[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] == 'P';

  Punching punching{a_nat(a, topology::PortAllocation::Random),
                    a_nat(b, topology::PortAllocation::Random), 42};

  BOOST_TEST(direct_path_exists(a, b) == direct, name(a) << " and " << name(b));
  BOOST_TEST(punching.connects() == direct, name(a) << " and " << name(b));
}

BOOST_AUTO_TEST_CASE(of_81_ordered_pairs_42_are_direct) {
  int direct = 0;
  for (int a = 0; a < 9; ++a) {
    for (int b = 0; b < 9; ++b) direct += direct_path_exists(behaviour(a), behaviour(b)) ? 1 : 0;
  }

  BOOST_TEST(direct == 42);
}

// How ports are allocated does not matter as long as two mappings never share one.
BOOST_DATA_TEST_CASE(the_kind_of_port_allocation_changes_no_pair, data::xrange(9) * data::xrange(9),
                     row, column) {
  const auto a = behaviour(row);
  const auto b = behaviour(column);

  for (const auto allocation :
       {topology::PortAllocation::Preserving, topology::PortAllocation::Sequential}) {
    Punching punching{a_nat(a, allocation), a_nat(b, allocation), 42};
    BOOST_TEST(punching.connects() == direct_path_exists(a, b), name(a) << " and " << name(b));
  }
}

// A port that is kept for every destination is as good as EIM, whatever the NAT calls its mapping;
// but nobody else gets in through it.
BOOST_DATA_TEST_CASE(ports_that_are_kept_by_overloading_make_every_pair_direct,
                     data::xrange(9) * data::xrange(9), row, column) {
  const auto a = a_nat(behaviour(row), topology::PortAllocation::Overloading);
  const auto b = a_nat(behaviour(column), topology::PortAllocation::Overloading);

  BOOST_TEST(direct_path_exists(effective(a), effective(b)));
  BOOST_TEST(Punching(a, b, 42).connects());
}

BOOST_DATA_TEST_CASE(one_that_overloads_meets_one_that_draws_where_the_oracle_says,
                     data::xrange(9) * data::xrange(9), row, column) {
  const auto a = a_nat(behaviour(row), topology::PortAllocation::Overloading);
  const auto b = a_nat(behaviour(column), topology::PortAllocation::Random);

  const bool direct = direct_path_exists(effective(a), effective(b));

  BOOST_TEST(Punching(a, b, 42).connects() == direct, name(behaviour(row)));
  BOOST_TEST(Punching(b, a, 42).connects() == direct, name(behaviour(row)));
}

BOOST_DATA_TEST_CASE(with_arbitrary_pools_a_path_is_where_the_oracle_says,
                     data::xrange(9) * data::xrange(9) * data::xrange(3), row, column, who) {
  constexpr int kAddresses = 200;
  auto of_a = behaviour(row);
  auto of_b = behaviour(column);
  of_a.moves = who != 1;
  of_b.moves = who != 0;
  const auto a = a_nat(of_a, topology::PortAllocation::Random);
  const auto b = a_nat(of_b, topology::PortAllocation::Random);

  const bool direct = direct_path_exists(effective(a, kAddresses), effective(b, kAddresses));

  BOOST_TEST(Punching(a, b, 42, kAddresses).connects() == direct, name(of_a)
                                                                      << " and " << name(of_b));
}

// Which of the 81 ordered pairs are direct, when nobody moves, one does, both do.
BOOST_AUTO_TEST_CASE(arbitrary_pools_take_direct_paths_away) {
  const auto direct = [](bool a_moves, bool b_moves) {
    int count = 0;
    for (int row = 0; row < 9; ++row) {
      for (int column = 0; column < 9; ++column) {
        auto a = behaviour(row);
        auto b = behaviour(column);
        a.moves = a_moves;
        b.moves = b_moves;
        count += direct_path_exists(a, b) ? 1 : 0;
      }
    }
    return count;
  };

  BOOST_TEST(direct(false, false) == 42);
  BOOST_TEST(direct(false, true) == direct(true, false));
  BOOST_TEST(direct(false, true) == 31);
  BOOST_TEST(direct(true, true) == 21);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
