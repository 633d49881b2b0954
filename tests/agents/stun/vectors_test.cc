// Every published STUN message, taken apart, put together again, cut and bent.
#include "tests/agents/stun/vectors.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::stun {
namespace {

namespace data = boost::unit_test::data;

IntegrityAlgorithm algorithm_of(const Message& message) {
  return message.has<MessageIntegritySha256>() ? IntegrityAlgorithm::Sha256
                                               : IntegrityAlgorithm::Sha1;
}

BOOST_AUTO_TEST_SUITE(stun_vectors)

BOOST_DATA_TEST_CASE(hold_what_the_rfc_says, data::make(sound_vectors()), vector) {
  const Result<Message> message = Message::parse(vector.octets);

  BOOST_REQUIRE(message.has_value());
  BOOST_TEST((message->method == Method::Binding));
  if (!vector.software.empty()) BOOST_TEST(message->find<Software>()->value == vector.software);
  if (message->has<Username>()) BOOST_TEST(message->find<Username>()->value == vector.username);
  if (!vector.nonce.empty()) BOOST_TEST(message->find<Nonce>()->value == vector.nonce);
  if (!vector.realm.empty()) BOOST_TEST(message->find<Realm>()->value == vector.realm);
  if (!vector.mapped.empty())
    BOOST_TEST(message->find<XorMappedAddress>()->endpoint.to_string() == vector.mapped);
}

BOOST_DATA_TEST_CASE(verify, data::make(sound_vectors()), vector) {
  const Message message = *Message::parse(vector.octets);

  BOOST_TEST((check_integrity(vector.octets, key_of(vector), algorithm_of(message)) == Check::Ok));
  const auto fingerprint = message.has<Fingerprint>() ? Check::Ok : Check::Absent;
  BOOST_TEST((check_fingerprint(vector.octets) == fingerprint));
}

BOOST_DATA_TEST_CASE(are_refused_under_another_password, data::make(sound_vectors()), vector) {
  auto key = key_of(vector);
  key.front() ^= std::byte{1};

  const Message message = *Message::parse(vector.octets);

  BOOST_TEST((check_integrity(vector.octets, key, algorithm_of(message)) == Check::Bad));
}

// The vectors pad with spaces (RFC 5769 §2), we pad with zeros: the content is what must agree.
BOOST_DATA_TEST_CASE(survive_being_sealed_again, data::make(sound_vectors()), vector) {
  const Message message = *Message::parse(vector.octets);
  Message bare = message;
  std::erase_if(bare.attributes, [](const Attribute& attribute) {
    return attribute.type == AttributeType::MessageIntegrity ||
           attribute.type == AttributeType::Fingerprint ||
           attribute.type == AttributeType::MessageIntegritySha256;
  });

  const auto octets =
      seal(bare, {key_of(vector), algorithm_of(message), message.has<Fingerprint>(), Deviations{}});

  BOOST_TEST(octets.size() == vector.octets.size());
  BOOST_TEST((check_integrity(octets, key_of(vector), algorithm_of(message)) == Check::Ok));
  const Message again = *Message::parse(octets);
  BOOST_REQUIRE(again.attributes.size() == message.attributes.size());
  BOOST_TEST(again.name() == message.name());
  for (std::size_t i = 0; i < bare.attributes.size(); ++i) {
    BOOST_TEST((again.attributes[i] == message.attributes[i]));
  }
}

BOOST_AUTO_TEST_CASE(the_long_term_request_of_rfc_8489_comes_out_octet_for_octet) {
  const auto& vector = vector_named("sample-request-long-term-sha256");
  auto bare = *Message::parse(vector.octets);
  bare.attributes.pop_back();

  const auto octets = seal(bare, {key_of(vector), IntegrityAlgorithm::Sha256, false, Deviations{}});

  BOOST_TEST(to_hex(octets) == to_hex(vector.octets));
  BOOST_TEST((*bare.find<UserHash>() == user_hash(vector.username, vector.realm)));
}

BOOST_AUTO_TEST_CASE(the_one_that_is_printed_wrong_is_refused_for_its_length) {
  const auto& vector = vector_named("sample-request-long-term-sha256-as-printed");

  const Result<Message> message = Message::parse(vector.octets);

  BOOST_REQUIRE(!message.has_value());
  BOOST_TEST((message.error() == ParseError{Flaw::BadLength, 2, {8489, "5"}}));
  BOOST_TEST(
      (check_integrity(vector.octets, key_of(vector), IntegrityAlgorithm::Sha256) == Check::Bad));
}

BOOST_DATA_TEST_CASE(are_refused_at_every_truncation, data::make(all_vectors()), vector) {
  for (std::size_t size = 0; size < vector.octets.size(); ++size) {
    const auto cut = ByteView{vector.octets}.first(size);

    BOOST_TEST(!Message::parse(cut).has_value());
    BOOST_TEST(!looks_like_stun(cut));
    BOOST_TEST((check_fingerprint(cut) != Check::Ok));
  }
}

// A cut message whose header is made to fit is a message again; the attribute that was cut through
// is noticed.
BOOST_DATA_TEST_CASE(never_verify_when_cut_and_relabelled, data::make(sound_vectors()), vector) {
  for (std::size_t size = kHeaderSize; size < vector.octets.size(); size += 4) {
    Bytes cut{vector.octets.begin(), vector.octets.begin() + static_cast<std::ptrdiff_t>(size)};
    cut[2] = static_cast<std::byte>((size - kHeaderSize) >> 8u);
    cut[3] = static_cast<std::byte>(size - kHeaderSize);

    const Result<Message> message = Message::parse(cut);

    if (message)
      BOOST_TEST(message->attributes.size() < Message::parse(vector.octets)->attributes.size());
    BOOST_TEST((check_fingerprint(cut) == Check::Absent));
  }
}

// Everything before the integrity attribute is covered by it, but for the length field's own
// octets, which parse() holds against the datagram.
BOOST_DATA_TEST_CASE(notice_every_flipped_bit, data::make(sound_vectors()), vector) {
  const Message original = *Message::parse(vector.octets);
  const auto key = key_of(vector);
  for (std::size_t bit = 0; bit < vector.octets.size() * 8; ++bit) {
    auto octets = vector.octets;
    octets[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));

    const Result<Message> message = Message::parse(octets);

    const bool passes = message &&
                        check_integrity(octets, key, algorithm_of(original)) == Check::Ok &&
                        check_fingerprint(octets) != Check::Bad &&
                        message->has<Fingerprint>() == original.has<Fingerprint>();
    BOOST_TEST(!passes);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
