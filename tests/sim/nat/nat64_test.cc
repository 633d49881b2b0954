// RFC 6146 and RFC 6877, section by section, on packets.
#include "sim/nat/nat64.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_fragment.h"
#include "sim/nat/clat.h"
#include "tests/sim/nat/bench.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::nat {
namespace {

const auto kPhone = ep("[2001:db8:cafe::10]:5000");
const auto kTablet = ep("[2001:db8:cafe::20]:6000");
const auto kServer6 = ep("[64:ff9b::203.0.113.1]:3478");
const auto kOtherPort6 = ep("[64:ff9b::203.0.113.1]:3479");

topology::Nat64 a_nat64() {
  topology::Nat64 nat;
  nat.name = "carrier";
  nat.inside = {"inside", {*Prefix::parse("2001:db8:cafe::1/64")}};
  nat.outside = {"outside", {*Prefix::parse("198.51.100.1/24")}};
  nat.behaviour.port_allocation = topology::PortAllocation::Sequential;
  nat.behaviour.ports = {Port{40000}, Port{49999}};
  nat.behaviour.hairpinning = topology::Hairpinning::ExternalSource;
  return nat;
}

bool is_right(const Bytes& packet) {
  const auto header = ip::Header::parse(packet);
  BOOST_REQUIRE(header.has_value());
  const auto segment = header->payload(packet);
  if (header->protocol == ip::Protocol::Icmp) return checksum_close(checksum_add(0, segment)) == 0;
  return ip::transport_checksum(header->source, header->destination, header->protocol, segment) ==
         0;
}

struct Bench64 {
  explicit Bench64(const topology::Nat64& plan = a_nat64())
      : nat{plan, SeededRng{5}, [this](Instant, const Event& event) { events.push_back(event); }} {}

  Outcome out(Bytes bytes) {
    packet = std::move(bytes);
    verdict = nat.from_inside(now, packet);
    return verdict.outcome;
  }
  Outcome in(Bytes bytes) {
    packet = std::move(bytes);
    verdict = nat.from_outside(now, packet);
    return verdict.outcome;
  }
  Outcome out(const Endpoint& from, const Endpoint& to) {
    return out(ip::build_udp(from, to, as_octets("out"), 1));
  }
  Outcome in(const Endpoint& from, const Endpoint& to) {
    return in(ip::build_udp(from, to, as_octets("in"), 2));
  }
  Endpoint mapped(const Endpoint& from, const Endpoint& to) {
    BOOST_REQUIRE((out(from, to) == Outcome::ToOutside));
    BOOST_TEST(is_right(packet));
    return Flow::of(packet)->source;
  }
  std::string field(std::string_view key) const {
    return std::get<std::string>(*events.back().find(key));
  }

