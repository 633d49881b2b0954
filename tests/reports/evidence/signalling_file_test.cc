// What signalling.json may say. What it may not is refused: a description without its text, or a
// member that nobody reads, would be judged for what it does not say.
#include "reports/evidence/load.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace rtclab::evidence {
namespace {

namespace data = boost::unit_test::data;

const std::filesystem::path kRecording = RTCLAB_TEST_DATA "/recordings/chromium-pion-dc";

std::string complaint(const std::string& message) {
  const test::ScratchFolder folder;
  const auto file = folder.write("signalling.json", "[" + message + "]");
  const auto evidence = load_recording({kRecording / "capture.pcap"}, file);
  return evidence ? "" : evidence.error().to_string();
}

struct Bad {
  const char* message;
  const char* says;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) {
  return out << bad.message;
}

const std::vector<Bad> kBad{
    {R"({"t":1,"from":"a","type":"offer"})", "message 1: expected \"sdp\", the description"},
    {R"({"t":1,"from":"a","type":"answer","sdp":""})", "expected \"sdp\", the description"},
    {R"({"t":1,"from":"a","type":"offer","sdp":5})", "expected text as \"sdp\""},
    {R"({"t":1,"from":"a","type":"candidate"})", "expected \"candidate\", the candidate"},
    {R"({"t":1,"from":"a","type":"offer","sdp":"v=0","sdpp":1})",
     "message 1: there is no member \"sdpp\", did you mean \"sdp\"?"},
    {R"({"t":5,"t_delivered":3,"from":"a","type":"offer","sdp":"v=0"})",
     "\"t_delivered\" is before \"t\""},
    {R"({"t":5,"t_delivered":"soon","from":"a","type":"offer","sdp":"v=0"})",
     "expected seconds since the Unix epoch as \"t_delivered\""},
    {R"({"t":1,"from":"a","type":"candidate","candidate":"","sdpMLineIndex":-3})",
     "expected a whole number as \"sdpMLineIndex\""},
    {R"(17)", "message 1: expected a JSON object"},
};

BOOST_AUTO_TEST_SUITE(a_signalling_file)

BOOST_DATA_TEST_CASE(that_says_something_else_than_it_seems_to_is_refused, data::make(kBad), bad) {
  BOOST_TEST(complaint(bad.message).find(bad.says) != std::string::npos, complaint(bad.message));
}

BOOST_AUTO_TEST_CASE(may_leave_out_or_null_what_is_not_there) {
  BOOST_TEST(complaint(R"({"t":1,"from":"a","type":"candidate","candidate":"","sdpMid":null})") ==
             "");
  BOOST_TEST(complaint(R"({"t":1,"from":"a","type":"end-of-candidates","note":"by hand"})") == "");
}

// Two machines' clocks are seldom nearer than some milliseconds.
BOOST_AUTO_TEST_CASE(may_have_a_message_arrive_a_little_before_it_was_sent) {
  BOOST_TEST(complaint(R"({"t":1.5,"t_delivered":1.499,"from":"a","type":"offer","sdp":"v=0"})") ==
             "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::evidence
