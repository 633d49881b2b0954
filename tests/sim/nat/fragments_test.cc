// Fragments at NATs and firewalls: RFC 4787 §11.
#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "sim/link/link.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"
#include "sim/nat/firewall_node.h"
#include "sim/nat/fragment_tracker.h"
#include "sim/nat/nat_node.h"
#include "tests/sim/capture/sightings.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>

namespace rtclab::sim {
namespace {

using namespace std::chrono_literals;
using topology::Fragments;

const Endpoint kAlice = *Endpoint::parse("192.168.1.10:5000");
const Endpoint kServer = *Endpoint::parse("203.0.113.1:3478");
const Endpoint kAlice6 = *Endpoint::parse("[2001:db8:a::10]:5000");
const Endpoint kServer6 = *Endpoint::parse("[2001:db8:f::1]:3478");

topology::Nat a_nat(Fragments fragments) {
  topology::Nat nat;
  nat.name = "home";
  nat.inside = {"inside", {*Prefix::parse("192.168.1.1/24")}};
  nat.outside = {"outside", {*Prefix::parse("198.51.100.1/24")}};
  nat.behaviour.fragments = fragments;
  return nat;
}

// What stands on both sides of a gate collects the packets that come.
struct Yard {
  Yard() {
    const auto into = [](std::vector<Bytes>& arrived) {
      return [&arrived](ByteView packet, PacketId) {
        arrived.emplace_back(packet.begin(), packet.end());
      };
    };
    left.a().on_receive(into(inside));
    right.b().on_receive(into(outside));
  }
  void run_for(Duration duration) { simulation.run_until(Simulation::now() + duration); }

