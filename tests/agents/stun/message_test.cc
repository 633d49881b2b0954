#include "agents/stun/message.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::stun {
namespace {

namespace data = boost::unit_test::data;

Message a_request() {
  SeededRng rng{1};
  Message message;
  message.transaction = TransactionId::draw(rng);
  return message;
}

struct BadHeader {
  const char* name;
  std::size_t octet;
  std::byte value;
  ParseError error;
};
std::ostream& operator<<(std::ostream& out, const BadHeader& row) {
  return out << row.name;
}

const std::vector<BadHeader> kBadHeaders{
    {"top bits set, as in RTP", 0, std::byte{0x80}, {Flaw::BadValue, 0, {8489, "5"}}},
    {"cookie off by one bit", 7, std::byte{0x43}, {Flaw::BadMagic, 4, {8489, "5"}}},
    {"length past the end", 3, std::byte{0x10}, {Flaw::BadLength, 2, {8489, "5"}}},
    {"length short of the end", 3, std::byte{0x04}, {Flaw::BadLength, 2, {8489, "5"}}},
    {"length not a multiple of 4", 3, std::byte{0x0b}, {Flaw::BadLength, 2, {8489, "5"}}},
    {"attribute past the end", 23, std::byte{0x09}, {Flaw::BadLength, 22, {8489, "14"}}},
};

BOOST_AUTO_TEST_SUITE(stun_message)

BOOST_DATA_TEST_CASE(a_bad_octet_is_named_with_its_rule, data::make(kBadHeaders), row) {
  auto octets = seal(a_request().add(Priority{1}).add(UseCandidate{}));  // 20 + 8 + 4
  octets[row.octet] = row.value;

  const auto message = Message::parse(octets);

  BOOST_REQUIRE(!message.has_value());
  BOOST_TEST((message.error() == row.error));
}

BOOST_AUTO_TEST_CASE(class_and_method_bits_interleave) {
  BOOST_TEST(type_field(Class::Request, Method::Binding) == 0x0001);
  BOOST_TEST(type_field(Class::Indication, Method::Binding) == 0x0011);
  BOOST_TEST(type_field(Class::Success, Method::Binding) == 0x0101);
  BOOST_TEST(type_field(Class::Error, Method::Binding) == 0x0111);
  BOOST_TEST(type_field(Class::Error, Method::Allocate) == 0x0113);
  BOOST_TEST(type_field(Class::Success, Method{0xfff}) == 0x3fef);
  BOOST_TEST(type_field(Class::Request, Method{0x080}) == 0x0200);
  std::set<std::uint16_t> types;
  for (unsigned method = 0; method < 0x1000; ++method) {
    for (const auto cls : {Class::Request, Class::Indication, Class::Success, Class::Error}) {
      const auto type = type_field(cls, Method{static_cast<std::uint16_t>(method)});
      types.insert(type);
      BOOST_TEST_REQUIRE(
          (class_of(type) == cls && method_of(type) == Method{static_cast<std::uint16_t>(method)}));
    }
  }
  BOOST_TEST(types.size() == 0x4000u);
  BOOST_TEST(*types.rbegin() == 0x3fff);
}

BOOST_AUTO_TEST_CASE(names_read_as_in_the_rfc) {
  BOOST_TEST(a_request().name() == "Binding request");
  BOOST_TEST(Message::response_to(a_request(), Class::Error).name() == "Binding error");
  BOOST_TEST(to_string(Method{0x080}) == "0x080");
}

BOOST_AUTO_TEST_CASE(padding_is_zero_and_not_counted) {
  const auto octets = seal(a_request().add(Software{"abcde"}).add(UseCandidate{}));

  BOOST_TEST(to_hex(ByteView{octets}.subspan(20)) ==
             "80220005"
             "6162636465000000"
             "00250000");
}

BOOST_AUTO_TEST_CASE(padding_of_others_is_overlooked_but_noted) {
  auto octets = seal(a_request().add(Software{"abcde"}));
  octets.back() = std::byte{0x20};

  BOOST_TEST(Message::parse(octets).has_value());
  const auto reading = Message::parse_structure(octets);
  BOOST_TEST(reading.framed);
  BOOST_TEST(reading.flaws.empty());
  BOOST_REQUIRE(reading.tolerated.size() == 1u);
  BOOST_TEST((reading.tolerated.front() == ParseError{Flaw::BadValue, 29, {8489, "14"}}));
}

BOOST_AUTO_TEST_CASE(a_bad_value_leaves_the_rest_readable) {
  auto message = a_request().add(Username{"a:b"});
  message.attributes.push_back({AttributeType::Priority, Bytes(3)});
  message.add(UseCandidate{});

  const auto octets = seal(message);

  BOOST_TEST((Message::parse(octets).error() == ParseError{Flaw::BadLength, 28, {8445, "7.1.1"}}));
  const auto reading = Message::parse_structure(octets);
  BOOST_TEST(reading.framed);
  BOOST_TEST(reading.message->find<Username>()->value == "a:b");
  BOOST_TEST(!reading.message->find<Priority>().has_value());
  BOOST_TEST(reading.message->has<UseCandidate>());
}

BOOST_AUTO_TEST_CASE(what_stands_behind_integrity_does_not_count) {
  const auto key = short_term_key("secret");
  auto octets = seal(a_request().add(Priority{1}), {.key = key});
  const auto behind =
      ByteWriter{4}.u16(static_cast<unsigned>(AttributeType::UseCandidate)).u16(0).take();
  octets.insert(octets.end(), behind.begin(), behind.end());
  octets[3] = static_cast<std::byte>(octets.size() - kHeaderSize);

  const auto message = Message::parse(octets);

  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->attributes.size() == 3u);
  BOOST_TEST(message->significant().size() == 2u);
  BOOST_TEST(!message->has<UseCandidate>());
  BOOST_TEST((check_integrity(octets, key) == Check::Ok));
}

