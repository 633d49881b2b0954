#include "topologies/bandwidth_trace.h"

#include "tests/support/scratch_folder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::topology {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

FileResult<std::vector<Duration>> loaded(const std::string& text) {
  const test::ScratchFolder folder;
  folder.write("cell.trace", text);
  return load_bandwidth_trace(folder.path() / "cell.trace");
}

BOOST_AUTO_TEST_SUITE(bandwidth_trace)

BOOST_AUTO_TEST_CASE(each_line_is_an_opportunity) {
  BOOST_TEST((loaded("0\n0\n7").value() == std::vector<Duration>{0ms, 0ms, 7ms}));
  BOOST_TEST((loaded("5\r\n9\r\n").value() == std::vector<Duration>{5ms, 9ms}));
}

struct Flaw {
  std::string text;
  std::string says;
};
std::ostream& operator<<(std::ostream& out, const Flaw& flaw) {
  return out << flaw.says;
}
const std::vector<Flaw> kFlaws{
    {"", "this file is empty"},
    {"1\n\n2\n", "cell.trace:2:1: expected a time in whole milliseconds, found \"\""},
    {"1\n2 3\n", "cell.trace:2:1: expected a time in whole milliseconds, found \"2 3\""},
    {"-1\n", "cell.trace:1:1: expected a time in whole milliseconds"},
    {"1.5\n", "cell.trace:1:1: expected a time in whole milliseconds"},
    {"99999999999999999999\n", "cell.trace:1:1: expected a time in whole milliseconds"},
    {"4\n3\n", "cell.trace:2:1: this time is before that of the line above it"},
    {"0\n0\n", "cell.trace:2:1: this trace has no length"},
};

BOOST_DATA_TEST_CASE(a_wrong_trace_is_said_with_its_line, data::make(kFlaws), flaw) {
  const auto trace = loaded(flaw.text);
  BOOST_REQUIRE(!trace.has_value());
  const auto said = trace.error().to_string();
  BOOST_TEST(said.find(flaw.says) != std::string::npos, said);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
