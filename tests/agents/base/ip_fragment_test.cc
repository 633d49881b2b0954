#include "agents/base/ip_fragment.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"
#include "agents/base/rng.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab {
static std::ostream& operator<<(std::ostream& out, Family family) {
  return out << to_string(family);
}
}  // namespace rtclab

namespace rtclab::ip {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

const Endpoint kA{*Ip::parse("192.0.2.1"), Port{5000}};
const Endpoint kB{*Ip::parse("198.51.100.2"), Port{6000}};
const Endpoint kA6{*Ip::parse("2001:db8::1"), Port{5000}};
const Endpoint kB6{*Ip::parse("2001:db8::2"), Port{6000}};
const Instant kStart{};

Bytes numbered(std::size_t size) {
  Bytes octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::byte>(i * 7 + i / 256);
  return octets;
}

Bytes a_datagram(Family family, std::size_t size) {
  return family == Family::V4 ? build_udp(kA, kB, numbered(size), 7)
                              : build_udp(kA6, kB6, numbered(size), 0);
}

std::vector<Bytes> cut(ByteView packet, std::size_t mtu) {
  return (std::to_integer<unsigned>(packet[0]) >> 4u) == 4 ? fragment_v4(packet, mtu)
                                                           : fragment_v6(packet, mtu, 0xabcdef01);
}

std::optional<Bytes> feed(Reassembler& reassembler, ByteView part, Instant now = kStart) {
  const auto fragment = Fragment::of(part);
  BOOST_REQUIRE(fragment.has_value());
  return reassembler.take(now, part, *fragment);
}

const auto kFamilies = data::make({Family::V4, Family::V6});

BOOST_AUTO_TEST_SUITE(ip_fragment)

BOOST_DATA_TEST_CASE(what_is_cut_and_put_together_is_the_packet_again,
                     kFamilies* data::make({0, 1, 1400, 1472, 1473, 3000, 9000}) *
                         data::make({576, 1280, 1500}),
                     family, size, mtu) {
  const auto packet = a_datagram(family, static_cast<std::size_t>(size));
  auto parts = cut(packet, static_cast<std::size_t>(mtu));
  if (parts.size() == 1 && family == Family::V4) {
    BOOST_TEST((parts.front() == packet));  // nothing to do
    return;
  }
  std::ranges::reverse(parts);  // the worst order

  Reassembler reassembler;
  std::optional<Bytes> whole;
  for (const auto& part : parts) {
    BOOST_TEST(part.size() <= static_cast<std::size_t>(mtu));
    BOOST_TEST(!whole.has_value());
    whole = feed(reassembler, part);
  }

  BOOST_REQUIRE(whole.has_value());
  BOOST_TEST((*whole == packet));
  BOOST_TEST(reassembler.waiting() == 0u);
}

// RFC 791 §3.2: parts are cut again on a narrower link, and their last one may say that more come.
BOOST_AUTO_TEST_CASE(a_part_that_is_cut_again_fits_the_whole) {
  const auto packet = a_datagram(Family::V4, 4000);
  Reassembler reassembler;
  std::optional<Bytes> whole;
  for (const auto& part : fragment_v4(packet, 1500)) {
    for (const auto& smaller : fragment_v4(part, 600)) {
      BOOST_TEST(smaller.size() <= 600u);
      whole = feed(reassembler, smaller);
    }
  }
  BOOST_REQUIRE(whole.has_value());
  BOOST_TEST((*whole == packet));
}

// RFC 791 §3.1: "loose source route" (131) has the copied bit, "record route" (7) has not.
BOOST_AUTO_TEST_CASE(an_option_is_copied_if_its_bit_says_so) {
  auto packet = a_datagram(Family::V4, 1000);
  const auto options = from_hex(
      "8303040107030401"
      "8303040000000000");
  packet.insert(packet.begin() + 20, options.begin(), options.end());
  packet[0] = std::byte{0x49};
  packet[2] = static_cast<std::byte>(packet.size() >> 8u);
  packet[3] = static_cast<std::byte>(packet.size());
  packet[10] = packet[11] = std::byte{0};
  const auto checksum = checksum_close(checksum_add(0, ByteView{packet}.first(36)));
  packet[10] = static_cast<std::byte>(checksum >> 8u);
  packet[11] = static_cast<std::byte>(checksum);

  const auto parts = fragment_v4(packet, 576);

  BOOST_REQUIRE(parts.size() == 2u);
  const auto first = Header::parse(parts[0]);
  const auto second = Header::parse(parts[1]);
  BOOST_REQUIRE((first && second));
  BOOST_TEST(first->header_size == 36u);
  BOOST_TEST(to_hex(ByteView{parts[1]}.subspan(20, second->header_size - 20)) ==
             "8303048303040000");
}

// RFC 8200 §4.5, the octets by hand: next header 44; 17, reserved, offset 0 and M, the number.
BOOST_AUTO_TEST_CASE(the_fragment_header_of_ipv6_is_as_drawn) {
  const auto parts = fragment_v6(a_datagram(Family::V6, 2000), 1280, 0x01020304);
  BOOST_REQUIRE(parts.size() == 2u);
  BOOST_TEST(to_hex(ByteView{parts[0]}.subspan(4, 4)) == "04d82c40");
  BOOST_TEST(to_hex(ByteView{parts[0]}.subspan(40, 8)) == "1100000101020304");
  BOOST_TEST(to_hex(ByteView{parts[1]}.subspan(40, 8)) == "110004d001020304");
}

BOOST_AUTO_TEST_CASE(df_forbids_and_ipv6_is_never_cut_on_the_way) {
  auto packet = a_datagram(Family::V4, 10);
  BOOST_TEST(may_be_fragmented(packet));
  packet[6] = std::byte{0x40};
  BOOST_TEST(!may_be_fragmented(packet));
  BOOST_TEST(!may_be_fragmented(a_datagram(Family::V6, 10)));
}

BOOST_AUTO_TEST_CASE(a_router_that_names_no_mtu_meant_a_plateau) {
  BOOST_TEST(plateau_below(65535) == 32000u);
  BOOST_TEST(plateau_below(1500) == 1492u);
  BOOST_TEST(plateau_below(1492) == 1006u);
  BOOST_TEST(plateau_below(68) == 68u);
}

BOOST_DATA_TEST_CASE(two_packets_do_not_mix, kFamilies, family) {
  auto one = cut(a_datagram(family, 3000), 1280);
  const auto& [source, destination] =
      family == Family::V4 ? std::pair{kA, kB} : std::pair{kA6, kB6};
  const auto other_packet = build_udp(source, destination, Bytes(3000), 8);
  const auto other = family == Family::V4 ? fragment_v4(other_packet, 1280)
                                          : fragment_v6(other_packet, 1280, 0xabcdef02);
  BOOST_REQUIRE(one.size() == other.size());

  Reassembler reassembler;
  for (std::size_t i = 0; i + 1 < one.size(); ++i) {
    BOOST_TEST(!feed(reassembler, one[i]).has_value());
    BOOST_TEST(!feed(reassembler, other[i]).has_value());
  }
  const auto whole = feed(reassembler, other.back());

  BOOST_REQUIRE(whole.has_value());
  BOOST_TEST((*whole == other_packet));
  BOOST_TEST(reassembler.waiting() == 1u);
}

// RFC 5722: and what still comes of the packet is dropped with it.
BOOST_DATA_TEST_CASE(an_overlap_spoils_the_packet_for_good, kFamilies, family) {
  const auto packet = a_datagram(family, 3000);
  const auto parts = cut(packet, 1280);
  auto liar = cut(packet, 1200)[1];

  Reassembler reassembler;
  BOOST_TEST(!feed(reassembler, parts[0]).has_value());
  BOOST_TEST(!feed(reassembler, liar).has_value());
  for (const auto& part : parts) BOOST_TEST(!feed(reassembler, part).has_value());

  BOOST_TEST(reassembler.expire(kStart + 60s).empty());
  BOOST_TEST(reassembler.waiting() == 0u);
}

BOOST_DATA_TEST_CASE(an_exact_repetition_spoils_nothing, kFamilies, family) {
  const auto packet = a_datagram(family, 3000);
  const auto parts = cut(packet, 1280);
  Reassembler reassembler;
  BOOST_TEST(!feed(reassembler, parts[0]).has_value());
  BOOST_TEST(!feed(reassembler, parts[0]).has_value());
  BOOST_TEST(!feed(reassembler, parts[1]).has_value());
  BOOST_TEST(feed(reassembler, parts[2]).has_value());
}

BOOST_AUTO_TEST_CASE(two_ends_that_contradict_spoil_the_packet) {
  const auto short_one = fragment_v4(a_datagram(Family::V4, 1600), 1280);
  const auto long_one = fragment_v4(a_datagram(Family::V4, 2400), 1280);
  Reassembler reassembler;
  BOOST_TEST(!feed(reassembler, long_one[1]).has_value());
  BOOST_TEST(!feed(reassembler, short_one[1]).has_value());
  BOOST_TEST(!feed(reassembler, short_one[0]).has_value());
}

BOOST_AUTO_TEST_CASE(what_would_exceed_65535_octets_is_refused) {
  auto parts = fragment_v4(a_datagram(Family::V4, 2000), 1500);
  auto last = parts[1];
  last[6] = std::byte{0x1f};  // behind octet 65528
  last[7] = std::byte{0xff};
  last[10] = last[11] = std::byte{0};
  const auto checksum = checksum_close(checksum_add(0, ByteView{last}.first(20)));
  last[10] = static_cast<std::byte>(checksum >> 8u);
  last[11] = static_cast<std::byte>(checksum);
  Reassembler reassembler;
  BOOST_TEST(!feed(reassembler, last).has_value());
  BOOST_TEST(!feed(reassembler, parts[0]).has_value());
  BOOST_TEST(reassembler.waiting() == 1u);  // known to be spoiled
}

// RFC 8200 §4.5 and RFC 1122 §3.3.2: the sender is told if the first fragment has come.
BOOST_DATA_TEST_CASE(after_60_seconds_it_is_given_up_to_the_nanosecond, kFamilies, family) {
  const auto parts = cut(a_datagram(family, 3000), 1280);
  Reassembler reassembler;
  BOOST_TEST(!feed(reassembler, parts[0]).has_value());
  BOOST_TEST((reassembler.next_expiry() == kStart + 60s));
  BOOST_TEST(reassembler.expire(kStart + 60s - 1ns).empty());

  const auto told = reassembler.expire(kStart + 60s);

  BOOST_REQUIRE(told.size() == 1u);
  BOOST_TEST((told.front() == parts[0]));
  BOOST_TEST(!reassembler.next_expiry().has_value());
}

BOOST_AUTO_TEST_CASE(without_the_first_fragment_nobody_is_told) {
  const auto parts = fragment_v4(a_datagram(Family::V4, 3000), 1280);
  Reassembler reassembler;
  BOOST_TEST(!feed(reassembler, parts[1]).has_value());
  BOOST_TEST(reassembler.expire(kStart + 60s).empty());
}

// A flood of first fragments costs what the limits say, and the newest are kept.
BOOST_AUTO_TEST_CASE(a_flood_pushes_out_the_oldest) {
  Reassembler reassembler{{.packets = 8, .octets = 16 * 1024}};
  const auto parts_of = [](std::uint16_t number) {
    return fragment_v4(build_udp(kA, kB, numbered(1600), number), 1500);
  };
  for (std::uint16_t number = 0; number < 1000; ++number) {
    BOOST_TEST(!feed(reassembler, parts_of(number)[0]).has_value());
    BOOST_TEST(reassembler.waiting() <= 8u);
  }
  BOOST_TEST(!feed(reassembler, parts_of(0)[1]).has_value());
  BOOST_TEST(feed(reassembler, parts_of(999)[1]).has_value());
}

// Any order, any repetition: always the same packet.
BOOST_DATA_TEST_CASE(the_order_does_not_matter, kFamilies* data::xrange(50), family, seed) {
  SeededRng rng{static_cast<std::uint64_t>(seed)};
  const auto packet = a_datagram(family, 2000 + rng.next() % 6000);
  auto parts = cut(packet, family == Family::V4 ? 68 + rng.next() % 1400 : 1280);
  for (std::size_t i = parts.size() - 1; i > 0; --i)
    std::swap(parts[i], parts[rng.next() % (i + 1)]);
  Reassembler reassembler;
  std::optional<Bytes> whole;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (rng.next() % 3 == 0 && i + 1 < parts.size()) {
      BOOST_TEST(!feed(reassembler, parts[i]).has_value());
    }
    whole = feed(reassembler, parts[i]);
  }
  BOOST_REQUIRE(whole.has_value());
  BOOST_TEST((*whole == packet));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ip