BOOST_AUTO_TEST_CASE(both_integrity_attributes_and_the_fingerprint_count) {
  const auto octets =
      seal(a_request(), {short_term_key("secret"), IntegrityAlgorithm::Both, true, {}});

  const auto message = *Message::parse(octets);

  BOOST_REQUIRE(message.attributes.size() == 3u);
  BOOST_TEST(message.has<MessageIntegrity>());
  BOOST_TEST(message.has<MessageIntegritySha256>());
  BOOST_TEST(message.has<Fingerprint>());
}

BOOST_AUTO_TEST_CASE(the_first_of_two_counts) {
  const auto message = a_request().add(Username{"first"}).add(Username{"second"});
  BOOST_TEST(message.find<Username>()->value == "first");
  BOOST_TEST(message.find_all<Username>().size() == 2u);
}

BOOST_AUTO_TEST_CASE(unknown_required_attributes_are_listed_once_and_optional_ones_never) {
  auto message = a_request();
  for (const unsigned type : {0x7eeeu, 0xc057u, 0x8fffu, 0x7eeeu, 0x0002u}) {
    message.attributes.push_back({AttributeType{static_cast<std::uint16_t>(type)}, {}});
  }
  message.add(Priority{1});

  BOOST_TEST(
      (unknown_required(message) == std::vector{AttributeType{0x7eee}, AttributeType{0x0002}}));
  BOOST_TEST((unknown_required(message, std::vector{AttributeType{0x7eee}, AttributeType{2}}) ==
              std::vector{AttributeType::Priority}));
}

BOOST_AUTO_TEST_CASE(stun_is_told_apart_from_its_neighbours_on_a_socket) {
  auto octets = seal(a_request());
  BOOST_TEST(looks_like_stun(octets));
  for (const unsigned first : {4u, 20u, 22u, 63u, 64u, 79u, 128u, 191u, 255u}) {
    octets[0] = static_cast<std::byte>(first);
    BOOST_TEST(!looks_like_stun(octets));
  }
  BOOST_TEST(!looks_like_stun({}));
}

BOOST_AUTO_TEST_CASE(noise_is_never_a_crash) {
  SeededRng rng{99};
  for (int i = 0; i < 20000; ++i) {
    auto octets = seal(a_request()
                           .add(Software{"x"})
                           .add(XorMappedAddress{{Ip::v4(1), Port{2}}})
                           .add(Data{Bytes(9)}),
                       {.key = short_term_key("k"), .fingerprint = true});
    const auto strokes = 1 + rng.below(6);
    for (std::uint64_t k = 0; k < strokes; ++k)
      octets[rng.below(octets.size())] = static_cast<std::byte>(rng.next());
    octets.resize(octets.size() - rng.below(3) * rng.below(octets.size() / 2));
    const auto reading = Message::parse_structure(octets);
    BOOST_TEST_REQUIRE(Message::parse(octets).has_value() == reading.flaws.empty());
    (void)check_integrity(octets, short_term_key("k"), IntegrityAlgorithm::Both);
    (void)check_fingerprint(octets);
  }
}

BOOST_AUTO_TEST_CASE(ids_are_drawn_and_never_repeat) {
  SeededRng rng{5};
  TransactionIds ids{rng};
  std::set<TransactionId> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(ids.next());
  BOOST_TEST(seen.size() == 1000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