  std::vector<Event> events;
  Nat64 nat;
  Instant now{};
  Bytes packet;
  Verdict verdict;
};

Bytes ping6(const Ip& from, const Ip& to, std::uint8_t type, std::uint16_t identifier) {
  ByteWriter message;
  message.u8(type).u8(0).u16(0).u16(identifier).u16(1).text("ping");
  message.patch_u16(2, ip::transport_checksum(from, to, ip::Protocol::IcmpV6, message.view()));
  return ip::build({from, to, ip::Protocol::IcmpV6}, message.view());
}

BOOST_AUTO_TEST_SUITE(nat64)

// RFC 6146 §3.5.1.
BOOST_AUTO_TEST_CASE(udp_goes_out_as_ipv4_and_its_answer_comes_in_as_ipv6) {
  Bench64 bench;
  const auto outside = bench.mapped(kPhone, kServer6);
  BOOST_TEST(outside.to_string() == "198.51.100.1:40000");
  BOOST_TEST(Flow::of(bench.packet)->destination.to_string() == kServer.to_string());

  BOOST_REQUIRE((bench.in(kServer, outside) == Outcome::ToInside));
  BOOST_TEST(is_right(bench.packet));
  BOOST_TEST(Flow::of(bench.packet)->source.to_string() == kServer6.to_string());
  BOOST_TEST(Flow::of(bench.packet)->destination.to_string() == kPhone.to_string());
}

// RFC 6146 §3.2.3: bindings are endpoint-independent, and each host has its own.
BOOST_AUTO_TEST_CASE(mapping_and_filtering_are_the_behaviours) {
  Bench64 bench;
  const auto phone = bench.mapped(kPhone, kServer6);
  BOOST_TEST((bench.mapped(kPhone, kOtherPort6) == phone));
  BOOST_TEST((bench.mapped(kTablet, kServer6) != phone));
  BOOST_TEST((bench.in(kStranger, phone) == Outcome::Dropped));

  auto symmetric = a_nat64();
  symmetric.behaviour.mapping = topology::Mapping::AddressAndPortDependent;
  symmetric.behaviour.filtering = topology::Filtering::EndpointIndependent;
  Bench64 other{symmetric};
  const auto first = other.mapped(kPhone, kServer6);
  BOOST_TEST((other.mapped(kPhone, kOtherPort6) != first));
  BOOST_TEST((other.in(kStranger, first) == Outcome::ToInside));
}

// What reports and captures say names hosts by the addresses they have.
BOOST_AUTO_TEST_CASE(nothing_that_is_reported_shows_an_address_in_between) {
  Bench64 bench;
  const auto outside = bench.mapped(kPhone, kServer6);
  BOOST_TEST(bench.events.back().name == "nat:mapping_created");
  BOOST_TEST(bench.field("inside") == kPhone.to_string());
  bench.in(kStranger, outside);
  BOOST_TEST(bench.verdict.reason ==
             "dropped by carrier: filtering (APDF): the mapping 198.51.100.1:40000 of "
             "[2001:db8:cafe::10]:5000 does not admit 203.0.113.9:4000");
}

// RFC 6146 §3.5.2.
BOOST_AUTO_TEST_CASE(tcp_is_translated_both_ways) {
  Bench64 bench;
  BOOST_REQUIRE((bench.out(tcp(kPhone, kServer6)) == Outcome::ToOutside));
  BOOST_TEST(is_right(bench.packet));
  const auto outside = Flow::of(bench.packet)->source;
  BOOST_REQUIRE((bench.in(tcp(kServer, outside, kSyn | kAck)) == Outcome::ToInside));
  BOOST_TEST(is_right(bench.packet));
  BOOST_TEST(Flow::of(bench.packet)->destination.to_string() == kPhone.to_string());
}

// RFC 6146 §3.5.3.
BOOST_AUTO_TEST_CASE(an_echo_comes_back_to_who_asked) {
  Bench64 bench;
  BOOST_REQUIRE((bench.out(ping6(kPhone.ip, kServer6.ip, 128, 77)) == Outcome::ToOutside));
  BOOST_TEST(is_right(bench.packet));
  const auto identifier = Flow::of(bench.packet)->source.port.value();
  BOOST_REQUIRE(
      (bench.in(echo(0, kServer.ip, ep("198.51.100.1:0").ip, identifier)) == Outcome::ToInside));
  BOOST_TEST(is_right(bench.packet));
  BOOST_TEST(Flow::of(bench.packet)->destination.port.value() == 77u);
  BOOST_TEST((Flow::of(bench.packet)->destination.ip == kPhone.ip));
}

// RFC 6146 §3.6.1 and RFC 7915 §4.2: the quote is what the phone has sent.
BOOST_AUTO_TEST_CASE(an_error_from_ipv4_reaches_the_phone_about_its_own_packet) {
  Bench64 bench;
  const auto sent = ip::build_udp(kPhone, kServer6, as_octets("hello"), 1);
  BOOST_REQUIRE((bench.out(sent) == Outcome::ToOutside));

  BOOST_REQUIRE(
      (bench.in(*icmp_error(kRouter, bench.packet, kHostUnreachable)) == Outcome::ToInside));

  BOOST_TEST(is_right(bench.packet));
  const auto header = *ip::Header::parse(bench.packet);
  BOOST_TEST(header.source.to_string() == "64:ff9b::c000:8");
  const auto message = header.payload(bench.packet);
  BOOST_TEST(std::to_integer<int>(message[0]) == 1);
  BOOST_TEST(to_hex(message.subspan(8)) == to_hex(sent));
}

BOOST_AUTO_TEST_CASE(fragmentation_needed_becomes_packet_too_big_with_twenty_more) {
  Bench64 bench;
  BOOST_REQUIRE((bench.out(ip::build_udp(kPhone, kServer6, Bytes(1400), 1)) == Outcome::ToOutside));
  BOOST_TEST(!ip::may_be_fragmented(bench.packet));
  BOOST_REQUIRE((bench.in(*icmp_error(kRouter, bench.packet, fragmentation_needed(1300))) ==
                 Outcome::ToInside));
  const auto message = ip::Header::parse(bench.packet)->payload(bench.packet);
  BOOST_TEST(std::to_integer<int>(message[0]) == 2);
  BOOST_TEST(ByteReader{message.subspan(4)}.u32() == 1320u);
}

BOOST_AUTO_TEST_CASE(an_error_from_the_phone_leaves_with_outside_addresses) {
  Bench64 bench;
  const auto outside = bench.mapped(kPhone, kServer6);
  const auto sent = ip::build_udp(kServer, outside, as_octets("in"), 0);
  BOOST_REQUIRE((bench.in(sent) == Outcome::ToInside));

  BOOST_REQUIRE(
      (bench.out(*icmp_error(kPhone.ip, bench.packet, kPortUnreachable)) == Outcome::ToOutside));

  BOOST_TEST(is_right(bench.packet));
  const auto header = *ip::Header::parse(bench.packet);
  BOOST_TEST((header.source == outside.ip));
  BOOST_TEST((Flow::of(header.payload(bench.packet).subspan(8))->destination == outside));
}

// RFC 6146 §3.8.
BOOST_AUTO_TEST_CASE(two_phones_meet_at_their_outside_endpoints) {
  auto plan = a_nat64();
  plan.behaviour.filtering = topology::Filtering::EndpointIndependent;
  Bench64 bench{plan};
  const auto phone = bench.mapped(kPhone, kServer6);
  const auto tablet = bench.mapped(kTablet, kServer6);
  const Endpoint tablet6{*Ip::parse("64:ff9b::198.51.100.1"), tablet.port};

  BOOST_REQUIRE((bench.out(kPhone, tablet6) == Outcome::ToInside));

  BOOST_TEST(is_right(bench.packet));
  BOOST_TEST(Flow::of(bench.packet)->destination.to_string() == kTablet.to_string());
  BOOST_TEST(Flow::of(bench.packet)->source.to_string() ==
             (Endpoint{*Ip::parse("64:ff9b::198.51.100.1"), phone.port}).to_string());
}

// RFC 7915 §4: what would not fit every link of IPv6 is cut first.
BOOST_AUTO_TEST_CASE(a_large_answer_without_df_comes_in_parts_of_1280) {
  Bench64 bench;
  const auto outside = bench.mapped(kPhone, kServer6);
  BOOST_REQUIRE((bench.in(ip::build_udp(kServer, outside, Bytes(1400), 5)) == Outcome::ToInside));
  BOOST_TEST(bench.verdict.rest.size() == 1u);
  ip::Reassembler reassembler;
  BOOST_TEST(!reassembler.take({}, bench.packet, *ip::Fragment::of(bench.packet)).has_value());
  const auto& second = bench.verdict.rest.front();
  const auto whole = reassembler.take({}, second, *ip::Fragment::of(second));
  BOOST_REQUIRE(whole.has_value());
  BOOST_TEST(is_right(*whole));
  BOOST_TEST(bench.packet.size() <= 1280u);
}

// RFC 6052 §3.1, RFC 6146 §3.5.
BOOST_AUTO_TEST_CASE(what_it_must_not_translate_it_says_why) {
  Bench64 bench;
  bench.out(kPhone, ep("[64:ff9b::192.168.1.1]:80"));
  BOOST_TEST(bench.verdict.reason ==
             "dropped by carrier: 64:ff9b::c0a8:101 stands for no IPv4 address that is public (RFC "
             "6052 §3.1)");
  bench.out(kServer6, kServer6);
  BOOST_TEST(bench.verdict.reason ==
             "dropped by carrier: a source behind the prefix comes from the outside");
  bench.out(ep("[2001:db8:bad::1]:1"), kServer6);
  BOOST_TEST(bench.verdict.reason ==
             "dropped by carrier: 2001:db8:bad::1 is not of the inside net");
}

BOOST_AUTO_TEST_CASE(a_restart_forgets_the_mappings) {
  Bench64 bench;
  const auto outside = bench.mapped(kPhone, kServer6);
  bench.nat.restart(bench.now);
  BOOST_TEST((bench.in(kServer, outside) == Outcome::Dropped));
  BOOST_TEST(bench.nat.mappings() == 0u);
}

const Clat::Addresses kClat{*Prefix::parse("192.0.0.1/29"), *Ip::parse("192.0.0.2"),
                            *Ip::parse("2001:db8:cafe::64"), *Prefix::parse("64:ff9b::/96")};
const auto kClatHost = ep("192.0.0.2:5000");

// RFC 6877 §6: two translations, and the server sees IPv4 that began as IPv4.
BOOST_AUTO_TEST_CASE(through_clat_and_nat64_ipv4_stays_ipv4) {
  Bench64 bench;
  Clat clat{"clat", kClat};
  auto packet = ip::build_udp(kClatHost, kServer, as_octets("hello"), 3);
  BOOST_REQUIRE((clat.from_inside(packet).outcome == Outcome::ToOutside));
  BOOST_TEST(Flow::of(packet)->source.to_string() == "[2001:db8:cafe::64]:5000");
  BOOST_TEST(is_right(packet));
  BOOST_REQUIRE((bench.out(packet) == Outcome::ToOutside));
  BOOST_TEST(is_right(bench.packet));
  const auto outside = Flow::of(bench.packet)->source;

  BOOST_REQUIRE((bench.in(kServer, outside) == Outcome::ToInside));
  auto answer = bench.packet;
  BOOST_REQUIRE((clat.from_outside(answer).outcome == Outcome::ToInside));
  BOOST_TEST(is_right(answer));
  BOOST_TEST(Flow::of(answer)->source.to_string() == kServer.to_string());
  BOOST_TEST(Flow::of(answer)->destination.to_string() == kClatHost.to_string());
}

BOOST_AUTO_TEST_CASE(a_clat_serves_its_host_and_nobody_else) {
  Clat clat{"clat", kClat};
  auto other = ip::build_udp(ep("192.0.0.3:1"), kServer, {}, 3);
  BOOST_TEST(clat.from_inside(other).reason ==
             "dropped by clat: 192.0.0.3 is not the host that it serves");
  auto stray = ip::build_udp(kServer6, kPhone, {}, 0);
  BOOST_TEST(clat.from_outside(stray).reason ==
             "dropped by clat: 2001:db8:cafe::10 is not its address");
  auto home = ip::build_udp(kClatHost, ep("192.168.1.10:1"), {}, 3);
  BOOST_TEST((clat.from_inside(home).outcome == Outcome::Dropped));
}

// RFC 7915 §4: an error that names IPv6's MTU is for a host of IPv4 with twenty less.
BOOST_AUTO_TEST_CASE(packet_too_big_reaches_the_host_behind_a_clat) {
  Clat clat{"clat", kClat};
  auto packet = ip::build_udp(kClatHost, kServer, Bytes(1000), 0);
  BOOST_REQUIRE((clat.from_inside(packet).outcome == Outcome::ToOutside));
  auto error = *icmp_error(*Ip::parse("2001:db8:77::1"), packet, fragmentation_needed(1280));
  BOOST_REQUIRE((clat.from_outside(error).outcome == Outcome::ToInside));
  BOOST_TEST(is_right(error));
  const auto message = ip::Header::parse(error)->payload(error);
  BOOST_TEST(std::to_integer<int>(message[1]) == 4);
  BOOST_TEST(ByteReader{message.subspan(6)}.u16() == 1260u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
