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
  Wall wall{{.name = "wall", .what = {.filtering = row.filtering}}};
  BOOST_TEST(wall.out(udp(kInside, kOther)));
  BOOST_TEST(wall.in(udp(kOther, kInside)) == row.same);
  Wall second{{.name = "wall", .what = {.filtering = row.filtering}}};
  second.out(udp(kInside, kOther));
  BOOST_TEST(second.in(udp(kOtherPort, kInside)) == row.other_port);
  Wall third{{.name = "wall", .what = {.filtering = row.filtering}}};
  third.out(udp(kInside, kOther));
  BOOST_TEST(third.in(udp(kOtherHost, kInside)) == row.other_host);
}

// RFC 6092 §3.2.3: either direction keeps it open.
BOOST_AUTO_TEST_CASE(a_silent_session_is_forgotten_and_a_busy_one_is_not) {
  Wall wall{{.name = "wall", .what = {.lifetimes = {.udp = 120s}}}};
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
  Wall wall{{.name = "office", .what = {.policy = {.blocks = {Transport::Udp}}}}};
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
  BOOST_TEST((rules.what == firewall_rules_of(nat.behaviour)));
  BOOST_TEST((rules.what.filtering == nat.behaviour.filtering));
  BOOST_TEST((rules.what.policy.blocks == nat.behaviour.policy.blocks));
}

// What the inside may begin; answers to it are no beginning.
BOOST_AUTO_TEST_CASE(only_what_the_policy_allows_may_begin) {
  const topology::Policy policy{
      .allows = {{Transport::Tcp, Port{443}}, {Transport::Udp, Port{3478}}}};
  Wall wall{{.name = "office", .what = {.policy = policy}}};
  const auto web = ep("[2001:db8:9::1]:443");
  BOOST_TEST(wall.out(tcp(kInside, web, kSyn)));
  BOOST_TEST(wall.in(tcp(web, kInside, kSyn | kAck)));
  BOOST_TEST(wall.out(udp(kInside, ep("[2001:db8:9::1]:3478"))));
  BOOST_TEST(!wall.out(udp(kInside, web)));
  BOOST_TEST(wall.reason ==
             "dropped by office: policy: of what begins here only tcp/443 udp/3478 passes, not udp "
             "to [2001:db8:9::1]:443");
  BOOST_TEST(!wall.out(ping(kInside.ip, kOther.ip, 128, 7)));
  BOOST_TEST(wall.events.back().name == "firewall:packet_refused");
}

BOOST_AUTO_TEST_CASE(a_policy_lets_out_answers_to_what_was_let_in) {
  const topology::Policy policy{.allows = {{Transport::Udp, Port{3478}}}};
  Wall wall{{.name = "office",
             .what = {.filtering = topology::Filtering::EndpointIndependent, .policy = policy}}};
  BOOST_TEST(!wall.out(udp(kInside, kOther)));
  BOOST_TEST(wall.out(udp(kInside, ep("[2001:db8:9::7]:3478"))));
  BOOST_TEST(wall.in(udp(kOther, kInside)));
  BOOST_TEST(wall.out(udp(kInside, kOther)));
  BOOST_TEST(!wall.out(udp(kInside, kOtherPort)));
}

