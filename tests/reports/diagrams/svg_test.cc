#include "reports/diagrams/svg.h"

#include "reports/diagrams/fewer_pairs.h"
#include "reports/diagrams/graph_layout.h"
#include "reports/diagrams/pair_history.h"
#include "reports/diagrams/pairs.h"
#include "reports/diagrams/sequence.h"
#include "reports/evidence/load.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <pugixml.hpp>

#include <algorithm>

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

BOOST_AUTO_TEST_CASE(what_is_too_wide_loses_its_middle_and_keeps_its_ends) {
  const std::string name = "0f0c5d28-7d43-4d6f-9f57-55c4de4a8c0e.local:56342";

  const auto fitted = diagrams::fit(name, 176, 10);

  BOOST_TEST(diagrams::text_width(name, 10) > 176);
  BOOST_TEST(diagrams::text_width(fitted, 10) <= 176);
  BOOST_TEST(fitted.starts_with("0f0c5d28-"));
  BOOST_TEST(fitted.ends_with(".local:56342"));
  BOOST_TEST(diagrams::fit("host", 176, 10) == "host");
  BOOST_TEST(diagrams::fit("äöüß", 0, 10) == "…");
}

namespace {

evidence::TraceEvent& last_of(evidence::Evidence& evidence, std::string_view name) {
  const auto found = std::ranges::find_if(
      evidence.trace.rbegin(), evidence.trace.rend(),
      [&](const auto& event) { return event.vantage == "alice" && event.name == name; });
  BOOST_REQUIRE((found != evidence.trace.rend()));
  return *found;
}

void set(evidence::TraceEvent& event, const std::string& key, const std::string& value) {
  std::erase_if(event.data, [&](const auto& field) { return field.first == key; });
  event.data.emplace_back(key, value);
}

// alice's selected pair fails at the end of the run.
evidence::Evidence with_lost_pair() {
  auto evidence = evidence::load(kData / "reports/sample-run").value();
  auto failed = last_of(evidence, "ice:pair_state_changed");
  failed.at = evidence.trace.back().at;
  failed.data = last_of(evidence, "ice:pair_selected").data;
  set(failed, "to", "failed");
  set(failed, "reason", "consent expired: no answer for 30 s");
  evidence.trace.push_back(failed);
  return evidence;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_selected_pair_that_fails_has_failed) {
  const auto history = diagrams::pair_history(with_lost_pair(), "alice");

  const auto lost = std::ranges::find_if(
      history.pairs, [](const diagrams::PairCard& pair) { return pair.selected.has_value(); });
  BOOST_REQUIRE((lost != history.pairs.end()));
  BOOST_TEST((lost->outcome == diagrams::PairOutcome::Failed));
  BOOST_TEST(lost->reason == "consent expired: no answer for 30 s");
  BOOST_TEST(shown(parsed(diagrams::pairs_svg(with_lost_pair(), "alice"))).find("\nselected\n") ==
             std::string::npos);
}

// Each text of a card begins at its left; those at the right end there.
BOOST_DATA_TEST_CASE(no_line_runs_out_of_its_card, data::make(kEvidence), folder) {
  auto evidence = evidence::load(kData / folder).value();
  for (auto& event : evidence.trace) {
    if (event.name == "ice:pair_state_changed")
      set(event, "reason",
          "a reason with WIDE WORDS and many MMMMMMMMMMMM of them, " + std::string(300, 'W'));
  }
  const auto peer = evidence.parties[evidence.peers().front()].name;
  const auto document = parsed(diagrams::pairs_svg(evidence, peer));

  std::size_t lines = 0;
  for (const auto& found : document.select_nodes("//*[name()='g']")) {
    const auto box = found.node().child("rect");
    const auto right = box.attribute("x").as_double() + box.attribute("width").as_double();
    for (const auto& text : found.node().children("text")) {
      const std::string css = text.attribute("class").value();
      if (!css.starts_with("small") || css.find("end") != std::string::npos ||
          css.find("middle") != std::string::npos)
        continue;
      ++lines;
      const auto end =
          text.attribute("x").as_double() + diagrams::text_width(text.text().get(), 10);
      BOOST_TEST(end <= right, text.text().get());
    }
  }
  BOOST_TEST(lines > 3u);
}

BOOST_AUTO_TEST_CASE(of_very_many_pairs_those_that_tell_most_are_shown) {
  using diagrams::PairOutcome;
  diagrams::PairHistory history;
  history.locals = {{.type = "host"}, {.type = "relay"}, {.type = "never paired"}};
  for (const auto* const address : {"a", "b", "c", "d"})
    history.remotes.push_back({.type = "host", .address = address});
  const auto add = [&](std::size_t local, std::size_t remote, PairOutcome outcome) {
    history.pairs.push_back({.local = local, .remote = remote, .outcome = outcome});
  };
  add(0, 0, PairOutcome::Failed);
  add(0, 1, PairOutcome::Pruned);
  add(0, 2, PairOutcome::Failed);
  add(1, 3, PairOutcome::Selected);

  BOOST_TEST(diagrams::hide_pairs(history, 4) == 0u);
  BOOST_TEST(diagrams::hide_pairs(history, 2) == 2u);

  BOOST_TEST_REQUIRE(history.pairs.size() == 2u);
  BOOST_TEST(history.remotes.at(history.pairs[0].remote).address == "a");
  BOOST_TEST((history.pairs[1].outcome == PairOutcome::Selected));
  BOOST_TEST(history.locals.at(history.pairs[1].local).type == "relay");
  BOOST_TEST(history.remotes.at(history.pairs[1].remote).address == "d");
  BOOST_TEST(history.remotes.size() == 2u);
  BOOST_TEST(history.locals.size() == 3u);  // what was never paired is told all the same
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
