#include "reports/evidence/frame.h"

#include "tests/reports/evidence/pcapng_builder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace data = boost::unit_test::data;
using namespace rtclab;
using namespace rtclab::evidence;

namespace {

Bytes an_ip_packet() {
  return ip::build_udp(Endpoint::parse("192.0.2.1:5000").value(),
                       Endpoint::parse("192.0.2.2:6000").value(), as_octets("hello"), 7);
}

struct Link {
  unsigned type;
  std::string_view header;  // hexadecimal
};
std::ostream& operator<<(std::ostream& out, const Link& link) {
  return out << link.type;
}

const std::vector<Link> kLinks{
    {1, "020000000001 020000000002 0800"},
    {1, "020000000001 020000000002 8100 0005 0800"},
    {12, ""},
    {101, ""},
    {228, ""},
    {0, "02000000"},
    {108, "00000002"},
    {113, "0000 0001 0006 020000000001 0000 0800"},
    {276, "0800 0000 00000001 0001 00 06 0200000000010000"},
};

RawFrame frame_of(std::string_view header, const Bytes& packet) {
  RawFrame frame;
  frame.octets = from_hex(header);
  frame.octets.insert(frame.octets.end(), packet.begin(), packet.end());
  frame.wire_length = frame.octets.size();
  return frame;
}

std::optional<Packet> read(const Bytes& packet) {
  return FrameReader{}.read(101, frame_of("", packet));
}

Bytes fragment(ByteView segment, std::uint16_t offset, bool more) {
  auto packet = ip::build(
      {Ip::parse("192.0.2.1").value(), Ip::parse("192.0.2.2").value(), ip::Protocol::Udp, 99, 64},
      segment);
  packet[6] = static_cast<std::byte>((more ? 0x20u : 0u) | static_cast<unsigned>(offset / 8) >> 8u);
  packet[7] = static_cast<std::byte>(offset / 8);
  return packet;  // its checksum is wrong now, as in recordings made before the network card
}

}  // namespace

BOOST_AUTO_TEST_SUITE(frame)

BOOST_DATA_TEST_CASE(finds_the_packet_behind_each_link_header, data::make(kLinks), link) {
  const auto packet = FrameReader{}.read(link.type, frame_of(link.header, an_ip_packet()));

  BOOST_REQUIRE(packet.has_value());
  BOOST_TEST(packet->source.to_string() == "192.0.2.1:5000");
  BOOST_TEST(packet->destination.to_string() == "192.0.2.2:6000");
  BOOST_TEST(as_text(packet->payload) == "hello");
}

BOOST_AUTO_TEST_CASE(arp_and_unknown_links_hold_no_packet) {
  BOOST_TEST(!FrameReader{}.read(1, frame_of("020000000001 020000000002 0806", an_ip_packet())));
  BOOST_TEST(!FrameReader{}.read(189, frame_of("", an_ip_packet())));
  BOOST_TEST(!is_known_link_type(189));
}

BOOST_AUTO_TEST_CASE(a_header_checksum_left_to_the_network_card_is_no_obstacle) {
  auto packet = an_ip_packet();
  packet[10] = packet[11] = std::byte{0};

  BOOST_TEST(as_text(read(packet)->payload) == "hello");
}

BOOST_AUTO_TEST_CASE(a_packet_cut_by_the_snap_length_says_so) {
  auto packet = an_ip_packet();
  packet.resize(packet.size() - 3);

  const auto cut = read(packet);

  BOOST_REQUIRE(cut.has_value());
  BOOST_TEST(cut->cut);
}

BOOST_AUTO_TEST_CASE(fragments_in_any_order_make_the_datagram) {
  const auto whole = an_ip_packet();
  const auto segment = ByteView{whole}.subspan(20);
  FrameReader reader;

  const auto tail = reader.read(101, frame_of("", fragment(segment.subspan(8), 8, false)));
  const auto head = reader.read(101, frame_of("", fragment(segment.first(8), 0, true)));

  BOOST_TEST((tail->dissection.kind == Kind::Fragment));
  BOOST_TEST((head->dissection.kind != Kind::Fragment));
  BOOST_TEST(as_text(head->payload) == "hello");
}

BOOST_AUTO_TEST_CASE(every_truncation_of_every_link_is_harmless) {
  for (const auto& link : kLinks) {
    const auto whole = frame_of(link.header, an_ip_packet());
    for (std::size_t length = 0; length < whole.octets.size(); ++length) {
      RawFrame cut = whole;
      cut.octets.resize(length);
      const auto packet = FrameReader{}.read(link.type, cut);
      if (packet) BOOST_TEST(packet->payload.size() <= 5u);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
