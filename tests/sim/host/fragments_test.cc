// What a machine does with packets that do not fit: RFC 1122 §3.3.2, RFC 1191, RFC 8200 §4.5,
// RFC 8201.
#include "agents/base/ip_fragment.h"
#include "sim/nat/router_node.h"
#include "tests/sim/capture/sightings.h"
#include "tests/sim/capture/tshark.h"
#include "tests/sim/host/host_pair.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sim {
namespace {

Bytes numbered(std::size_t size) {
  Bytes octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::byte>(i * 7 + i / 256);
  return octets;
}

const Endpoint kAlice4 = *Endpoint::parse("192.0.2.1:4000");
const Endpoint kBob4 = *Endpoint::parse("192.0.2.2:5000");
const Endpoint kAlice6 = *Endpoint::parse("[2001:db8::1]:4000");
const Endpoint kBob6 = *Endpoint::parse("[2001:db8::2]:5000");

struct Ear {
  explicit Ear(Host& host, const Endpoint& at) {
    BOOST_REQUIRE(host.udp()
                      .bind(at,
                            [this](const Input& input) {
                              const auto* const received = std::get_if<Received>(&input);
                              if (received == nullptr) return;
                              heard.emplace_back(received->bytes.begin(),
                                                 received->bytes.end());
                            })
                      .has_value());
  }
  std::vector<Bytes> heard;
};

// Two hosts, a router, and behind it a link that takes less.
struct Narrow {
  explicit Narrow(std::size_t mtu = 1300) : narrow{mtu} {
    alice.attach(left.a());
    bob.attach(right.b());
    router.attach(left.b());
    router.attach(right.a());
    for (const auto* const text : {"10.1.0.1/32", "2001:db8:1::1/128"}) {
      router.set_route(*Prefix::parse(text), left.b());
    }
    for (const auto* const text : {"10.2.0.2/32", "2001:db8:2::2/128"}) {
      router.set_route(*Prefix::parse(text), right.a());
    }
  }
  void run_for(Duration duration) { simulation.run_until(Simulation::now() + duration); }
  static LinkSpec with(std::size_t mtu) {
    topology::LinkQuality quality;
    quality.delay = 5ms;
    quality.mtu = mtu;
    return {{}, quality, quality};
  }

