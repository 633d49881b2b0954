#include "scenarios/pattern.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace rtclab::scenario {
namespace {

BOOST_AUTO_TEST_SUITE(pattern)

const std::string kSdp = "v=0\r\na=setup:actpass\r\na=ice-options:trickle ice2\r\n";

BOOST_AUTO_TEST_CASE(a_match_ends_before_the_end_of_its_line) {
  BOOST_TEST(replace_all(kSdp, "a=setup:.*", "a=setup:active") ==
             "v=0\r\na=setup:active\r\na=ice-options:trickle ice2\r\n");
}

BOOST_AUTO_TEST_CASE(circumflex_and_dollar_are_about_single_lines) {
  BOOST_TEST(replace_all(kSdp, "^a=setup:.*$\n", "") == "v=0\r\na=ice-options:trickle ice2\r\n");
  BOOST_TEST(replace_all(kSdp, "^setup", "x") == kSdp);
  BOOST_TEST(matcher("^a=setup:(active|actpass)$")("a=setup:actpass"));
  BOOST_TEST(!matcher("^setup")("a=setup:actpass"));
}

BOOST_AUTO_TEST_CASE(groups_the_match_and_dollars_are_written_as_in_javascript) {
  BOOST_TEST(replace_all(kSdp, "(trickle) (ice2)", "$2,$1") ==
             "v=0\r\na=setup:actpass\r\na=ice-options:ice2,trickle\r\n");
  BOOST_TEST(replace_all("s=-\r\n", "-", "[$&] $$1 \\1") == "s=[-] $1 \\1\r\n");
}

BOOST_AUTO_TEST_CASE(a_line_can_be_added) {
  BOOST_TEST(replace_all("v=0\r\n", "v=0\n", "$&s=x\n") == "v=0\r\ns=x\r\n");
}

BOOST_AUTO_TEST_CASE(what_is_no_pattern_is_said) {
  BOOST_TEST(pattern_flaw("a(").value_or("") == "missing ): a(");
  BOOST_TEST(pattern_flaw("(?<=a)b").has_value());
  BOOST_TEST(!pattern_flaw("(?P<name>a)").has_value());
  BOOST_TEST(replacement_flaw("a", "$1").value_or("").find("1") != std::string::npos);
  BOOST_TEST(!replacement_flaw("(a)", "$1").has_value());
}

// Backtracking would take longer than the universe has been there.
BOOST_AUTO_TEST_CASE(no_pattern_takes_longer_than_its_text_is_long) {
  BOOST_TEST(!matcher("^(a+)+$")(std::string(50'000, 'a') + "b"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
