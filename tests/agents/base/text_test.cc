#include "agents/base/text.h"

#include <boost/test/unit_test.hpp>

namespace rtclab {
namespace {

const std::vector<std::string> kNames{"alice", "bob", "signalling"};

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(a_slip_of_the_pen_finds_its_name) {
  BOOST_TEST(nearest("alcie", kNames).value() == "alice");
  BOOST_TEST(did_you_mean("signaling", kNames) == ", did you mean \"signalling\"?");
}

BOOST_AUTO_TEST_CASE(a_foreign_word_finds_none) {
  BOOST_TEST(!nearest("wireshark", kNames).has_value());
  BOOST_TEST(did_you_mean("wireshark", kNames).empty());
  BOOST_TEST(!nearest("alice", {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_number_is_digits_and_nothing_else) {
  BOOST_TEST(parse_unsigned("18446744073709551615").value() == 18446744073709551615u);
  for (const auto* const text : {"", "18446744073709551616", "1 ", "-1", "+1", "0x1"}) {
    BOOST_TEST(!parse_unsigned(text).has_value());
  }
}

BOOST_AUTO_TEST_CASE(splitting_keeps_empty_parts) {
  BOOST_TEST(split("a,,b", ',').size() == 3u);
  BOOST_TEST(split("", ',').size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
