#include "agents/stun/attributes.h"

#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <tuple>

namespace rtclab::stun {
namespace {

namespace data = boost::unit_test::data;

TransactionId an_id() {
  SeededRng rng{7};
  return TransactionId::draw(rng);
}

Endpoint v4() {
  return *Endpoint::parse("192.0.2.1:32853");
}
Endpoint v6() {
  return *Endpoint::parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

template <std::size_t N>
std::array<std::byte, N> some_octets() {
  std::array<std::byte, N> octets{};
  SeededRng{3}.fill(octets);
  return octets;
}

// One or more values of every attribute that has a codec.
const auto kValues =
    std::tuple{MappedAddress{v4()},
               MappedAddress{v6()},
               XorMappedAddress{v4()},
               XorMappedAddress{v6()},
               AlternateServer{v4()},
               XorPeerAddress{v6()},
               XorRelayedAddress{v4()},
               ResponseOrigin{v4()},
               OtherAddress{v6()},
               Username{"evtj:h6vY"},
               Username{""},
               Realm{"example.org"},
               Nonce{"f//499k954d6OL34oL9FSTvy64sA"},
               Software{"rtclab"},
               AlternateDomain{"example.org"},
               UserHash{some_octets<32>()},
               MessageIntegrity{some_octets<20>()},
               MessageIntegritySha256{Bytes(32)},
               MessageIntegritySha256{Bytes(16)},
               Fingerprint{0xe57a3bcf},
               ErrorCode{401, "Unauthenticated"},
               ErrorCode{699, ""},
               ErrorCode::standard(300),
               UnknownAttributes{{AttributeType{0x7eee}, AttributeType::DontFragment}},
               UnknownAttributes{},
               PasswordAlgorithm{PasswordHash::Sha256, {}},
               PasswordAlgorithm{PasswordHash{0x77}, Bytes(5, std::byte{9})},
               PasswordAlgorithms{{{PasswordHash::Sha256, {}},
                                   {PasswordHash{9}, Bytes(3, std::byte{1})},
                                   {PasswordHash::Md5, {}}}},
               Priority{1845494271},
               UseCandidate{},
               IceControlled{0x932ff9b151263b36},
               IceControlling{~std::uint64_t{0}},
               Lifetime{600},
               Data{},
               Data{to_octets("odd")},
               DontFragment{},
               ReservationToken{some_octets<8>()},
               RequestedAddressFamily{FamilyCode::V6},
               AdditionalAddressFamily{FamilyCode{9}},
               ChannelNumber{0x4fff},
               EvenPort{true},
               EvenPort{false},
               RequestedTransport{17},
               AddressErrorCode{FamilyCode::V6, 440, "no"},
               Icmp{3, 3, 0},
               Icmp{3, 4, 1280},
               Padding{Bytes(1500)},
               CacheTimeout{30},
               ChangeRequest{true, false},
               ChangeRequest{false, true},
               ResponsePort{Port{40000}},
               ConnectionId{0xdeadbeef}};

template <class F>
void for_each_value(F&& f) {
  std::apply([&](const auto&... value) { (f(value), ...); }, kValues);
}

BOOST_AUTO_TEST_SUITE(stun_attributes)

BOOST_AUTO_TEST_CASE(each_comes_back_as_it_was) {
  for_each_value([]<class A>(const A& value) {
    BOOST_TEST_CONTEXT(attribute_name(A::kType)) {
      const auto decoded = A::decode(value.encode(an_id()), an_id());
      BOOST_REQUIRE(decoded.has_value());
      BOOST_TEST((*decoded == value));
    }
  });
}

BOOST_AUTO_TEST_CASE(each_comes_back_through_a_message) {
  for_each_value([]<class A>(const A& value) {
    if constexpr (A::kType != AttributeType::MessageIntegrity &&
                  A::kType != AttributeType::MessageIntegritySha256 &&
                  A::kType != AttributeType::Fingerprint) {
      BOOST_TEST_CONTEXT(attribute_name(A::kType)) {
        Message message{Class::Request, Method::Binding, an_id(), {}};
        message.add(Software{"before"}).add(value).add(Realm{"behind"});

        const auto read = Message::parse(seal(message));

        BOOST_REQUIRE(read.has_value());
        BOOST_TEST((*read == message));
        if constexpr (A::kType != Software::kType && A::kType != Realm::kType) {
          BOOST_TEST((read->template find<A>() == value));
        }
        BOOST_TEST(unknown_required(*read).empty());
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(every_type_of_an_rfc_has_a_codec_and_a_value_here) {
  std::set<AttributeType> tried;
  for_each_value([&]<class A>(const A&) { tried.insert(A::kType); });
  for (const auto& row : all_attribute_types()) {
    BOOST_TEST_CONTEXT(row.name) {
      const bool is_standard = row.rule.rfc != 0;
      BOOST_TEST(has_codec(row.type) == is_standard);
      BOOST_TEST(tried.contains(row.type) == is_standard);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_truncation_of_a_value_is_read_past_its_end) {
  for_each_value([]<class A>(const A& value) {
    const auto octets = value.encode(an_id());
    for (std::size_t size = 0; size < octets.size(); ++size) {
      // Whether a shorter text is right is not for its codec to say; it must only not crash. The
      // sanitizers look.
      (void)A::decode(ByteView{octets}.first(size), an_id());
    }
  });
}

struct BadValue {
  const char* name;
  AttributeType type;
  const char* hex;
  Flaw flaw;
};
std::ostream& operator<<(std::ostream& out, const BadValue& row) {
  return out << row.name;
}

const std::vector<BadValue> kBadValues{
    {"an address of a third family", AttributeType::XorMappedAddress, "0003 0001 00000000",
     Flaw::BadValue},
    {"an IPv6 address cut to four octets", AttributeType::XorMappedAddress, "0002 0001 00000000",
     Flaw::BadLength},
    {"an IPv4 address of sixteen octets", AttributeType::MappedAddress,
     "0001 0001 00000000000000000000000000000000", Flaw::BadLength},
    {"no address at all", AttributeType::XorPeerAddress, "", Flaw::BadLength},
    {"error class 2", AttributeType::ErrorCode, "0000 0200", Flaw::BadValue},
    {"error class 7", AttributeType::ErrorCode, "0000 0700", Flaw::BadValue},
    {"error number 100", AttributeType::ErrorCode, "0000 0464", Flaw::BadValue},
    {"an error code of three octets", AttributeType::ErrorCode, "000004", Flaw::BadLength},
    {"PRIORITY of three octets", AttributeType::Priority, "010203", Flaw::BadLength},
    {"a tie-breaker of four octets", AttributeType::IceControlling, "01020304", Flaw::BadLength},
    {"USE-CANDIDATE with a value", AttributeType::UseCandidate, "00", Flaw::BadLength},
    {"SHA-1 integrity of sixteen octets", AttributeType::MessageIntegrity,
     "00000000000000000000000000000000", Flaw::BadLength},
    {"SHA-256 integrity of twelve octets", AttributeType::MessageIntegritySha256,
     "000000000000000000000000", Flaw::BadLength},
    {"SHA-256 integrity of seventeen octets", AttributeType::MessageIntegritySha256,
     "0000000000000000000000000000000000", Flaw::BadLength},
    {"half an unknown attribute", AttributeType::UnknownAttributes, "7eee 00", Flaw::BadLength},
    {"parameters longer than the attribute", AttributeType::PasswordAlgorithms,
     "0002 0005 00000000", Flaw::BadLength},
    {"two algorithms where one is due", AttributeType::PasswordAlgorithm, "0002 0000 0001 0000",
     Flaw::BadLength},
    {"a channel number of two octets", AttributeType::ChannelNumber, "4000", Flaw::BadLength},
    {"a token of seven octets", AttributeType::ReservationToken, "01020304050607", Flaw::BadLength},
    {"EVEN-PORT without octet", AttributeType::EvenPort, "", Flaw::BadLength},
};

BOOST_DATA_TEST_CASE(a_bad_value_is_named, data::make(kBadValues), row) {
  const auto flaw = flaw_in(row.type, from_hex(row.hex), an_id());
  BOOST_REQUIRE(flaw.has_value());
  BOOST_TEST((*flaw == row.flaw));
}

BOOST_AUTO_TEST_CASE(texts_longer_than_the_rfc_allows_are_refused) {
  BOOST_TEST(!flaw_in(AttributeType::Username, Bytes(508), an_id()).has_value());
  BOOST_TEST((flaw_in(AttributeType::Username, Bytes(509), an_id()) == Flaw::BadLength));
  BOOST_TEST(!flaw_in(AttributeType::Software, Bytes(763), an_id()).has_value());
  BOOST_TEST((flaw_in(AttributeType::Software, Bytes(764), an_id()) == Flaw::BadLength));
}

BOOST_AUTO_TEST_CASE(reserved_bits_are_zero_when_sent_and_ignored_when_received) {
  BOOST_TEST(to_hex(ChannelNumber{0x4001}.encode(an_id())) == "40010000");
  BOOST_TEST(to_hex(RequestedTransport{17}.encode(an_id())) == "11000000");
  BOOST_TEST(to_hex(RequestedAddressFamily{FamilyCode::V4}.encode(an_id())) == "01000000");
  BOOST_TEST(to_hex(EvenPort{true}.encode(an_id())) == "80");
  BOOST_TEST(to_hex(ErrorCode{487, ""}.encode(an_id())) == "00000457");

  BOOST_TEST((*ChannelNumber::decode(from_hex("4001ffff"), an_id()) == ChannelNumber{0x4001}));
  BOOST_TEST(
      (*RequestedTransport::decode(from_hex("11ffffff"), an_id()) == RequestedTransport{17}));
  BOOST_TEST((*EvenPort::decode(from_hex("7f"), an_id()) == EvenPort{false}));
  BOOST_TEST((*ErrorCode::decode(from_hex("fffffc57"), an_id()) == ErrorCode{487, ""}));
}

BOOST_AUTO_TEST_CASE(names_are_those_of_the_rfc) {
  BOOST_TEST(attribute_name(AttributeType::XorMappedAddress) == "XOR-MAPPED-ADDRESS");
  BOOST_TEST(attribute_name(AttributeType{0x7eee}) == "0x7eee");
  BOOST_TEST(is_comprehension_required(AttributeType{0x7fff}));
  BOOST_TEST(!is_comprehension_required(AttributeType::Software));
  BOOST_TEST(error::reason_phrase(437) == "Allocation Mismatch");
  BOOST_TEST(error::reason_phrase(499) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
