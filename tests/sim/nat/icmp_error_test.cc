#include "tests/sim/nat/bench.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::nat {
namespace {

// What an ICMP error is about, out of a packet whose ICMP checksum must be right.
ByteView quoted_in(const Bytes& packet) {
  const auto message = ip::Header::parse(packet)->payload(packet);
  BOOST_TEST(checksum_close(checksum_add(0, message)) == 0);
  return message.subspan(8);
}

BOOST_AUTO_TEST_SUITE(icmp_errors)

BOOST_AUTO_TEST_CASE(an_error_from_outside_reaches_the_sender_quoting_what_it_sent) {
  Bench bench;
  const auto sent = ip::build_udp(kAlice, kServer, as_octets("a long enough datagram"), 9);
  bench.out(sent);

  const auto error = *icmp_error(kRouter, bench.packet, kHostUnreachable);
  BOOST_REQUIRE((bench.in(error) == Outcome::ToInside));

  const auto header = ip::Header::parse(bench.packet);
  BOOST_TEST((header->destination == kAlice.ip));
  BOOST_TEST((header->source == kRouter));
  BOOST_TEST(to_hex(quoted_in(bench.packet)) == to_hex(sent));  // its checksums are as they were
}

BOOST_AUTO_TEST_CASE(an_error_from_inside_leaves_with_outside_addresses_only) {
  Bench bench;
  const auto outside = bench.mapped(kAlice, kServer);
  bench.in(kServer, outside);

  const auto error = *icmp_error(kAlice.ip, bench.packet, kPortUnreachable);
  BOOST_REQUIRE((bench.out(error) == Outcome::ToOutside));

  const auto header = ip::Header::parse(bench.packet);
  const auto quoted = quoted_in(bench.packet);
  BOOST_TEST((header->source == outside.ip));
  BOOST_TEST((header->destination == kServer.ip));
  BOOST_TEST((Flow::of(quoted)->destination == outside));
  BOOST_TEST((Flow::of(quoted)->source == kServer));
  BOOST_TEST(ip::parse_udp(*ip::Header::parse(quoted), quoted).has_value());
}

// RFC 5508 §9 (REQ-7).
BOOST_AUTO_TEST_CASE(an_error_about_a_hairpinned_packet_finds_its_way_back_in) {
  auto nat = a_nat();
  nat.behaviour.hairpinning = topology::Hairpinning::ExternalSource;
  nat.behaviour.filtering = topology::Filtering::EndpointIndependent;
  Bench bench{nat};
  const auto bob = bench.mapped(kBob, kServer);
  BOOST_REQUIRE((bench.out(kAlice, bob) == Outcome::ToInside));

  const auto error = *icmp_error(kBob.ip, bench.packet, kPortUnreachable);
  BOOST_REQUIRE((bench.out(error) == Outcome::ToInside));

  const auto quoted = quoted_in(bench.packet);
  BOOST_TEST((ip::Header::parse(bench.packet)->destination == kAlice.ip));
  BOOST_TEST((Flow::of(quoted)->source == kAlice));
  BOOST_TEST((Flow::of(quoted)->destination == bob));
}

BOOST_AUTO_TEST_CASE(an_error_about_a_ping_is_translated_too) {
  Bench bench;
  bench.out(echo(8, kAlice.ip, kServer.ip, 77));

  const auto error = *icmp_error(kRouter, bench.packet, kHopLimitExceeded);
  BOOST_REQUIRE((bench.in(error) == Outcome::ToInside));

  BOOST_TEST((Flow::of(quoted_in(bench.packet))->source == Endpoint{kAlice.ip, Port{77}}));
}

// RFC 792: routers may quote the header and eight octets, so the TCP checksum is not there.
BOOST_AUTO_TEST_CASE(an_error_that_quotes_only_eight_octets_of_tcp_is_translated) {
  Bench bench;
  bench.out(tcp(kAlice, kServer));
  ByteWriter message;
  message.u8(3).u8(1).u16(0).u32(0).octets(ByteView{bench.packet}.first(28));
  message.patch_u16(2, checksum_close(checksum_add(0, message.view())));
  const auto outside = ep("198.51.100.1:40000");

  const auto error = ip::build({kRouter, outside.ip, ip::Protocol::Icmp}, message.view());
  BOOST_REQUIRE((bench.in(error) == Outcome::ToInside));

  BOOST_TEST((Flow::of(quoted_in(bench.packet))->source == kAlice));
}

// RFC 5508 §9 (REQ-6).
BOOST_AUTO_TEST_CASE(an_error_refreshes_nothing) {
  auto nat = a_nat();
  nat.behaviour.refresh = topology::Refresh::Both;
  Bench bench{nat};
  const auto outside = bench.mapped(kAlice, kServer);
  const auto error = *icmp_error(kRouter, bench.packet, kHostUnreachable);

  bench.now = Instant{100s};
  BOOST_TEST((bench.in(error) == Outcome::ToInside));
  bench.now = Instant{120s};

  BOOST_TEST((bench.in(kServer, outside) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(an_error_that_is_damaged_or_about_nothing_known_is_dropped) {
  Bench bench;
  bench.mapped(kAlice, kServer);
  auto damaged = *icmp_error(kRouter, bench.packet, kHostUnreachable);
  damaged.back() ^= std::byte{1};
  const auto foreign = ip::build_udp(ep("198.51.100.1:41234"), kServer, {}, 0);

  BOOST_TEST((bench.in(damaged) == Outcome::Dropped));
  BOOST_TEST((bench.in(*icmp_error(kRouter, foreign, kHostUnreachable)) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason ==
             "dropped by home-a: an ICMP error about 198.51.100.1:41234, which has no mapping");
}

BOOST_AUTO_TEST_CASE(no_error_answers_an_error) {
  const auto about = ip::build_udp(kAlice, kServer, as_octets("x"), 1);
  const auto error = *icmp_error(kRouter, about, kNetUnreachable);

  BOOST_TEST(!icmp_error(kRouter, error, kNetUnreachable).has_value());
}

BOOST_AUTO_TEST_CASE(an_error_quotes_no_more_than_fits_576_octets) {
  const auto about = ip::build_udp(kAlice, kServer, Bytes(1400), 1);

  BOOST_TEST(icmp_error(kRouter, about, kNetUnreachable)->size() == 576u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(strays)

BOOST_AUTO_TEST_CASE(packets_that_have_no_business_outside_stay) {
  Bench bench;

  BOOST_TEST((bench.out(ep("10.9.9.9:1"), kServer) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason ==
             "dropped by home-a: 10.9.9.9 is not of the inside net 192.168.1.1/24");
  BOOST_TEST((bench.out(kAlice, ep("192.168.1.1:53")) == Outcome::Dropped));
  BOOST_TEST((bench.out(kAlice, ep("192.168.1.77:53")) == Outcome::Dropped));
  BOOST_TEST(int{bench.verdict.error->code} == int{kHostUnreachable.code});
  BOOST_TEST((bench.in(kServer, ep("198.51.100.99:53")) == Outcome::Dropped));
  BOOST_TEST(bench.translator.mappings() == 0u);
}

BOOST_AUTO_TEST_CASE(no_truncated_packet_gets_through_and_no_flipped_bit_crashes) {
  Bench bench;
  bench.mapped(kAlice, kServer);
  const auto error = *icmp_error(kRouter, bench.packet, kHostUnreachable);
  for (const auto& whole : {ip::build_udp(kAlice, kServer, as_octets("data"), 1),
                            tcp(kAlice, kServer), echo(8, kAlice.ip, kServer.ip, 5), error}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
      BOOST_TEST((bench.out(cut) == Outcome::Dropped));
      BOOST_TEST((bench.in(cut) == Outcome::Dropped));
    }
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      auto flipped = whole;
      flipped[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
      bench.out(flipped);
      bench.in(flipped);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
