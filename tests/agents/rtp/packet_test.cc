#include "agents/rtp/packet.h"

#include "agents/base/rng.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::rtp {
namespace {

namespace data = boost::unit_test::data;

Packet a_packet() {
  return {.marker = true,
          .payload_type = PayloadType{111},
          .sequence_number = SequenceNumber{0x1234},
          .timestamp = RtpTimestamp{0x89abcdef},
          .ssrc = Ssrc{0xcafebabe},
          .csrcs = {Ssrc{1}, Ssrc{2}},
          .extension = std::nullopt,
          .payload = from_hex("0102030405"),
          .padding = 0};
}

bool has(std::optional<ByteView> found, ByteView expected) {
  return found && std::ranges::equal(*found, expected);
}

BOOST_AUTO_TEST_SUITE(rtp_packet)

BOOST_AUTO_TEST_CASE(every_field_stands_where_rfc_3550_puts_it) {
  auto packet = a_packet();
  packet.set_extension(3, from_hex("aa"));
  packet.padding = 3;

  const auto octets = packet.serialize();

  // V=2 P=1 X=1 CC=2 | M=1 PT=111 | sequence number | timestamp | SSRC | two CSRCs
  // 0xBEDE, one word | ID 3, length 1 | 0xaa | two octets of padding | payload | padding of three
  BOOST_TEST(to_hex(octets) ==
             "b2ef123489abcdefcafebabe0000000100000002"
             "bede000130aa0000"
             "0102030405000003");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  auto packet = a_packet();
  packet.set_extension(1, from_hex("30"));
  packet.set_extension(14, from_hex("000102030405060708090a0b0c0d0e0f"));
  packet.padding = 255;

  const auto parsed = Packet::parse(packet.serialize());

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((*parsed == packet));
}

struct BadPacket {
  const char* what;
  const char* hex;
  ParseError error;
};
std::ostream& operator<<(std::ostream& out, const BadPacket& bad) {
  return out << bad.what;
}
const std::vector<BadPacket> kBadPackets{
    {"eleven octets", "80601234000000000000de", {Flaw::Truncated, 11, {3550, "5.1"}}},
    {"version 1", "406012340000000000000000", {Flaw::BadMagic, 0, {3550, "5.1"}}},
    {"a CSRC that is not there", "816012340000000000000000", {Flaw::Truncated, 12, {3550, "5.1"}}},
    {"an extension without its length",
     "906012340000000000000000bede",
     {Flaw::Truncated, 14, {3550, "5.3.1"}}},
    {"an extension longer than the packet",
     "906012340000000000000000bede000110aa00",
     {Flaw::Truncated, 19, {3550, "5.3.1"}}},
    {"a one-byte element longer than the block",
     "906012340000000000000000bede000114aa0000",
     {Flaw::BadLength, 16, {8285, "4.2"}}},
    {"a two-byte element longer than the block",
     "9060123400000000000000001000000105030000",
     {Flaw::BadLength, 16, {8285, "4.3"}}},
    {"padding without an octet", "a06012340000000000000000", {Flaw::BadLength, 12, {3550, "5.1"}}},
    {"padding of none", "a0601234000000000000000000", {Flaw::BadLength, 12, {3550, "5.1"}}},
    {"padding longer than the payload",
     "a06012340000000000000000ff03",
     {Flaw::BadLength, 13, {3550, "5.1"}}},
};
BOOST_DATA_TEST_CASE(names_the_flaw_its_place_and_its_rule, data::make(kBadPackets), bad) {
  const auto parsed = Packet::parse(from_hex(bad.hex));

  BOOST_REQUIRE(!parsed.has_value());
  BOOST_TEST(to_string(parsed.error().flaw) == to_string(bad.error.flaw));
  BOOST_TEST(parsed.error().offset == bad.error.offset);
  BOOST_TEST(parsed.error().rule.to_string() == bad.error.rule.to_string());
}

BOOST_DATA_TEST_CASE(no_truncation_of_the_headers_passes, data::xrange(32), size) {
  auto packet = a_packet();
  packet.set_extension(2, from_hex("0102030405060708"));

  const auto octets = packet.serialize();

  BOOST_TEST(!Packet::parse(ByteView{octets}.first(static_cast<std::size_t>(size))).has_value());
}

BOOST_AUTO_TEST_CASE(an_element_too_long_for_one_byte_turns_the_block_to_two) {
  auto packet = a_packet();
  packet.set_extension(4, from_hex("61"));
  packet.set_extension(5, Bytes(17, std::byte{7}));

  const auto parsed = Packet::parse(packet.serialize());

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((parsed->extension->form() == ExtensionForm::TwoByte));
  BOOST_TEST(has(parsed->find_extension(4), from_hex("61")));
  BOOST_TEST(has(parsed->find_extension(5), Bytes(17, std::byte{7})));
}

BOOST_AUTO_TEST_CASE(only_the_two_byte_form_carries_ids_from_15_and_empty_elements) {
  HeaderExtension extension;
  extension.set(15, from_hex("01"));
  BOOST_TEST((extension.form() == ExtensionForm::TwoByte));

  HeaderExtension empty;
  empty.set(1, {});
  BOOST_TEST((empty.form() == ExtensionForm::TwoByte));
}

BOOST_AUTO_TEST_CASE(setting_an_element_twice_replaces_it) {
  auto packet = a_packet();
  packet.set_extension(4, from_hex("61"));
  packet.set_extension(4, from_hex("6263"));

  BOOST_TEST(packet.extension->elements.size() == 1u);
  BOOST_TEST(has(packet.find_extension(4), from_hex("6263")));
}

// The example of RFC 8285 §4.2: two elements, padding between them, and one of five octets.
BOOST_AUTO_TEST_CASE(padding_may_stand_between_one_byte_elements) {
  const auto parsed =
      HeaderExtension::parse(0xbede, from_hex("10 aa 21 bbbb 00 00 33 cccccccc"), 16);

  BOOST_REQUIRE(parsed.has_value());
  const std::vector<ExtensionElement> expected{
      {1, from_hex("aa")}, {2, from_hex("bbbb")}, {3, from_hex("cccccccc")}};
  BOOST_TEST((parsed->elements == expected));
}

BOOST_AUTO_TEST_CASE(id_15_ends_the_reading_of_a_one_byte_block) {
  const auto parsed = HeaderExtension::parse(0xbede, from_hex("10aa f3 21bbbb 00"), 16);

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST(parsed->elements.size() == 1u);
}

BOOST_AUTO_TEST_CASE(id_0_with_a_length_ends_the_reading_of_a_one_byte_block) {
  const auto parsed = HeaderExtension::parse(0xbede, from_hex("10aa 02 21bbbb 00"), 16);

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST(parsed->elements.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_applications_bits_of_the_two_byte_form_are_kept) {
  const auto parsed = HeaderExtension::parse(0x1005, from_hex("0700 00 00"), 16);

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((parsed->form() == ExtensionForm::TwoByte));
  BOOST_TEST((parsed->elements == std::vector<ExtensionElement>{{7, {}}}));
  ByteWriter out;
  parsed->write(out);
  BOOST_TEST(to_hex(out.view()) == "1005000107000000");
}

BOOST_AUTO_TEST_CASE(a_block_of_another_profile_is_kept_as_it_is) {
  const auto octets = from_hex("906012340000000000000000abcd0001deadbeef55");

  const auto parsed = Packet::parse(octets);

  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((parsed->extension->form() == ExtensionForm::Other));
  BOOST_TEST(!parsed->find_extension(13));
  BOOST_TEST(to_hex(parsed->serialize()) == to_hex(octets));
}

BOOST_AUTO_TEST_CASE(a_header_view_ends_where_the_payload_begins) {
  auto packet = a_packet();
  packet.set_extension(2, from_hex("0102"));
  const auto octets = packet.serialize();

  const auto view = HeaderView::parse(octets);

  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(view->ssrc.value() == 0xcafebabe);
  BOOST_TEST(view->sequence_number.value() == 0x1234u);
  BOOST_TEST(view->payload_type.value() == 111u);
  BOOST_TEST(view->size == octets.size() - 5);
}

BOOST_DATA_TEST_CASE(the_second_octet_tells_rtcp_from_rtp, data::xrange(256), second) {
  auto octets = from_hex("8000000000000000");
  octets[1] = static_cast<std::byte>(second);

  BOOST_TEST(looks_like_rtcp(octets) == (second >= 192 && second <= 223));
  BOOST_TEST(looks_like_rtp_or_rtcp(octets));
}

BOOST_AUTO_TEST_CASE(random_octets_are_refused_or_survive_the_way_out_and_back) {
  SeededRng rng{1};
  int read = 0;
  for (int i = 0; i < 5000; ++i) {
    Bytes octets(rng.below(80));
    rng.fill(octets);
    if (!octets.empty()) octets[0] = std::byte{0x80} | (octets[0] & std::byte{0x3f});
    const auto parsed = Packet::parse(octets);
    if (!parsed) continue;
    ++read;
    const auto again = Packet::parse(parsed->serialize());
    BOOST_REQUIRE(again.has_value());
    BOOST_REQUIRE((*again == *parsed));
  }
  BOOST_TEST(read > 500);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rtp_types)

BOOST_AUTO_TEST_CASE(sequence_numbers_compare_across_the_wrap) {
  BOOST_TEST(is_newer(SequenceNumber{0}, SequenceNumber{65535}));
  BOOST_TEST(!is_newer(SequenceNumber{65535}, SequenceNumber{0}));
  BOOST_TEST(!is_newer(SequenceNumber{7}, SequenceNumber{7}));
  BOOST_TEST((SequenceNumber{65535}.plus(2) == SequenceNumber{1}));
  BOOST_TEST((SequenceNumber{1}.plus(-2) == SequenceNumber{65535}));
  BOOST_TEST(is_newer(RtpTimestamp{5}, RtpTimestamp{0xfffffff0}));
}

BOOST_AUTO_TEST_CASE(unwrapping_takes_the_nearest_turn) {
  const auto first = unwrap_first(SequenceNumber{65530});

  const auto after = unwrap(SequenceNumber{3}, first);
  const auto before = unwrap(SequenceNumber{65000}, after);

  BOOST_TEST(after - first == 9u);
  BOOST_TEST(first - before == 530u);
  BOOST_TEST((wrap(after) == SequenceNumber{3}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::rtp
