#include "reports/diagrams/svg.h"

#include "reports/diagrams/graph_layout.h"
#include "reports/diagrams/pairs.h"
#include "reports/diagrams/sequence.h"
#include "reports/evidence/load.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <pugixml.hpp>

namespace data = boost::unit_test::data;
using namespace rtclab;

namespace {

const std::filesystem::path kData = RTCLAB_TEST_DATA;
const std::vector<std::string> kEvidence{"reports/sample-run", "recordings/chromium-pion-dc",
                                         "recordings/chromium-firefox-relay-only"};

pugi::xml_document parsed(const std::string& svg) {
  pugi::xml_document document;
  const auto result = document.load_string(svg.c_str(), pugi::parse_full);
  BOOST_REQUIRE_MESSAGE(result, result.description());
  BOOST_REQUIRE(std::string{document.document_element().name()} == "svg");
  return document;
}

// Every text that the document shows, joined.
std::string shown(const pugi::xml_document& document) {
  std::string text;
  for (const auto& node : document.select_nodes("//*[name()='text']")) {
    text += std::string{node.node().text().get()} + "\n";
  }
  return text;
}

// Text of every kind that a file or a packet could hold, in every place from where it is drawn.
evidence::Evidence with_hostile_text() {
  const std::string hostile = "</text><script>alert(1)</script>\x01\xff\"'&]]>";
  auto evidence = evidence::load(kData / "reports/sample-run").value();
  evidence.title = evidence.description = hostile;
  for (auto& party : evidence.parties) {
    if (party.kind != evidence::PartyKind::Peer) party.name = hostile;
  }
  for (auto& datagram : evidence.datagrams) datagram.reason = hostile;
  for (auto& message : evidence.signalling) message.candidate = message.sdp = hostile;
  for (auto& event : evidence.trace) {
    for (auto& [key, value] : event.data) {
      if (std::holds_alternative<std::string>(value)) value = hostile;
    }
  }
  return evidence;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(svg)

BOOST_DATA_TEST_CASE(diagrams_are_well_formed_and_come_out_the_same_again, data::make(kEvidence),
                     folder) {
  const auto evidence = evidence::load(kData / folder).value();
  const auto peer = evidence.parties[evidence.peers().front()].name;

  const auto sequence = diagrams::sequence_svg(evidence);
  const auto pairs = diagrams::pairs_svg(evidence, peer);

  BOOST_TEST(shown(parsed(sequence)).find("offer") != std::string::npos);
  BOOST_TEST(shown(parsed(pairs)).find("selected") != std::string::npos);
  BOOST_TEST((sequence == diagrams::sequence_svg(evidence)));
  BOOST_TEST((pairs == diagrams::pairs_svg(evidence, peer)));
}

BOOST_AUTO_TEST_CASE(hostile_text_stays_text) {
  const auto evidence = with_hostile_text();

  const auto sequence = parsed(diagrams::sequence_svg(evidence));
  const auto pairs = parsed(diagrams::pairs_svg(evidence, "alice"));

  BOOST_TEST(sequence.select_nodes("//*[name()='script']").empty());
  BOOST_TEST(pairs.select_nodes("//*[name()='script']").empty());
}

BOOST_AUTO_TEST_CASE(each_arrow_can_be_linked_to_by_its_frame_once) {
  const auto evidence = evidence::load(kData / "recordings/chromium-firefox-relay-only").value();
  const auto document = parsed(diagrams::sequence_svg(evidence));

  std::vector<std::string> ids;
  for (const auto& node : document.select_nodes("//@id"))
    ids.emplace_back(node.attribute().value());
  BOOST_TEST(ids.size() > 20u);
  std::ranges::sort(ids);
  BOOST_TEST((std::ranges::adjacent_find(ids) == ids.end()));
}

BOOST_AUTO_TEST_CASE(evidence_of_nothing_makes_a_diagram_of_nothing) {
  const evidence::Evidence nothing;

  parsed(diagrams::sequence_svg(nothing));
  BOOST_TEST(shown(parsed(diagrams::pairs_svg(nothing, "nobody"))).find("No pair was formed") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(invalid_utf8_and_control_characters_are_replaced) {
  BOOST_TEST(diagrams::escape_xml("a\x01<b>\xff\xc3\xa9\xed\xa0\x80") ==
             "a\uFFFD&lt;b&gt;\uFFFD\u00e9\uFFFD");
}

BOOST_AUTO_TEST_CASE(shortening_never_splits_a_character) {
  BOOST_TEST(diagrams::shorten("äöüß", 3) == "äö…");
  BOOST_TEST(diagrams::shorten("äöüß", 4) == "äöüß");
}

BOOST_AUTO_TEST_CASE(graphviz_puts_columns_side_by_side_and_keeps_the_asked_order) {
  const auto layout =
      diagrams::lay_out_graph({{0, 100, 30}, {1, 100, 40}, {1, 100, 60}, {2, 100, 30}},
                              {{0, 1}, {0, 2}, {1, 3}, {2, 3}}, 1);

  BOOST_TEST(layout.centres[0].x < layout.centres[1].x);
  BOOST_TEST(layout.centres[1].x < layout.centres[3].x);
  BOOST_TEST(layout.centres[1].x == layout.centres[2].x);
  BOOST_TEST(layout.centres[2].y - layout.centres[1].y >= 50);  // they do not overlap
  for (const auto& curve : layout.curves) BOOST_TEST(curve.size() % 3 == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
