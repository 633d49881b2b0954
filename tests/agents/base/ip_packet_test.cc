#include "agents/base/ip_packet.h"

#include "agents/base/checksum.h"
#include "agents/base/rng.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::ip {
namespace {

namespace data = boost::unit_test::data;

const Endpoint kA{*Ip::parse("192.0.2.1"), Port{5000}};
const Endpoint kB{*Ip::parse("198.51.100.2"), Port{6000}};
const Endpoint kA6{*Ip::parse("2001:db8::1"), Port{5000}};
const Endpoint kB6{*Ip::parse("2001:db8::2"), Port{6000}};

Bytes a_packet(const Endpoint& from = kA, const Endpoint& to = kB) {
  return build_udp(from, to, as_octets("hello"), 7);
}

BOOST_AUTO_TEST_SUITE(ip_packet)

// IPv4 and UDP checksums that tshark calls correct.
BOOST_AUTO_TEST_CASE(a_datagram_is_built_as_the_rfcs_draw_it) {
  BOOST_TEST(to_hex(a_packet()) ==
             "450000210007000040118e8ec0000201c6336402"
             "13881770000da4d268656c6c6f");
}

BOOST_AUTO_TEST_CASE(parses_what_it_builds_in_both_families) {
  for (const auto& [from, to] : {std::pair{kA, kB}, std::pair{kA6, kB6}}) {
    const auto packet = a_packet(from, to);
    const auto header = Header::parse(packet);
    BOOST_REQUIRE(header.has_value());
    BOOST_TEST((header->protocol == Protocol::Udp));
    BOOST_TEST(!header->is_fragment());

    const auto udp = parse_udp(*header, packet);
    BOOST_REQUIRE(udp.has_value());
    BOOST_TEST((udp->source == from));
    BOOST_TEST((udp->destination == to));
    BOOST_TEST(as_text(udp->payload) == "hello");
  }
}

BOOST_DATA_TEST_CASE(every_truncation_is_refused, data::xrange(std::size_t{0}, std::size_t{33}),
                     size) {
  auto packet = a_packet();
  packet.resize(size);
  BOOST_TEST(!Header::parse(packet).has_value());
}

BOOST_DATA_TEST_CASE(a_flipped_bit_anywhere_is_noticed, data::xrange(33 * 8), bit) {
  auto packet = a_packet();
  packet[static_cast<std::size_t>(bit) / 8] ^= std::byte(1 << (bit % 8));

  const auto header = Header::parse(packet);
  const bool noticed = !header || header->protocol != Protocol::Udp || header->is_fragment() ||
                       !parse_udp(*header, packet);

  BOOST_TEST(noticed);
}

BOOST_AUTO_TEST_CASE(link_padding_behind_the_packet_is_ignored) {
  auto packet = a_packet();
  packet.resize(60);
  const auto header = Header::parse(packet);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(as_text(parse_udp(*header, packet)->payload) == "hello");
}

// RFC 1071 §1: the sum of 16-bit words in network order, an odd octet at the end padded with zeros.
BOOST_DATA_TEST_CASE(a_checksum_is_the_sum_of_its_words_at_every_length,
                     boost::unit_test::data::xrange(40), size) {
  SeededRng rng{static_cast<std::uint64_t>(size)};
  Bytes octets(static_cast<std::size_t>(size));
  rng.fill(octets);
  std::uint64_t sum = 0x1234;
  for (std::size_t i = 0; i < octets.size(); ++i)
    sum += std::to_integer<std::uint64_t>(octets[i]) << (i % 2 == 0 ? 8u : 0u);
  while (sum >> 16u != 0) sum = (sum & 0xffffu) + (sum >> 16u);

  BOOST_TEST(checksum_add(0x1234, octets) == sum);
  BOOST_TEST(checksum_add(0x1234, Bytes(octets.size(), std::byte{0xff})) ==
             (octets.empty()           ? 0x1234u
              : octets.size() % 2 == 0 ? 0x1234u
                                       : 0x1234u - 0xffu));
}

BOOST_AUTO_TEST_CASE(a_checksum_can_be_updated_word_by_word) {
  auto octets = from_hex("450000210007000040110000c0000201c6336402");
  const auto before = checksum_close(checksum_add(0, octets));
  octets[18] = std::byte{0xab};

  BOOST_TEST(checksum_update(before, 0x6402, 0xab02) == checksum_close(checksum_add(0, octets)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ip
