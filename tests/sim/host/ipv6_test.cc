// What a machine does with IPv6, and with several addresses at all.
#include "agents/base/checksum.h"
#include "sim/host/agent_host.h"
#include "sim/host/icmp.h"
#include "tests/sim/capture/tshark.h"
#include "tests/sim/host/host_pair.h"
#include "tests/sim/host/scripted_agent.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sim {
namespace {

const auto kAlice = *Endpoint::parse("[2001:db8::1]:4000");
const auto kBob = *Endpoint::parse("[2001:db8::2]:5000");

struct Pair : HostPair {
  Pair() : HostPair{1, 0, 1500, Families::Both} {}
};

// An agent on each machine.
struct Agents {
  static void act(AgentHost<Scripted>& host, Output output) {
    host.call([&](Instant, Scripted& agent) { agent.outputs.push_back(std::move(output)); });
  }
  Pair pair;
  Lines at_alice;
  Lines at_bob;
  AgentHost<Scripted> alice{pair.alice, {[](Instant, const Event&) {}}, at_alice};
  AgentHost<Scripted> bob{pair.bob, {[](Instant, const Event&) {}}, at_bob};
};

BOOST_AUTO_TEST_SUITE(ipv6)

BOOST_FIXTURE_TEST_CASE(an_agent_hears_of_every_address, Agents) {
  BOOST_TEST(at_alice == (Lines{"up eth0 192.0.2.1", "up eth0 2001:db8::1"}),
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(datagrams_and_streams_pass, Agents) {
  act(bob, OpenSocket{1, Transport::Udp, kBob});
  act(bob, OpenSocket{2, Transport::Tcp, kBob});
  act(alice, OpenSocket{1, Transport::Udp, kAlice});
  act(alice, OpenStream{2, kAlice, kBob});
  act(alice, Transmit{{Transport::Udp, kAlice, kBob}, to_octets("by datagram")});
  pair.run_for(1s);
  act(alice, Transmit{alice.agent().streams.at(0), to_octets("by stream")});
  pair.run_for(1s);

  BOOST_TEST(std::ranges::count(at_bob, "received by datagram") == 1);
  BOOST_TEST(at_bob.back() == "received by stream");
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_is_unreachable, Agents) {
  act(alice, OpenSocket{1, Transport::Udp, kAlice});
  act(alice, Transmit{{Transport::Udp, kAlice, kBob}, to_octets("anybody?")});
  pair.run_for(1s);
  BOOST_TEST(at_alice.back() == "unreachable");
}

// Nothing is sent from one family to the other.
BOOST_FIXTURE_TEST_CASE(families_do_not_mix, Agents) {
  act(alice, OpenSocket{1, Transport::Udp, kAlice});
  act(alice,
      Transmit{{Transport::Udp, kAlice, *Endpoint::parse("192.0.2.2:5000")}, to_octets("x")});
  act(alice, OpenStream{7, kAlice, *Endpoint::parse("192.0.2.2:5000")});
  pair.run_for(1s);
  BOOST_TEST(at_alice.back() == "failed 7 2001:db8::1 and 192.0.2.2 are of different families");
}

// RFC 9293 §3.7.1: less the headers of IPv6 and TCP.
BOOST_FIXTURE_TEST_CASE(a_segment_leaves_room_for_the_longer_header, Agents) {
  act(bob, OpenSocket{1, Transport::Tcp, kBob});
  act(alice, OpenStream{1, {kAlice.ip, Port{0}}, kBob});
  pair.run_for(1s);
  act(alice, Transmit{alice.agent().streams.at(0), Bytes(6000)});
  pair.run_for(5s);

  const auto table = tshark(pair.capture(), "-Y tcp -T fields -e tcp.len -e tcp.options.mss_val");
  BOOST_TEST(table.find("1440\t") != std::string::npos);
  BOOST_TEST(table.find("1460") == std::string::npos);
}

// RFC 4443 §4.2.
BOOST_FIXTURE_TEST_CASE(an_echo_request_is_answered, Pair) {
  ByteWriter request;
  request.u8(128).u8(0).u16(0).u16(7).u16(1).text("ping");
  request.patch_u16(
      2, ip::transport_checksum(kAlice.ip, kBob.ip, ip::Protocol::IcmpV6, request.view()));
  BOOST_TEST(alice.send(kAlice.ip, kBob.ip, ip::Protocol::IcmpV6, request.view()));
  run_for(1s);

  const auto seen = tshark(capture(), "-Y icmpv6.type==129 -T fields -e icmpv6.checksum.status");
  BOOST_TEST(seen == "1\n");
}

BOOST_FIXTURE_TEST_CASE(tshark_finds_nothing_wrong, Agents) {
  act(bob, OpenSocket{1, Transport::Tcp, kBob});
  act(alice, OpenStream{1, {kAlice.ip, Port{0}}, kBob});
  act(alice, OpenSocket{2, Transport::Udp, kAlice});
  act(alice, Transmit{{Transport::Udp, kAlice, {kBob.ip, Port{9}}}, Bytes(1400)});
  pair.run_for(1s);
  act(alice, CloseStream{alice.agent().streams.at(0)});
  pair.run_for(1s);

  const auto wrong = tshark(pair.capture(),
                            "-Y '_ws.malformed || _ws.expert.severity == error || "
                            "udp.checksum.status == 0 || tcp.checksum.status == 0'");
  BOOST_TEST(wrong == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
