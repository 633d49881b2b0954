#include "agents/turn/channel_data.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::turn {
namespace {

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(turn_channel_data)

BOOST_AUTO_TEST_CASE(has_four_octets_of_header_and_no_padding) {
  BOOST_TEST(to_hex(ChannelData{0x4001, as_octets("abc")}.serialize()) == "40010003616263");
}

BOOST_DATA_TEST_CASE(comes_back_as_it_was, data::xrange(9), size) {
  const Bytes payload(static_cast<std::size_t>(size), std::byte{0x5a});
  const Bytes octets = ChannelData{0x4fff, payload}.serialize();

  const Result<ChannelData> read = ChannelData::parse(octets);

  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->channel == 0x4fff);
  BOOST_TEST(std::ranges::equal(read->data, payload));
}

BOOST_AUTO_TEST_CASE(padding_of_a_stream_is_looked_past) {
  const auto octets = from_hex("40000003 616263 00");
  BOOST_TEST(as_text(ChannelData::parse(octets)->data) == "abc");
}

BOOST_AUTO_TEST_CASE(is_refused_at_every_truncation) {
  const auto octets = ChannelData{0x4000, as_octets("hello")}.serialize();
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto read = ChannelData::parse(ByteView{octets}.first(size));
    BOOST_REQUIRE(!read.has_value());
    BOOST_TEST((read.error().flaw == (size < 4 ? Flaw::Truncated : Flaw::BadLength)));
  }
}

BOOST_AUTO_TEST_CASE(is_for_channels_of_rfc_8656_only) {
  for (const auto* const hex : {"3fff0000", "50000000", "7fff0000", "ffff0000", "00000000"}) {
    BOOST_TEST((ChannelData::parse(from_hex(hex)).error() ==
                ParseError{Flaw::BadValue, 0, {8656, "12.6"}}));
  }
}

BOOST_AUTO_TEST_CASE(is_told_apart_by_its_first_octet) {
  BOOST_TEST(looks_like_channel_data(from_hex("40")));
  BOOST_TEST(looks_like_channel_data(from_hex("4f")));
  BOOST_TEST(!looks_like_channel_data(from_hex("50")));
  BOOST_TEST(!looks_like_channel_data(from_hex("3f")));
  BOOST_TEST(!looks_like_channel_data({}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
