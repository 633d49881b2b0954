#include "scenarios/expectations.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <ostream>

namespace rtclab::scenario {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

// Alice connected at 2 s over srflx / prflx, and got one message.
Chronicles a_call() {
  Chronicles chronicles;
  auto& alice = chronicles["alice"];
  alice.note_state(Instant{2s}, "connectionState", "connected");
  alice.note_selected({.local = "203.0.113.1:1",
                       .local_type = "srflx",
                       .remote = "203.0.113.2:2",
                       .remote_type = "prflx",
                       .protocol = "udp",
                       .at = Instant{2s}});
  alice.note_channel(Instant{3s}, "chat", "open");
  alice.note_received(Instant{4s}, "chat", "Hello");
  alice.note_event("negotiationneeded");
  alice.note_transceiver("camera", "sendonly");
  peer::StatsReport report;
  report.stats = {
      {.id = "1",
       .type = "outbound-rtp",
       .members = {{"kind", std::string{"video"}}, {"framesSent", std::uint64_t{7}}}},
      {.id = "2", .type = "codec", .members = {{"mimeType", std::string{"video/VP8"}}}},
      {.id = "3", .type = "codec", .members = {{"mimeType", std::string{"audio/opus"}}}}};
  alice.note_statistics(std::move(report));
  chronicles["bob"];
  return chronicles;
}

Records records_of_it() {
  Records records;
  records.count("turn", "turn:allocation_created");
  records.count("turn", "turn:allocation_created");
  records.count("alice", "turn:allocation_created");
  return records;
}

constexpr Times exactly(unsigned count) {
  return {count, count};
}

struct Row {
  const char* name;
  Expectation expectation;
  bool met;
  const char* seen;
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.name;
}

const StateCondition kConnected{"alice", "connectionState", "connected"};
// clang-format off
const std::vector<Row> kRows{
    {"a state at the end", ExpectState{kConnected, {}}, true, "since 2.000 s"},
    {"another state at the end", ExpectState{StateCondition{"alice", "connectionState", "failed"}, {}}, false,
     "connectionState = connected"},
    {"a state in time", ExpectState{kConnected, Duration{2s}}, true, "reached at 2.000 s"},
    {"a state too late", ExpectState{kConnected, Duration{1999ms}}, false, "reached at 2.000 s"},
    {"a state never reached", ExpectState{StateCondition{"bob", "connectionState", "connected"}, Duration{9s}}, false,
     "connectionState = new"},
    {"an open channel", ExpectState{ChannelCondition{"alice", "chat", "open"}, Duration{3s}}, true,
     "reached at 3.000 s"},
    {"enough messages", ExpectState{MessagesCondition{"alice", "chat", 1}, {}}, true, "since 4.000 s"},
    {"too few messages", ExpectState{MessagesCondition{"alice", "chat", 2}, {}}, false, "1 of 2 messages on \"chat\""},
    {"a pair of these types", ExpectSelectedPair{"alice", {"host", "srflx"}, {"prflx"}}, true, "srflx / prflx"},
    {"a pair of any remote type", ExpectSelectedPair{"alice", {"srflx"}, {}}, true, "srflx / prflx"},
    {"a pair of other types", ExpectSelectedPair{"alice", {"relay"}, {"prflx"}}, false, "srflx / prflx"},
    {"no pair at all", ExpectSelectedPair{"bob", {}, {}}, false, "no pair was selected"},
    {"a pair over a protocol", ExpectSelectedPair{"alice", {}, {}, "udp", "IPv4"}, true,
     "srflx / prflx over udp of IPv4"},
    {"a pair over another protocol", ExpectSelectedPair{"alice", {}, {}, "tcp", {}}, false, "srflx / prflx over udp"},
    {"a pair of another family", ExpectSelectedPair{"alice", {}, {}, {}, "IPv6"}, false, "srflx / prflx of IPv4"},
    {"an event", ExpectEvent{"alice", "negotiationneeded", exactly(1)}, true, "1 time"},
    {"an event that must not fire", ExpectEvent{"alice", "negotiationneeded", exactly(0)}, false, "1 time"},
    {"an event that did not fire", ExpectEvent{"bob", "negotiationneeded", {1, {}}}, false, "0 times"},
    {"a record", ExpectRecord{"turn", "turn:allocation_created", {2, 3}}, true, "2 times"},
    {"a record too often", ExpectRecord{"turn", "turn:allocation_created", {{}, 1}}, false, "2 times"},
    {"a record by another", ExpectRecord{"alice", "turn:allocation_created", exactly(1)}, true, "1 time"},
    {"a direction", ExpectTransceiver{"alice", "camera", "sendonly"}, true, "sendonly"},
    {"another direction", ExpectTransceiver{"alice", "camera", "inactive"}, false, "sendonly"},
    {"no such transceiver", ExpectTransceiver{"bob", "camera", "stopped"}, false, "there is no transceiver \"camera\""},
    {"a number", ExpectStatistic{.peer = "alice", .type = "outbound-rtp", .kind = "video", .member = "framesSent", .at_least = 7}, true, "7"},
    {"a number of another kind", ExpectStatistic{.peer = "alice", .type = "outbound-rtp", .kind = "audio", .member = "framesSent", .at_least = 0}, false, "no outbound-rtp has framesSent"},
    {"a text", ExpectStatistic{.peer = "alice", .type = "codec", .member = "mimeType", .is = "video/VP8"}, true, "\"audio/opus\", \"video/VP8\""},
    {"another text", ExpectStatistic{.peer = "alice", .type = "codec", .member = "mimeType", .is = "video/AV1"}, false, "\"audio/opus\", \"video/VP8\""},
    {"a text of nobody", ExpectStatistic{.peer = "bob", .type = "codec", .member = "mimeType", .is = "video/VP8"}, false, "no codec has mimeType"},
    {"a message", ExpectMessage{"alice", "chat", "Hello"}, true, "at 4.000 s"},
    {"another message", ExpectMessage{"alice", "chat", "Goodbye"}, false, "1 other message(s) arrived"},
    {"a message on no channel", ExpectMessage{"bob", "chat", "Hello"}, false, "there is no channel \"chat\""},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(expectations)

BOOST_DATA_TEST_CASE(each_kind_is_met_or_says_what_was_so_instead, data::make(kRows), row) {
  Scenario scenario;
  scenario.expectations.push_back({row.expectation, 12});

  const auto outcomes = judge(scenario, a_call(), records_of_it());

  BOOST_REQUIRE(outcomes.size() == 1u);
  BOOST_TEST(outcomes[0].met == row.met);
  BOOST_TEST(outcomes[0].seen == row.seen);
  BOOST_TEST(outcomes[0].line == 12u);
  BOOST_TEST(!outcomes[0].expected.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
