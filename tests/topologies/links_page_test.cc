// docs/links.md against the program: every word of a link, and every preset.
#include "topologies/link_presets.h"
#include "topologies/link_reader.h"
#include "topologies/vocabulary.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace rtclab::topology {
namespace {

std::string page() {
  const std::filesystem::path file{RTCLAB_SOURCE_DIR "/docs/links.md"};
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// "`delay` 25ms `rate` 384kbit/s / 1500kbit/s".
std::string terms_text(const LinkPreset& preset) {
  const auto up = terms_of(preset.up);
  const auto down = terms_of(preset.down);
  std::string text;
  for (const auto& term : up) {
    const auto other = std::ranges::find(down, term.attribute, &LinkTerm::attribute);
    text += (text.empty() ? "`" : " `") + std::string{term.attribute} + "` " + term.value;
    if (other != down.end() && other->value != term.value) text += " / " + other->value;
  }
  return text;
}

std::string percent(double share) {
  const auto quality = LinkQuality{.loss = share};
  return share == 0 ? "none" : terms_of(quality).front().value;
}

// What stands between the marks, made of the presets.
std::string table() {
  std::string text =
      "| preset | what it is | mean loss | terms | where the numbers are from |\n"
      "|---|---|---|---|---|\n";
  for (const auto& preset : link_presets()) {
    text += "| `" + std::string{preset.name} + "` | " + std::string{preset.title} + " | " +
            percent(preset.up.mean_loss()) + " | " + terms_text(preset) + " | " +
            std::string{preset.reason} + " |\n";
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(page_of_links)

BOOST_AUTO_TEST_CASE(it_has_the_table_of_presets) {
  const auto text = page();
  const auto begin = text.find('\n', text.find("links_page_test.cc: begin -->")) + 1;
  const auto end = text.find("<!-- end -->");

  BOOST_TEST(text.substr(begin, end - begin) == table());
}

BOOST_AUTO_TEST_CASE(it_explains_every_attribute_and_element) {
  const auto text = page();
  for (const auto& name : link_attributes()) {
    BOOST_TEST(text.find("\n| `" + std::string{name} + "` |") != std::string::npos, name);
  }
  for (const auto& name : link_children()) {
    BOOST_TEST(text.find("\n| `<" + std::string{name} + ">` |") != std::string::npos, name);
  }
  for (const auto* const name : {"standard", "pathLossExponent", "distance"}) {
    BOOST_TEST(text.find("\n| `" + std::string{name} + "` |") != std::string::npos, name);
  }
}

BOOST_AUTO_TEST_CASE(it_explains_every_word) {
  const auto text = page();
  const auto has = [&](const auto& choices) {
    for (const auto& choice : choices) {
      BOOST_TEST(text.find("`" + std::string{choice.text} + "`") != std::string::npos, choice.text);
    }
  };
  has(kJitterDistributions);
  has(kQueueDisciplines);
  has(kDropKinds);
  has(kWifiStandards);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
