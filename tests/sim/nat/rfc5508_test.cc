// RFC 5508 §9, requirement by requirement, and RFC 7857's updates of it. Errors have a file of
// their own: icmp_error_test.cc.
#include "tests/sim/nat/bench.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::nat {
namespace {

constexpr std::uint8_t kRequest = 8;
constexpr std::uint8_t kReply = 0;

topology::Nat a_good_nat() {
  auto nat = a_nat();
  nat.behaviour = topology::find_nat_preset("rfc4787")->behaviour;
  return nat;
}

// The outside identifier of a ping.
std::uint16_t ping(Bench& bench, const Ip& from, const Ip& to, std::uint16_t identifier) {
  BOOST_REQUIRE((bench.out(echo(kRequest, from, to, identifier)) == Outcome::ToOutside));
  return bench.seen().source.port.value();
}

const auto kOutside = ep("198.51.100.1:0").ip;

BOOST_AUTO_TEST_SUITE(rfc5508)

BOOST_AUTO_TEST_CASE(req_1_a_ping_gets_out_and_its_reply_in) {
  Bench bench{a_good_nat()};
  const auto outside = ping(bench, kAlice.ip, kServer.ip, 77);

  BOOST_REQUIRE((bench.in(echo(kReply, kServer.ip, kOutside, outside)) == Outcome::ToInside));

  BOOST_TEST((bench.seen().destination == Endpoint{kAlice.ip, Port{77}}));
}

BOOST_AUTO_TEST_CASE(req_1a_an_identifier_shows_the_same_to_every_host) {
  Bench bench{a_good_nat()};
  const auto outside = ping(bench, kAlice.ip, kServer.ip, 77);

  BOOST_TEST(ping(bench, kAlice.ip, kStranger.ip, 77) == outside);
  BOOST_TEST(ping(bench, kBob.ip, kServer.ip, 77) != outside);
}

BOOST_AUTO_TEST_CASE(a_symmetric_nat_has_another_identifier_for_each_host) {
  auto nat = a_good_nat();
  nat.behaviour.mapping = topology::Mapping::AddressAndPortDependent;
  Bench bench{nat};

  BOOST_TEST(ping(bench, kAlice.ip, kServer.ip, 77) != ping(bench, kAlice.ip, kStranger.ip, 77));
}

BOOST_AUTO_TEST_CASE(req_2_a_query_lives_as_long_as_the_nat_says) {
  for (const auto lifetime : {60s, 30s, 300s}) {
    auto nat = a_good_nat();
    nat.behaviour.lifetimes.icmp = lifetime;
    Bench bench{nat};
    const auto outside = ping(bench, kAlice.ip, kServer.ip, 77);
    const auto reply = echo(kReply, kServer.ip, kOutside, outside);

    bench.now = Instant{lifetime - 1ns};
    BOOST_TEST((bench.in(reply) == Outcome::ToInside));
    bench.now = Instant{lifetime};
    BOOST_TEST((bench.in(reply) == Outcome::Dropped));
  }
}

BOOST_AUTO_TEST_CASE(req_4_and_5_a_nat_may_drop_errors_in_both_directions) {
  auto nat = a_good_nat();
  nat.behaviour.translates_icmp_errors = false;
  Bench bench{nat};
  const auto outside = bench.mapped(kAlice, kServer);
  const auto about = bench.packet;
  bench.in(kServer, outside);
  const auto from_inside = *icmp_error(kAlice.ip, bench.packet, kPortUnreachable);

  BOOST_TEST((bench.in(*icmp_error(kRouter, about, kHostUnreachable)) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason == "dropped by home-a: ICMP errors are not translated");
  BOOST_TEST((bench.out(from_inside) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(req_5c_an_error_from_inside_leaves_with_the_address_of_the_mapping) {
  auto nat = a_good_nat();
  nat.outside.addresses.push_back(*Prefix::parse("198.51.100.2/24"));
  Bench bench{nat};
  bench.mapped(kAlice, kServer);
  const auto outside = bench.mapped(kBob, kServer);
  BOOST_REQUIRE(outside.ip.to_string() == "198.51.100.2");
  bench.in(kServer, outside);

  const auto error = *icmp_error(kBob.ip, bench.packet, kPortUnreachable);
  BOOST_REQUIRE((bench.out(error) == Outcome::ToOutside));

  BOOST_TEST((ip::Header::parse(bench.packet)->source == outside.ip));
}

BOOST_AUTO_TEST_CASE(req_6_an_error_about_a_ping_refreshes_nothing) {
  Bench bench{a_good_nat()};
  const auto outside = ping(bench, kAlice.ip, kServer.ip, 77);
  const auto error = *icmp_error(kRouter, bench.packet, kHopLimitExceeded);

  bench.now = Instant{50s};
  BOOST_TEST((bench.in(error) == Outcome::ToInside));
  bench.now = Instant{60s};

  BOOST_TEST((bench.in(echo(kReply, kServer.ip, kOutside, outside)) == Outcome::Dropped));
}

// RFC 7857 §12: inside hosts ping each other at their outside identifiers.
BOOST_AUTO_TEST_CASE(req_7_a_ping_is_hairpinned_and_so_is_its_reply) {
  Bench bench{a_good_nat()};
  const auto of_bob = ping(bench, kBob.ip, kServer.ip, 5);

  BOOST_REQUIRE((bench.out(echo(kRequest, kAlice.ip, kOutside, of_bob)) == Outcome::ToInside));
  const auto asked = bench.seen();
  BOOST_TEST((asked.source.ip == kOutside));
  BOOST_TEST((asked.destination.ip == kBob.ip));
  const auto reply = echo(kReply, kBob.ip, kOutside, asked.source.port.value());
  BOOST_REQUIRE((bench.out(reply) == Outcome::ToInside));
  BOOST_TEST((bench.seen().source.ip == kOutside));
  BOOST_TEST((bench.seen().destination == Endpoint{kAlice.ip, Port{of_bob}}));
}

BOOST_AUTO_TEST_CASE(req_7_on_a_pool_the_reply_comes_from_the_address_that_was_asked) {
  auto nat = a_good_nat();
  nat.outside.addresses.push_back(*Prefix::parse("198.51.100.2/24"));
  Bench bench{nat};
  ping(bench, kAlice.ip, kServer.ip, 9);  // so that Bob shows as the second address
  const auto of_bob = ping(bench, kBob.ip, kServer.ip, 5);
  const auto second = ep("198.51.100.2:0").ip;

  BOOST_REQUIRE((bench.out(echo(kRequest, kAlice.ip, second, of_bob)) == Outcome::ToInside));
  const auto asked = bench.seen();
  BOOST_REQUIRE((bench.out(echo(kReply, kBob.ip, asked.source.ip, asked.source.port.value())) ==
                 Outcome::ToInside));

  BOOST_TEST((bench.seen().source.ip == second));
  BOOST_TEST((bench.seen().destination == Endpoint{kAlice.ip, Port{of_bob}}));
}

BOOST_AUTO_TEST_CASE(req_7_with_internal_source_the_asked_host_sees_the_asker_itself) {
  auto nat = a_good_nat();
  nat.behaviour.hairpinning = topology::Hairpinning::InternalSource;
  Bench bench{nat};
  const auto of_bob = ping(bench, kBob.ip, kServer.ip, 5);

  BOOST_REQUIRE((bench.out(echo(kRequest, kAlice.ip, kOutside, of_bob)) == Outcome::ToInside));

  BOOST_TEST((bench.seen().source == Endpoint{kAlice.ip, Port{of_bob}}));
  BOOST_TEST((bench.seen().destination.ip == kBob.ip));
}

BOOST_AUTO_TEST_CASE(a_ping_to_nobody_is_not_hairpinned_and_neither_is_a_reply_to_nobody) {
  Bench bench{a_good_nat()};

  BOOST_TEST((bench.out(echo(kRequest, kAlice.ip, kOutside, 4711)) == Outcome::Dropped));
  BOOST_TEST((bench.out(echo(kReply, kAlice.ip, kOutside, 4711)) == Outcome::Dropped));
  auto nat = a_good_nat();
  nat.behaviour.hairpinning = topology::Hairpinning::None;
  Bench other{nat};
  const auto of_bob = ping(other, kBob.ip, kServer.ip, 5);
  BOOST_TEST((other.out(echo(kRequest, kAlice.ip, kOutside, of_bob)) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(req_8_who_gets_no_mapping_is_told_so) {
  auto nat = a_nat();
  nat.behaviour.ports = {Port{40000}, Port{40000}};
  Bench bench{nat};
  bench.mapped(kAlice, kServer);

  BOOST_TEST((bench.out(kBob, kServer) == Outcome::Dropped));

  BOOST_REQUIRE(bench.verdict.error.has_value());
  BOOST_TEST(int{bench.verdict.error->type} == 3);
  BOOST_TEST(int{bench.verdict.error->code} == 13);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