BOOST_AUTO_TEST_CASE(a_nat_has_the_same_policy_and_asks_it_for_each_destination) {
  auto nat = a_nat();
  nat.behaviour.policy.allows = {{Transport::Udp, Port{3478}}};
  Bench bench{nat};
  const auto outside = bench.mapped(kAlice, kServer);
  BOOST_TEST((bench.out(kAlice, kServerOtherPort) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason ==
             "dropped by home-a: policy: of what begins here only udp/3478 passes, not udp to "
             "203.0.113.1:3479");
  BOOST_TEST(bench.events.back().name == "nat:packet_refused");
  BOOST_TEST((bench.in(kServer, outside) == Outcome::ToInside));
}

// RFC 4787 §5: apart for the two transports.
BOOST_AUTO_TEST_CASE(tcp_is_filtered_by_a_rule_of_its_own) {
  Wall wall{{.name = "wall",
             .what = {.filtering = topology::Filtering::EndpointIndependent,
                      .tcp_filtering = topology::Filtering::AddressAndPortDependent}}};
  wall.out(udp(kInside, kOther));
  wall.out(tcp(kInside, kOther));
  BOOST_TEST(wall.in(udp(kOtherHost, kInside)));
  BOOST_TEST(!wall.in(tcp(kOtherPort, kInside)));
  BOOST_TEST(wall.in(tcp(kOther, kInside)));
}

BOOST_AUTO_TEST_CASE(each_protocol_and_each_state_has_its_lifetime) {
  topology::Lifetimes lifetimes;
  lifetimes.udp = 30s;
  lifetimes.udp_answered = 180s;
  lifetimes.icmp = 10s;
  lifetimes.tcp_opening = 20s;
  lifetimes.tcp_established = 100s;
  lifetimes.tcp_closing = 5s;
  using Step = std::pair<bool, Bytes>;  // outwards; the packet
  // Whether `last` still comes in, so long after those before it, which are a second apart.
  const auto comes_in = [&](Duration silence, const Bytes& last, std::vector<Step> before) {
    Wall wall{{.name = "wall", .what = {.lifetimes = lifetimes}}};
    for (const auto& [outwards, packet] : before) {
      wall.now += 1s;
      BOOST_TEST((outwards ? wall.out(packet) : wall.in(packet)));
    }
    wall.now += silence;
    return wall.in(last);
  };
  const Step ask{true, udp(kInside, kOther)};
  const Step answer{false, udp(kOther, kInside)};
  BOOST_TEST(comes_in(30s - 1ns, answer.second, {ask}));
  BOOST_TEST(!comes_in(30s, answer.second, {ask}));
  BOOST_TEST(comes_in(180s - 1ns, answer.second, {ask, answer, ask}));
  BOOST_TEST(!comes_in(180s, answer.second, {ask, answer, ask}));
  const Step echo_request{true, ping(kInside.ip, kOther.ip, 128, 7)};
  BOOST_TEST(comes_in(10s - 1ns, ping(kOther.ip, kInside.ip, 129, 7), {echo_request}));
  BOOST_TEST(!comes_in(10s, ping(kOther.ip, kInside.ip, 129, 7), {echo_request}));
  const Step syn{true, tcp(kInside, kOther, kSyn)};
  const Step syn_ack{false, tcp(kOther, kInside, kSyn | kAck)};
  const Step ack{true, tcp(kInside, kOther, kAck)};
  const Step fin_out{true, tcp(kInside, kOther, kFin | kAck)};
  const Step fin_in{false, tcp(kOther, kInside, kFin | kAck)};
  const auto data_in = tcp(kOther, kInside, kAck);
  BOOST_TEST(comes_in(20s - 1ns, data_in, {syn}));
  BOOST_TEST(!comes_in(20s, data_in, {syn}));
  BOOST_TEST(comes_in(100s - 1ns, data_in, {syn, syn_ack, ack}));
  BOOST_TEST(!comes_in(100s, data_in, {syn, syn_ack, ack}));
  BOOST_TEST(comes_in(5s - 1ns, data_in, {syn, syn_ack, ack, fin_out, fin_in}));
  BOOST_TEST(!comes_in(5s, data_in, {syn, syn_ack, ack, fin_out, fin_in}));
}

// RFC 6092 REC-34: after six seconds, unless the inside has opened it too by then.
BOOST_AUTO_TEST_CASE(an_unsolicited_syn_is_answered_as_the_rules_say) {
  const auto syn = tcp(kOther, kInside, kSyn);
  using topology::UnsolicitedSyn;
  for (const auto answer : {UnsolicitedSyn::Silent, UnsolicitedSyn::Icmp, UnsolicitedSyn::Reset}) {
    Wall wall{{.name = "wall",
               .what = {.unsolicited_syn = answer},
               .own_addresses = {*Prefix::parse("2001:db8:1::1/64")}}};
    BOOST_TEST(!wall.in(syn));
    BOOST_TEST(wall.firewall.poll_output().has_value() == (answer == UnsolicitedSyn::Reset));
    BOOST_TEST(wall.firewall.next_wakeup().has_value() == (answer == UnsolicitedSyn::Icmp));
    if (answer != UnsolicitedSyn::Icmp) continue;
    wall.firewall.handle_timeout(Instant{6s});
    const auto error = wall.firewall.poll_output();
    BOOST_REQUIRE(error.has_value());
    BOOST_TEST(ip::Header::parse(*error)->source.to_string() == "2001:db8:1::1");
    BOOST_TEST(ip::Header::parse(*error)->destination.to_string() == kOther.ip.to_string());
  }
}

BOOST_AUTO_TEST_CASE(a_simultaneous_open_is_not_answered) {
  Wall wall{{.name = "wall", .what = {.unsolicited_syn = topology::UnsolicitedSyn::Icmp}}};
  BOOST_TEST(!wall.in(tcp(kOther, kInside, kSyn)));
  BOOST_TEST(wall.out(tcp(kInside, kOther, kSyn)));
  BOOST_TEST(!wall.firewall.next_wakeup().has_value());
  BOOST_TEST(wall.in(tcp(kOther, kInside, kSyn)));
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
