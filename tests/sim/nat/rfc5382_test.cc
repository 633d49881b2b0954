// RFC 5382 §8, requirement by requirement, and RFC 7857's updates of it.
#include "tests/sim/nat/bench.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

topology::Nat a_good_nat() {
  auto nat = a_nat();
  nat.behaviour = topology::find_nat_preset("rfc4787")->behaviour;
  return nat;
}

Endpoint connect(Bench& bench, const Endpoint& from, const Endpoint& to) {
  BOOST_REQUIRE((bench.out(tcp(from, to, kSyn)) == Outcome::ToOutside));
  const auto outside = bench.seen().source;
  BOOST_REQUIRE((bench.in(tcp(to, outside, kSyn | kAck)) == Outcome::ToInside));
  BOOST_REQUIRE((bench.out(tcp(from, to, kAck)) == Outcome::ToOutside));
  return outside;
}

topology::Nat answering(topology::UnsolicitedSyn answer) {
  auto nat = a_nat();
  nat.behaviour.unsolicited_syn = answer;
  return nat;
}

const auto kNobody = ep("198.51.100.1:41234");

BOOST_AUTO_TEST_SUITE(rfc5382)

BOOST_AUTO_TEST_CASE(req_1_a_port_shows_the_same_to_every_server) {
  Bench bench{a_good_nat()};
  const auto outside = connect(bench, kAlice, kServer);

  BOOST_TEST((connect(bench, kAlice, kServerOtherPort) == outside));
  BOOST_TEST((connect(bench, kAlice, kStranger) == outside));
}

