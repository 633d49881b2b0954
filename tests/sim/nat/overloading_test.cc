// Ports that several mappings share (RFC 7857 §3), and what Linux makes of them.
#include "tests/sim/nat/bench.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

const auto kBobAt5000 = ep("192.168.1.20:5000");

topology::Nat like_linux(std::string_view preset = "linux-masquerade") {
  auto nat = a_nat();
  nat.behaviour = topology::find_nat_preset(preset)->behaviour;
  return nat;
}

BOOST_AUTO_TEST_SUITE(overloading)

BOOST_AUTO_TEST_CASE(two_hosts_keep_their_port_while_their_destinations_differ) {
  Bench bench{like_linux()};
  const auto of_alice = bench.mapped(kAlice, kServer);
  const auto of_bob = bench.mapped(kBobAt5000, kStranger);

  BOOST_TEST(of_alice.port.value() == 5000);
  BOOST_TEST((of_bob == of_alice));
  BOOST_TEST(bench.translator.mappings() == 2u);
}

BOOST_AUTO_TEST_CASE(what_comes_in_goes_to_whom_it_answers) {
  Bench bench{like_linux()};
  const auto shared = bench.mapped(kAlice, kServer);
  bench.mapped(kBobAt5000, kStranger);

  BOOST_REQUIRE((bench.in(kServer, shared) == Outcome::ToInside));
  BOOST_TEST((bench.seen().destination == kAlice));
  BOOST_REQUIRE((bench.in(kStranger, shared) == Outcome::ToInside));
  BOOST_TEST((bench.seen().destination == kBobAt5000));
  BOOST_TEST((bench.in(kServerOtherPort, shared) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(two_hosts_with_one_port_and_one_destination_show_differently) {
  Bench bench{like_linux()};
  const auto of_alice = bench.mapped(kAlice, kServer);
  const auto of_bob = bench.mapped(kBobAt5000, kServer);

  BOOST_TEST((of_bob != of_alice));
  BOOST_REQUIRE((bench.in(kServer, of_bob) == Outcome::ToInside));
  BOOST_TEST((bench.seen().destination == kBobAt5000));
}

// Linux looks for a mapping of the same inside endpoint first (find_appropriate_src).
BOOST_AUTO_TEST_CASE(who_had_to_change_its_port_shows_the_new_one_to_others_too) {
  Bench bench{like_linux()};
  bench.mapped(kAlice, kServer);
  const auto of_bob = bench.mapped(kBobAt5000, kServer);

  BOOST_TEST((bench.mapped(kBobAt5000, kStranger) == of_bob));
  BOOST_TEST((bench.mapped(kBobAt5000, kServerOtherPort) == of_bob));
}

// What Linux 6.18 did with these packets, in this order, behind MASQUERADE.
BOOST_AUTO_TEST_CASE(the_port_that_was_shown_last_is_tried_first) {
  Bench bench{like_linux()};
  bench.mapped(kAlice, kServer);

  BOOST_TEST(bench.mapped(kBobAt5000, kStranger).port.value() == 5000);
  const auto drawn = bench.mapped(kBobAt5000, kServer);
  BOOST_TEST(drawn.port.value() > 1023);
  BOOST_TEST(drawn.port.value() != 5000);
  BOOST_TEST((bench.mapped(kBobAt5000, kServerOtherPort) == drawn));
  BOOST_TEST(bench.mapped(ep("192.168.1.10:80"), kServer).port.value() == 80);
}

BOOST_AUTO_TEST_CASE(a_port_is_free_again_when_its_last_mapping_is_gone) {
  auto nat = like_linux();
  nat.behaviour.ports = {Port{5000}, Port{5000}};
  Bench bench{nat};
  bench.mapped(kAlice, kServer);
  bench.mapped(kBobAt5000, kStranger);
  bench.now = Instant{20s};
  bench.mapped(kBobAt5000, kStranger);

  bench.now = Instant{30s};  // Alice's is gone, Bob's is not
  BOOST_TEST((bench.out(kAlice, kStranger) == Outcome::Dropped));
  BOOST_TEST((bench.out(kAlice, kServer) == Outcome::ToOutside));
  bench.now = Instant{60s};
  BOOST_TEST((bench.out(kAlice, kStranger) == Outcome::ToOutside));
}

BOOST_DATA_TEST_CASE(where_the_mapping_does_not_look_at_the_destination_nothing_is_shared,
                     data::xrange(3), filtering) {
  topology::Nat nat = a_nat();
  nat.behaviour.ports = {Port{1024}, Port{65535}};
  nat.behaviour.filtering = topology::Filtering{filtering};
  nat.behaviour.port_allocation = topology::PortAllocation::Overloading;
  Bench bench{nat};
  const auto of_alice = bench.mapped(kAlice, kServer);

  BOOST_TEST(of_alice.port.value() == 5000);
  BOOST_TEST(bench.mapped(kBobAt5000, kStranger).port.value() == 5001);
  BOOST_TEST((bench.mapped(kAlice, kStranger) == of_alice));
}

BOOST_AUTO_TEST_CASE(a_port_shared_by_address_is_filtered_by_address_at_least) {
  topology::Nat nat = a_nat();
  nat.behaviour.mapping = topology::Mapping::AddressDependent;
  nat.behaviour.filtering = topology::Filtering::EndpointIndependent;
  nat.behaviour.port_allocation = topology::PortAllocation::Overloading;
  nat.behaviour.ports = {Port{1024}, Port{65535}};
  Bench bench{nat};
  const auto shared = bench.mapped(kAlice, kServer);

  BOOST_TEST((bench.in(kServerOtherPort, shared) == Outcome::ToInside));
  BOOST_TEST((bench.in(kStranger, shared) == Outcome::Dropped));
}

// RFC 7857 §9.
BOOST_AUTO_TEST_CASE(on_collision_the_next_port_is_taken_or_one_is_drawn) {
  const auto ports_of = [](topology::Collision collision) {
    topology::Nat nat = a_nat();
    nat.behaviour.port_allocation = topology::PortAllocation::Preserving;
    nat.behaviour.collision = collision;
    nat.behaviour.ports = {Port{1024}, Port{65535}};
    Bench bench{nat};
    std::vector<unsigned> ports;
    for (unsigned host = 2; host < 12; ++host) {
      ports.push_back(bench.mapped({Ip::v4(0xc0a80100u + host), Port{5000}}, kServer).port.value());
    }
    return ports;
  };

  const auto next = ports_of(topology::Collision::Next);
  const auto drawn = ports_of(topology::Collision::Random);

  BOOST_TEST(next.front() == 5000u);
  BOOST_TEST(next.back() == 5009u);
  BOOST_TEST(drawn.front() == 5000u);
  BOOST_TEST((std::set<unsigned>{drawn.begin(), drawn.end()}.size()) == 10u);
  BOOST_TEST(*std::max_element(drawn.begin(), drawn.end()) > 6000u);
  BOOST_TEST(drawn == ports_of(topology::Collision::Random), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(linux_lifetimes)

BOOST_AUTO_TEST_CASE(udp_that_nobody_answers_lives_for_thirty_seconds_after_the_last_packet) {
  Bench bench{like_linux()};
  bench.mapped(kAlice, kServer);
  bench.now = Instant{20s};
  bench.mapped(kAlice, kServer);

  BOOST_TEST((bench.translator.next_wakeup() == Instant{30s}));  // looked at in vain
  bench.translator.handle_timeout(Instant{50s - 1ns});
  BOOST_TEST(bench.translator.mappings() == 1u);
  bench.translator.handle_timeout(Instant{50s});
  BOOST_TEST(bench.translator.mappings() == 0u);
}

struct Packets {
  std::string_view what;
  std::vector<std::pair<Duration, bool>> packets;  // when, and whether from inside
  Duration ends;
};
std::ostream& operator<<(std::ostream& out, const Packets& row) {
  return out << row.what;
}
// nf_conntrack_proto_udp.c: the long timeout is for packets that follow an answer, more than two
// seconds after the first.
const std::vector<Packets> kPackets{
    {"a question", {{0s, true}}, 30s},
    {"question and answer", {{0s, true}, {1s, false}}, 31s},
    {"an answer after more than two seconds", {{0s, true}, {5s, false}}, 35s},
    {"a stream within two seconds", {{0s, true}, {1s, false}, {2s, true}}, 32s},
    {"a stream", {{0s, true}, {1s, false}, {2s + 1ns, true}}, 122s + 1ns},
    {"a stream that the outside goes on with", {{0s, true}, {1s, false}, {9s, false}}, 129s},
    {"two questions", {{0s, true}, {9s, true}}, 39s},
};

BOOST_DATA_TEST_CASE(a_stream_lives_longer_than_a_question_and_its_answer, data::make(kPackets),
                     row) {
  for (const auto& [at, mappings] :
       {std::pair{row.ends - 1ns, std::size_t{1}}, {row.ends, std::size_t{0}}}) {
    Bench bench{like_linux()};
    for (const auto& [when, from_inside] : row.packets) {
      bench.now = Instant{when};
      if (from_inside) {
        bench.out(kAlice, kServer);
      } else {
        bench.in(kServer, ep("198.51.100.1:5000"));
      }
    }
    bench.translator.handle_timeout(Instant{at});
    BOOST_TEST(bench.translator.mappings() == mappings);
  }
}

BOOST_AUTO_TEST_CASE(random_fully_is_symmetric) {
  Bench bench{like_linux("linux-masquerade-random")};

  BOOST_TEST((bench.mapped(kAlice, kServer) != bench.mapped(kAlice, kStranger)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
