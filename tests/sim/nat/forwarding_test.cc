#include "agents/base/checksum.h"
#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "sim/link/link.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"
#include "sim/nat/router_node.h"
#include "sim/nat/switch_node.h"
#include "tests/sim/capture/sightings.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sim {
namespace {

Endpoint ep(std::string_view text) {
  return *Endpoint::parse(text);
}

Bytes a_packet(std::string_view to, std::uint8_t hop_limit, std::size_t octets = 100) {
  ByteWriter segment;
  segment.u16(1).u16(2).u16(octets - 20).u16(0).zeros(octets - 28);
  return ip::build({ep("10.0.0.1:0").ip, ep(to).ip, ip::Protocol::Udp, 0, hop_limit},
                   segment.view());
}

Bytes with_df(Bytes packet) {
  packet[6] = std::byte{0x40};
  packet[10] = packet[11] = std::byte{0};
  const auto checksum = checksum_close(checksum_add(0, ByteView{packet}.first(20)));
  packet[10] = static_cast<std::byte>(checksum >> 8u);
  packet[11] = static_cast<std::byte>(checksum);
  return packet;
}

struct Message {
  int type;
  int code;
  int mtu;
  Ip from;
};

// A router between a wide and a narrow link.
struct Bench {
  Bench() {
    router.attach(left.b());
    router.attach(right.a());
    router.set_route(*Prefix::parse("10.0.0.0/24"), left.b());
    router.set_route(*Prefix::parse("10.0.0.0/8"), right.a());
    router.set_route(*Prefix::parse("10.1.0.0/16"), left.b());
    router.set_route(*Prefix::parse("10.1.7.7/32"), right.a());
    left.a().on_receive([this](ByteView packet, PacketId) {
      const auto header = ip::Header::parse(packet);
      if (header->protocol != ip::Protocol::Icmp) {
        ++came_back;
        return;
      }
      ByteReader message{header->payload(packet)};
      const int type = message.u8();
      const int code = message.u8();
      message.skip(4);
      messages.push_back({type, code, message.u16(), header->source});
    });
    right.b().on_receive(
        [this](ByteView packet, PacketId) { arrived.emplace_back(packet.begin(), packet.end()); });
  }
  void run() { simulation.run_until(Instant{std::chrono::seconds{1}}); }