  std::size_t narrow;
  Sightings sightings;
  Simulation simulation;
  Network network{1, &sightings};
  Link left{network,
            with(1500),
            {"alice", "eth0", {*Prefix::parse("10.1.0.1/24"), *Prefix::parse("2001:db8:1::1/64")}},
            {"core", "eth0", {}}};
  Link right{network,
             with(narrow),
             {"core", "eth1", {}},
             {"bob", "eth0", {*Prefix::parse("10.2.0.2/24"), *Prefix::parse("2001:db8:2::2/64")}}};
  RouterNode router{"core"};
  Host alice{"alice", SeededRng{1}.fork("alice")};
  Host bob{"bob", SeededRng{1}.fork("bob")};
};

const Endpoint kNear6 = *Endpoint::parse("[2001:db8:1::1]:4000");
const Endpoint kFar6 = *Endpoint::parse("[2001:db8:2::2]:5000");
const Endpoint kNear4 = *Endpoint::parse("10.1.0.1:4000");
const Endpoint kFar4 = *Endpoint::parse("10.2.0.2:5000");

BOOST_AUTO_TEST_SUITE(host_fragments)

BOOST_AUTO_TEST_CASE(a_datagram_larger_than_the_link_arrives_whole) {
  for (const auto& [from, to] : {std::pair{kAlice4, kBob4}, std::pair{kAlice6, kBob6}}) {
    HostPair pair{1, 0, 1500, Families::Both};
    Ear alice{pair.alice, from};
    Ear bob{pair.bob, to};
    for (const std::size_t size : {1472, 1473, 4000, 65'000}) {
      BOOST_TEST(pair.alice.udp().send({Transport::Udp, from, to}, numbered(size)));
    }
    pair.run_for(1s);

    BOOST_REQUIRE(bob.heard.size() == 4u);
    BOOST_TEST((bob.heard[1] == numbered(1473)));
    BOOST_TEST((bob.heard[3] == numbered(65'000)));
  }
}

// Wireshark puts ours together and finds every checksum right.
BOOST_AUTO_TEST_CASE(tshark_has_nothing_to_complain_of) {
  HostPair pair{1, 0, 1500, Families::Both};
  Ear four{pair.alice, kAlice4};
  Ear six{pair.alice, kAlice6};
  pair.alice.udp().send({Transport::Udp, kAlice4, kBob4}, numbered(4000));
  pair.alice.udp().send({Transport::Udp, kAlice6, kBob6}, numbered(4000));
  pair.run_for(1s);

  // Four parts each (bob's refusal quotes the first): the last one has it whole.
  const auto whole = tshark(pair.capture(),
                            "-Y 'udp.length == 4008 && !icmp && !icmpv6' -T fields -e frame.number "
                            "-e udp.length");
  BOOST_TEST(whole == "3\t4008\n6\t4008\n");
  BOOST_TEST(tshark(pair.capture(), "-Y '_ws.expert.severity >= 0x00400000'") == "");
  BOOST_TEST(
      tshark(pair.capture(), "-Y 'udp.checksum.status == Bad || ip.checksum.status == Bad'") == "");
}

BOOST_AUTO_TEST_CASE(a_router_cuts_ipv4_and_the_datagram_arrives) {
  Narrow net;
  Ear alice{net.alice, kNear4};
  Ear bob{net.bob, kFar4};
  net.alice.udp().send({Transport::Udp, kNear4, kFar4}, numbered(1400));
  net.run_for(1s);

  BOOST_REQUIRE(bob.heard.size() == 1u);
  BOOST_TEST((bob.heard[0] == numbered(1400)));
  BOOST_TEST(net.sightings.comments().empty());
}

// RFC 8201: the first is lost, the next ones fit, and after ten minutes the large one is tried
// again.
BOOST_AUTO_TEST_CASE(packet_too_big_is_believed_for_ten_minutes) {
  Narrow net;
  Ear alice{net.alice, kNear6};
  Ear bob{net.bob, kFar6};
  const auto send = [&] { net.alice.udp().send({Transport::Udp, kNear6, kFar6}, numbered(1400)); };
  send();
  net.run_for(1s);
  BOOST_TEST(bob.heard.empty());
  BOOST_TEST(net.alice.path_mtu(kNear6.ip, kFar6.ip) == 1300u);

  send();
  net.run_for(1s);
  BOOST_REQUIRE(bob.heard.size() == 1u);
  BOOST_TEST((bob.heard[0] == numbered(1400)));

  net.run_for(10min);
  BOOST_TEST(net.alice.path_mtu(kNear6.ip, kFar6.ip) == 1500u);
  send();
  net.run_for(1s);
  BOOST_TEST(bob.heard.size() == 1u);
  BOOST_TEST(net.sightings.comments().size() == 2u);
}

// RFC 8201 §4: what would make every packet tiny is not believed, nor is what is no packet of ours.
BOOST_AUTO_TEST_CASE(no_path_mtu_below_the_least_is_believed) {
  PathMtu mtu;
  const Instant now{};
  BOOST_TEST(mtu.note(kFar6.ip, 600, 1500, now));
  BOOST_TEST(mtu.of(kFar6.ip, 1500, now) == 1280u);
  BOOST_TEST(!mtu.note(kFar6.ip, 1400, 1500, now));  // that is more
  BOOST_TEST(mtu.note(kFar4.ip, 20, 1500, now));
  BOOST_TEST(mtu.of(kFar4.ip, 1500, now) == 68u);
  BOOST_TEST(mtu.of(kFar6.ip, 1500, now + 10min - 1ns) == 1280u);
  BOOST_TEST(mtu.of(kFar6.ip, 1500, now + 10min) == 1500u);
}

// RFC 1191 §6.4: what is on its way goes again in smaller segments, without waiting for a timeout.
BOOST_AUTO_TEST_CASE(tcp_shrinks_its_segments_to_the_path) {
  Narrow net;
  const auto octets = numbered(200'000);
  Bytes received;
  BOOST_REQUIRE(net.bob.tcp()
                    .listen(kFar6,
                            [&](tcp::ConnectionId, const Path&) {
                              return TcpHandlers{.connected = {},
                                                 .received =
                                                     [&](ByteView part) {
                                                       received.insert(received.end(), part.begin(),
                                                                       part.end());
                                                     },
                                                 .finished = {},
                                                 .closed = {}};
                            })
                    .has_value());
  const auto id = net.alice.tcp().connect(
      kNear6, kFar6, [](tcp::ConnectionId, const Path&) { return TcpHandlers{}; });
  BOOST_REQUIRE(id.has_value());
  net.alice.tcp().send(*id, octets);
  net.run_for(900ms);  // less than the first retransmission timeout, RFC 6298 §2.1

  BOOST_TEST((received == octets));
  const auto has_parts = std::ranges::any_of(net.sightings.seen, [](const Seen& seen) {
    return ip::Fragment::of(seen.packet).has_value();
  });
  BOOST_TEST(!has_parts);
}

// RFC 1122 §3.3.2, RFC 8200 §4.5.
BOOST_AUTO_TEST_CASE(who_waits_in_vain_tells_the_sender) {
  for (const auto& [from, to] : {std::pair{kNear4, kFar4}, std::pair{kNear6, kFar6}}) {
    Narrow net{1500};
    const auto parts = from.ip.is_v4()
                           ? ip::fragment_v4(ip::build_udp(from, to, numbered(2000), 1), 1280)
                           : ip::fragment_v6(ip::build_udp(from, to, numbered(2000), 0), 1280, 1);
    net.left.a().send_new(parts[0]);
    net.run_for(59s);
    const auto before = net.sightings.seen.size();
    net.run_for(2s);

    BOOST_REQUIRE(net.sightings.seen.size() > before);
    const auto& answer = net.sightings.seen.back();
    BOOST_TEST(answer.where == "alice.eth0");
    const auto header = *ip::Header::parse(answer.packet);
    const auto message = header.payload(answer.packet);
    BOOST_TEST(std::to_integer<int>(message[0]) == (from.ip.is_v4() ? 11 : 3));
    BOOST_TEST(std::to_integer<int>(message[1]) == 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
