#include "agents/base/bytes.h"

#include "agents/base/octets_at.h"

#include <boost/test/unit_test.hpp>

namespace rtclab {
namespace {

BOOST_AUTO_TEST_SUITE(bytes)

BOOST_AUTO_TEST_CASE(numbers_travel_in_network_order) {
  ByteWriter writer;
  writer.u8(1).u16(0x0203).u24(0x040506).u32(0x0708090a).u64(0x0b0c0d0e0f101112);

  BOOST_TEST(to_hex(writer.view()) == "0102030405060708090a0b0c0d0e0f101112");
  ByteReader reader{writer.view()};
  BOOST_TEST(reader.u8() == 1u);
  BOOST_TEST(reader.u16() == 0x0203u);
  BOOST_TEST(reader.u24() == 0x040506u);
  BOOST_TEST(reader.u32() == 0x0708090au);
  BOOST_TEST(reader.u64() == 0x0b0c0d0e0f101112u);
  BOOST_TEST(reader.ok());
  BOOST_TEST(reader.remaining() == 0u);
}

BOOST_AUTO_TEST_CASE(reading_past_the_end_yields_zero_and_is_remembered) {
  const auto octets = from_hex("ffff");
  ByteReader reader{octets};

  BOOST_TEST(reader.u32() == 0u);
  BOOST_TEST(!reader.ok());
  BOOST_TEST(reader.rest().empty());
}

BOOST_AUTO_TEST_CASE(padding_reaches_the_next_multiple) {
  ByteWriter writer;
  writer.u8(7).pad_to(4);
  BOOST_TEST(writer.size() == 4u);
  writer.pad_to(4);
  BOOST_TEST(writer.size() == 4u);
}

BOOST_AUTO_TEST_CASE(two_octets_are_read_and_set_in_place) {
  auto octets = from_hex("0102030405");

  set_u16_at(octets, 1, 0xabcd);

  BOOST_TEST(to_hex(octets) == "01abcd0405");
  BOOST_TEST(u16_at(octets, 1) == 0xabcd);
  BOOST_TEST(u16_at(octets, 3) == 0x0405);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
