#include "sim/nat/npt.h"

#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "agents/base/rng.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;
using Outcome = Verdict::Outcome;

const Prefix kInside = *Prefix::parse("fd01:203:405::/48");
const Prefix kOutside = *Prefix::parse("2001:db8:1::/48");
const Endpoint kHost{*Ip::parse("fd01:203:405:1::1234"), Port{5000}};
const Endpoint kRemote{*Ip::parse("2001:dba::9"), Port{3478}};

struct Pair {
  std::string_view inside;
  std::string_view outside;
};
std::ostream& operator<<(std::ostream& out, const Pair& row) {
  return out << row.inside << " " << row.outside;
}
const std::vector<Pair> kPairs{{"fd01:203:405::/48", "2001:db8:1::/48"},
                               {"fd00:1::/32", "2001:db8::/32"},
                               {"fd00:1:2::/48", "2001:db8::/40"},
                               {"fd01:203:405:6::/64", "2001:db8:1:2::/64"},
                               {"fd01:203:405:600::/56", "2001:db8:1:200::/56"}};

// An address of the inside net; what a shorter outside prefix would lose is zero.
Ip random_ip(const Prefix& net, SeededRng& rng) {
  Ip ip = net.ip;
  for (std::size_t i = (net.bits + 7) / 8; i < 16; ++i) {
    ip.octets[i] = static_cast<std::uint8_t>(rng.next() % 3 == 0 ? 0xff : rng.next());
  }
  return ip;
}

BOOST_AUTO_TEST_SUITE(npt)

// RFC 6296 §3.3 and §3.6 walk through this address: the subnet 1 becomes d550, and is 1 again.
BOOST_AUTO_TEST_CASE(the_example_of_the_rfc_comes_out) {
  const auto translated = translate_prefix(kHost.ip, kInside, kOutside);
  BOOST_REQUIRE(translated.has_value());
  BOOST_TEST(translated->to_string() == "2001:db8:1:d550::1234");
  BOOST_TEST((translate_prefix(*translated, kOutside, kInside) == kHost.ip));
}

BOOST_DATA_TEST_CASE(there_and_back_is_where_it_was, data::make(kPairs) * data::xrange(200), row,
                     seed) {
  SeededRng rng{static_cast<std::uint64_t>(seed)};
  const auto inside = *Prefix::parse(row.inside);
  const auto outside = *Prefix::parse(row.outside);
  const auto ip = random_ip(inside, rng);

  const auto there = translate_prefix(ip, inside, outside);
  if (!there) return;  // all ones: the next case
  BOOST_TEST(outside.contains(*there));
  const auto back = translate_prefix(*there, outside, inside);
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(back->to_string() == ip.to_string());
}

BOOST_AUTO_TEST_CASE(what_has_no_word_that_could_change_has_no_counterpart) {
  BOOST_TEST(!translate_prefix(*Ip::parse("fd01:203:405:ffff::1"), kInside, kOutside).has_value());
  const auto inside = *Prefix::parse("fd01:203:405:6::/64");
  const auto outside = *Prefix::parse("2001:db8:1:2::/64");
  BOOST_TEST(!translate_prefix(*Ip::parse("fd01:203:405:6:ffff:ffff:ffff:ffff"), inside, outside)
                  .has_value());
  BOOST_TEST(
      translate_prefix(*Ip::parse("fd01:203:405:6:ffff:ffff:ffff:1"), inside, outside).has_value());
}

// Whatever the transport, parts of packets too: nothing but the address changes, and the checksums
// stay right.
BOOST_DATA_TEST_CASE(no_checksum_needs_to_change, data::make(kPairs), row) {
  const auto inside = *Prefix::parse(row.inside);
  const auto outside = *Prefix::parse(row.outside);
  const Npt translator{"npt", inside, outside};
  auto host = kHost;
  host.ip = inside.ip;
  host.ip.octets[15] = 0x42;
  auto packet = ip::build_udp(host, kRemote, as_octets("hello"), 0);

  BOOST_REQUIRE((translator.from_inside(packet).outcome == Outcome::ToOutside));

  const auto udp = ip::parse_udp(*ip::Header::parse(packet), packet);
  BOOST_REQUIRE(udp.has_value());
  BOOST_TEST(outside.contains(udp->source.ip));
  auto answer = ip::build_udp(kRemote, udp->source, as_octets("hi"), 0);
  BOOST_REQUIRE((translator.from_outside(answer).outcome == Outcome::ToInside));
  const auto received = ip::parse_udp(*ip::Header::parse(answer), answer);
  BOOST_REQUIRE(received.has_value());
  BOOST_TEST((received->destination == host));
}

