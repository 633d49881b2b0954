#include "reports/evidence/dissection.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "reports/evidence/dtls_records.h"

#include <boost/test/unit_test.hpp>

using namespace rtclab;
using namespace rtclab::evidence;

namespace {

const Endpoint kClient = Endpoint::parse("192.0.2.1:5000").value();
const Endpoint kServer = Endpoint::parse("192.0.2.2:3478").value();

Dissection dissect(std::string_view hex) {
  return dissect_udp(kClient, kServer, from_hex(hex));
}

Bytes a_check(bool nominating) {
  stun::Message message;
  message.add(stun::Username{"bob:alice"});
  if (nominating) message.add(stun::UseCandidate{});
  return stun::seal(message, {});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dissection)

// RFC 7983 §7: the first octet tells.
BOOST_AUTO_TEST_CASE(tells_the_protocols_of_one_socket_apart) {
  BOOST_TEST((dissect_udp(kClient, kServer, a_check(false)).kind == Kind::Stun));
  BOOST_TEST((dissect("16fefd 0000 000000000000 0000").kind == Kind::Dtls));
  BOOST_TEST((dissect("80e0 0001 00000001 00000002").kind == Kind::Rtp));
  BOOST_TEST((dissect("80c8 0001 00000001").kind == Kind::Rtcp));
  BOOST_TEST((dissect("4000 0001 00000000").kind == Kind::ChannelData));
  BOOST_TEST((dissect("f0").kind == Kind::Unknown));
  BOOST_TEST((dissect("").kind == Kind::Unknown));
}

BOOST_AUTO_TEST_CASE(a_nominating_check_says_so_in_its_summary) {
  BOOST_TEST(dissect_udp(kClient, kServer, a_check(true)).summary() ==
             "Binding request USE-CANDIDATE");
}

BOOST_AUTO_TEST_CASE(shows_what_a_send_indication_carries) {
  stun::Message message;
  message.cls = stun::Class::Indication;
  message.method = stun::Method::Send;
  message.add(stun::XorPeerAddress{kClient}).add(stun::Data{a_check(false)});

  const auto dissection = dissect_udp(kClient, kServer, stun::seal(message, {}));

  BOOST_REQUIRE(dissection.carried);
  BOOST_TEST(dissection.carried->from_client);
  BOOST_TEST(dissection.carried->peer->to_string() == "192.0.2.1:5000");
  BOOST_TEST(dissection.summary() == "Send indication: Binding request");
}

BOOST_AUTO_TEST_CASE(names_the_handshake_messages_of_a_plaintext_flight) {
  // Record 22, epoch 0: a ServerHello of 1 octet and the first 2 of 5 octets of a Certificate.
  const auto records =
      read_dtls_records(from_hex("16 fefd 0000 000000000001 001b"
                                 "02 000001 0000 000000 000001 aa"
                                 "0b 000005 0001 000000 000002 bbbb"));

  BOOST_REQUIRE(records.size() == 1);
  BOOST_TEST(records[0].name() == "ServerHello, Certificate (first part)");
  BOOST_TEST(records[0].sequence == 1u);
}

BOOST_AUTO_TEST_CASE(what_follows_the_change_of_keys_is_called_encrypted) {
  const auto records = read_dtls_records(
      from_hex("14 fefd 0000 000000000002 0001 01  16 fefd 0001 000000000000 0002 aabb"));

  BOOST_REQUIRE(records.size() == 2);
  BOOST_TEST(records[0].name() == "ChangeCipherSpec");
  BOOST_TEST(records[1].name() == "Finished (encrypted)");
}

// RFC 9147 §4: 0 0 1 C S L E E.
BOOST_AUTO_TEST_CASE(reads_the_unified_header_with_and_without_length) {
  const auto with = read_dtls_records(from_hex("2e 1234 0002 aabb 2f 0001 0001 cc"));
  const auto without = read_dtls_records(from_hex("23 12 aabbcc"));

  BOOST_REQUIRE(with.size() == 2);
  BOOST_TEST(with[0].epoch == 2u);
  BOOST_TEST(with[1].epoch == 3u);
  BOOST_TEST(!with[0].content_type.has_value());
  BOOST_REQUIRE(without.size() == 1);
  BOOST_TEST(without[0].length == 3u);
}

BOOST_AUTO_TEST_CASE(every_truncation_of_a_flight_is_harmless) {
  const auto whole = from_hex("16 fefd 0000 000000000001 000d 02 000001 0000 000000 000001 aa");

  for (std::size_t length = 0; length < whole.size(); ++length) {
    BOOST_TEST(read_dtls_records(ByteView{whole}.first(length)).empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
