// docs/nats.md against the program: every word of a NAT, and every preset.
#include "sim/nat/behaviour.h"
#include "topologies/nat_presets.h"
#include "topologies/nat_reader.h"
#include "topologies/nat_terms.h"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace rtclab::nat {
namespace {

std::string page() {
  const std::filesystem::path file{RTCLAB_SOURCE_DIR "/docs/nats.md"};
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string kind(Mapping mapping, Filtering filtering) {
  return std::string{to_string(mapping)} + ", " + std::string{to_string(filtering)};
}

// What stands between the marks, made of the presets.
std::string table() {
  std::string text =
      "| preset | what it is | mapping, filtering | looks like | terms |\n|---|---|---|---|---|\n";
  for (const auto& preset : topology::nat_presets()) {
    const auto& nat = preset.behaviour;
    const auto seen = appears(nat);
    std::string terms;
    for (const auto& [attribute, value] : topology::terms_of(nat)) {
      terms += (terms.empty() ? "`" : " `") + std::string{attribute} + "=\"" + value + "\"`";
    }
    text += "| `" + std::string{preset.name} + "` | " + std::string{preset.title} + " | " +
            kind(nat.mapping, nat.filtering) + " | " + kind(seen.mapping, seen.filtering) +
            (seen.hairpins ? ", hairpins" : "") + " | " + terms + " |\n";
  }
  for (const auto& preset : topology::nat_presets()) {
    text += "\n**" + std::string{preset.name} + "**: " + std::string{preset.reason} + "\n";
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(page_of_nats)

BOOST_AUTO_TEST_CASE(it_has_the_table_of_presets) {
  const auto text = page();
  const auto begin = text.find('\n', text.find("page_test.cc: begin -->")) + 1;
  const auto end = text.find("<!-- end -->");

  BOOST_TEST(text.substr(begin, end - begin) == table());
}

BOOST_AUTO_TEST_CASE(it_explains_every_attribute_and_no_other) {
  const auto text = page();
  for (const auto& name : topology::nat_attributes()) {
    if (name == "preset") continue;
    BOOST_TEST(text.find("\n| `" + std::string{name} + "` |") != std::string::npos, name);
  }
  std::size_t rows = 0;
  const auto end = text.find("## During the run");
  for (auto at = text.find("\n| `"); at < end; at = text.find("\n| `", at + 1)) ++rows;
  BOOST_TEST(rows == topology::nat_attributes().size() - 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
