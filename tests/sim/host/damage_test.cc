#include "sim/host/damage.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"
#include "sim/host/host.h"
#include "sim/host/tcp_segment.h"
#include "tests/sim/link/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

struct Kind {
  ip::Protocol protocol;
  bool v6;
};
std::ostream& operator<<(std::ostream& out, const Kind& kind) {
  return out << "protocol " << static_cast<int>(kind.protocol) << (kind.v6 ? " over IPv6" : "");
}
const std::vector<Kind> kKinds{
    {ip::Protocol::Udp, false}, {ip::Protocol::Tcp, false}, {ip::Protocol::Icmp, false},
    {ip::Protocol::Udp, true},  {ip::Protocol::Tcp, true},  {ip::Protocol::IcmpV6, true},
};

Bytes a_packet_of(const Kind& kind) {
  const auto from = *Ip::parse(kind.v6 ? "2001:db8::1" : "192.0.2.1");
  const auto to = *Ip::parse(kind.v6 ? "2001:db8::2" : "192.0.2.2");
  const auto payload = to_octets("eleven tens");
  Bytes segment;
  switch (kind.protocol) {
    case ip::Protocol::Udp:
      segment = ip::build_udp_segment({from, Port{1000}}, {to, Port{2000}}, payload);
      break;
    case ip::Protocol::Tcp: {
      tcp::Segment tcp;
      tcp.source = Port{1000};
      tcp.destination = Port{2000};
      tcp.payload = payload;
      segment = tcp.serialize(from, to);
      break;
    }
    default: {
      ByteWriter echo;
      echo.u8(kind.v6 ? 128 : 8).u8(0).u16(0).u32(7).octets(payload);
      echo.patch_u16(2, kind.v6 ? ip::transport_checksum(from, to, kind.protocol, echo.view())
                                : checksum_close(checksum_add(0, echo.view())));
      segment = echo.take();
    }
  }
  return ip::build({from, to, kind.protocol, 1}, segment);
}

BOOST_AUTO_TEST_SUITE(damage)

BOOST_DATA_TEST_CASE(a_packet_that_is_whole_has_none, data::make(kKinds), kind) {
  BOOST_TEST(!damage_of(a_packet_of(kind)).has_value());
}

// RFC 8200 has no checksum of its own header: a host cannot know that these octets were others. The
// traffic class and the flow label, the next header, the hop limit.
BOOST_DATA_TEST_CASE(every_bit_that_a_checksum_covers_is_missed_when_it_is_turned,
                     data::make(kKinds), kind) {
  const auto whole = a_packet_of(kind);
  const std::set<std::size_t> uncovered{1, 2, 3, 6, 7};

  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto packet = whole;
    packet[bit / 8] ^= std::byte{0x80} >> static_cast<int>(bit % 8);
    if (kind.v6 && (uncovered.contains(bit / 8) || (bit >= 4 && bit < 8))) continue;
    BOOST_TEST_CONTEXT("bit " << bit % 8 << " of octet " << bit / 8) {
      BOOST_TEST(damage_of(packet).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_host_drops_what_is_damaged_and_says_why) {
  sim::Pair pair{{}};
  Host bob{"bob", SeededRng{1}};
  bob.attach(pair.link.b());
  std::size_t heard = 0;
  const auto bound =
      bob.udp().bind(*Endpoint::parse("10.0.0.2:2000"), [&](const Input&) { ++heard; });
  BOOST_REQUIRE(bound.has_value());
  auto damaged = sim::a_packet(100);
  damaged.back() ^= std::byte{1};

  pair.link.a().send_new(damaged);
  pair.link.a().send_new(sim::a_packet(100));
  pair.run_until(1s);

  BOOST_TEST(heard == 1u);
  const std::vector<std::string> comments{"dropped by bob: bad checksum at octet 26 (RFC 768 §1)"};
  BOOST_TEST(pair.sightings.comments() == comments, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
