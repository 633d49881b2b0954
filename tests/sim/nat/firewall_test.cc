#include "sim/nat/firewall.h"

#include "tests/sim/nat/bench.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

const auto kInside = ep("[2001:db8:1::10]:5000");
const auto kOther = ep("[2001:db8:9::1]:4000");
const auto kOtherPort = ep("[2001:db8:9::1]:4001");
const auto kOtherHost = ep("[2001:db8:9::2]:4000");

Bytes udp(const Endpoint& from, const Endpoint& to) {
  return ip::build_udp(from, to, as_octets("x"), 1);
}
Bytes ping(const Ip& from, const Ip& to, std::uint8_t type, std::uint16_t identifier) {
  ByteWriter message;
  message.u8(type).u8(0).u16(0).u16(identifier).u16(1);
  message.patch_u16(2, ip::transport_checksum(from, to, ip::Protocol::IcmpV6, message.view()));
  return ip::build({from, to, ip::Protocol::IcmpV6}, message.view());
}

struct Wall {
  explicit Wall(Firewall::Rules rules = {.name = "wall"})
      : firewall{std::move(rules),
                 [this](Instant, const Event& event) { events.push_back(event); }} {}
  bool out(const Bytes& packet) { return note(firewall.from_inside(now, packet)); }
  bool in(const Bytes& packet) { return note(firewall.from_outside(now, packet)); }
  bool note(const Verdict& verdict) {
    reason = verdict.reason;
    return verdict.outcome != Outcome::Dropped;
  }

  std::vector<Event> events;
  Firewall firewall;
  Instant now{};
  std::string reason;
};

BOOST_AUTO_TEST_SUITE(firewall)

BOOST_AUTO_TEST_CASE(what_nobody_asked_for_stays_outside) {
  Wall wall;
  BOOST_TEST(!wall.in(udp(kOther, kInside)));
  BOOST_TEST(wall.reason ==
             "dropped by wall: filtering (APDF): [2001:db8:1::10]:5000 has sent nothing to "
             "[2001:db8:9::1]:4000");
  BOOST_REQUIRE(wall.events.size() == 1u);
  BOOST_TEST(wall.events[0].name == "firewall:packet_filtered");
}

struct Admission {
  topology::Filtering filtering;
  bool same;
  bool other_port;
  bool other_host;
};
std::ostream& operator<<(std::ostream& out, const Admission& row) {
  return out << to_string(row.filtering);
}
const std::vector<Admission> kAdmissions{
    {topology::Filtering::EndpointIndependent, true, true, true},
    {topology::Filtering::AddressDependent, true, true, false},
    {topology::Filtering::AddressAndPortDependent, true, false, false},
};

// RFC 4787 §5, in the words that NATs are described by.
BOOST_DATA_TEST_CASE(what_went_out_opens_the_way_in, data::make(kAdmissions), row) {
  Wall wall{{.name = "wall", .filtering = row.filtering}};
  BOOST_TEST(wall.out(udp(kInside, kOther)));
  BOOST_TEST(wall.in(udp(kOther, kInside)) == row.same);
  Wall second{{.name = "wall", .filtering = row.filtering}};
  second.out(udp(kInside, kOther));
  BOOST_TEST(second.in(udp(kOtherPort, kInside)) == row.other_port);
  Wall third{{.name = "wall", .filtering = row.filtering}};
  third.out(udp(kInside, kOther));
  BOOST_TEST(third.in(udp(kOtherHost, kInside)) == row.other_host);
}

// RFC 6092 §3.2.3: either direction keeps it open.
BOOST_AUTO_TEST_CASE(a_silent_session_is_forgotten_and_a_busy_one_is_not) {
  Wall wall{{.name = "wall", .udp_lifetime = 120s}};
  wall.out(udp(kInside, kOther));
  wall.now = Instant{120s - 1ns};
  BOOST_TEST(wall.in(udp(kOther, kInside)));
  wall.now += 120s;
  BOOST_TEST(!wall.in(udp(kOther, kInside)));
}

BOOST_AUTO_TEST_CASE(tcp_is_remembered_by_its_phase) {
  Wall wall;
  wall.out(tcp(kInside, kOther, kSyn));
  wall.in(tcp(kOther, kInside, kSyn | kAck));
  wall.out(tcp(kInside, kOther, kAck));
  wall.now = Instant{7440s - 1ns};
  BOOST_TEST(wall.in(tcp(kOther, kInside, kAck)));

  wall.in(tcp(kOther, kInside, kRst));
  wall.now += 240s;
  BOOST_TEST(!wall.in(tcp(kOther, kInside, kAck)));
}

