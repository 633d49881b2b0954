// Parameters, included files and edits: what a reader of an XML file never sees.
#include "tests/support/scratch_folder.h"
#include "topologies/xml_file.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace rtclab::xml {
namespace {

const Grammar kGrammar{"orchard",
                       {{.name = "orchard",
                         .optional = {"owner"},
                         .children = {"parameter", "include", "tree", "row"}},
                        {.name = "parameter", .required = {"name", "default"}},
                        {.name = "include", .required = {"file"}, .children = {"set"}},
                        {.name = "set", .required = {"name", "value"}},
                        {.name = "row", .children = {"include", "tree"}},
                        {.name = "tree", .required = {"name"}, .optional = {"age"}}}};

std::string name_of(const Element& tree) {
  return tree.text("name");
}

FileResult<XmlFile> orchard(const std::string& text, const Variation& variation = {}) {
  return XmlFile::parse("orchard.xml", text, kGrammar, variation);
}

// Of the file, or of what is read from it.
std::string complaint(const FileResult<XmlFile>& file) {
  if (!file) return file.error().to_string();
  for (const auto& child : file->root().children()) {
    (void)child.text("name", "");
    (void)child.children();
  }
  const auto error = file->error();
  return error ? error->to_string() : "";
}

// A folder with an orchard and a fragment that it may include.
struct Pair {
  test::ScratchFolder folder{};

