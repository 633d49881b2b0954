#include "sim/courier/letter.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::signalling {
namespace {

namespace data = boost::unit_test::data;

Piece part(std::size_t number, std::size_t parts, std::string text) {
  return {.id = "alice-1",
          .from = "alice",
          .to = "bob",
          .number = 1,
          .part = number,
          .parts = parts,
          .text = std::move(text)};
}

BOOST_AUTO_TEST_SUITE(letter)

BOOST_AUTO_TEST_CASE(what_fits_is_not_cut) {
  BOOST_TEST(cut("hello", std::nullopt).size() == 1u);
  BOOST_TEST(cut("hello", 5).size() == 1u);
  BOOST_TEST(cut("", 5).size() == 1u);
}

BOOST_DATA_TEST_CASE(parts_are_no_longer_than_allowed_and_make_the_whole_again, data::xrange(4, 40),
                     size) {
  const std::string text =
      "v=0 Grüße, 你好, \xf0\x9f\x95\x8a flies; and again 你好 \xf0\x9f\x95\x8a";

  std::string whole;
  for (const auto& each : cut(text, static_cast<std::size_t>(size))) {
    BOOST_TEST(each.size() <= static_cast<std::size_t>(size));
    BOOST_TEST(!each.empty());
    BOOST_TEST((static_cast<unsigned char>(each.front()) & 0xc0u) != 0x80u);
    whole += each;
  }
  BOOST_TEST(whole == text);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_utf_8_is_cut_all_the_same) {
  const std::string text(10, '\x80');
  std::string whole;
  for (const auto& each : cut(text, 4)) whole += each;
  BOOST_TEST(whole == text);
}

BOOST_AUTO_TEST_CASE(parts_make_a_whole_in_any_order) {
  Assembly assembly;
  BOOST_TEST(assembly.add(part(3, 3, "c")));
  BOOST_TEST(assembly.add(part(1, 3, "a")));
  BOOST_TEST(!assembly.whole().has_value());
  BOOST_TEST(!assembly.add(part(1, 3, "a")));
  BOOST_TEST(!assembly.whole().has_value());
  BOOST_TEST(assembly.add(part(2, 3, "b")));
  BOOST_TEST(assembly.whole().value() == "abc");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::signalling