  Sightings sightings;
  Simulation simulation;
  Network network{1, &sightings};
  Link left{network,
            {},
            {"alice", "eth0", {*Prefix::parse("192.168.1.10/24")}},
            {"home", "inside", {*Prefix::parse("192.168.1.1/24")}}};
  Link right{network,
             {},
             {"home", "outside", {*Prefix::parse("198.51.100.1/24")}},
             {"server", "eth0", {*Prefix::parse("203.0.113.1/24")}}};
  std::vector<Bytes> inside;
  std::vector<Bytes> outside;
};

struct NatYard : Yard {
  explicit NatYard(Fragments fragments)
      : nat{a_nat(fragments), left.b(), right.a(), SeededRng{1}, [](Instant, const Event&) {}} {}
  NatNode nat;
};

std::optional<Bytes> together(const std::vector<Bytes>& parts) {
  ip::Reassembler reassembler;
  std::optional<Bytes> whole;
  for (const auto& part : parts) {
    const auto fragment = ip::Fragment::of(part);
    BOOST_REQUIRE(fragment.has_value());
    whole = reassembler.take({}, part, *fragment);
  }
  return whole;
}

void send_all(Interface& from, std::vector<Bytes> parts) {
  for (auto& part : parts) from.send_new(std::move(part));
}

std::vector<Bytes> parts_of(const Endpoint& from, const Endpoint& to, std::uint16_t number = 7) {
  Bytes payload(3000);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(i);
  return from.ip.is_v4() ? ip::fragment_v4(ip::build_udp(from, to, payload, number), 1280)
                         : ip::fragment_v6(ip::build_udp(from, to, payload, 0), 1280, number);
}

BOOST_AUTO_TEST_SUITE(fragments)

// The checksum in the first part is right for the whole, which nobody on the way has seen.
BOOST_AUTO_TEST_CASE(a_packet_in_parts_is_translated_both_ways) {
  NatYard yard{Fragments::InOrder};
  send_all(yard.left.a(), parts_of(kAlice, kServer));
  yard.run_for(1s);

  const auto out = together(yard.outside);
  BOOST_REQUIRE(out.has_value());
  const auto seen = ip::parse_udp(*ip::Header::parse(*out), *out);
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(seen->source.to_string() == "198.51.100.1:5000");

  send_all(yard.right.b(), parts_of(kServer, seen->source));
  yard.run_for(1s);
  const auto in = together(yard.inside);
  BOOST_REQUIRE(in.has_value());
  const auto received = ip::parse_udp(*ip::Header::parse(*in), *in);
  BOOST_REQUIRE(received.has_value());
  BOOST_TEST(received->destination.to_string() == kAlice.to_string());
}

BOOST_AUTO_TEST_CASE(out_of_order_the_others_wait_for_the_first) {
  NatYard yard{Fragments::OutOfOrder};
  auto parts = parts_of(kAlice, kServer);
  std::ranges::reverse(parts);
  send_all(yard.left.a(), {parts[0], parts[1]});
  yard.run_for(1s);
  BOOST_TEST(yard.outside.empty());
  send_all(yard.left.a(), {parts[2]});
  yard.run_for(1s);

  const auto whole = together(yard.outside);
  BOOST_REQUIRE(whole.has_value());
  BOOST_TEST(ip::parse_udp(*ip::Header::parse(*whole), *whole).has_value());
  BOOST_TEST(yard.sightings.comments().empty());
}

BOOST_AUTO_TEST_CASE(a_nat_that_knows_them_in_order_only_drops_what_comes_too_early) {
  NatYard yard{Fragments::InOrder};
  const auto parts = parts_of(kAlice, kServer);
  send_all(yard.left.a(), {parts[1], parts[0], parts[2]});
  yard.run_for(1s);

  BOOST_TEST(yard.outside.size() == 2u);
  BOOST_TEST(yard.sightings.comments().size() == 1u);
  BOOST_TEST(yard.sightings.comments().front() ==
             "dropped by home: a fragment that comes before the first one of its packet");
}

BOOST_AUTO_TEST_CASE(a_nat_that_knows_no_fragments_drops_them_all) {
  NatYard yard{Fragments::Dropped};
  send_all(yard.left.a(), parts_of(kAlice, kServer));
  yard.run_for(1s);

  BOOST_TEST(yard.outside.empty());
  BOOST_TEST(yard.sightings.comments() ==
                 std::vector<std::string>(3, "dropped by home: fragments do not pass"),
             boost::test_tools::per_element());
}

// RFC 6146 §3.4: 2 s, and then the capture says so.
BOOST_AUTO_TEST_CASE(a_part_without_its_first_one_is_given_up_after_two_seconds) {
  NatYard yard{Fragments::OutOfOrder};
  const auto parts = parts_of(kAlice, kServer);
  send_all(yard.left.a(), {parts[1]});
  yard.run_for(2s - 1ns);
  BOOST_TEST(yard.sightings.comments().empty());
  yard.run_for(1ns);

  BOOST_REQUIRE(yard.sightings.comments().size() == 1u);
  BOOST_TEST(yard.sightings.comments().front() ==
             "dropped by home: the first fragment did not come within 2 s");
  send_all(yard.left.a(), {parts[0], parts[2]});
  yard.run_for(1s);
  BOOST_TEST(yard.outside.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_becomes_of_the_first_becomes_of_all) {
  NatYard yard{Fragments::OutOfOrder};
  send_all(yard.right.b(), parts_of(kServer, *Endpoint::parse("198.51.100.1:5000")));
  yard.run_for(1s);

  BOOST_TEST(yard.inside.empty());
  BOOST_REQUIRE(yard.sightings.comments().size() == 3u);
  for (const auto& comment : yard.sightings.comments()) {
    BOOST_TEST(comment ==
               "dropped by home: no mapping: nobody inside is behind 198.51.100.1:5000 (udp)");
  }
}

// Both families: to IPv6 a firewall changes nothing, and finds the ports behind the Fragment
// header.
BOOST_AUTO_TEST_CASE(a_firewall_lets_parts_out_and_their_answers_in) {
  Yard yard;
  topology::Firewall rules;
  rules.name = "wall";
  FirewallNode wall{rules, yard.left.b(), yard.right.a(), [](Instant, const Event&) {}};
  auto answer = parts_of(kServer6, kAlice6);
  std::ranges::reverse(answer);
  send_all(yard.right.b(), answer);
  yard.run_for(1s);
  BOOST_TEST(yard.inside.empty());

  send_all(yard.left.a(), parts_of(kAlice6, kServer6));
  yard.run_for(1s);
  BOOST_TEST(together(yard.outside).has_value());
  for (auto& part : answer) part[47] = std::byte{9};  // another packet
  send_all(yard.right.b(), answer);
  yard.run_for(1s);
  BOOST_TEST(together(yard.inside).has_value());
}

// RFC 4787 REQ-14a: whatever comes, no more is kept than this.
BOOST_AUTO_TEST_CASE(a_flood_of_later_parts_is_bounded) {
  NatYard yard{Fragments::OutOfOrder};
  for (std::uint16_t number = 0; number < 200; ++number) {
    send_all(yard.left.a(), {parts_of(kAlice, kServer, number)[1]});
  }
  yard.run_for(1ms);
  BOOST_TEST(yard.sightings.comments().size() == 200u - 64u);
  BOOST_TEST(yard.sightings.comments().front() ==
             "dropped by home: 64 fragments wait for their first one already");
}

BOOST_AUTO_TEST_CASE(of_many_packets_the_oldest_is_forgotten) {
  nat::FragmentTracker tracker{Fragments::OutOfOrder, {.packets = 2}};
  const auto first_of = [](std::uint16_t number) { return parts_of(kAlice, kServer, number)[0]; };
  for (std::uint16_t number = 1; number <= 3; ++number) {
    const auto part = first_of(number);
    BOOST_TEST(tracker.decide({}, nat::FragmentTracker::Side::Inside, *ip::Fragment::of(part), {})
                   .empty());
  }
  const auto knows = [&](std::uint16_t number) {
    const auto part = first_of(number);
    return tracker.fate_of({}, nat::FragmentTracker::Side::Inside, *ip::Fragment::of(part)) !=
           nullptr;
  };
  BOOST_TEST(!knows(1));
  BOOST_TEST(knows(2));
  BOOST_TEST(knows(3));
}

// RFC 3128: it would overwrite the flags that the filter has looked at.
BOOST_AUTO_TEST_CASE(a_part_that_reaches_into_the_tcp_header_is_dropped) {
  NatYard yard{Fragments::OutOfOrder};
  ByteWriter segment;
  segment.u16(5000).u16(443).u32(1).u32(2).u8(0x50).u8(0x10).u16(1000).u32(0).zeros(100);
  const auto packet = ip::build({kAlice.ip, kServer.ip, ip::Protocol::Tcp, 5}, segment.view());
  send_all(yard.left.a(), ip::fragment_v4(packet, 28));
  yard.run_for(1s);

  BOOST_TEST(yard.sightings.comments().front() ==
             "dropped by home: a fragment that reaches into the TCP header (RFC 3128)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
