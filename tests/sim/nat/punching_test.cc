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

topology::Nat a_nat(const Behaviour& nat, topology::PortAllocation allocation) {
  topology::Nat made;
  made.behaviour.mapping = nat.mapping;
  made.behaviour.filtering = nat.filtering;
  made.behaviour.port_allocation = allocation;
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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
