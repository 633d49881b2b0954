#include "topologies/xml_file.h"

#include "tests/support/scratch_folder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <ostream>

namespace rtclab::xml {
namespace {

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

const Grammar kGrammar{"garden",
                       {{.name = "garden", .children = {"tree", "note", "pond"}},
                        {.name = "tree",
                         .required = {"name"},
                         .optional = {"age", "kind", "fruits", "net"},
                         .children = {"note"}},
                        {.name = "note", .has_text = true},
                        {.name = "pond", .once = true}}};

FileResult<XmlFile> garden(const std::string& text) {
  return XmlFile::parse("garden.xml", text, kGrammar);
}

std::string complaint(const std::string& text) {
  const auto file = garden(text);
  return file ? "" : file.error().to_string();
}

std::string complaint_of(const fs::path& path) {
  const auto file = XmlFile::load(path, kGrammar);
  return file ? "" : file.error().to_string();
}

BOOST_AUTO_TEST_SUITE(xml_file)

BOOST_AUTO_TEST_CASE(elements_come_in_order_with_their_places) {
  const auto file = garden(
      "<?xml version=\"1.0\"?>\n<garden>\n  <tree name=\"oak\"/><tree name=\"élan\"/> "
      "<note/>\n</garden>\n");

  BOOST_REQUIRE(file.has_value());
  const auto children = file->root().children();
  BOOST_REQUIRE(children.size() == 3u);
  BOOST_TEST(file->root().line() == 2u);
  BOOST_TEST(children[0].text("name") == "oak");
  BOOST_TEST(children[1].column() == 21u);
  BOOST_TEST(children[2].name() == "note");
  // é has two octets and is one character.
  BOOST_TEST(children[2].column() == 41u);
  BOOST_TEST(file->root().children("tree").size() == 2u);
  BOOST_TEST(!file->error().has_value());
}

BOOST_AUTO_TEST_CASE(text_is_read_with_its_white_space_collapsed) {
  const auto file =
      garden("<garden><note>\n  one &amp; <![CDATA[<two>]]>\n\t three &#169;\n</note></garden>");

  BOOST_REQUIRE(file.has_value());
  BOOST_TEST(file->root().content_of("note") == "one & <two> three ©");
  BOOST_TEST(file->root().content_of("tree") == "");
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_and_an_editors_schema_do_no_harm) {
  BOOST_TEST(
      complaint("\xef\xbb\xbf<garden xmlns:xsi=\"x\" xsi:noNamespaceSchemaLocation=\"y\"/>") == "");
}

struct Broken {
  std::string text;
  std::string says;
};

std::ostream& operator<<(std::ostream& out, const Broken& row) {
  return out << row.text.substr(0, 60);
}

const std::vector<Broken> kBroken{
    {"", "garden.xml:1:1: no XML element in this file, expected <garden>"},
    {"hello", "garden.xml:1:1: unexpected text, expected <garden>"},
    {"{\"json\": true}", "garden.xml:1:1: unexpected text, expected <garden>"},
    {"<gardn/>", "garden.xml:1:1: unknown element <gardn> at the top, expected <garden>"},
    {"<garden/>\n<garden/>", "garden.xml:2:1: a second element <garden> at the top, expected one"},
    {"<garden/>\nafter", "garden.xml:1:10: unexpected text, expected <garden>"},
    {"<garden>\n <treee name=\"x\"/>\n</garden>",
     "garden.xml:2:2: unknown element <treee> in <garden>, did you mean \"tree\"?"},
    {"<garden>\n <whale/>\n</garden>",
     "garden.xml:2:2: unknown element <whale> in <garden>, expected tree, note or pond"},
    {"<garden><garden/></garden>",
     "garden.xml:1:9: <garden> does not belong in <garden>, expected tree, note or pond"},
    {"<garden><note><tree name=\"x\"/></note></garden>",
     "garden.xml:1:15: <tree> does not belong in <note>, expected nothing there"},
    {"<garden>\n  <tree name=\"x\" agee=\"3\"/></garden>",
     "garden.xml:2:18: unknown attribute agee of <tree>, did you mean \"age\"?"},
    {"<garden x=\"1\"/>", "garden.xml:1:9: unknown attribute x of <garden>, expected none"},
    {"<garden><tree/></garden>", "garden.xml:1:9: <tree> needs the attribute name"},
    {"<garden><tree name=\"x\" name=\"y\"/></garden>",
     "garden.xml:1:24: the attribute name stands here twice"},
    {"<garden>words</garden>",
     "garden.xml:1:9: unexpected text in <garden>, expected tree, note or pond"},
    {"<garden>\n<tree name=\"x\">\n</garden>", "closes another element than the one that is open"},
    {"<garden>\n<tree name=x/>\n</garden>",
     "garden.xml:2:12: an attribute is broken, expected name=\"value\""},
    {"<garden", "a tag is broken"},
    {"<garden><!-- never closed", "a comment is broken"},
    {"<garden><![CDATA[ never closed", "a CDATA section is broken"},
    {"<?xml never closed", "the XML declaration is broken"},
    {"<!DOCTYPE garden [<!ENTITY a \"b\">]>\n<garden/>",
     "garden.xml:1:1: a DOCTYPE is not accepted here, remove it"},
    {"\n<!DOCTYPE garden SYSTEM \"file:///etc/passwd\">\n<garden/>",
     "garden.xml:2:1: a DOCTYPE is not accepted here"},
    {"<!DOCTYPE garden [", "a DOCTYPE is not accepted here"},
    {"<garden>\n<note>&boom;</note></garden>",
     "garden.xml:2:7: an entity is not accepted here, expected &amp; for a plain &"},
    {"<garden><note>fish & chips</note></garden>",
     "garden.xml:1:20: an entity is not accepted here"},
    {"<garden><note>&#xzz;</note></garden>",
     "garden.xml:1:15: this reference stands for no character that XML has"},
    {"<garden><tree name=\"a&#0;b\"/></garden>",
     "garden.xml:1:22: this reference stands for no character that XML has"},
    {"<garden><note>&#x1b;</note></garden>", "garden.xml:1:15: this reference stands for no"},
    {"<garden><note>&#xd800;</note></garden>", "garden.xml:1:15: this reference stands for no"},
    {"<garden>\n<pond/>\n<pond/></garden>",
     "garden.xml:3:1: <pond> stands here twice, expected only the one in line 2"},
    {"<garden><note>\xff</note></garden>", "garden.xml:1:15: this is no UTF-8 text"},
    {std::string{"<garden>\n\0</garden>", 19}, "garden.xml:2:1: this is no UTF-8 text"},
    {std::string{"\xff\xfe<\0g\0", 6}, "garden.xml:1:1: this is no UTF-8 text"},
};

BOOST_DATA_TEST_CASE(what_is_wrong_is_said_in_one_sentence_at_its_place, data::make(kBroken), row) {
  BOOST_TEST_CONTEXT(complaint(row.text)) {
    BOOST_TEST(complaint(row.text).find(row.says) != std::string::npos);
    BOOST_TEST(complaint(row.text).find('\n') == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(comments_and_cdata_may_hold_anything) {
  BOOST_TEST(complaint("<garden><!-- a & b &c; --><note><![CDATA[&d;]]></note></garden>") == "");
}

BOOST_AUTO_TEST_CASE(a_bad_value_is_remembered_and_answered_with_something_harmless) {
  const auto file = garden("<garden>\n<tree name=\"x y\"\n age=\"old\" fruits=\"-1\"/></garden>");
  const auto tree = file->root().children()[0];

  BOOST_TEST((tree.duration("age") == Duration{0}));
  BOOST_TEST(tree.number("fruits", 1, 9) == 1u);

  BOOST_TEST(
      file->error()->to_string() ==
      "garden.xml:3:2: age: expected a time of at most 1000h with its unit (ns, us, ms, s, min, "
      "h, d) such as 20ms "
      "or 1.5s, found \"old\"");
}

BOOST_AUTO_TEST_CASE(an_absent_attribute_takes_its_fallback) {
  const auto file = garden("<garden><tree name=\"x\"/></garden>");
  const auto tree = file->root().children()[0];

  BOOST_TEST((tree.duration("age", 3s) == 3s));
  BOOST_TEST(tree.number("fruits", 5, 9, 0) == 0u);
  BOOST_TEST((tree.port("fruits", Port{7}) == Port{7}));
  BOOST_TEST(tree.probability("kind", 0.5) == 0.5);
  BOOST_TEST(tree.rate("kind", 8) == 8u);
  BOOST_TEST(tree.text("kind", "none") == "none");
  BOOST_TEST(tree.yes_no("kind", true));
  BOOST_TEST(!file->error().has_value());

  BOOST_TEST(tree.text("kind") == "");
  BOOST_TEST(file->error()->to_string() == "garden.xml:1:9: <tree> needs the attribute kind");
}

enum class Kind { Fruit, Nut };

BOOST_AUTO_TEST_CASE(a_choice_lists_what_it_knows) {
  const std::array kKinds{Choice<Kind>{"fruit", Kind::Fruit}, Choice<Kind>{"nut", Kind::Nut}};
  const auto file =
      garden("<garden><tree name=\"a\" kind=\"nut\"/><tree name=\"b\" kind=\"nutt\"/></garden>");
  const auto trees = file->root().children();

  BOOST_TEST((trees[0].choice<Kind>("kind", kKinds) == Kind::Nut));
  BOOST_TEST((trees[0].choice<Kind>("age", kKinds, Kind::Fruit) == Kind::Fruit));
  BOOST_TEST(!file->error().has_value());
  BOOST_TEST((trees[1].choice<Kind>("kind", kKinds) == Kind::Fruit));
  BOOST_TEST(
      file->error()->to_string() ==
      "garden.xml:1:51: unknown kind \"nutt\", expected fruit or nut, did you mean \"nut\"?");
}

BOOST_DATA_TEST_CASE(a_number_out_of_its_range_is_refused,
                     data::make({"0", "10", "-1", "1.5", "", "x", "99999999999999999999"}), text) {
  const auto file =
      garden("<garden><tree name=\"a\" fruits=\"" + std::string{text} + "\"/></garden>");

  BOOST_TEST(file->root().children()[0].number("fruits", 1, 9) == 1u);

  BOOST_TEST(file->error()->to_string() ==
             "garden.xml:1:24: fruits: expected a number from 1 to 9, found \"" +
                 std::string{text} + "\"");
}

BOOST_AUTO_TEST_CASE(only_the_first_complaint_is_kept) {
  const auto file = garden("<garden><tree name=\"a b\" age=\"x\"/></garden>");
  const auto tree = file->root().children()[0];
  const std::vector<std::string> known{"oak", "a-b"};

  BOOST_TEST(!file->error().has_value());
  tree.complain_unknown("name", "tree", known);
  tree.complain("the second");

  BOOST_TEST(file->error()->to_string() ==
             "garden.xml:1:15: unknown tree \"a b\", did you mean \"a-b\"?");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_none_is_refused) {
  const test::ScratchFolder folder;

  BOOST_TEST(complaint_of(folder.path())
                 .ends_with(": this is a directory, expected an XML file with <garden>"));
  BOOST_TEST(complaint_of(folder.write("empty.xml", ""))
                 .ends_with(": this file is empty, expected an XML file with <garden>"));
  BOOST_TEST(
      complaint_of("/dev/null").ends_with(": nothing came, expected an XML file with <garden>"));
  BOOST_TEST(
      complaint_of("/dev/zero")
          .ends_with(": more comes than fits, expected an XML file with <garden> of at most 8 MB"));
  BOOST_TEST(complaint_of(folder.path() / "emty.xml")
                 .ends_with(": no such file, did you mean \"empty.xml\"?"));
  BOOST_TEST(complaint_of(folder.path() / "nowhere" / "x.xml").ends_with(": no such file"));
}

// The size is asked before anything is read: the file below is a hole of 100 MB.
BOOST_AUTO_TEST_CASE(a_file_of_100_mb_is_refused_unread) {
  const test::ScratchFolder folder;
  const auto path = folder.write("big.xml", "<garden/>");
  fs::resize_file(path, 100'000'000);

  BOOST_TEST(complaint_of(path).ends_with(
      ": this file has 100 MB, expected an XML file with <garden> of at most 8 MB"));
}

BOOST_AUTO_TEST_CASE(a_file_from_disk_is_read) {
  const test::ScratchFolder folder;

  const auto file =
      XmlFile::load(folder.write("g.xml", "<garden><tree name=\"oak\"/></garden>"), kGrammar);

  BOOST_REQUIRE(file.has_value());
  BOOST_TEST(file->root().children()[0].text("name") == "oak");
  BOOST_TEST(file->name() == (folder.path() / "g.xml").string());
}

// What is hostile by size or depth: an answer, soon.
BOOST_AUTO_TEST_CASE(a_megabyte_of_malice_is_answered_in_one_line) {
  std::string deep;
  std::string deep_but_closed;
  std::string close;
  for (int i = 0; i < 100'000; ++i) {
    deep += "<note>";
    close += "</note>";
  }
  deep_but_closed = "<garden>" + deep + close + "</garden>";
  const std::string long_name(1'000'000, 'x');
  std::string attributes;
  for (int i = 0; i < 50'000; ++i) attributes += " a" + std::to_string(i) + "=\"\"";

  for (const auto& text :
       {"<garden>" + deep, deep_but_closed, "<" + long_name + "/>",
        "<garden><" + long_name + "/></garden>", "<garden " + long_name + "=\"\"/>",
        "<garden><tree name=\"x\"" + attributes + "/></garden>"}) {
    BOOST_TEST(!complaint(text).empty());
    BOOST_TEST(complaint(text).size() < 300u);
  }
}

// Comments, quotation marks and empty elements do not count.
BOOST_AUTO_TEST_CASE(elements_stand_in_each_other_200_deep_at_most) {
  const auto nested = [](std::size_t depth, const std::string& inside) {
    std::string text = "<garden>";
    for (std::size_t i = 1; i < depth; ++i) text += "<note>";
    text += inside;
    for (std::size_t i = 1; i < depth; ++i) text += "</note>";
    return text + "</garden>";
  };
  const std::string deep = "elements stand in each other more than 200 deep here";

  BOOST_TEST(complaint(nested(201, "")).find(deep) != std::string::npos);
  BOOST_TEST(complaint(nested(200, "<!-- <note> -->")).find(deep) == std::string::npos);
  BOOST_TEST(complaint(nested(199, "<tree name='<note>'/><tree name='/>'/>")).find(deep) ==
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(cutting_a_file_anywhere_is_refused) {
  const std::string whole =
      "<garden>\n<tree name=\"oak\" age=\"3s\"/><note>é &amp; ü</note></garden>";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    BOOST_TEST(!complaint(whole.substr(0, length)).empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::xml
