#include "reports/page/report.h"

#include "reports/evidence/evidence.h"
#include "reports/evidence/media_streams.h"
#include "tests/support/played.h"

#include <boost/test/unit_test.hpp>
#include <pugixml.hpp>

#include <algorithm>
#include <regex>
#include <set>

namespace rtclab::page {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++found;
  return found;
}

struct FirstCall {
  evidence::Evidence evidence = test::evidence_of(test::play("first-call", 1));
  std::vector<evidence::MediaStream> media = evidence::media_streams(evidence);
  std::vector<judge::Judgement> judgements = judge::judge(evidence);
  [[nodiscard]] std::string html(std::vector<SummaryRow> rows = {},
                                 std::string replay = "rtclab run first-call") const {
    return report_html({evidence, media, judgements, std::move(rows), std::move(replay)});
  }
};

BOOST_FIXTURE_TEST_SUITE(report, FirstCall)

BOOST_AUTO_TEST_CASE(the_page_holds_the_exchange_both_choices_all_verdicts_and_all_signalling) {
  const auto page = html({{"connected", "0.4 s", SummaryRow::Mood::Good}});

  BOOST_TEST(page.find("0.4 s") != std::string::npos);
  BOOST_TEST(page.find("As alice saw it") != std::string::npos);
  BOOST_TEST(page.find("As bob saw it") != std::string::npos);
  BOOST_TEST(count(page, "<svg") == 3u);
  for (const auto& judgement : judgements) {
    BOOST_TEST(page.find(judgement.requirement->id) != std::string::npos,
               judgement.requirement->id);
  }
  BOOST_TEST(count(page, "class=\"message\"") == evidence.signalling.size());
  BOOST_TEST(page.find("rtclab run first-call") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_exchange_shows_what_travels_inside_dtls) {
  const auto page = html();

  BOOST_TEST(page.find(">INIT</text>") != std::string::npos);
  BOOST_TEST(page.find(">COOKIE ECHO, I-DATA: open &quot;chat&quot;</text>") != std::string::npos);
  BOOST_TEST(page.find(">&quot;Hello Bob&quot;</text>") != std::string::npos);
  BOOST_TEST(page.find("data (DTLS)") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_is_loaded_from_elsewhere_and_no_script_runs) {
  const auto page = html();

  BOOST_TEST(page.find("<script") == std::string::npos);
  BOOST_TEST(page.find("src=\"http") == std::string::npos);
  BOOST_TEST(page.find("@import") == std::string::npos);
  BOOST_TEST(count(page, "<?xml") == 0u);
}

BOOST_AUTO_TEST_CASE(every_link_within_the_page_has_its_target) {
  const auto page = html();
  std::set<std::string> ids;
  const std::regex id{R"(\bid="([^"]+)\")"};
  for (std::sregex_iterator it{page.begin(), page.end(), id}, end; it != end; ++it)
    ids.insert((*it)[1]);

  const std::regex link{R"#(href="#([^"]+)")#"};
  for (std::sregex_iterator it{page.begin(), page.end(), link}, end; it != end; ++it) {
    BOOST_TEST(ids.contains((*it)[1]), (*it)[1]);
  }
}

BOOST_AUTO_TEST_CASE(the_pictures_inside_are_well_formed) {
  const auto page = html();
  for (auto at = page.find("<svg"); at != std::string::npos; at = page.find("<svg", at + 1)) {
    const auto end = page.find("</svg>", at);
    pugi::xml_document document;
    BOOST_TEST(static_cast<bool>(document.load_string(page.substr(at, end + 6 - at).c_str())));
  }
}

BOOST_AUTO_TEST_CASE(hostile_text_stays_text) {
  evidence.title = "<script>alert(1)</script>";
  evidence.signalling.front().sdp = "v=0\r\n</pre><img src=x onerror=alert(1)>";
  const auto page = html({{"why", "<b>because</b>"}});

  BOOST_TEST(page.find("<script>") == std::string::npos);
  BOOST_TEST(page.find("<img") == std::string::npos);
  BOOST_TEST(page.find("<b>because") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(
    a_call_without_media_has_no_section_for_it_and_one_with_media_a_row_for_each_stream) {
  BOOST_TEST(html().find("id=\"media\"") == std::string::npos);

  evidence = test::evidence_of(test::play("lossy-media", 1));
  media = evidence::media_streams(evidence);
  const auto page = html();

  BOOST_TEST(page.find("id=\"media\"") != std::string::npos);
  BOOST_TEST(count(page, ">audio opus</text>") == 2u);
  BOOST_TEST(count(page, ">video VP8</text>") == 2u);
  BOOST_TEST(page.find("came again</text>") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(evidence_of_nothing_still_makes_a_page) {
  const evidence::Evidence nothing;
  const auto judged = judge::judge(nothing);

  const auto page = report_html({nothing, {}, judged, {}, {}});

  BOOST_TEST(page.find("None in the evidence") != std::string::npos);
  BOOST_TEST(page.ends_with("</html>\n"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::page
