#include "topologies/xml_reductions.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace rtclab::xml {
namespace {

const std::string kText =
    "<a><b loss=\"30%\"><c/></b>\n<d delay=\"7ms\" address=\"10.0.0.1/24\"/></a>";

const Reduction& of(const std::vector<Reduction>& all, const std::string& what) {
  const auto found = std::ranges::find(all, what, &Reduction::what);
  BOOST_REQUIRE_MESSAGE((found != all.end()), what);
  return *found;
}

bool has(const std::vector<Reduction>& all, const std::string& what) {
  return std::ranges::find(all, what, &Reduction::what) != all.end();
}

BOOST_AUTO_TEST_SUITE(xml_reductions)

BOOST_AUTO_TEST_CASE(the_largest_element_is_offered_first_and_the_outermost_never) {
  const auto all = reductions(kText);

  BOOST_TEST(all.front().what == "<b> goes");
  BOOST_TEST(!has(all, "<a> goes"));
  const auto left = reduced(kText, all.front());
  BOOST_TEST(left.find("<b") == std::string::npos);
  BOOST_TEST(left.find("<c") == std::string::npos);
  BOOST_TEST(left.find("<d delay=\"7ms\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_attribute_goes_and_a_number_becomes_nothing_or_half) {
  const auto all = reductions(kText);

  BOOST_TEST(reduced(kText, of(all, "loss of <b> goes")).find("loss") == std::string::npos);
  BOOST_TEST(reduced(kText, of(all, "loss of <b>: 30% becomes 15%")).find("loss=\"15%\"") !=
             std::string::npos);
  BOOST_TEST(has(all, "loss of <b>: 30% becomes 0%"));
  BOOST_TEST(has(all, "delay of <d>: 7ms becomes 3ms"));
  BOOST_TEST(std::ranges::none_of(all, [](const auto& reduction) {
    return reduction.attribute == "address" && reduction.value.has_value();
  }));
}

BOOST_AUTO_TEST_CASE(one_has_no_half_and_nothing_becomes_no_less) {
  BOOST_TEST(!has(reductions("<a n=\"1\"/>"), "n of <a>: 1 becomes 0.5"));
  BOOST_TEST(has(reductions("<a n=\"1\"/>"), "n of <a>: 1 becomes 0"));
  BOOST_TEST(reductions("<a n=\"0\"/>").size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_has_a_name_goes_with_all_that_speaks_of_it) {
  const std::string text =
      "<net><host name=\"al\"/><host name=\"alice\"/><link a=\"al.eth0\" b=\"x\"/><link "
      "a=\"alice\" b=\"x\"/></net>";

  const auto left =
      reduced(text, of(reductions(text), "<host> al goes, and all that speaks of it"));
  BOOST_TEST(left.find("al.eth0") == std::string::npos);
  BOOST_TEST(left.find("<link a=\"alice\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_part_that_hangs_on_one_join_goes_as_a_whole) {
  const std::string text =
      "<net><host name=\"al\"/><nat name=\"home\"/><router name=\"r\"/><link a=\"al.eth0\" "
      "b=\"home.inside\"/><link a=\"home.outside\" b=\"r\"/></net>";

  const auto all = reductions(text, {.join = "link"});
  const auto left = reduced(text, of(all, "all behind r goes: al, home"));
  BOOST_TEST(left.find("link") == std::string::npos);
  BOOST_TEST(left.find("<router name=\"r\"") != std::string::npos);
  BOOST_TEST(left.find("home") == std::string::npos);
  BOOST_TEST(has(all, "all behind home.outside goes: r"));
}

BOOST_AUTO_TEST_CASE(a_word_becomes_one_that_is_simpler_and_some_elements_stay) {
  const Simpler simpler{.kept = {"title"}, .words = {{"nat/preset", {"open", "mean", "worst"}}}};
  const auto all = reductions("<net><title>t</title><nat preset=\"mean\"/></net>", simpler);

  BOOST_TEST(has(all, "preset of <nat>: mean becomes open"));
  BOOST_TEST(!has(all, "preset of <nat>: mean becomes worst"));
  BOOST_TEST(!has(all, "<title> goes"));
}

BOOST_AUTO_TEST_CASE(a_comment_stands_before_the_outermost_element) {
  const auto text = with_comment(kText, " why ");
  BOOST_TEST(text.find("<!-- why -->") < text.find("<a>"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::xml
