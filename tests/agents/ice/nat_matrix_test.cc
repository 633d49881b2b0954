// Every NAT against every NAT: the agents must find a direct path exactly where one exists, and a
// relay otherwise.
//
// The oracle is a table that knows no ICE: who can reach whom by hole punching, from the RFC 4787
// behaviours alone (host and reflexive addresses, random unused ports, no hairpinning).
#include "tests/agents/ice/call.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <string_view>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

constexpr auto kEi = Dependence::EndpointIndependent;
constexpr auto kAd = Dependence::AddressDependent;
constexpr auto kApd = Dependence::AddressAndPortDependent;

struct Row {
  std::optional<NatKind> nat;
  std::string_view reaches;  // column by column: P direct, r only through a relay
};

// clang-format off
const std::array kTable{
    Row{std::nullopt,               "PPPPPPPPPPP"},  // a public address
    Row{NatKind{kEi, kApd, false},  "PPPPPrrrrrr"},  // a public address behind a firewall
    Row{NatKind{kEi, kEi},          "PPPPPPPPPPP"},
    Row{NatKind{kEi, kAd},          "PPPPPPPPPPP"},
    Row{NatKind{kEi, kApd},         "PPPPPrrrrrr"},
    Row{NatKind{kAd, kEi},          "PrPPrPPrPPr"},
    Row{NatKind{kAd, kAd},          "PrPPrPrrPrr"},
    Row{NatKind{kAd, kApd},         "PrPPrrrrrrr"},
    Row{NatKind{kApd, kEi},         "PrPPrPPrrrr"},
    Row{NatKind{kApd, kAd},         "PrPPrPrrrrr"},
    Row{NatKind{kApd, kApd},        "PrPPrrrrrrr"},
};
// clang-format on

bool direct_path_exists(std::size_t a, std::size_t b) {
  return kTable[a].reaches[b] == 'P';
}

std::string name(std::size_t row) {
  return kTable[row].nat ? kTable[row].nat->to_string() : "open";
}

bool uses_relay(const PairInfo& pair) {
  return pair.local.type == CandidateType::Relayed || pair.remote.type == CandidateType::Relayed;
}

// Whatever each side was told or learned: a prflx remote may be the peer's relay as well.
bool is_relayed(const Call& call) {
  return uses_relay(*call.a->agent.selected_pair(call.a->stream)) ||
         uses_relay(*call.b->agent.selected_pair(call.b->stream));
}

BOOST_AUTO_TEST_SUITE(ice_nat_matrix)

BOOST_AUTO_TEST_CASE(the_oracle_does_not_care_who_calls) {
  for (std::size_t a = 0; a < kTable.size(); ++a) {
    for (std::size_t b = 0; b < kTable.size(); ++b) {
      BOOST_TEST(direct_path_exists(a, b) == direct_path_exists(b, a));
    }
  }
}

BOOST_DATA_TEST_CASE(the_path_is_direct_exactly_where_one_exists,
                     data::xrange(std::size_t{0}, std::size_t{11}) *
                         data::xrange(std::size_t{0}, std::size_t{11}),
                     a, b) {
  BOOST_TEST_CONTEXT(name(a) << " calls " << name(b)) {
    Call call{{.seed = 7, .a = {kTable[a].nat}, .b = {kTable[b].nat}, .has_turn = true}};
    call.start();

    BOOST_REQUIRE(call.run_until_completed());

    BOOST_TEST(is_relayed(call) == !direct_path_exists(a, b));
  }
}

BOOST_DATA_TEST_CASE(without_a_relay_it_connects_exactly_where_a_path_exists,
                     data::xrange(std::size_t{0}, std::size_t{11}) *
                         data::xrange(std::size_t{0}, std::size_t{11}),
                     a, b) {
  BOOST_TEST_CONTEXT(name(a) << " calls " << name(b)) {
    Call call{{.seed = 8, .a = {kTable[a].nat}, .b = {kTable[b].nat}}};
    call.start();

    call.world.run_until([&] { return call.both(State::Completed) || call.both(State::Failed); },
                         300s);

    BOOST_TEST(to_string(call.a->state()) == (direct_path_exists(a, b) ? "completed" : "failed"));
    BOOST_TEST(to_string(call.b->state()) == (direct_path_exists(a, b) ? "completed" : "failed"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