BOOST_AUTO_TEST_CASE(tcp_is_mapped_and_filtered_in_a_way_of_its_own) {
  auto nat = a_nat();
  nat.behaviour.mapping = topology::Mapping::AddressAndPortDependent;
  nat.behaviour.filtering = topology::Filtering::EndpointIndependent;
  nat.behaviour.tcp_mapping = topology::Mapping::EndpointIndependent;
  nat.behaviour.tcp_filtering = topology::Filtering::AddressDependent;
  Bench bench{nat};

  BOOST_TEST((bench.mapped(kAlice, kServer) != bench.mapped(kAlice, kStranger)));
  const auto outside = connect(bench, kAlice, kServer);
  BOOST_TEST((bench.in(tcp(kServerOtherPort, outside)) == Outcome::ToInside));
  BOOST_TEST((bench.in(tcp(kStranger, outside)) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason.find("filtering (ADF)") != std::string::npos);
  BOOST_TEST((connect(bench, kAlice, kStranger) == outside));
  const auto datagrams = bench.mapped(kBob, kServer);
  BOOST_TEST((bench.in(kStranger, datagrams) == Outcome::ToInside));
}

BOOST_AUTO_TEST_CASE(req_3_filters_admit_whom_they_admit_of_udp) {
  for (const auto& [filtering, port, address] :
       {std::tuple{topology::Filtering::EndpointIndependent, true, true},
        {topology::Filtering::AddressDependent, true, false},
        {topology::Filtering::AddressAndPortDependent, false, false}}) {
    auto nat = a_nat();
    nat.behaviour.filtering = filtering;
    Bench bench{nat};
    const auto outside = connect(bench, kAlice, kServer);
    BOOST_TEST((bench.in(tcp(kServerOtherPort, outside)) == Outcome::ToInside) == port);
    BOOST_TEST((bench.in(tcp(kStranger, outside)) == Outcome::ToInside) == address);
  }
}

BOOST_AUTO_TEST_CASE(req_4_a_syn_that_nobody_asked_for_is_answered_after_six_seconds) {
  Bench bench{answering(topology::UnsolicitedSyn::Icmp)};
  const auto syn = tcp(kStranger, kNobody);
  bench.now = Instant{1s};

  BOOST_TEST((bench.in(syn) == Outcome::Dropped));

  BOOST_TEST(!bench.verdict.error.has_value());
  BOOST_TEST((bench.translator.next_wakeup() == Instant{7s}));
  bench.translator.handle_timeout(Instant{7s - 1ns});
  BOOST_TEST(!bench.translator.poll_output().has_value());
  bench.translator.handle_timeout(Instant{7s});
  const auto answer = bench.translator.poll_output();
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(!bench.translator.poll_output().has_value());
  const auto header = *ip::Header::parse(*answer);
  BOOST_TEST((header.source == kNobody.ip));
  BOOST_TEST((header.destination == kStranger.ip));
  const auto message = header.payload(*answer);
  BOOST_TEST(checksum_close(checksum_add(0, message)) == 0);
  BOOST_TEST(to_hex(message.first(2)) == "0303");
  BOOST_TEST(to_hex(message.subspan(8)) == to_hex(syn));
}

BOOST_AUTO_TEST_CASE(req_4_it_is_not_answered_when_the_inside_opens_the_connection_meanwhile) {
  Bench bench{answering(topology::UnsolicitedSyn::Icmp)};
  const auto outside = ep("198.51.100.1:40000");  // what the first mapping will be
  bench.in(tcp(kStranger, outside));

  bench.now = Instant{5s};
  BOOST_REQUIRE((bench.out(tcp(kAlice, kStranger)) == Outcome::ToOutside));
  BOOST_REQUIRE((bench.seen().source == outside));

  bench.translator.handle_timeout(Instant{6s});
  BOOST_TEST(!bench.translator.poll_output().has_value());
}

BOOST_AUTO_TEST_CASE(req_4_a_connection_to_somebody_else_does_not_spare_it_the_answer) {
  Bench bench{answering(topology::UnsolicitedSyn::Icmp)};
  bench.in(tcp(kStranger, ep("198.51.100.1:40000")));
  bench.out(tcp(kAlice, kServer));

  bench.translator.handle_timeout(Instant{6s});

  BOOST_TEST(bench.translator.poll_output().has_value());
}

BOOST_AUTO_TEST_CASE(a_flood_of_syns_is_held_within_bounds_and_each_is_answered_once) {
  Bench bench{answering(topology::UnsolicitedSyn::Icmp)};
  for (int round = 0; round < 2; ++round) {
    for (unsigned port = 1; port <= 5000; ++port) {
      bench.in(tcp({kStranger.ip, Port{static_cast<std::uint16_t>(port)}}, kNobody));
    }
  }

  bench.translator.handle_timeout(Instant{6s});

  std::size_t answers = 0;
  while (bench.translator.poll_output()) ++answers;
  BOOST_TEST(answers == UnsolicitedSyns::kMostWaiting);
}

BOOST_AUTO_TEST_CASE(a_nat_that_resets_does_so_at_once) {
  Bench bench{answering(topology::UnsolicitedSyn::Reset)};

  BOOST_TEST((bench.in(tcp(kStranger, kNobody)) == Outcome::Dropped));

  const auto answer = bench.translator.poll_output();
  BOOST_REQUIRE(answer.has_value());
  const auto header = *ip::Header::parse(*answer);
  const auto segment = header.payload(*answer);
  BOOST_TEST(ip::transport_checksum(header.source, header.destination, header.protocol, segment) ==
             0);
  const auto flow = *Flow::of(*answer);
  BOOST_TEST((flow.source == kNobody));
  BOOST_TEST((flow.destination == kStranger));
  BOOST_TEST((flow.flags.rst && flow.flags.ack && !flow.flags.syn));
  BOOST_TEST(to_hex(segment.subspan(8, 4)) == "00000002");  // the SYN's sequence number was 1
}

BOOST_AUTO_TEST_CASE(nothing_else_is_reset_or_answered) {
  for (const auto answer : {topology::UnsolicitedSyn::Reset, topology::UnsolicitedSyn::Icmp}) {
    Bench bench{answering(answer)};
    bench.in(tcp(kStranger, kNobody, kAck));
    bench.in(tcp(kStranger, kNobody, kSyn | kAck));
    bench.in(tcp(kStranger, kNobody, kRst));
    bench.in(kStranger, kNobody);

    bench.translator.handle_timeout(Instant{1h});
    BOOST_TEST(!bench.translator.poll_output().has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_silent_nat_answers_no_syn) {
  Bench bench{answering(topology::UnsolicitedSyn::Silent)};
  bench.in(tcp(kStranger, kNobody));

  bench.translator.handle_timeout(Instant{1h});

  BOOST_TEST(!bench.translator.poll_output().has_value());
}

BOOST_AUTO_TEST_CASE(req_5_the_phases_have_lifetimes_of_their_own) {
  auto nat = a_nat();
  nat.behaviour.lifetimes.tcp_opening = 10s;
  nat.behaviour.lifetimes.tcp_established = 100s;
  nat.behaviour.lifetimes.tcp_half_closed = 50s;
  nat.behaviour.lifetimes.tcp_closing = 20s;
  const auto lives = [&](Duration lifetime, auto prepare) {
    for (const auto& [after, alive] :
         {std::pair{lifetime - 1ns, std::size_t{1}}, {lifetime, std::size_t{0}}}) {
      Bench bench{nat};
      prepare(bench);
      bench.translator.handle_timeout(Instant{after});
      if (bench.translator.mappings() != alive) return false;
    }
    return true;
  };

  BOOST_TEST(lives(10s, [](Bench& bench) { bench.out(tcp(kAlice, kServer)); }));
  BOOST_TEST(lives(100s, [](Bench& bench) { connect(bench, kAlice, kServer); }));
  BOOST_TEST(lives(50s, [](Bench& bench) {
    connect(bench, kAlice, kServer);
    bench.out(tcp(kAlice, kServer, kFin | kAck));
  }));
  BOOST_TEST(lives(20s, [](Bench& bench) {
    const auto outside = connect(bench, kAlice, kServer);
    bench.out(tcp(kAlice, kServer, kFin | kAck));
    bench.in(tcp(kServer, outside, kFin | kAck));
  }));
}

BOOST_AUTO_TEST_CASE(req_7_no_two_endpoints_share_an_outside_port) {
  auto nat = a_good_nat();
  nat.behaviour.port_allocation = topology::PortAllocation::Preserving;
  Bench bench{nat};
  std::set<Endpoint> seen;
  for (unsigned host = 2; host < 252; ++host) {
    bench.out(tcp({Ip::v4(0xc0a80100u + host), Port{5000}}, kServer));
    seen.insert(bench.seen().source);
  }

  BOOST_TEST(seen.size() == 250u);
}

BOOST_AUTO_TEST_CASE(req_8_two_inside_hosts_connect_outside) {
  Bench bench{a_good_nat()};
  const auto bob = connect(bench, kBob, kServer);

  BOOST_REQUIRE((bench.out(tcp(kAlice, bob)) == Outcome::ToInside));
  const auto alice = bench.seen().source;
  BOOST_TEST((bench.seen().destination == kBob));
  BOOST_REQUIRE((bench.out(tcp(kBob, alice, kSyn | kAck)) == Outcome::ToInside));
  BOOST_TEST((bench.seen().source == bob));
  BOOST_TEST((bench.seen().destination == kAlice));
}

BOOST_AUTO_TEST_CASE(req_9_and_10_an_icmp_error_reaches_the_inside_and_ends_nothing) {
  Bench bench{a_good_nat()};
  const auto outside = connect(bench, kAlice, kServer);
  const auto error = *icmp_error(kRouter, bench.packet, fragmentation_needed(1400));

  BOOST_TEST((bench.in(error) == Outcome::ToInside));
  BOOST_TEST((ip::Header::parse(bench.packet)->destination == kAlice.ip));
  BOOST_TEST((bench.in(tcp(kServer, outside, kAck)) == Outcome::ToInside));
}

BOOST_AUTO_TEST_CASE(a_reset_passes_and_the_session_stays_for_four_minutes) {  // RFC 7857 §2.2
  Bench bench;
  const auto outside = connect(bench, kAlice, kServer);

  BOOST_TEST((bench.in(tcp(kServer, outside, kRst)) == Outcome::ToInside));

  bench.translator.handle_timeout(Instant{240s - 1ns});
  BOOST_TEST(bench.translator.mappings() == 1u);
  bench.translator.handle_timeout(Instant{240s});
  BOOST_TEST(bench.translator.mappings() == 0u);
}

// RFC 7857 §2: a forged reset does no harm, because whatever follows undoes it.
BOOST_AUTO_TEST_CASE(data_behind_a_reset_shows_that_the_connection_lives) {
  Bench bench;
  const auto outside = connect(bench, kAlice, kServer);
  bench.in(tcp(kServer, outside, kRst));

  bench.now = Instant{60s};
  BOOST_TEST((bench.in(tcp(kServer, outside, kAck)) == Outcome::ToInside));

  bench.now = Instant{60s + 7440s - 1ns};
  BOOST_TEST((bench.in(tcp(kServer, outside, kAck)) == Outcome::ToInside));
}

BOOST_AUTO_TEST_CASE(a_reset_has_a_lifetime_of_its_own) {  // Linux: 10 s
  auto nat = a_nat();
  nat.behaviour.lifetimes.tcp_reset = 10s;
  Bench bench{nat};
  connect(bench, kAlice, kServer);
  bench.out(tcp(kAlice, kServer, kRst));

  BOOST_TEST((bench.translator.next_wakeup() == Instant{10s}));
  bench.translator.handle_timeout(Instant{10s});
  BOOST_TEST(bench.translator.mappings() == 0u);
}

// RFC 7857 §7.1: else anybody could keep a mapping alive by sending to it.
BOOST_AUTO_TEST_CASE(resets_that_the_inside_answers_with_keep_nothing_alive) {
  auto nat = a_nat();
  nat.behaviour.refresh = topology::Refresh::Outbound;
  Bench bench{nat};
  bench.out(tcp(kAlice, kServer));

  bench.now = Instant{200s};
  bench.out(tcp(kAlice, kServer, kRst | kAck));
  bench.translator.handle_timeout(Instant{240s});

  BOOST_TEST(bench.translator.mappings() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