BOOST_AUTO_TEST_CASE(the_parts_of_a_packet_pass_each_for_itself) {
  const Npt translator{"npt", kInside, kOutside};
  ip::Reassembler reassembler;
  std::optional<Bytes> whole;
  for (auto& part : ip::fragment_v6(ip::build_udp(kHost, kRemote, Bytes(3000), 0), 1280, 5)) {
    BOOST_REQUIRE((translator.from_inside(part).outcome == Outcome::ToOutside));
    whole = reassembler.take({}, part, *ip::Fragment::of(part));
  }
  BOOST_REQUIRE(whole.has_value());
  BOOST_TEST(ip::parse_udp(*ip::Header::parse(*whole), *whole).has_value());
}

// RFC 6296 §2.2: and its checksum is right without being touched.
BOOST_AUTO_TEST_CASE(an_error_names_the_packet_as_its_sender_knows_it) {
  const Npt translator{"npt", kInside, kOutside};
  const auto sent = ip::build_udp(kHost, kRemote, as_octets("hello"), 0);
  auto packet = sent;
  BOOST_REQUIRE((translator.from_inside(packet).outcome == Outcome::ToOutside));

  auto error = *icmp_error(*Ip::parse("2001:dba::1"), packet, kHostUnreachable);
  BOOST_REQUIRE((translator.from_outside(error).outcome == Outcome::ToInside));

  const auto header = *ip::Header::parse(error);
  BOOST_TEST((header.destination == kHost.ip));
  const auto message = header.payload(error);
  BOOST_TEST(ip::transport_checksum(header.source, header.destination, ip::Protocol::IcmpV6,
                                    message) == 0);
  BOOST_TEST(to_hex(message.subspan(8)) == to_hex(sent));
}

BOOST_AUTO_TEST_CASE(an_error_from_inside_shows_no_inside_address) {
  const Npt translator{"npt", kInside, kOutside};
  const auto outside = *translate_prefix(kHost.ip, kInside, kOutside);
  const auto sent = ip::build_udp(kRemote, {outside, Port{9}}, as_octets("hello"), 0);
  auto packet = sent;
  BOOST_REQUIRE((translator.from_outside(packet).outcome == Outcome::ToInside));

  auto error = *icmp_error(kHost.ip, packet, IcmpError{3, 3});
  BOOST_REQUIRE((translator.from_inside(error).outcome == Outcome::ToOutside));

  const auto header = *ip::Header::parse(error);
  BOOST_TEST((header.source == outside));
  BOOST_TEST(to_hex(header.payload(error).subspan(8)) == to_hex(sent));
}

BOOST_AUTO_TEST_CASE(two_inside_hosts_meet_over_their_outside_addresses) {
  const Npt translator{"npt", kInside, kOutside};
  const Endpoint other{*Ip::parse("fd01:203:405:2::77"), Port{6000}};
  const Endpoint shown{*translate_prefix(other.ip, kInside, kOutside), other.port};
  auto packet = ip::build_udp(kHost, shown, as_octets("hello"), 0);

  BOOST_REQUIRE((translator.from_inside(packet).outcome == Outcome::ToInside));

  const auto udp = ip::parse_udp(*ip::Header::parse(packet), packet);
  BOOST_REQUIRE(udp.has_value());
  BOOST_TEST((udp->destination == other));
  BOOST_TEST((udp->source.ip == *translate_prefix(kHost.ip, kInside, kOutside)));
}

BOOST_AUTO_TEST_CASE(what_is_of_neither_net_is_dropped_with_a_reason) {
  const Npt translator{"edge", kInside, kOutside};
  auto stray = ip::build_udp(kRemote, kRemote, as_octets("x"), 0);
  BOOST_TEST(translator.from_inside(stray).reason ==
             "dropped by edge: 2001:dba::9 is not of the inside net");
  BOOST_TEST(translator.from_outside(stray).reason ==
             "dropped by edge: 2001:dba::9 is not of the outside net");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