  Sightings sightings;
  Simulation simulation;
  Network network{1, &sightings};
  Link left{network, {}, {"a", "eth0", {*Prefix::parse("10.0.0.1/24")}}, {"core", "eth0", {}}};
  Link right{network,
             {{}, {.mtu = 600}, {.mtu = 600}},
             {"core", "eth1", {}},
             {"b", "eth0", {*Prefix::parse("10.2.0.1/16")}}};
  RouterNode router{"core"};
  std::vector<Message> messages;
  std::vector<Bytes> arrived;
  int came_back = 0;
};

BOOST_AUTO_TEST_SUITE(forwarding)

BOOST_FIXTURE_TEST_CASE(the_longest_prefix_decides, Bench) {
  for (const auto* const to : {"10.2.0.1:2", "10.1.7.7:2"}) left.a().send_new(a_packet(to, 64));
  for (const auto* const to : {"10.1.7.8:2", "10.0.0.1:2"}) left.a().send_new(a_packet(to, 64));
  run();

  BOOST_TEST(arrived.size() == 2u);
  BOOST_TEST(came_back == 2);
}

BOOST_FIXTURE_TEST_CASE(a_hop_costs_one_and_the_checksum_stays_right, Bench) {
  left.a().send_new(a_packet("10.2.0.1:2", 64));
  left.a().send_new(a_packet("10.2.0.1:2", 2));
  run();

  BOOST_REQUIRE(arrived.size() == 2u);
  BOOST_TEST(int{ip::Header::parse(arrived[0])->hop_limit} == 63);
  BOOST_TEST(int{ip::Header::parse(arrived[1])->hop_limit} == 1);
}

BOOST_FIXTURE_TEST_CASE(at_the_last_hop_the_sender_is_told, Bench) {
  left.a().send_new(a_packet("10.2.0.1:2", 1));
  run();

  BOOST_TEST(arrived.empty());
  BOOST_REQUIRE(messages.size() == 1u);
  BOOST_TEST(messages[0].type == 11);
  BOOST_TEST(messages[0].code == 0);
  BOOST_TEST(messages[0].from.to_string() == "192.0.0.8");
  const std::vector<std::string> path{"a.eth0 > 1", "core.eth0 < 1 x", "core.eth0 > 2",
                                      "a.eth0 < 2"};
  BOOST_TEST(sightings.path() == path, boost::test_tools::per_element());
  BOOST_TEST(sightings.comments().at(0) == "dropped by core: the hop limit is used up");
}

// RFC 1191 §4.
BOOST_FIXTURE_TEST_CASE(what_must_not_be_cut_is_refused_with_the_mtu, Bench) {
  left.a().send_new(with_df(a_packet("10.2.0.1:2", 64, 600)));
  left.a().send_new(with_df(a_packet("10.2.0.1:2", 64, 601)));
  run();

  BOOST_TEST(arrived.size() == 1u);
  BOOST_REQUIRE(messages.size() == 1u);
  BOOST_TEST(messages[0].type == 3);
  BOOST_TEST(messages[0].code == 4);
  BOOST_TEST(messages[0].mtu == 600);
  BOOST_TEST(sightings.comments().at(0) ==
             "dropped by core: 601 octets do not fit core.eth1 (MTU 600)");
}

// RFC 791 §2.3. The last part has the packet's identity: with it the receiver has the whole.
BOOST_FIXTURE_TEST_CASE(what_may_be_cut_goes_on_in_parts, Bench) {
  const auto packet = a_packet("10.2.0.1:2", 64, 1400);
  left.a().send_new(packet);
  run();

  BOOST_TEST(messages.empty());
  ip::Reassembler reassembler;
  std::optional<Bytes> whole;
  for (const auto& part : arrived) {
    BOOST_TEST(part.size() <= 600u);
    const auto fragment = ip::Fragment::of(part);
    BOOST_REQUIRE(fragment.has_value());
    BOOST_TEST(int{ip::Header::parse(part)->hop_limit} == 63);
    whole = reassembler.take({}, part, *fragment);
  }
  BOOST_TEST(arrived.size() == 3u);
  BOOST_REQUIRE(whole.has_value());
  BOOST_TEST(to_hex(ByteView{*whole}.subspan(20)) == to_hex(ByteView{packet}.subspan(20)));
  BOOST_TEST(sightings.path().back() == "b.eth0 < 1");
}

// RFC 8200 §5: not on the way.
BOOST_FIXTURE_TEST_CASE(ipv6_is_never_cut_by_a_router, Bench) {
  router.set_route(*Prefix::parse("2001:db8::/32"), right.a());
  left.a().send_new(ip::build_udp(ep("[2001:dba::1]:1"), ep("[2001:db8::1]:2"), Bytes(1000), 0));
  run();

  BOOST_TEST(arrived.empty());
  BOOST_TEST(sightings.comments().at(0) ==
             "dropped by core: 1048 octets do not fit core.eth1 (MTU 600)");
}

BOOST_FIXTURE_TEST_CASE(what_is_damaged_goes_no_further_and_is_not_answered, Bench) {
  auto packet = a_packet("10.2.0.1:2", 64);
  packet[10] ^= std::byte{1};
  left.a().send_new(packet);
  run();

  BOOST_TEST(arrived.empty());
  BOOST_TEST(messages.empty());
  BOOST_TEST(sightings.comments().at(0) ==
             "dropped by core: bad checksum at octet 10 (RFC 791 §3.1)");
}

BOOST_AUTO_TEST_CASE(a_switch_drops_what_is_for_nobody) {
  Sightings sightings;
  Simulation simulation;
  Network network{1, &sightings};
  const Link cable{
      network, {}, {"a", "eth0", {*Prefix::parse("10.0.0.1/24")}}, {"lan", "eth0", {}}};
  SwitchNode lan{"lan"};
  lan.attach(cable.b());

  cable.a().send_new(a_packet("10.0.0.9:2", 64));
  simulation.run_until(Instant{});

  BOOST_TEST(sightings.comments().at(0) == "dropped by lan: nobody has 10.0.0.9 in this LAN");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
