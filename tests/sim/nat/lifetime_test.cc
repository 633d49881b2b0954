#include "tests/sim/nat/bench.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

struct Refreshing {
  topology::Refresh refresh;
  bool by_outbound;
  bool by_inbound;
};
std::ostream& operator<<(std::ostream& out, const Refreshing& row) {
  return out << to_string(row.refresh);
}
const std::vector<Refreshing> kRefreshings{
    {topology::Refresh::Outbound, true, false},
    {topology::Refresh::Inbound, false, true},
    {topology::Refresh::Both, true, true},
};

BOOST_AUTO_TEST_SUITE(lifetime)

BOOST_AUTO_TEST_CASE(a_mapping_lives_to_the_nanosecond) {
  Bench bench;
  const auto outside = bench.mapped(kAlice, kServer);

  bench.now = Instant{120s - 1ns};
  BOOST_TEST((bench.in(kServer, outside) == Outcome::ToInside));
  bench.now = Instant{120s};
  BOOST_TEST((bench.in(kServer, outside) == Outcome::Dropped));
  BOOST_TEST(bench.translator.mappings() == 0u);
}

BOOST_AUTO_TEST_CASE(its_end_is_reported_at_that_instant) {
  Bench bench;
  bench.mapped(kAlice, kServer);

  BOOST_REQUIRE(bench.translator.next_wakeup().has_value());
  BOOST_TEST((*bench.translator.next_wakeup() == Instant{120s}));
  bench.translator.handle_timeout(Instant{120s});

  BOOST_TEST(bench.events.back().name == "nat:mapping_expired");
  BOOST_TEST((bench.times.back() == Instant{120s}));
  BOOST_TEST(!bench.translator.next_wakeup().has_value());
}

BOOST_DATA_TEST_CASE(packets_refresh_it_in_the_directions_that_count, data::make(kRefreshings),
                     row) {
  auto nat = a_nat();
  nat.behaviour.refresh = row.refresh;
  const auto alive_after = [&](bool outbound) {
    Bench bench{nat};
    const auto outside = bench.mapped(kAlice, kServer);
    bench.now = Instant{100s};
    if (outbound) {
      bench.out(kAlice, kServer);
    } else {
      bench.in(kServer, outside);
    }
    bench.now = Instant{220s - 1ns};
    return bench.in(kServer, outside) == Outcome::ToInside;
  };

  BOOST_TEST(alive_after(true) == row.by_outbound);
  BOOST_TEST(alive_after(false) == row.by_inbound);
}

BOOST_AUTO_TEST_CASE(a_refreshed_mapping_ends_a_lifetime_after_the_last_refresh) {
  Bench bench;
  bench.mapped(kAlice, kServer);
  bench.now = Instant{100s};
  bench.mapped(kAlice, kServer);

  bench.translator.handle_timeout(Instant{120s});
  BOOST_TEST(bench.translator.mappings() == 1u);
  BOOST_TEST((*bench.translator.next_wakeup() == Instant{220s}));
  bench.translator.handle_timeout(Instant{220s});
  BOOST_TEST(bench.translator.mappings() == 0u);
}

BOOST_AUTO_TEST_CASE(whom_a_mapping_admits_is_forgotten_one_by_one) {
  Bench bench;
  const auto outside = bench.mapped(kAlice, kServer);
  bench.now = Instant{100s};
  bench.mapped(kAlice, kStranger);

  bench.now = Instant{120s};

  BOOST_TEST((bench.in(kServer, outside) == Outcome::Dropped));
  BOOST_TEST((bench.in(kStranger, outside) == Outcome::ToInside));
}

BOOST_AUTO_TEST_CASE(after_its_end_the_same_endpoint_gets_a_new_port) {
  Bench bench;
  const auto before = bench.mapped(kAlice, kServer);

  bench.now = Instant{120s};

  BOOST_TEST((bench.mapped(kAlice, kServer) != before));
}

// RFC 5382 §5: 4 minutes until the connection stands; RFC 5508 §9 (REQ-2): 60 seconds.
BOOST_AUTO_TEST_CASE(tcp_and_pings_have_lifetimes_of_their_own) {
  Bench bench;
  bench.out(tcp(kAlice, kServer));
  bench.out(echo(8, kAlice.ip, kServer.ip, 1));

  const std::vector<std::pair<Duration, std::size_t>> left{
      {60s - 1ns, 2}, {60s, 1}, {240s - 1ns, 1}, {240s, 0}};
  for (const auto& [at, mappings] : left) {
    bench.translator.handle_timeout(Instant{at});
    BOOST_TEST(bench.translator.mappings() == mappings);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
