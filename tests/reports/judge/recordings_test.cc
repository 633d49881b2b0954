// Two recordings of other people's agents, and what the judge says of them, word for word. Each
// failure and each advice in these tables was looked up in the packets by hand
// (tests/data/reports/README.md says what they are).
#include "reports/evidence/load.h"
#include "reports/judge/judge.h"
#include "tests/reports/diagrams/golden.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace rtclab::judge {
namespace {

namespace data = boost::unit_test::data;

const std::vector<std::string> kRecordings{"chromium-firefox-relay-only", "chromium-pion-dc"};

evidence::Evidence recording(const std::string& name) {
  auto loaded = evidence::load(std::string{RTCLAB_TEST_DATA "/recordings/"} + name);
  if (!loaded) throw std::runtime_error{loaded.error().to_string()};
  return *std::move(loaded);
}

std::string table(const std::vector<Judgement>& judgements) {
  std::string text;
  for (const auto& judgement : judgements) {
    text += fmt::format("{:<12} {}\n    {}\n", to_string(judgement.verdict),
                        judgement.requirement->id, judgement.summary);
    for (const auto& exhibit : judgement.exhibits) {
      text +=
          fmt::format("    - {}: {}\n",
                      exhibit.frame ? fmt::format("{} frame {}", exhibit.capture, *exhibit.frame)
                                    : fmt::format("signalling {}", exhibit.signalling.value() + 1),
                      exhibit.what);
    }
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(judge_recordings)

BOOST_DATA_TEST_CASE(a_recording_has_these_verdicts, data::make(kRecordings), name) {
  test::expect_golden(std::string{RTCLAB_TEST_DATA "/reports/"} + name + ".verdicts.txt",
                      table(judge(recording(name))));
}

BOOST_DATA_TEST_CASE(judging_twice_gives_the_same_words, data::make(kRecordings), name) {
  BOOST_TEST(table(judge(recording(name))) == table(judge(recording(name))));
}

BOOST_DATA_TEST_CASE(no_verdict_but_inconclusive_is_without_evidence, data::make(kRecordings),
                     name) {
  const auto evidence = recording(name);
  for (const auto& judgement : judge(evidence)) {
    BOOST_TEST((judgement.verdict == Verdict::Inconclusive) == (judgement.cases == 0));
    BOOST_TEST(judgement.exhibits.empty() == (judgement.cases == 0), judgement.requirement->id);
  }
}

BOOST_AUTO_TEST_CASE(every_requirement_is_there_once) {
  std::set<std::string_view> ids;
  for (const auto& requirement : requirements())
    BOOST_TEST(ids.insert(requirement.id).second, requirement.id);
  BOOST_TEST(ids.size() >= 50u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::judge
