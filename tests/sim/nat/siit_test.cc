#include "sim/nat/siit.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "agents/base/rng.h"
#include "sim/nat/flow.h"
#include "sim/nat/siit_icmp.h"
#include "topologies/embedded_address.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>

namespace rtclab::nat::siit {
namespace {

namespace data = boost::unit_test::data;
using topology::embed;
using topology::extract;
using topology::well_known_prefix;

// One host with an address in either family; everybody else stands behind the prefix.
const Ip kHost4 = *Ip::parse("192.0.0.2");
const Ip kHost6 = *Ip::parse("2001:db8:5::64");
const Ip kServer4 = *Ip::parse("203.0.113.7");
const Ip kServer6 = *Ip::parse("64:ff9b::203.0.113.7");

Translation a_clat() {
  return {.to_v6 = [](const Ip& ip) -> std::optional<Ip> {
            return ip == kHost4 ? kHost6 : embed(well_known_prefix(), ip);
          },
          .to_v4 = [](const Ip& ip) -> std::optional<Ip> {
            return ip == kHost6 ? std::optional{kHost4} : extract(well_known_prefix(), ip);
          }};
}

Bytes udp4(ByteView payload = as_octets("hello"), std::uint16_t identification = 9) {
  return ip::build_udp({kHost4, Port{5000}}, {kServer4, Port{3478}}, payload, identification);
}
Bytes udp6(ByteView payload = as_octets("hello")) {
  return ip::build_udp({kHost6, Port{5000}}, {kServer6, Port{3478}}, payload, 0);
}

// A segment of TCP as far as a translator looks, its checksum right.
Bytes tcp(const Ip& source, const Ip& destination, std::uint16_t identification = 9) {
  ByteWriter segment;
  segment.u16(5000).u16(443).u32(1).u32(2).u8(0x50).u8(0x18).u16(1000).u16(0).u16(0);
  segment.text("some octets");
  segment.patch_u16(16,
                    ip::transport_checksum(source, destination, ip::Protocol::Tcp, segment.view()));
  return ip::build({source, destination, ip::Protocol::Tcp, identification}, segment.view());
}

Bytes icmp(const Ip& source, const Ip& destination, std::uint8_t type, std::uint8_t code,
           std::uint32_t word, ByteView rest, std::uint16_t identification = 9) {
  const bool v4 = source.is_v4();
  ByteWriter message;
  message.u8(type).u8(code).u16(0).u32(word).octets(rest);
  message.patch_u16(
      2, v4 ? checksum_close(checksum_add(0, message.view()))
            : ip::transport_checksum(source, destination, ip::Protocol::IcmpV6, message.view()));
  return ip::build(
      {source, destination, v4 ? ip::Protocol::Icmp : ip::Protocol::IcmpV6, identification},
      message.view());
}

bool checksum_is_right(const Bytes& packet) {
  const auto header = ip::Header::parse(packet);
  BOOST_REQUIRE(header.has_value());
  const auto segment = header->payload(packet);
  if (header->protocol == ip::Protocol::Icmp) return checksum_close(checksum_add(0, segment)) == 0;
  return ip::transport_checksum(header->source, header->destination, header->protocol, segment) ==
         0;
}

std::uint32_t second_word(const Bytes& packet) {
  const auto header = *ip::Header::parse(packet);
  return ByteReader{header.payload(packet).subspan(4)}.u32();
}

struct Sample {
  std::string_view name;
  Bytes v4;
  Bytes v6;
};
std::ostream& operator<<(std::ostream& out, const Sample& row) {
  return out << row.name;
}
// Each two say the same. The number of a quoted packet is not known any more.
const std::vector<Sample> kSamples{
    {"udp", udp4(), udp6()},
    {"empty udp", udp4({}), udp6({})},
    {"tcp", tcp(kHost4, kServer4), tcp(kHost6, kServer6)},
    {"echo request", icmp(kHost4, kServer4, 8, 0, 0x00010002, as_octets("ping")),
     icmp(kHost6, kServer6, 128, 0, 0x00010002, as_octets("ping"))},
    {"echo reply", icmp(kServer4, kHost4, 0, 0, 0x00010002, as_octets("odd")),
     icmp(kServer6, kHost6, 129, 0, 0x00010002, as_octets("odd"))},
    {"port unreachable", icmp(kServer4, kHost4, 3, 3, 0, udp4(as_octets("hello"), 0)),
     icmp(kServer6, kHost6, 1, 4, 0, udp6())},
    {"time exceeded", icmp(kServer4, kHost4, 11, 0, 0, tcp(kHost4, kServer4, 0)),
     icmp(kServer6, kHost6, 3, 0, 0, tcp(kHost6, kServer6))},
    {"an error about an echo",
     icmp(kServer4, kHost4, 11, 0, 0,
          icmp(kHost4, kServer4, 8, 0, 0x00010002, as_octets("ping"), 0)),
     icmp(kServer6, kHost6, 3, 0, 0,
          icmp(kHost6, kServer6, 128, 0, 0x00010002, as_octets("ping")))},
};

BOOST_AUTO_TEST_SUITE(siit)

BOOST_DATA_TEST_CASE(each_packet_becomes_what_the_other_family_would_have_sent,
                     data::make(kSamples), row) {
  const auto v6 = to_v6(row.v4, a_clat());
  const auto v4 = to_v4(row.v6, a_clat(), 9);

  BOOST_REQUIRE((v6.has_value() && v4.has_value()));
  BOOST_TEST(to_hex(*v6) == to_hex(row.v6));
  BOOST_TEST(to_hex(*v4) == to_hex(row.v4));
  BOOST_TEST(checksum_is_right(*v6));
  BOOST_TEST(checksum_is_right(*v4));
}

// The property: nothing is lost on the way there and back but what RFC 7915 says.
BOOST_DATA_TEST_CASE(there_and_back_gives_the_packet_again, data::xrange(200), seed) {
  SeededRng rng{static_cast<std::uint64_t>(seed)};
  Bytes payload(rng.next() % 1200);
  for (auto& octet : payload) octet = static_cast<std::byte>(rng.next());
  const Ip remote = Ip::v4(0xcb007100u | (static_cast<std::uint32_t>(rng.next()) & 0xffu));
  const auto packet = ip::build_udp({kHost4, Port{static_cast<std::uint16_t>(rng.next())}},
                                    {remote, Port{static_cast<std::uint16_t>(rng.next())}}, payload,
                                    static_cast<std::uint16_t>(seed));
  const auto there = to_v6(packet, a_clat());
  BOOST_REQUIRE(there.has_value());
  BOOST_TEST(checksum_is_right(*there));
  const auto back = to_v4(*there, a_clat(), static_cast<std::uint16_t>(seed));
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(to_hex(*back) == to_hex(packet));
}

BOOST_AUTO_TEST_CASE(a_wrong_checksum_stays_wrong) {
  for (auto packet : {udp4(), tcp(kHost4, kServer4)}) {
    packet.back() ^= std::byte{1};
    const auto there = to_v6(packet, a_clat());
    BOOST_REQUIRE(there.has_value());
    BOOST_TEST(!checksum_is_right(*there));
  }
}

// RFC 7915 §4.1, §5.1: the fields one by one.
BOOST_AUTO_TEST_CASE(traffic_class_and_hop_limit_are_copied) {
  auto packet = udp6();
  packet[0] = std::byte{0x6b};  // traffic class b8: expedited forwarding
  packet[1] = std::byte{0x80};
  packet[7] = std::byte{33};

  const auto v4 = to_v4(packet, a_clat(), 9);

  BOOST_REQUIRE(v4.has_value());
  BOOST_TEST(std::to_integer<unsigned>((*v4)[1]) == 0xb8u);
  BOOST_TEST(ip::Header::parse(*v4)->hop_limit == 33u);
  BOOST_TEST(to_hex(*to_v6(*v4, a_clat())) == to_hex(packet));
}

// RFC 7915 §5.1: without DF, and a number of its own, so that IPv4 routers may cut it; with DF from
// 1261 octets on.
BOOST_AUTO_TEST_CASE(up_to_1260_octets_ipv4_may_cut_it) {
  const auto small = to_v4(udp6(Bytes(1260 - 28)), a_clat(), 77);
  const auto large = to_v4(udp6(Bytes(1260 - 27)), a_clat(), 77);

  BOOST_REQUIRE((small.has_value() && large.has_value()));
  BOOST_TEST(small->size() == 1260u);
  BOOST_TEST(ip::may_be_fragmented(*small));
  BOOST_TEST(ip::Header::parse(*small)->identification == 77u);
  BOOST_TEST(!ip::may_be_fragmented(*large));
  BOOST_TEST(ip::Header::parse(*large)->identification == 0u);
}

// RFC 7915 §4.1: the fragment header appears, the number of 16 bits in it.
BOOST_AUTO_TEST_CASE(parts_of_a_packet_stay_parts) {
  const auto whole = udp4(Bytes(3000), 0xbeef);
  ip::Reassembler at_v6;
  ip::Reassembler at_v4;
  std::optional<Bytes> there;
  std::optional<Bytes> back;
  for (const auto& part : ip::fragment_v4(whole, kCutBefore)) {
    const auto v6 = to_v6(part, a_clat());
    BOOST_REQUIRE(v6.has_value());
    BOOST_TEST(v6->size() <= 1280u);
    BOOST_TEST(ip::Fragment::of(*v6)->key.identification == 0xbeefu);
    there = at_v6.take({}, *v6, *ip::Fragment::of(*v6));
    const auto v4 = to_v4(*v6, a_clat(), 1);
    BOOST_REQUIRE(v4.has_value());
    BOOST_TEST(to_hex(*v4) == to_hex(part));
    back = at_v4.take({}, *v4, *ip::Fragment::of(*v4));
  }
  BOOST_REQUIRE((there.has_value() && back.has_value()));
  BOOST_TEST(checksum_is_right(*there));
  BOOST_TEST(to_hex(*back) == to_hex(whole));
}

// RFC 7915 §4.5.
BOOST_AUTO_TEST_CASE(udp_without_a_checksum_gets_one_unless_it_is_a_part) {
  auto packet = udp4();
  packet[26] = packet[27] = std::byte{0};
  BOOST_TEST(to_hex(*to_v6(packet, a_clat())) == to_hex(udp6()));

  auto large = udp4(Bytes(2000));
  large[26] = large[27] = std::byte{0};
  const auto parts = ip::fragment_v4(large, kCutBefore);
  BOOST_REQUIRE(!to_v6(parts[0], a_clat()).has_value());
  BOOST_TEST(to_v6(parts[0], a_clat()).error().why == "fragments of UDP without a checksum");
}

struct IcmpRow {
  std::uint8_t type, code;
  std::uint32_t word;
  std::optional<std::array<std::uint32_t, 3>> becomes;  // type, code, second word
};
std::ostream& operator<<(std::ostream& out, const IcmpRow& row) {
  return out << int{row.type} << "/" << int{row.code} << " " << row.word;
}

// RFC 7915 §4.2, every line of it.
const std::vector<IcmpRow> kFromV4{
    {3, 0, 0, {{1, 0, 0}}},
    {3, 1, 0, {{1, 0, 0}}},
    {3, 2, 0, {{4, 1, 6}}},
    {3, 3, 0, {{1, 4, 0}}},
    {3, 4, 1400, {{2, 0, 1420}}},
    {3, 4, 576, {{2, 0, 1280}}},   // never below the least
    {3, 4, 9000, {{2, 0, 1500}}},  // nor above what the way takes
    {3, 4, 0, {{2, 0, 1280}}},     // an old router: the plateau below the packet's size
    {3, 5, 0, {{1, 0, 0}}},
    {3, 6, 0, {{1, 0, 0}}},
    {3, 7, 0, {{1, 0, 0}}},
    {3, 8, 0, {{1, 0, 0}}},
    {3, 9, 0, {{1, 1, 0}}},
    {3, 10, 0, {{1, 1, 0}}},
    {3, 11, 0, {{1, 0, 0}}},
    {3, 12, 0, {{1, 0, 0}}},
    {3, 13, 0, {{1, 1, 0}}},
    {3, 14, 0, std::nullopt},
    {3, 15, 0, {{1, 1, 0}}},
    {4, 0, 0, std::nullopt},
    {5, 0, 0, std::nullopt},
    {11, 0, 0, {{3, 0, 0}}},
    {11, 1, 0, {{3, 1, 0}}},
    {12, 0, 0u << 24u, {{4, 0, 0}}},
    {12, 0, 1u << 24u, {{4, 0, 1}}},
    {12, 0, 2u << 24u, {{4, 0, 4}}},
    {12, 0, 3u << 24u, {{4, 0, 4}}},
    {12, 0, 4u << 24u, std::nullopt},
    {12, 0, 6u << 24u, std::nullopt},
    {12, 0, 8u << 24u, {{4, 0, 7}}},
    {12, 0, 9u << 24u, {{4, 0, 6}}},
    {12, 0, 10u << 24u, std::nullopt},
    {12, 0, 15u << 24u, {{4, 0, 8}}},
    {12, 0, 16u << 24u, {{4, 0, 24}}},
    {12, 0, 20u << 24u, std::nullopt},
    {12, 1, 0, std::nullopt},
    {12, 2, 12u << 24u, {{4, 0, 8}}},
    {13, 0, 0, std::nullopt},  // timestamps and the like are for one hop
    {15, 0, 0, std::nullopt},
};

// RFC 7915 §5.2.
const std::vector<IcmpRow> kFromV6{
    {1, 0, 0, {{3, 1, 0}}},
    {1, 1, 0, {{3, 10, 0}}},
    {1, 2, 0, {{3, 1, 0}}},
    {1, 3, 0, {{3, 1, 0}}},
    {1, 4, 0, {{3, 3, 0}}},
    {1, 5, 0, std::nullopt},
    {2, 0, 1420, {{3, 4, 1400}}},
    {2, 0, 1280, {{3, 4, 1260}}},
    {2, 0, 9000, {{3, 4, 1480}}},
    {3, 0, 0, {{11, 0, 0}}},
    {3, 1, 0, {{11, 1, 0}}},
    {4, 0, 0, {{12, 0, 0}}},
    {4, 0, 1, {{12, 0, 1u << 24u}}},
    {4, 0, 2, std::nullopt},
    {4, 0, 4, {{12, 0, 2u << 24u}}},
    {4, 0, 6, {{12, 0, 9u << 24u}}},
    {4, 0, 7, {{12, 0, 8u << 24u}}},
    {4, 0, 23, {{12, 0, 12u << 24u}}},
    {4, 0, 39, {{12, 0, 16u << 24u}}},
    {4, 0, 40, std::nullopt},
    {4, 1, 6, {{3, 2, 0}}},
    {4, 2, 0, std::nullopt},
    {130, 0, 0, std::nullopt},  // multicast listeners, neighbours
    {135, 0, 0, std::nullopt},
};

void check_icmp(const IcmpRow& row, const Translated& translated) {
  BOOST_TEST(translated.has_value() == row.becomes.has_value());
  if (!translated || !row.becomes) return;
  BOOST_TEST(checksum_is_right(*translated));
  const auto message = ip::Header::parse(*translated)->payload(*translated);
  BOOST_TEST(std::to_integer<unsigned>(message[0]) == (*row.becomes)[0]);
  BOOST_TEST(std::to_integer<unsigned>(message[1]) == (*row.becomes)[1]);
  BOOST_TEST(second_word(*translated) == (*row.becomes)[2]);
}

BOOST_DATA_TEST_CASE(an_icmp_message_says_the_same_in_icmpv6, data::make(kFromV4), row) {
  check_icmp(row, to_v6(icmp(kServer4, kHost4, row.type, row.code, row.word, udp4()), a_clat()));
}

BOOST_DATA_TEST_CASE(an_icmpv6_message_says_the_same_in_icmp, data::make(kFromV6), row) {
  check_icmp(row, to_v4(icmp(kServer6, kHost6, row.type, row.code, row.word, udp6()), a_clat(), 9));
}

// RFC 4443 §2.4 c, RFC 1812 §4.3.2.3: a quote that grew is cut.
BOOST_AUTO_TEST_CASE(an_error_is_never_longer_than_its_family_allows) {
  const auto v6 = to_v6(icmp(kServer4, kHost4, 3, 3, 0, udp4(Bytes(1400))), a_clat());
  const auto v4 = to_v4(icmp(kServer6, kHost6, 1, 4, 0, udp6(Bytes(1100))), a_clat(), 9);
  BOOST_REQUIRE((v6.has_value() && v4.has_value()));
  BOOST_TEST(v6->size() == 1280u);
  BOOST_TEST(v4->size() == 576u);
  BOOST_TEST(checksum_is_right(*v6));
  BOOST_TEST(checksum_is_right(*v4));
  BOOST_TEST(ip::may_be_fragmented(*v4));
}

// RFC 6791, RFC 7600: IPv6 routers on the way have no IPv4 address.
BOOST_AUTO_TEST_CASE(an_error_from_a_stranger_comes_from_the_dummy_address) {
  const auto router = *Ip::parse("2001:db8:77::1");
  const auto v4 = to_v4(icmp(router, kHost6, 3, 0, 0, udp6()), a_clat(), 9);
  BOOST_REQUIRE(v4.has_value());
  BOOST_TEST(ip::Header::parse(*v4)->source.to_string() == "192.0.0.8");
  BOOST_TEST(!to_v4(ip::build_udp({router, Port{1}}, {kHost6, Port{2}}, {}, 0), a_clat(), 9));
}

BOOST_AUTO_TEST_CASE(who_has_no_address_there_is_not_reached) {
  const auto lost =
      to_v4(ip::build_udp({kHost6, Port{1}}, {*Ip::parse("2001:db8:77::1"), Port{2}}, {}, 0),
            a_clat(), 9);
  BOOST_REQUIRE(!lost.has_value());
  BOOST_TEST(lost.error().why == "2001:db8:77::1 stands for no address there");
  BOOST_TEST(lost.error().error.has_value());
}

BOOST_AUTO_TEST_CASE(a_damaged_error_and_an_error_about_an_error_stay_out) {
  auto damaged = icmp(kServer4, kHost4, 3, 3, 0, udp4());
  damaged.back() ^= std::byte{1};
  BOOST_TEST(!to_v6(damaged, a_clat()).has_value());
  const auto nested = icmp(kServer4, kHost4, 3, 3, 0, icmp(kHost4, kServer4, 3, 3, 0, udp4()));
  BOOST_TEST(!to_v6(nested, a_clat()).has_value());
}

// RFC 7915 §1.2.
BOOST_AUTO_TEST_CASE(parts_of_an_icmp_message_are_not_translated) {
  const auto echo = icmp(kHost4, kServer4, 8, 0, 1, Bytes(2000));
  for (const auto& part : ip::fragment_v4(echo, kCutBefore)) {
    BOOST_TEST(!to_v6(part, a_clat()).has_value());
  }
}

// Found by the fuzz target: protocol 0 of IPv4 became hop-by-hop options that nobody wrote.
BOOST_AUTO_TEST_CASE(a_protocol_that_is_a_header_of_ipv6_is_refused) {
  for (const int protocol : {0, 43, 44, 60}) {
    const auto packet = ip::build({kHost4, kServer4, static_cast<ip::Protocol>(protocol), 9},
                                  as_octets("some octets"));
    BOOST_TEST(!to_v6(packet, a_clat()).has_value());
    BOOST_TEST(!to_v6(icmp(kServer4, kHost4, 3, 3, 0, packet), a_clat()).has_value());
  }
}

// RFC 7915 §5.1: read over, and left out.
BOOST_AUTO_TEST_CASE(extension_headers_are_left_out_and_an_open_route_is_refused) {
  const auto with = [](std::string_view extension, std::uint8_t kind) {
    auto packet = udp6();
    const auto octets = from_hex(extension);
    packet.insert(packet.begin() + 40, octets.begin(), octets.end());
    packet[6] = std::byte{kind};
    packet[5] = static_cast<std::byte>(std::to_integer<unsigned>(packet[5]) + octets.size());
    return packet;
  };
  const auto options = to_v4(with("1100010400000000", 60), a_clat(), 9);
  BOOST_REQUIRE(options.has_value());
  BOOST_TEST(to_hex(*options) == to_hex(udp4()));
  BOOST_TEST(to_v4(with("1100040000000000", 43), a_clat(), 9).has_value());
  BOOST_TEST(!to_v4(with("1100040100000000", 43), a_clat(), 9).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat::siit
