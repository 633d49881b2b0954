// The README against the program: what it shows is what a reader gets.
#include "tests/support/played.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shell.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab {
namespace {

namespace fs = std::filesystem;

const fs::path kProject{RTCLAB_SOURCE_DIR};

std::string text_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// The block between ``` and ``` that begins with these words.
std::string block_beginning(const std::string& markdown, std::string_view words) {
  const auto begin = markdown.find("```\n" + std::string{words});
  if (begin == std::string::npos) return "";
  const auto body = begin + 4;
  return markdown.substr(body, markdown.find("```", body) - body);
}

// The documents that a reader is sent to.
std::vector<fs::path> documents() {
  std::vector<fs::path> found{kProject / "README.md", kProject / "CONTRIBUTING.md"};
  for (const auto& entry : fs::recursive_directory_iterator{kProject / "docs"})
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  return found;
}

BOOST_AUTO_TEST_SUITE(readme)

BOOST_AUTO_TEST_CASE(the_first_call_prints_what_the_readme_shows) {
  const test::ScratchFolder folder;
  const auto printed = test::output_of("cd " + folder.path().string() +
                                       " && " RTCLAB_PROGRAM " run first-call 2>/dev/null");

  BOOST_TEST(block_beginning(text_of(kProject / "README.md"), "The first call") == printed);
}

BOOST_AUTO_TEST_CASE(the_first_call_draws_what_the_readme_shows) {
  const test::ScratchFolder folder;
  BOOST_TEST(test::output_of("cd " + folder.path().string() +
                             " && " RTCLAB_PROGRAM
                             " run first-call >/dev/null 2>&1; echo $?") == "0\n");

  BOOST_TEST((text_of(folder.path() / "out/first-call/sequence.svg") ==
              text_of(kProject / "docs/images/first-call.svg")),
             "cp out/first-call/sequence.svg docs/images/first-call.svg mends it");
}

BOOST_AUTO_TEST_CASE(the_readme_counts_as_the_lists_do) {
  const auto readme = text_of(kProject / "README.md");
  for (const std::string topic : {"deviations", "requirements"}) {
    const auto list = nlohmann::json::parse(
        test::output_of(RTCLAB_PROGRAM " list --json " + topic + " 2>/dev/null"));
    std::smatch count;
    BOOST_REQUIRE(std::regex_search(readme, count, std::regex{"list " + topic + " +([0-9]+) "}));
    BOOST_TEST(count[1].str() == std::to_string(list.at(topic).size()), topic);
  }
}

BOOST_AUTO_TEST_CASE(every_scenario_of_the_library_has_its_words_in_the_readme) {
  const auto readme = text_of(kProject / "README.md");
  for (const auto& entry : fs::directory_iterator{kProject / "scenarios/library"}) {
    const auto name = entry.path().stem().string();
    BOOST_TEST(readme.find("`" + name + "`") != std::string::npos, name);
  }
}

// docs/scenarios.md says what each imitates, and by which deviation.
BOOST_AUTO_TEST_CASE(each_reenactment_of_real_stacks_stands_in_the_table_with_its_deviations) {
  const auto table = text_of(kProject / "docs/scenarios.md");
  for (const auto& entry : fs::directory_iterator{kProject / "scenarios/library"}) {
    const auto name = entry.path().stem().string();
    if (!name.starts_with("real-")) continue;
    const auto at = table.find("`" + name + "`");
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, name);
    const auto row = table.substr(at, table.find('\n', at) - at);
    const auto scenario = text_of(entry.path());
    const std::regex deviation{R"(<deviation name="([^"]+)\")"};
    for (std::sregex_iterator found{scenario.begin(), scenario.end(), deviation}, end; found != end;
         ++found)
      BOOST_TEST(row.find("`" + (*found)[1].str() + "`") != std::string::npos,
                 name << " has " << (*found)[1].str());
  }
}

BOOST_AUTO_TEST_CASE(every_link_in_the_documents_leads_to_a_file) {
  const std::regex link{R"(\]\(([^)#:]+)(#[^)]*)?\))"};
  for (const auto& document : documents()) {
    const auto text = text_of(document);
    for (std::sregex_iterator at{text.begin(), text.end(), link}, end; at != end; ++at) {
      const auto target = document.parent_path() / (*at)[1].str();
      BOOST_TEST(fs::exists(target), document.string() + " links to " + (*at)[1].str());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
