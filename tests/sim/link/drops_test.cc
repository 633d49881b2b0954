#include "sim/link/drop_list.h"
#include "tests/sim/link/dtls_datagrams.h"

#include <boost/test/unit_test.hpp>

#include <string_view>

namespace rtclab::sim {
namespace {

using What = topology::Drop::What;

const Endpoint kAlice = *Endpoint::parse("10.0.0.1:1000");
const Endpoint kBob = *Endpoint::parse("10.0.0.2:2000");

// A link whose two ends send datagrams; what each is found to be part of.
struct Watched {
  std::optional<FlightPart> alice(const Bytes& payload) {
    const auto packet = ip::build_udp(kAlice, kBob, payload, 0);
    return watch.note(Way::AToB, kind_of(packet));
  }
  std::optional<FlightPart> bob(const Bytes& payload) {
    const auto packet = ip::build_udp(kBob, kAlice, payload, 0);
    return watch.note(Way::BToA, kind_of(packet));
  }
  HandshakeWatch watch;
};

const std::optional<FlightPart> kNone;
std::optional<FlightPart> part(std::size_t flight, unsigned sending) {
  return FlightPart{flight, sending};
}

BOOST_AUTO_TEST_SUITE(handshake_watch)

// RFC 6347 §4.2.4, figure 1, without a cookie.
BOOST_FIXTURE_TEST_CASE(a_handshake_has_two_flights_each_way, Watched) {
  BOOST_TEST((alice(client_hello(0)) == part(1, 1)));
  BOOST_TEST((bob(handshake_message(0)) == part(1, 1)));
  BOOST_TEST((bob(handshake_message(1)) == part(1, 1)));
  BOOST_TEST((alice(handshake_message(1)) == part(2, 1)));
  BOOST_TEST((alice(handshake_message(2) + change_cipher_spec() + encrypted(22)) == part(2, 1)));
  BOOST_TEST((bob(change_cipher_spec() + encrypted(22)) == part(2, 1)));
}

BOOST_FIXTURE_TEST_CASE(with_a_cookie_there_are_three, Watched) {
  BOOST_TEST((alice(client_hello(0)) == part(1, 1)));
  BOOST_TEST((bob(handshake_message(0, 3)) == part(1, 1)));  // HelloVerifyRequest
  BOOST_TEST((alice(client_hello(1)) == part(2, 1)));
  BOOST_TEST((bob(handshake_message(1)) == part(2, 1)));
  BOOST_TEST((alice(change_cipher_spec()) == part(3, 1)));
  BOOST_TEST((alice(encrypted(22)) == part(3, 1)));
}

BOOST_FIXTURE_TEST_CASE(a_flight_that_is_sent_again_keeps_its_number, Watched) {
  alice(client_hello(0));
  bob(handshake_message(0) + handshake_message(1));

  BOOST_TEST((alice(handshake_message(1) + handshake_message(2)) == part(2, 1)));
  BOOST_TEST((alice(change_cipher_spec() + encrypted(22)) == part(2, 1)));
  // As OpenSSL does: one record a datagram.
  BOOST_TEST((alice(handshake_message(1)) == part(2, 2)));
  BOOST_TEST((alice(handshake_message(2)) == part(2, 2)));
  BOOST_TEST((alice(change_cipher_spec()) == part(2, 2)));
  BOOST_TEST((alice(encrypted(22)) == part(2, 2)));
  BOOST_TEST((alice(handshake_message(1)) == part(2, 3)));
}

BOOST_FIXTURE_TEST_CASE(a_retransmission_that_crosses_the_answer_begins_no_flight, Watched) {
  alice(client_hello(0));
  BOOST_TEST((bob(handshake_message(0)) == part(1, 1)));
  BOOST_TEST((alice(client_hello(0)) == part(1, 2)));  // bob's answer is still on its way
  BOOST_TEST((bob(handshake_message(1)) == part(1, 1)));
  BOOST_TEST((bob(handshake_message(0)) == part(1, 2)));
  BOOST_TEST((alice(handshake_message(1)) == part(2, 1)));
}

BOOST_FIXTURE_TEST_CASE(a_last_flight_that_is_asked_for_again_is_its_second_sending, Watched) {
  alice(client_hello(0));
  bob(handshake_message(0));
  alice(handshake_message(1) + change_cipher_spec() + encrypted(22));
  BOOST_TEST((bob(change_cipher_spec() + encrypted(22)) == part(2, 1)));
  alice(handshake_message(1));
  BOOST_TEST((bob(change_cipher_spec() + encrypted(22)) == part(2, 2)));
}

BOOST_FIXTURE_TEST_CASE(alerts_and_data_are_part_of_no_flight, Watched) {
  alice(client_hello(0));

  BOOST_TEST((alice(encrypted(23)) == kNone));
  BOOST_TEST((alice(encrypted(21)) == kNone));
  BOOST_TEST((alice(to_octets("\x80 not DTLS at all")) == kNone));
  BOOST_TEST((alice(from_hex("16fefd0000")) == kNone));  // cut short
  BOOST_TEST((alice({}) == kNone));
}

BOOST_FIXTURE_TEST_CASE(another_handshake_between_the_same_ports_counts_on, Watched) {
  alice(client_hello(0, 1));
  bob(handshake_message(0));
  alice(change_cipher_spec());

  BOOST_TEST((alice(client_hello(0, 2)) == part(3, 1)));
  BOOST_TEST((bob(handshake_message(0)) == part(2, 1)));
  BOOST_TEST(watch.flights(Way::AToB) == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_handshake_inside_turn_channels_is_seen, Watched) {
  const auto hello = client_hello(0);
  ByteWriter channel;
  channel.u16(0x4001).u16(hello.size()).octets(hello);

  BOOST_TEST((alice(channel.take()) == part(1, 1)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(drop_list)

Bytes udp(std::string_view payload) {
  return ip::build_udp(kAlice, kBob, as_octets(payload), 0);
}
Bytes tcp() {
  return ip::build({kAlice.ip, kBob.ip, ip::Protocol::Tcp}, Bytes(20));
}

struct Listed {
  bool loses(const Bytes& packet, const std::optional<FlightPart>& flight = {}) {
    return list.check(kind_of(packet), flight).has_value();
  }
  DropList list;
};

constexpr std::string_view kStun{"\x00\x01 binding", 10};
constexpr std::string_view kDtls{"\x17 record"};
constexpr std::string_view kRtp{"\x80 media"};

BOOST_FIXTURE_TEST_CASE(each_kind_is_counted_for_itself_from_one, Listed) {
  list.set({{What::Stun, 2}, {What::TcpSegment, 1}, {What::Rtp, 1}, {What::DtlsRecord, 2}}, 0);

  BOOST_TEST(!loses(udp(kStun)));
  BOOST_TEST(!loses(udp(kDtls)));
  BOOST_TEST(loses(udp(kRtp)));
  BOOST_TEST(loses(tcp()));
  BOOST_TEST(loses(udp(kStun)));
  BOOST_TEST(loses(udp(kDtls)));
  BOOST_TEST(!loses(udp(kStun)));
  BOOST_TEST(!loses(tcp()));
}

BOOST_FIXTURE_TEST_CASE(a_packet_is_anything_and_a_datagram_is_udp, Listed) {
  list.set({{What::Packet, 3}, {What::Datagram, 1}}, 0);

  BOOST_TEST(!loses(tcp()));
  BOOST_TEST(loses(udp(kRtp)));        // the first datagram
  BOOST_TEST(loses(udp("whatever")));  // the third packet
  BOOST_TEST(!loses(udp(kRtp)));
}

BOOST_FIXTURE_TEST_CASE(of_a_flight_the_first_sending_is_lost_and_its_retransmission_passes,
                        Listed) {
  list.set({{What::DtlsFlight, 2}}, 0);

  BOOST_TEST(!loses(udp(kDtls), FlightPart{1, 1}));
  BOOST_TEST(loses(udp(kDtls), FlightPart{2, 1}));
  BOOST_TEST(loses(udp(kDtls), FlightPart{2, 1}));
  BOOST_TEST(!loses(udp(kDtls), FlightPart{2, 2}));
  BOOST_TEST(!loses(udp(kDtls), FlightPart{3, 1}));
}

BOOST_FIXTURE_TEST_CASE(a_list_that_is_set_during_the_run_counts_from_then, Listed) {
  list.set({{What::Stun, 1}}, 0);
  BOOST_TEST(loses(udp(kStun)));

  list.set({{What::Stun, 2}, {What::DtlsFlight, 1}}, 4);

  BOOST_TEST(!loses(udp(kStun)));
  BOOST_TEST(loses(udp(kStun)));
  BOOST_TEST(!loses(udp(kDtls), FlightPart{4, 1}));
  BOOST_TEST(loses(udp(kDtls), FlightPart{5, 1}));
}

BOOST_FIXTURE_TEST_CASE(a_later_fragment_is_a_packet_only, Listed) {
  list.set({{What::Datagram, 1}, {What::Packet, 2}}, 0);
  auto fragment = udp(kStun);
  fragment[6] = std::byte{0};
  fragment[7] = std::byte{1};  // the second eight octets
  fragment[10] = fragment[11] = std::byte{0};
  const auto sum =
      ~((0x4500u + fragment.size() + 0x0001u + 0x4011u + 0x0a00u + 0x0001u + 0x0a00u + 0x0002u)) &
      0xffffu;
  fragment[10] = static_cast<std::byte>(sum >> 8u);
  fragment[11] = static_cast<std::byte>(sum);
  BOOST_REQUIRE(ip::Header::parse(fragment).has_value());

  BOOST_TEST(!loses(fragment));
  BOOST_TEST(loses(fragment));
  BOOST_TEST(loses(udp(kStun)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
