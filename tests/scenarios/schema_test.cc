// The schema is what an editor completes and explains by: it has to have every element and
// attribute that the loader knows, where the loader knows it, and nothing else, each with a
// sentence.
#include "scenarios/grammar.h"
#include "scenarios/theme.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shell.h"

#include <boost/test/unit_test.hpp>
#include <pugixml.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace rtclab::scenario {
namespace {

using Node = pugi::xml_node;
using Names = std::set<std::string>;

std::string name_of(Node node) {
  return node.attribute("name").value();
}

class Schema {
 public:
  Schema() {
    for (const auto* const file :
         {"/scenarios/scenario.xsd", "/scenarios/expectations.xsd", "/topologies/topology.xsd"}) {
      auto& document = documents_.emplace_back(std::make_unique<pugi::xml_document>());
      const auto parsed = document->load_file((RTCLAB_SOURCE_DIR + std::string{file}).c_str());
      BOOST_REQUIRE_MESSAGE(parsed, file);
      for (const auto node : document->child("xs:schema").children())
        named_[node.name() + std::string{" "} + name_of(node)] = node;
      const bool is_ours = documents_.size() < 3;
      for (const auto found : document->select_nodes("//xs:element[@name]")) {
        const auto element = found.node();
        // Where a topology calls something the same, it is something else.
        if (is_ours || !elements_.contains(name_of(element)))
          elements_[name_of(element)].push_back(element);
        if (is_ours) check_documented(element);
      }
      if (!is_ours) continue;
      for (const auto found : document->select_nodes("//xs:attribute[@name]"))
        check_documented(found.node());
    }
  }

  [[nodiscard]] const std::vector<Node>& elements(const std::string& name) {
    return elements_[name];
  }
  [[nodiscard]] Names attributes(Node element) const {
    Names names;
    for (const auto part : parts(element)) {
      if (std::string{part.name()} == "xs:attribute") names.insert(name_of(part));
    }
    return names;
  }
  [[nodiscard]] Names children(Node element) const {
    Names names;
    for (const auto part : parts(element)) {
      if (std::string{part.name()} == "xs:element") names.insert(name_of(part));
    }
    return names;
  }
  // Each with where it stands.
  [[nodiscard]] const std::vector<std::string>& unexplained() const { return unexplained_; }

 private:
  void check_documented(Node node) {
    const auto explains = [](Node of) {
      return !std::string{of.select_node("xs:annotation/xs:documentation/text()").node().value()}
                  .empty();
    };
    if (!explains(node) && !explains(node.child("xs:complexType")))
      unexplained_.push_back(name_of(node.parent()) + " … " + name_of(node));
  }

  // The attributes and elements right inside an element, wherever the schema keeps them.
  [[nodiscard]] std::vector<Node> parts(Node element) const {
    std::vector<Node> found;
    const std::string type = element.attribute("type").value();
    const auto named = named_.find("xs:complexType " + type);
    collect(named == named_.end() ? element.child("xs:complexType") : named->second, found);
    return found;
  }
  void collect(Node node, std::vector<Node>& found) const {
    for (const auto child : node.children()) {
      const std::string kind = child.name();
      if (kind == "xs:attribute" || kind == "xs:element") {
        found.push_back(child);
      } else if (const auto* const ref = child.attribute("ref").value(); *ref != '\0') {
        collect(named_.at(kind + " " + ref), found);
      } else if (const auto* const base = child.attribute("base").value(); *base != '\0') {
        const auto named = named_.find("xs:complexType " + std::string{base});
        if (named != named_.end()) collect(named->second, found);
        collect(child, found);
      } else {
        collect(child, found);
      }
    }
  }

  std::vector<std::unique_ptr<pugi::xml_document>> documents_;
  std::map<std::string, Node> named_;  // by kind and name: "xs:attributeGroup window"
  std::map<std::string, std::vector<Node>> elements_;
  std::vector<std::string> unexplained_;
};

BOOST_AUTO_TEST_SUITE(scenario_schema)

BOOST_AUTO_TEST_CASE(every_element_and_attribute_is_explained) {
  for (const auto& where : Schema{}.unexplained()) BOOST_ERROR(where);
}

BOOST_AUTO_TEST_CASE(an_element_has_the_attributes_and_children_that_the_loader_knows) {
  Schema schema;
  for (const auto& rule : grammar().elements) {
    Names known{rule.required.begin(), rule.required.end()};
    known.insert(rule.optional.begin(), rule.optional.end());
    const Names children{rule.children.begin(), rule.children.end()};
    const auto& elements = schema.elements(std::string{rule.name});
    BOOST_TEST(!elements.empty(), rule.name);
    for (const auto& element : elements) {
      BOOST_TEST_CONTEXT("<" << rule.name << ">") {
        BOOST_TEST(schema.attributes(element) == known, boost::test_tools::per_element());
        BOOST_TEST(schema.children(element) == children, boost::test_tools::per_element());
      }
    }
  }
}

// What docs/scenarios.md shows of <expect>: the elements of its indented lines, what follows them
// aside.
std::string examples() {
  std::ifstream in{RTCLAB_SOURCE_DIR "/docs/scenarios.md"};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  const auto begin = page.find("## What must come of it");
  std::istringstream lines{page.substr(begin, page.find("\n## ", begin + 1) - begin)};
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("    ")) found += line.substr(0, line.rfind('>') + 1) + '\n';
  }
  return found;
}

BOOST_AUTO_TEST_CASE(the_examples_of_the_documentation_are_valid_by_the_schema) {
  const auto expectations = examples();
  BOOST_TEST_REQUIRE(expectations.find("<verdicts") != std::string::npos);
  const test::ScratchFolder folder;
  const auto file =
      folder.write("examples.xml",
                   "<scenario name='x' topology='two-homes'><title>x</title><peer name='alice' machine='m'/>"
                   "<timeline/><expect>\n" +
                       expectations + "</expect></scenario>");

  const auto answer =
      test::output_of("xmllint --noout --schema " RTCLAB_SOURCE_DIR "/scenarios/scenario.xsd " +
                      file.string() + " 2>&1");
  BOOST_TEST(answer.ends_with(" validates\n"), answer);
}

BOOST_AUTO_TEST_CASE(the_themes_are_those_of_the_loader) {
  pugi::xml_document document;
  BOOST_REQUIRE(document.load_file(RTCLAB_SOURCE_DIR "/scenarios/scenario.xsd"));
  std::vector<std::string> names;
  for (const auto found :
       document.select_nodes("//xs:simpleType[@name='theme']//xs:enumeration/@value"))
    names.emplace_back(found.attribute().value());
  std::vector<std::string> known;
  for (const auto& theme : themes()) known.emplace_back(theme.name);

  BOOST_TEST(names == known, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
