#include "sim/bridge/interrogation.h"

#include "topologies/nat_presets.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::bridge {
namespace {

constexpr std::size_t kMtu = 1400;

std::vector<Answer> answers_of(std::string_view preset) {
  const ShortLifetimes lifetimes;
  return interrogate(
      *make_simulated_nat(topology::find_nat_preset(preset)->behaviour, lifetimes, kMtu),
      lifetimes);
}

std::string answer(const std::vector<Answer>& answers, std::string_view question) {
  const auto found = std::ranges::find(answers, question, &Answer::question);
  BOOST_REQUIRE((found != answers.end()));
  return found->answer;
}

constexpr std::string_view kMapping = "UDP from port 5000: the ports that three destinations see";
constexpr std::string_view kFiltering =
    "UDP from outside to a mapping: from where it has sent to, another port there, another address";
constexpr std::string_view kHairpinning = "UDP from inside to the outside endpoint of a neighbour";
constexpr std::string_view kRefresh = "Kept alive by packets from outside alone";

BOOST_AUTO_TEST_SUITE(interrogation)

BOOST_AUTO_TEST_CASE(linux_masquerade_answers_as_the_kernel_did) {
  const auto answers = answers_of("linux-masquerade");

  BOOST_TEST(answer(answers, kMapping) == "5000, 5000, 5000");
  BOOST_TEST(answer(answers, kFiltering) == "yes, no, no");
  BOOST_TEST(answer(answers, kHairpinning) == "nothing");
  BOOST_TEST(answer(answers, kRefresh) == "yes");
  BOOST_TEST(answer(answers, "Two fragments, the second one first") == "0+400, 400+408");
}

BOOST_AUTO_TEST_CASE(other_nats_answer_otherwise) {
  const auto open = answers_of("full-cone");
  const auto strict = answers_of("symmetric");

  BOOST_TEST(answer(open, kFiltering) == "yes, yes, yes");
  BOOST_TEST(answer(strict, kMapping) != "5000, 5000, 5000");
  BOOST_TEST(answer(answers_of("rfc4787"), kHairpinning) == "arrives");
}

BOOST_AUTO_TEST_CASE(a_difference_that_nobody_can_explain_has_no_explanation) {
  const auto kernel = answers_of("linux-masquerade");
  auto ours = kernel;
  const auto same = compare(ours, kernel);
  BOOST_TEST(std::ranges::all_of(same, &Comparison::agrees));
  BOOST_TEST(same.size() == kernel.size());

  std::ranges::find(ours, kFiltering, &Answer::question)->answer = "yes, yes, yes";
  std::ranges::find(ours, kHairpinning, &Answer::question)->answer = "port unreachable";
  for (const auto& row : compare(ours, kernel)) {
    BOOST_TEST(row.agrees() == (row.question != kFiltering && row.question != kHairpinning));
    BOOST_TEST(row.explanation.empty() == (row.question != kHairpinning));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::bridge
