#include "sim/host/host.h"

#include "agents/base/checksum.h"
#include "sim/host/icmp.h"
#include "tests/sim/capture/tshark.h"
#include "tests/sim/host/host_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;

const Ip kAlice = *Ip::parse("192.0.2.1");
const Ip kBob = *Ip::parse("192.0.2.2");

// Notes what a socket gets: "192.0.2.1:5000 hello", "unreachable 192.0.2.2:9".
struct Noted {
  std::vector<std::string> lines;
  UdpSockets::Handler handler() {
    return [this](const Input& input) {
      if (const auto* received = std::get_if<Received>(&input)) {
        lines.push_back(received->path.remote.to_string() + " " +
                        std::string{as_text(received->bytes)});
      } else {
        lines.push_back("unreachable " + std::get<Unreachable>(input).path.remote.to_string());
      }
    };
  }
};

Path udp(const Ip& from, std::uint16_t port, const Ip& to, std::uint16_t to_port) {
  return {Transport::Udp, {from, Port{port}}, {to, Port{to_port}}};
}

// One of the lines that tshark prints for these fields.
std::vector<std::string> fields(const std::string& capture, const std::string& arguments) {
  std::istringstream text{tshark(capture, arguments)};
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

BOOST_AUTO_TEST_SUITE(host)

BOOST_AUTO_TEST_CASE(a_datagram_reaches_the_socket_it_is_for) {
  HostPair pair;
  Noted at_bob;
  Noted elsewhere;
  BOOST_REQUIRE(pair.bob.udp().bind({kBob, Port{7}}, at_bob.handler()).has_value());
  BOOST_REQUIRE(pair.bob.udp().bind({kBob, Port{8}}, elsewhere.handler()).has_value());
  BOOST_REQUIRE(pair.alice.udp().bind({kAlice, Port{5000}}, {}).has_value());

  BOOST_TEST(pair.alice.udp().send(udp(kAlice, 5000, kBob, 7), as_octets("hello")));
  pair.run_for(9'999'999ns);
  BOOST_TEST(at_bob.lines.empty());
  pair.run_for(1ns);

  BOOST_TEST(at_bob.lines == std::vector<std::string>{"192.0.2.1:5000 hello"});
  BOOST_TEST(elsewhere.lines.empty());
}

BOOST_AUTO_TEST_CASE(an_address_and_port_has_one_socket) {
  HostPair pair;
  auto& sockets = pair.alice.udp();
  BOOST_TEST(sockets.bind({kAlice, Port{5000}}, {}).has_value());
  BOOST_TEST(sockets.bind({kAlice, Port{5000}}, {}).error() ==
             "UDP 192.0.2.1:5000 is in use on alice");
  BOOST_TEST(!sockets.bind({Ip::v4(0), Port{5000}}, {}).has_value());
  BOOST_TEST(sockets.bind({kBob, Port{5000}}, {}).error() == "alice has no address 192.0.2.2");
  sockets.close({kAlice, Port{5000}});
  BOOST_TEST(sockets.bind({Ip::v4(0), Port{5000}}, {}).has_value());
  BOOST_TEST(!sockets.bind({kAlice, Port{5000}}, {}).has_value());
  BOOST_TEST(!sockets.send(udp(kAlice, 5001, kBob, 7), as_octets("x")));
}

BOOST_AUTO_TEST_CASE(a_socket_on_all_addresses_sends_from_the_machines_own) {
  HostPair pair;
  Noted at_bob;
  BOOST_REQUIRE(pair.bob.udp().bind({Ip::v4(0), Port{7}}, at_bob.handler()).has_value());
  BOOST_REQUIRE(pair.alice.udp().bind({Ip::v4(0), Port{5000}}, {}).has_value());
  BOOST_TEST(pair.alice.udp().send(udp(Ip::v4(0), 5000, kBob, 7), as_octets("x")));
  pair.run_for(1s);
  BOOST_TEST(at_bob.lines == std::vector<std::string>{"192.0.2.1:5000 x"});
}

BOOST_AUTO_TEST_CASE(port_zero_is_a_dynamic_port_by_the_seed) {
  const auto ports = [](std::uint64_t seed) {
    HostPair pair{seed};
    std::vector<std::uint16_t> chosen;
    for (int i = 0; i < 50; ++i)
      chosen.push_back(pair.alice.udp().bind({kAlice, Port{0}}, {})->port.value());
    return chosen;
  };
  const auto chosen = ports(1);

  BOOST_TEST((chosen == ports(1)));
  BOOST_TEST((chosen != ports(2)));
  BOOST_TEST(*std::min_element(chosen.begin(), chosen.end()) >= 49152u);
}

BOOST_AUTO_TEST_CASE(a_closed_port_is_unreachable_and_the_sender_hears_of_it) {
  HostPair pair;
  Noted at_alice;
  BOOST_REQUIRE(pair.alice.udp().bind({kAlice, Port{5000}}, at_alice.handler()).has_value());
  pair.alice.udp().send(udp(kAlice, 5000, kBob, 9), Bytes(1000));
  pair.run_for(1s);

  BOOST_TEST(at_alice.lines == std::vector<std::string>{"unreachable 192.0.2.2:9"});
  // RFC 1812 §4.3.2.3: 576 octets with all headers. An error is not answered by an error.
  BOOST_TEST(fields(pair.capture(),
                    "-Y icmp -T fields -e icmp.type -e icmp.code -e frame.interface_name "
                    "-e frame.len -E occurrence=f") ==
             (std::vector<std::string>{"3\t3\talice.eth0\t590"}));
}

BOOST_AUTO_TEST_CASE(an_echo_request_is_answered) {
  HostPair pair;
  ByteWriter request;
  request.u8(8).u8(0).u16(0).u16(77).u16(1).text("ping");
  request.patch_u16(2, checksum_close(checksum_add(0, request.view())));
  pair.alice.send(kAlice, kBob, ip::Protocol::Icmp, request.view());
  pair.run_for(1s);

  BOOST_TEST(fields(pair.capture(),
                    "-Y icmp.type==0 -T fields -e ip.src -e icmp.ident -e data.text "
                    "-e icmp.checksum.status -E occurrence=f")
                 .front()
                 .starts_with("192.0.2.2\t77\t"));
}

BOOST_AUTO_TEST_CASE(a_datagram_to_the_machine_itself_never_leaves_it) {
  HostPair pair;
  Noted noted;
  BOOST_REQUIRE(pair.alice.udp().bind({kAlice, Port{1}}, noted.handler()).has_value());
  BOOST_REQUIRE(pair.alice.udp().bind({kAlice, Port{2}}, noted.handler()).has_value());
  pair.alice.udp().send(udp(kAlice, 1, kAlice, 2), as_octets("me"));
  BOOST_TEST(noted.lines.empty());  // not within the call
  pair.alice.udp().send(udp(kAlice, 1, kAlice, 3), as_octets("nobody"));
  pair.run_for(1ns);

  BOOST_TEST(noted.lines ==
             (std::vector<std::string>{"192.0.2.1:1 me", "unreachable 192.0.2.1:3"}));
  BOOST_TEST(pair.writer.packets() == 0u);
}

BOOST_AUTO_TEST_CASE(what_cannot_leave_is_refused) {
  HostPair pair;
  BOOST_REQUIRE(pair.alice.udp().bind({kAlice, Port{1}}, {}).has_value());
  auto& sockets = pair.alice.udp();
  BOOST_TEST(sockets.send(udp(kAlice, 1, kBob, 2), Bytes(1472)));
  BOOST_TEST(sockets.send(udp(kAlice, 1, kBob, 2), Bytes(65'507)));
  BOOST_TEST(!sockets.send(udp(kAlice, 1, kBob, 2), Bytes(65'508)));
  BOOST_TEST(!sockets.send(udp(kAlice, 1, kBob, 2), Bytes(70'000)));
  BOOST_TEST(!sockets.send(udp(kAlice, 1, *Ip::parse("2001:db8::1"), 2), Bytes(1)));
  BOOST_TEST(!pair.alice.send(kBob, kBob, ip::Protocol::Udp, Bytes(8)));  // a foreign source
}

BOOST_AUTO_TEST_CASE(a_socket_may_close_itself_while_it_receives) {
  HostPair pair;
  int got = 0;
  BOOST_REQUIRE(pair.bob.udp()
                    .bind({kBob, Port{7}},
                          [&](const Input&) {
                            pair.bob.udp().close({kBob, Port{7}});
                            ++got;
                          })
                    .has_value());
  BOOST_REQUIRE(pair.alice.udp().bind({kAlice, Port{5000}}, {}).has_value());
  pair.alice.udp().send(udp(kAlice, 5000, kBob, 7), as_octets("x"));
  pair.run_for(1s);
  BOOST_TEST(got == 1);
}

// RFC 792: the quote may be cut anywhere behind its eighth octet, and lie.
BOOST_AUTO_TEST_CASE(a_quote_is_read_as_far_as_it_goes) {
  const auto packet = ip::build_udp({kAlice, Port{5000}}, {kBob, Port{9}}, Bytes(4), 1);
  const auto header = *ip::Header::parse(packet);
  const auto message = icmp::port_unreachable(header, packet);
  const ip::Header answer{.source = kBob, .destination = kAlice, .protocol = ip::Protocol::Icmp};
  const auto refused = icmp::parse_unreachable(answer, message);
  BOOST_REQUIRE(refused.has_value());
  BOOST_TEST((refused->path == udp(kAlice, 5000, kBob, 9)));
  BOOST_TEST(refused->is_hard);
  for (std::size_t size = 0; size < message.size(); ++size) {
    auto cut = message;
    cut.resize(size);
    if (size >= 8) {
      cut[2] = cut[3] = std::byte{0};
      const auto sum = checksum_close(checksum_add(0, cut));
      cut[2] = std::byte(sum >> 8u);
      cut[3] = std::byte(sum & 0xffu);
    }
    BOOST_TEST(icmp::parse_unreachable(answer, cut).has_value() == (size >= 8 + 24));
  }
}

// --- TCP over a real link ---

struct Talk {
  std::string at_alice;
  std::string at_bob;
  std::vector<std::string> events;
};

// bob answers in capitals and closes when alice does.
Talk talk(HostPair& pair, std::size_t octets) {
  Talk talk;
  tcp::ConnectionId alice{0};
  BOOST_REQUIRE(pair.bob.tcp().listen({kBob, Port{4242}}, [&](tcp::ConnectionId id, const Path&) {
    TcpHandlers handlers;
    handlers.received = [&talk, &pair, id](ByteView bytes) {
      talk.at_bob += as_text(bytes);
      pair.bob.tcp().send(id, bytes);
    };
    handlers.finished = [&pair, id] { pair.bob.tcp().close(id); };
    handlers.closed = [&talk](std::string_view why) {
      talk.events.push_back("bob " + std::string{why});
    };
    return handlers;
  }));
  TcpHandlers handlers;
  handlers.connected = [&] {
    talk.events.emplace_back("connected");
    pair.alice.tcp().send(alice, Bytes(octets, std::byte{'x'}));
    pair.alice.tcp().close(alice);
  };
  handlers.received = [&](ByteView bytes) { talk.at_alice += as_text(bytes); };
  handlers.closed = [&](std::string_view why) {
    talk.events.push_back("alice " + std::string{why});
  };
  alice = pair.alice.tcp()
              .connect({kAlice, Port{0}}, {kBob, Port{4242}},
                       [&](tcp::ConnectionId, const Path&) { return handlers; })
              .value();
  pair.run_for(600s);
  return talk;
}

BOOST_DATA_TEST_CASE(tcp_carries_octets_there_and_back, data::make({0.0, 0.1}), loss) {
  HostPair pair{7, loss};
  const auto got = talk(pair, 30'000);

  BOOST_TEST(got.at_bob.size() == 30'000u);
  BOOST_TEST(got.at_alice.size() == 30'000u);
  BOOST_TEST(got.events == (std::vector<std::string>{"connected", "alice closed", "bob closed"}),
             boost::test_tools::per_element());
  // Warnings about retransmissions are what loss looks like; a malformed packet or a wrong checksum
  // is not.
  BOOST_TEST(fields(pair.capture(),
                    "-Y '_ws.malformed || tcp.checksum.status==0 || ip.checksum.status==0'") ==
                 std::vector<std::string>{},
             boost::test_tools::per_element());
  if (loss == 0.0) BOOST_TEST(fields(pair.capture(), "-Y 'tcp.analysis.flags'").empty());
}

BOOST_AUTO_TEST_CASE(segments_fit_the_link) {
  HostPair pair{1, 0, 600};
  const auto got = talk(pair, 5000);
  BOOST_TEST(got.at_alice.size() == 5000u);
  BOOST_TEST(fields(pair.capture(), "-Y tcp.options.mss_val -T fields -e tcp.options.mss_val") ==
             (std::vector<std::string>{"560", "560"}));
}

BOOST_AUTO_TEST_CASE(packets_of_a_machine_are_numbered_one_by_one) {
  HostPair pair;
  (void)talk(pair, 5000);
  const auto numbers =
      fields(pair.capture(),
             "-Y 'frame.interface_name==alice.eth0 && ip.src==192.0.2.1' -T fields -e ip.id");
  BOOST_REQUIRE(numbers.size() > 4u);
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    BOOST_TEST(std::stoul(numbers[i], nullptr, 16) ==
               (std::stoul(numbers[i - 1], nullptr, 16) + 1) % 65536);
  }
}

BOOST_AUTO_TEST_CASE(a_seed_replays_every_octet) {
  const auto capture = [](std::uint64_t seed) {
    HostPair pair{seed, 0.1};
    (void)talk(pair, 10'000);
    return pair.capture();
  };
  BOOST_TEST((capture(1) == capture(1)));
  BOOST_TEST((capture(1) != capture(2)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
