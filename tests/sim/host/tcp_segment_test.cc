#include "sim/host/tcp_segment.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::tcp {
namespace {

namespace data = boost::unit_test::data;

const Ip kFrom = *Ip::parse("192.0.2.1");
const Ip kTo = *Ip::parse("198.51.100.2");

Segment a_segment() {
  Segment segment;
  segment.source = Port{5000};
  segment.destination = Port{80};
  segment.seq = Sequence{0x01020304};
  segment.ack_number = Sequence{0xfffffff0};
  segment.ack = segment.syn = true;
  segment.window = 65535;
  segment.mss = 1460;
  segment.payload = to_octets("odd");
  return segment;
}

BOOST_AUTO_TEST_SUITE(tcp_segment)

BOOST_AUTO_TEST_CASE(parses_what_it_writes) {
  const auto octets = a_segment().serialize(kFrom, kTo);
  const auto segment = Segment::parse(kFrom, kTo, octets);

  BOOST_TEST(to_hex(octets).substr(0, 32) ==
             "13880050"
             "01020304"
             "fffffff0"
             "6012ffff");
  BOOST_TEST(to_hex(octets).substr(40) ==
             "020405b4"
             "6f6464");
  BOOST_REQUIRE(segment.has_value());
  BOOST_TEST((segment->seq == a_segment().seq));
  BOOST_TEST((segment->ack_number == a_segment().ack_number));
  BOOST_TEST(segment->syn);
  BOOST_TEST(segment->ack);
  BOOST_TEST(!segment->fin);
  BOOST_TEST(!segment->rst);
  BOOST_TEST(!segment->psh);
  BOOST_TEST(segment->window == 65535u);
  BOOST_TEST(segment->mss.value() == 1460u);
  BOOST_TEST(as_text(segment->payload) == "odd");
  BOOST_TEST(segment->length() == 4u);
}

BOOST_DATA_TEST_CASE(every_truncation_is_refused, data::xrange(std::size_t{0}, std::size_t{27}),
                     size) {
  auto octets = a_segment().serialize(kFrom, kTo);
  octets.resize(size);
  BOOST_TEST(!Segment::parse(kFrom, kTo, octets).has_value());
}

BOOST_DATA_TEST_CASE(a_flipped_bit_anywhere_is_noticed, data::xrange(27 * 8), bit) {
  auto octets = a_segment().serialize(kFrom, kTo);
  octets[static_cast<std::size_t>(bit) / 8] ^= std::byte(1 << (bit % 8));
  BOOST_TEST(!Segment::parse(kFrom, kTo, octets).has_value());
}

BOOST_AUTO_TEST_CASE(another_address_makes_the_checksum_wrong) {
  BOOST_TEST(!Segment::parse(kFrom, kFrom, a_segment().serialize(kFrom, kTo)).has_value());
}

struct Options {
  std::string_view hex;
  bool good;
  std::optional<std::uint16_t> mss;
};
std::ostream& operator<<(std::ostream& out, const Options& row) {
  return out << row.hex;
}
// Real stacks send more options than we do; a length that points nowhere must not be followed.
const std::vector<Options> kOptions{
    {"020405b40402080a0000000100000000"
     "01030307",
     true, 1460},  // as Linux writes them
    {"01010101", true, std::nullopt},
    {"00ff0000", true, std::nullopt},  // nothing counts after the end of the list
    {"02040200"
     "00000000",
     true, 512},
    {"02030101", true, std::nullopt},  // not the length of an MSS option
    {"fe000000", false, std::nullopt},
    {"fe010000", false, std::nullopt},
    {"fe050000", false, std::nullopt},
    {"010101fe", false, std::nullopt}};

BOOST_DATA_TEST_CASE(options_are_read_with_care, data::make(kOptions), row) {
  auto without = a_segment();
  without.mss.reset();
  without.payload = from_hex(row.hex);
  auto octets = without.serialize(kFrom, kTo);
  // The header grows over what was payload, and the checksum takes the difference.
  const auto grown = std::byte(0x50 + row.hex.size() / 8 * 16);
  const auto difference = std::to_integer<unsigned>(grown) - 0x50u;
  octets[12] = grown;
  auto checksum =
      std::to_integer<unsigned>(octets[16]) * 256u + std::to_integer<unsigned>(octets[17]);
  checksum -= difference * 256u;
  if (checksum > 0xffffu) checksum -= 1;  // one's complement: the borrow goes round
  octets[16] = std::byte((checksum >> 8u) & 0xffu);
  octets[17] = std::byte(checksum & 0xffu);

  const auto segment = Segment::parse(kFrom, kTo, octets);

  BOOST_REQUIRE(segment.has_value() == row.good);
  if (segment) BOOST_TEST((segment->mss == row.mss));
}

BOOST_AUTO_TEST_CASE(sequence_numbers_compare_by_the_shorter_way_round) {
  const Sequence before{0xffff'fff0};
  const Sequence after = before + 0x20;

  BOOST_TEST(after.value() == 0x10u);
  BOOST_TEST((before < after));
  BOOST_TEST((after > before));
  BOOST_TEST((after - before == 0x20));
  BOOST_TEST(octets_between(before, after) == 0x20u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::tcp