BOOST_AUTO_TEST_CASE(what_is_blocked_passes_in_neither_direction) {
  Wall wall{{.name = "office", .blocks = {Transport::Udp}}};
  BOOST_TEST(!wall.out(udp(kInside, kOther)));
  BOOST_TEST(wall.reason == "dropped by office: udp is blocked");
  BOOST_TEST(!wall.in(udp(kOther, kInside)));
  BOOST_TEST(wall.out(tcp(kInside, kOther, kSyn)));
}

// RFC 4890 §4.3.
BOOST_AUTO_TEST_CASE(an_echo_is_answered_when_it_was_asked_for_from_inside) {
  Wall wall;
  BOOST_TEST(!wall.in(ping(kOther.ip, kInside.ip, 128, 7)));
  BOOST_TEST(!wall.in(ping(kOther.ip, kInside.ip, 129, 7)));
  BOOST_TEST(wall.out(ping(kInside.ip, kOther.ip, 128, 7)));
  BOOST_TEST(wall.in(ping(kOther.ip, kInside.ip, 129, 7)));
  BOOST_TEST(!wall.in(ping(kOther.ip, kInside.ip, 129, 8)));
}

BOOST_AUTO_TEST_CASE(an_error_comes_in_when_it_is_about_what_went_out) {
  Wall wall;
  const auto sent = udp(kInside, kOther);
  const auto router = ep("[2001:db8:7::1]:0").ip;
  const auto error = *icmp_error(router, sent, kNetUnreachable);
  BOOST_TEST(!wall.in(error));
  BOOST_TEST(wall.reason == "dropped by wall: an ICMP error about what nobody inside has sent");
  wall.out(sent);
  BOOST_TEST(wall.in(error));
}

// RFC 7915 §4.2 has the numbers, RFC 4443 §3.1 the length.
BOOST_AUTO_TEST_CASE(an_icmpv6_error_has_numbers_of_its_own_and_quotes_more) {
  const auto about = ip::build_udp(kInside, kOther, Bytes(1400), 1);
  const auto router = ep("[2001:db8:7::1]:0").ip;
  struct Row {
    IcmpError error;
    unsigned type;
    unsigned code;
    std::uint32_t word;
  };
  for (const auto& row :
       {Row{kNetUnreachable, 1, 0, 0}, Row{kHostUnreachable, 1, 3, 0},
        Row{kHopLimitExceeded, 3, 0, 0}, Row{fragmentation_needed(1280), 2, 0, 1280}}) {
    const auto packet = *icmp_error(router, about, row.error);
    const auto header = *ip::Header::parse(packet);
    ByteReader message{header.payload(packet)};
    BOOST_TEST(unsigned{message.u8()} == row.type);
    BOOST_TEST(unsigned{message.u8()} == row.code);
    message.skip(2);
    BOOST_TEST(message.u32() == row.word);
    BOOST_TEST(packet.size() == 1280u);
    BOOST_TEST(ip::transport_checksum(header.source, header.destination, header.protocol,
                                      header.payload(packet)) == 0);
    BOOST_TEST(!icmp_error(router, packet, kNetUnreachable).has_value());
  }
  const auto group = ip::build_udp(kInside, ep("[ff02::fb]:5353"), Bytes(4), 1);
  BOOST_TEST(!icmp_error(router, group, kHopLimitExceeded).has_value());
}

BOOST_AUTO_TEST_CASE(a_nat_is_a_firewall_to_ipv6_by_its_own_rules) {
  auto nat = a_nat();
  nat.behaviour.filtering = topology::Filtering::AddressDependent;
  nat.behaviour.policy.blocks = {Transport::Tcp};
  const auto rules = Firewall::rules_of(nat);
  BOOST_TEST(rules.name == "home-a");
  BOOST_TEST((rules.filtering == nat.behaviour.filtering));
  BOOST_TEST((rules.udp_lifetime == nat.behaviour.lifetimes.udp));
  BOOST_TEST((rules.blocks == nat.behaviour.policy.blocks));
}

BOOST_AUTO_TEST_CASE(a_nat_that_blocks_udp_drops_it_both_ways) {
  auto nat = a_nat();
  nat.behaviour.policy.blocks = {Transport::Udp};
  Bench bench{nat};
  BOOST_TEST((bench.out(kAlice, kServer) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason == "dropped by home-a: udp is blocked");
  BOOST_TEST((bench.in(kServer, ep("198.51.100.1:40000")) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason == "dropped by home-a: udp is blocked");
  BOOST_TEST((bench.out(tcp(kAlice, kServer)) == Outcome::ToOutside));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
