#include "agents/stun/integrity.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"

#include <boost/test/unit_test.hpp>
#include <openssl/hmac.h>

namespace rtclab::stun {
namespace {

const Key kKey = short_term_key("VOkJxbRl1RmTxUk/WvJxBt");
const Endpoint kClient = *Endpoint::parse("192.0.2.1:32853");

Message a_request() {
  SeededRng rng{1};
  Message message;
  message.transaction = TransactionId::draw(rng);
  return message.add(Username{"evtj:h6vY"}).add(Software{"rtclab"});  // both need padding
}

Message a_success() {
  return Message::response_to(a_request(), Class::Success).add(XorMappedAddress{kClient});
}

Bytes sealed(const Message& message, Deviations deviations) {
  return seal(message, {kKey, IntegrityAlgorithm::Sha1, true, deviations});
}

unsigned length_field(ByteView octets) {
  ByteReader reader{octets};
  reader.skip(2);
  return reader.u16();
}

BOOST_AUTO_TEST_SUITE(stun_integrity)

BOOST_AUTO_TEST_CASE(the_example_key_of_rfc_8489_comes_out) {
  BOOST_TEST(to_hex(long_term_key("user", "realm", "pass")) == "8493fbc53ba582fb4c044c456bdc40eb");
  BOOST_TEST(long_term_key("user", "realm", "pass", PasswordHash::Sha256).size() == 32u);
}

BOOST_AUTO_TEST_CASE(an_unsigned_message_has_nothing_to_check) {
  const auto octets = seal(a_request());
  BOOST_TEST((check_integrity(octets, kKey, IntegrityAlgorithm::Both) == Check::Absent));
  BOOST_TEST((check_fingerprint(octets) == Check::Absent));
}

BOOST_AUTO_TEST_CASE(with_both_algorithms_the_stronger_decides) {
  auto octets = seal(a_request(), {kKey, IntegrityAlgorithm::Both, false, {}});
  BOOST_TEST((check_integrity(octets, kKey, IntegrityAlgorithm::Sha1) == Check::Ok));
  BOOST_TEST((check_integrity(octets, kKey, IntegrityAlgorithm::Sha256) == Check::Ok));

  octets.back() ^= std::byte{1};

  BOOST_TEST((check_integrity(octets, kKey, IntegrityAlgorithm::Sha1) == Check::Ok));
  BOOST_TEST((check_integrity(octets, kKey, IntegrityAlgorithm::Both) == Check::Bad));
}

// RFC 8489 §14.6: sixteen octets are enough, and the length that is hashed is that of the shorter
// attribute.
BOOST_AUTO_TEST_CASE(a_shortened_sha256_is_taken) {
  auto octets = seal(a_request());
  octets[3] = static_cast<std::byte>(octets.size() + 4 + 16 - kHeaderSize);
  std::array<std::byte, 32> digest{};
  HMAC(EVP_sha256(), kKey.data(), static_cast<int>(kKey.size()),
       reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
       reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  const auto attribute = ByteWriter{20}
                             .u16(static_cast<unsigned>(MessageIntegritySha256::kType))
                             .u16(16)
                             .octets(std::span{digest}.first(16))
                             .take();
  octets.insert(octets.end(), attribute.begin(), attribute.end());

  BOOST_TEST(Message::parse(octets).has_value());
  BOOST_TEST((check_integrity(octets, kKey, IntegrityAlgorithm::Sha256) == Check::Ok));
  octets.back() ^= std::byte{1};
  BOOST_TEST((check_integrity(octets, kKey, IntegrityAlgorithm::Sha256) == Check::Bad));
}

BOOST_AUTO_TEST_CASE(a_fingerprint_that_is_not_last_is_none) {
  auto octets = sealed(a_request(), {});
  BOOST_TEST((check_fingerprint(octets) == Check::Ok));
  const auto behind = ByteWriter{4}.u16(0xc001).u16(0).take();
  octets.insert(octets.end(), behind.begin(), behind.end());
  octets[3] = static_cast<std::byte>(octets.size() - kHeaderSize);

  BOOST_TEST((check_fingerprint(octets) == Check::Absent));
  BOOST_TEST(Message::parse_structure(octets).tolerated.size() == 1u);
}

// --- each deviation breaks its clause and no other ---

BOOST_AUTO_TEST_CASE(deviation_type_top_bits) {
  const auto octets = sealed(a_request(), {Deviation::StunTypeTopBits});

  BOOST_TEST((octets[0] == std::byte{0x80}));
  const auto reading = Message::parse_structure(octets);
  BOOST_TEST((reading.flaws == std::vector{ParseError{Flaw::BadValue, 0, {8489, "5"}}}));
  BOOST_TEST((check_integrity(octets, kKey) == Check::Ok));
  BOOST_TEST((check_fingerprint(octets) == Check::Ok));
}

BOOST_AUTO_TEST_CASE(deviation_length_counts_header) {
  const auto octets = sealed(a_request(), {Deviation::StunLengthCountsHeader});

  BOOST_TEST(length_field(octets) == octets.size());
  const auto reading = Message::parse_structure(octets);
  BOOST_TEST((reading.flaws == std::vector{ParseError{Flaw::BadLength, 2, {8489, "5"}}}));
  BOOST_TEST(!reading.framed);
  BOOST_TEST(reading.message->has<Fingerprint>());
  BOOST_TEST((check_integrity(octets, kKey) == Check::Ok));
  BOOST_TEST((check_fingerprint(octets) == Check::Ok));
}

BOOST_AUTO_TEST_CASE(deviation_padding_not_zero) {
  const auto octets = sealed(a_request(), {Deviation::StunPaddingNonZero});

  const auto reading = Message::parse_structure(octets);
  BOOST_TEST(reading.flaws.empty());
  BOOST_TEST(reading.tolerated.size() == 2u);
  BOOST_TEST((check_integrity(octets, kKey) == Check::Ok));
  BOOST_TEST((check_fingerprint(octets) == Check::Ok));
}

BOOST_AUTO_TEST_CASE(deviation_fingerprint_not_last) {
  const auto octets = sealed(a_request(), {Deviation::StunFingerprintNotLast});

  const auto message = *Message::parse(octets);
  BOOST_REQUIRE(message.attributes.size() == 4u);
  BOOST_TEST((message.attributes[2].type == AttributeType::Fingerprint));
  BOOST_TEST((message.attributes[3].type == AttributeType::MessageIntegrity));
  BOOST_TEST((check_integrity(octets, kKey) == Check::Ok));
  BOOST_TEST((check_fingerprint(octets) == Check::Absent));
}

BOOST_AUTO_TEST_CASE(deviation_fingerprint_not_last_without_integrity) {
  const auto octets =
      seal(a_request(),
           {.key = {}, .fingerprint = true, .deviations = {Deviation::StunFingerprintNotLast}});

  const auto message = *Message::parse(octets);
  BOOST_TEST((message.attributes[1].type == AttributeType::Fingerprint));
  BOOST_TEST((message.attributes[2].type == AttributeType::Software));
}

BOOST_AUTO_TEST_CASE(deviation_integrity_over_the_final_length) {
  const auto octets = sealed(a_request(), {Deviation::StunIntegrityUnadjustedLength});

  BOOST_TEST(Message::parse(octets).has_value());
  BOOST_TEST((check_integrity(octets, kKey) == Check::Bad));
  BOOST_TEST((check_fingerprint(octets) == Check::Ok));
}

BOOST_AUTO_TEST_CASE(deviation_response_fresh_transaction_id) {
  const auto response =
      *Message::parse(sealed(a_success(), {Deviation::StunResponseFreshTransactionId}));
  const auto request =
      *Message::parse(sealed(a_request(), {Deviation::StunResponseFreshTransactionId}));

  BOOST_TEST((response.transaction != a_request().transaction));
  BOOST_TEST((request.transaction == a_request().transaction));
  BOOST_TEST((response.find<XorMappedAddress>()->endpoint == kClient));
}

BOOST_AUTO_TEST_CASE(deviation_response_unsigned) {
  const Deviations deviations{Deviation::StunResponseUnsigned};

  BOOST_TEST((check_integrity(sealed(a_success(), deviations), kKey) == Check::Absent));
  BOOST_TEST((check_integrity(sealed(a_request(), deviations), kKey) == Check::Ok));
}

BOOST_AUTO_TEST_CASE(deviation_response_wrong_mapped_address) {
  const auto message =
      *Message::parse(sealed(a_success(), {Deviation::StunResponseWrongMappedAddress}));

  BOOST_TEST(message.find<XorMappedAddress>()->endpoint.to_string() == "192.0.2.1:32854");
}

BOOST_AUTO_TEST_CASE(deviation_error_without_code) {
  const auto error = Message::response_to(a_request(), Class::Error)
                         .add(ErrorCode::standard(error::kRoleConflict));

  const auto message = *Message::parse(sealed(error, {Deviation::StunErrorWithoutCode}));

  BOOST_TEST(!message.has<ErrorCode>());
  BOOST_TEST((message.cls == Class::Error));
}

BOOST_AUTO_TEST_CASE(deviation_of_ids_counts_or_repeats) {
  SeededRng rng{5};
  TransactionIds counter{rng, {Deviation::StunTransactionIdCounter}};
  BOOST_TEST(counter.next().to_hex() == "000000000000000000000001");
  BOOST_TEST(counter.next().to_hex() == "000000000000000000000002");

  TransactionIds repeating{rng, {Deviation::StunReuseTransactionId}};
  const auto first = repeating.next();
  BOOST_TEST((repeating.next() == first));
  BOOST_TEST((repeating.next() != first));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