  FileResult<XmlFile> load(const std::string& fragment, const std::string& text) const {
    (void)folder.write("part.xml", fragment);
    return XmlFile::load(folder.write("orchard.xml", text), kGrammar);
  }
};

BOOST_AUTO_TEST_SUITE(xml_reuse)

BOOST_AUTO_TEST_CASE(a_parameter_stands_for_its_default_anywhere_in_an_attribute) {
  const auto file = orchard(
      "<orchard owner=\"${who}\"><parameter name=\"who\" default=\"Ann\"/>"
      "<tree name=\"old-${who}-${who}\"/></orchard>");

  BOOST_REQUIRE(file.has_value());
  BOOST_TEST(file->root().text("owner") == "Ann");
  BOOST_REQUIRE(file->root().children().size() == 1u);
  BOOST_TEST(name_of(file->root().children()[0]) == "old-Ann-Ann");
  BOOST_TEST(!file->error().has_value());
}

BOOST_AUTO_TEST_CASE(a_default_may_speak_of_parameters_that_stand_before_it) {
  const std::string text =
      "<orchard owner=\"${both}\"><parameter name=\"who\" default=\"Ann\"/>"
      "<parameter name=\"both\" default=\"${who} and Bo\"/></orchard>";

  BOOST_TEST(orchard(text)->root().text("owner") == "Ann and Bo");
  BOOST_TEST(orchard(text, {.parameters = {{"who", "Cy"}}})->root().text("owner") == "Cy and Bo");
  BOOST_TEST(complaint(orchard("<orchard><parameter name=\"a\" default=\"${b}\"/>"
                               "<parameter name=\"b\" default=\"1\"/></orchard>"))
                 .starts_with("orchard.xml:1:"));
}

BOOST_AUTO_TEST_CASE(a_variation_gives_a_parameter_another_value) {
  const std::string text =
      "<orchard owner=\"${who}\"><parameter name=\"who\" default=\"Ann\"/></orchard>";

  const auto file = orchard(text, {.parameters = {{"who", "Bo"}}});
  BOOST_REQUIRE(file.has_value());
  BOOST_TEST(file->root().text("owner") == "Bo");
  BOOST_TEST(complaint(orchard(text, {.parameters = {{"whom", "Bo"}}})) ==
             "orchard.xml:1:1: unknown parameter \"whom\", did you mean \"who\"?");
}

BOOST_AUTO_TEST_CASE(a_name_that_stands_for_nothing_is_told_where_it_is_used) {
  BOOST_TEST(complaint(orchard("<orchard><parameter name=\"kind\" default=\"oak\"/>\n"
                               "<tree name=\"${kinds}\"/></orchard>")) ==
             "orchard.xml:2:7: unknown parameter \"kinds\", did you mean \"kind\"?");
  BOOST_TEST(complaint(orchard("<orchard><tree name=\"${kind\"/></orchard>")) ==
             "orchard.xml:1:16: ${ has no } behind it, expected ${name}");
  BOOST_TEST(complaint(orchard("<orchard><parameter name=\"a\" default=\"1\"/>"
                               "<parameter name=\"a\" default=\"2\"/></orchard>")) ==
             "orchard.xml:1:54: a second parameter \"a\"");
}

BOOST_AUTO_TEST_CASE(with_gives_a_name_to_an_element_and_all_inside_it) {
  const auto file = orchard("<orchard><row><tree name=\"tree-${i}\"/></row></orchard>");
  BOOST_REQUIRE(file.has_value());
  const auto row = file->root().children()[0];

  BOOST_TEST(name_of(row.with("i", "1").children()[0]) == "tree-1");
  BOOST_TEST(name_of(row.with("i", "2").children()[0]) == "tree-2");
  BOOST_TEST(!file->error().has_value());
}

BOOST_AUTO_TEST_CASE(an_included_file_stands_in_the_place_of_the_include) {
  const Pair pair;
  const auto file = pair.load(
      "<fragment><parameter name=\"kind\" default=\"oak\"/><tree name=\"${kind}-1\"/><tree "
      "name=\"${kind}-2\"/></fragment>",
      "<orchard><tree name=\"a\"/><include file=\"part.xml\"><set name=\"kind\" value=\"elm\"/>"
      "</include><row><include file=\"part.xml\"/></row></orchard>");

  BOOST_REQUIRE(file.has_value());
  const auto children = file->root().children();
  BOOST_REQUIRE(children.size() == 4u);
  BOOST_TEST(name_of(children[1]) == "elm-1");
  BOOST_TEST(name_of(children[2]) == "elm-2");
  BOOST_TEST(name_of(children[3].children()[1]) == "oak-2");
  BOOST_TEST(!file->error().has_value());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_in_an_included_file_is_told_with_its_place_there) {
  const Pair pair;
  const auto told = [&](const std::string& fragment) {
    const auto file = pair.load(fragment, "<orchard><include file=\"part.xml\"/></orchard>");
    auto text = complaint(file);
    return text.substr(text.find("part.xml"));
  };

  BOOST_TEST(told("<fragment>\n<treee name=\"a\"/></fragment>") ==
             "part.xml:2:1: unknown element <treee> in <fragment>, did you mean \"tree\"?");
  BOOST_TEST(told("<fragment>\n<tree name=\"${x}\"/></fragment>") ==
             "part.xml:2:7: unknown parameter \"x\", there is none");
  BOOST_TEST(told("<orchard/>") ==
             "part.xml:1:1: unknown element <orchard> at the top, expected <fragment>");
  BOOST_TEST(told("<fragment><set name=\"a\" value=\"b\"/></fragment>")
                 .starts_with("part.xml:1:11: <set> does not belong in <fragment>"));
}

BOOST_AUTO_TEST_CASE(an_include_that_cannot_be_read_is_told_at_its_place) {
  const Pair pair;
  const auto told = [&](const std::string& include) {
    const auto text = complaint(pair.load("<fragment><include file=\"part.xml\"/></fragment>",
                                          "<orchard>" + include + "</orchard>"));
    return text.substr(text.find("orchard.xml:"));
  };

  BOOST_TEST(told("<include file=\"no.xml\"/>").starts_with("orchard.xml:1:19: "));
  BOOST_TEST(complaint(pair.load("<fragment><include file=\"part.xml\"/></fragment>",
                                 "<orchard><include file=\"part.xml\"/></orchard>"))
                 .ends_with("this file includes itself, or others include each other too deeply"));
}

BOOST_AUTO_TEST_CASE(a_fragment_has_only_what_it_has_a_parameter_for) {
  const Pair pair;
  const auto text = complaint(
      pair.load("<fragment><parameter name=\"kind\" default=\"oak\"/></fragment>",
                "<orchard><include file=\"part.xml\"><set name=\"kid\" value=\"elm\"/></include>"
                "</orchard>"));
  BOOST_TEST(text.substr(text.find("part.xml")) ==
             "part.xml:1:1: unknown parameter \"kid\", did you mean \"kind\"?");
}

BOOST_AUTO_TEST_CASE(a_file_written_out_needs_no_other_file_and_no_parameter) {
  const Pair pair;
  const auto file = pair.load(
      "<fragment><parameter name=\"kind\" default=\"oak\"/><tree name=\"${kind}\"/></fragment>",
      "<orchard><!-- a comment --><parameter name=\"n\" default=\"7\"/><include file=\"part.xml\"/>"
      "<row><tree name=\"a&amp;b\" age=\"${n}\"/></row></orchard>");
  BOOST_REQUIRE(file.has_value());

  BOOST_TEST(file->to_text() ==
             "<?xml version=\"1.0\"?>\n<orchard>\n  <tree name=\"oak\" />\n  <row>\n    <tree "
             "name=\"a&amp;b\" age=\"7\" />\n  </row>\n</orchard>\n");
}

BOOST_AUTO_TEST_CASE(an_edit_sets_an_attribute_that_is_there_and_one_that_is_not) {
  const auto file =
      orchard("<orchard><tree name=\"a\"/><tree name=\"b\" age=\"1\"/></orchard>",
              {.edits = {{"//tree[@name='a']/@age", "7"}, {"//tree[@name='b']/@name", "c"}}});

  BOOST_REQUIRE(file.has_value());
  BOOST_TEST(file->root().children()[0].number("age", 0, 9) == 7u);
  BOOST_TEST(name_of(file->root().children()[1]) == "c");
}

// Where a link says nothing of one of its directions, a run may want to.
BOOST_AUTO_TEST_CASE(an_edit_adds_the_element_at_the_end_of_its_path_once) {
  const auto file = orchard("<orchard><row/></orchard>",
                            {.edits = {{"//row/tree/@name", "a"}, {"//row/tree/@age", "7"}}});

  BOOST_REQUIRE(file.has_value());
  const auto trees = file->root().children()[0].children();
  BOOST_REQUIRE(trees.size() == 1u);
  BOOST_TEST(name_of(trees[0]) == "a");
  BOOST_TEST(trees[0].number("age", 0, 9) == 7u);
  BOOST_TEST(trees[0].line() == 1u);
}

BOOST_AUTO_TEST_CASE(an_element_that_an_edit_adds_is_checked_like_any) {
  const auto told = [&](const std::string& path) {
    return complaint(orchard("<orchard>\n<row/></orchard>", {.edits = {{path, "x"}}}));
  };

  BOOST_TEST(told("//row/treee/@name").starts_with("orchard.xml:2:1: unknown element <treee>"));
  BOOST_TEST(told("//row/tree/@age").starts_with("orchard.xml:2:1: "));  // it has no name
  BOOST_TEST(told("//wall/tree/@name") == "orchard.xml:1:1: there is no element \"//wall/tree\"");
}

BOOST_AUTO_TEST_CASE(an_edit_of_nothing_is_refused_and_an_edited_value_is_checked_like_any) {
  const std::string text = "<orchard><tree name=\"a\"/></orchard>";
  const auto told = [&](const std::string& path) {
    return complaint(orchard(text, {.edits = {{path, "x"}}}));
  };

  BOOST_TEST(told("//tree[@name='b']/@age") ==
             "orchard.xml:1:1: there is no element \"//tree[@name='b']\"");
  BOOST_TEST(told("//tree[/@age").starts_with("orchard.xml:1:1: \"//tree[/@age\" is no path: "));
  BOOST_TEST(told("//tree") ==
             "orchard.xml:1:1: \"//tree\": expected a path to an attribute such as "
             "//nat[@name='home']/@preset");
  BOOST_TEST(told("//tree/@agee") ==
             "orchard.xml:1:10: unknown attribute agee of <tree>, did you mean \"age\"?");

  const auto file = orchard(text, {.edits = {{"//tree/@age", "old"}}});
  BOOST_REQUIRE(file.has_value());
  (void)file->root().children()[0].number("age", 0, 9);
  BOOST_REQUIRE(file->error().has_value());
  BOOST_TEST(file->error()->to_string() ==
             "orchard.xml:1:10: age: expected a number from 0 to 9, found \"old\"");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::xml
