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

const judge::Requirement kFingerprint{"ice-fingerprint", "RFC 8445", "7.1", judge::Level::Must,
                                      "A check has a FINGERPRINT."};
const judge::Requirement kNonce{"turn-nonce", "RFC 8656", "4", judge::Level::Must,
                                "A nonce is renewed."};

// Alice's states, pairs, events and messages of a run of 20 s.
Chronicle alice_of_it() {
  Chronicle alice;
  alice.note_state({Instant{1s}, 3}, "connectionState", "connecting");
  alice.note_state({Instant{2s}, 7}, "connectionState", "connected");
  alice.note_selected({.local = "203.0.113.1:1",
                       .local_type = "srflx",
                       .remote = "203.0.113.2:2",
                       .remote_type = "prflx",
                       .protocol = "udp",
                       .at = {Instant{2s}, 6}});
  alice.note_selected({.local = "198.51.100.9:1",
                       .local_type = "relay",
                       .remote = "203.0.113.2:2",
                       .remote_type = "srflx",
                       .protocol = "udp",
                       .at = {Instant{9s}, 20}});
  alice.note_channel({Instant{1s}, 1}, "chat", "connecting");
  alice.note_channel({Instant{3s}, 8}, "chat", "open");
  alice.note_received({Instant{4s}, 10}, "chat", "Hello");
  alice.note_received({Instant{5s}, 11}, "chat", "Hello");
  alice.note_received({Instant{6s}, 12}, "chat", "Goodbye");
  alice.note_event({.at = {Instant{1s}, 2}, .type = "negotiationneeded"});
  alice.note_event({.at = {Instant{1s}, 4},
                    .type = "icecandidateerror",
                    .error_code = 401,
                    .url = "turn:198.51.100.9:3478?transport=udp"});
  alice.note_event({.at = {Instant{3s}, 9}, .type = "open", .channel = "chat"});
  alice.note_event({.at = {Instant{8s}, 13},
                    .type = "error",
                    .channel = "chat",
                    .error_detail = "sctp-failure"});
  const auto candidate = [&](CandidateWay way, const char* text) {
    alice.note_candidate({Instant{1s}, 5}, way, text);
  };
  candidate(CandidateWay::Gathered, "candidate:1 1 udp 2130706431 192.168.1.10 5000 typ host");
  candidate(CandidateWay::Gathered,
            "candidate:2 1 tcp 1518280447 192.168.1.10 9 typ host tcptype active");
  candidate(CandidateWay::Trickled, "candidate:1 1 udp 2130706431 192.168.1.10 5000 typ host");
  candidate(CandidateWay::Received, "candidate:7 1 udp 41885695 2001:db8::9 6000 typ relay");
  const auto description = [&](Stamp at, std::optional<peer::Description> value) {
    alice.note_description(at, "pendingLocalDescription", std::move(value));
  };
  description({Instant{1s}, 3}, peer::Description{peer::SdpType::Offer, "v=0\r\na=ice-lite\r\n"});
  description({Instant{1s}, 6}, std::nullopt);
  alice.note_transceiver("camera", {.kind = "video",
                                    .direction = "sendrecv",
                                    .current_direction = "sendonly",
                                    .track = "cam",
                                    .muted = true});
  alice.note_transceivers({{.kind = "video", .current_direction = "sendonly"}, {.kind = "audio"}});
  peer::StatsReport report;
  report.stats = {
      {.id = "1",
       .type = "outbound-rtp",
       .members = {{"kind", std::string{"video"}}, {"framesSent", std::uint64_t{7}}}},
      {.id = "2", .type = "codec", .members = {{"mimeType", std::string{"video/VP8"}}}},
      {.id = "3", .type = "codec", .members = {{"mimeType", std::string{"audio/opus"}}}}};
  alice.note_statistics(std::move(report));
  return alice;
}

Account an_account() {
  Account account{.duration = 20s};
  account.chronicles["alice"] = alice_of_it();
  auto& bob = account.chronicles["bob"];
  bob.note_channel({Instant{1s}, 1}, "chat", "connecting");
  for (const auto* const text : {"Hello", "Lost", "Goodbye"}) bob.note_sent("chat", text);

  StampSequence stamps;
  account.records.watch({"turn", "turn:allocation_created"});
  account.records.watch({"alice", "turn:allocation_created"});
  for (const auto* const by : {"turn", "turn", "alice"})
    account.records.note(by, "turn:allocation_created", Instant{1s}, stamps);
  account.steps.note("offer", StepEdge::Edge::Begin, {Instant{1s}, 2});
  account.steps.note("offer", StepEdge::Edge::End, {Instant{1s}, 4});
  account.steps.note("restart", StepEdge::Edge::Begin, {Instant{8s}, 14});
  account.steps.note("restart", StepEdge::Edge::End, {Instant{8s + 500ms}, 15});
  account.steps.note("endless", StepEdge::Edge::Begin, {Instant{9s}, 30});
  account.places.add(*Ip::parse("203.0.113.1"), "home-a");
  account.places.add(*Ip::parse("198.51.100.9"), "turn");
  account.judgements = {
      {.requirement = &kFingerprint, .verdict = judge::Verdict::Pass, .summary = "12 seen"},
      {.requirement = &kNonce, .verdict = judge::Verdict::Fail, .summary = "1 of 2 kept"}};
  return account;
}

constexpr Times exactly(unsigned count) {
  return {count, count};
}
Moment end_of(std::string step) {
  return {StepEdge{std::move(step), StepEdge::Edge::End}};
}
Window until(Duration time) {
  return {.until = time};
}
Window after(Moment moment) {
  return {.after = std::move(moment)};
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
const StateCondition kConnecting{"alice", "connectionState", "connecting"};
const StateCondition kFailed{"alice", "connectionState", "failed"};
const EventFilter kNeeded{"alice", "negotiationneeded"};
const EventFilter kCandidateError{"alice", "icecandidateerror"};
const RecordFilter kAllocated{"turn", "turn:allocation_created"};
using Which = ExpectCandidates::Which;

EventFilter candidate_error(int code, const char* url) {
  auto filter = kCandidateError;
  filter.error_code = code;
  filter.url = *peer::parse_ice_server_url(url);
  return filter;
}

// clang-format off
const std::vector<Row> kStates{
    {"a state at the end", ExpectState{kConnected}, true, "since 2.000 s"},
    {"another state at the end", ExpectState{kFailed}, false, "connectionState = connected"},
    {"a state in time", ExpectState{kConnected, When::Once, until(2s)}, true, "reached at 2.000 s"},
    {"a state too late", ExpectState{kConnected, When::Once, until(1999ms)}, false, "not then, but at 2.000 s; connectionState was new, connecting"},
    {"a state that was left in time", ExpectState{kConnecting, When::Once, until(9s)}, true, "reached at 1.000 s"},
    {"a state that is left when the window begins", ExpectState{kConnecting, When::Once, {.from = 3s}}, false, "not then, but at 1.000 s; connectionState was connected"},
    {"a state never reached", ExpectState{StateCondition{"bob", "connectionState", "connected"}, When::Once, until(9s)}, false, "connectionState was new"},
    {"a state that must not be and is not", ExpectState{kFailed, When::Never}, true, "connectionState was new, connecting, connected"},
    {"a state that must not be", ExpectState{kConnecting, When::Never}, false, "reached at 1.000 s"},
    {"a state that must not be any more", ExpectState{kConnecting, When::Never, after(end_of("restart"))}, true, "connectionState was connected"},
    {"a state that stays", ExpectState{kConnected, When::Always, {.from = 2s}}, true, "connectionState was connecting, connected"},
    {"a state that comes later than always", ExpectState{kConnected, When::Always, {.from = 1s}}, false, "connectionState was new, connecting, connected"},
    {"after a step of the same instant", ExpectState{kConnecting, When::Always, {.until = 1s, .after = end_of("offer")}}, true, "connectionState was connecting"},
    {"after a step that did not end", ExpectState{kConnected, When::Once, after(end_of("endless"))}, false, "step \"endless\" ends never came about"},
    {"before something", ExpectState{kConnected, When::Once, {.before = Moment{MessageFilter{"alice", "chat", "Hello"}}}}, true, "reached at 2.000 s"},
    {"before something that was earlier", ExpectState{kConnected, When::Once, {.before = end_of("offer")}}, false, "not then, but at 2.000 s; connectionState was new, connecting"},
    {"an open channel", ExpectState{ChannelCondition{"alice", "chat", "open"}, When::Once, until(3s)}, true, "reached at 3.000 s"},
    {"a channel that is no longer so", ExpectState{ChannelCondition{"alice", "chat", "connecting"}}, false, "channel \"chat\" = open"},
    {"enough messages", ExpectState{MessagesCondition{"alice", "chat", 3}}, true, "since 6.000 s"},
    {"too few messages", ExpectState{MessagesCondition{"alice", "chat", 4}}, false, "3 of 4 messages on \"chat\""},
    {"too few messages by then", ExpectState{MessagesCondition{"alice", "chat", 3}, When::Once, until(5s)}, false, "not then, but at 6.000 s; 2 of 3 messages on \"chat\""},

    {"the states in their order", ExpectStates{"alice", "connectionState", "", {"new", "connecting", "connected"}}, true, "new, connecting, connected"},
    {"one too few", ExpectStates{"alice", "connectionState", "", {"new", "connected"}}, false, "new, connecting, connected"},
    {"others between", ExpectStates{"alice", "connectionState", "", {"…", "connecting", "…"}}, true, "new, connecting, connected"},
    {"none between is enough", ExpectStates{"alice", "connectionState", "", {"new", "…", "connecting", "connected", "…"}}, true, "new, connecting, connected"},
    {"in another order", ExpectStates{"alice", "connectionState", "", {"…", "connected", "…", "connecting"}}, false, "new, connecting, connected"},
    {"the states since then", ExpectStates{"alice", "connectionState", "", {"connecting", "connected"}, after(end_of("offer"))}, true, "connecting, connected"},
    {"the states of a channel", ExpectStates{"alice", "readyState", "chat", {"connecting", "open"}}, true, "connecting, open"},
    {"the states of no channel", ExpectStates{"bob", "readyState", "video", {"connecting"}}, false, "there is no channel \"video\""},

    {"as long as that", ExpectDuration{{kConnecting}, {kConnected}, 1s, 1s}, true, "1 s, from 1.000 s to 2.000 s"},
    {"longer than that", ExpectDuration{end_of("restart"), {RecordFilter{"alice", "x:y"}}, {}, 1s}, false, "alice reports x:y did not come about after 8.500 s"},
    {"too long", ExpectDuration{{StepEdge{"restart", StepEdge::Edge::Begin}}, {StepEdge{"restart"}}, {}, 400ms}, false, "0.5 s, from 8.000 s to 8.500 s"},
    {"too short", ExpectDuration{{AtTime{1s}}, {kConnected}, 2s, {}}, false, "1 s, from 1.000 s to 2.000 s"},
    {"from the second time", ExpectDuration{{MessageFilter{"alice", "chat", "Hello"}, 2}, {MessagesCondition{"alice", "chat", 3}}, {}, 1s}, true, "1 s, from 5.000 s to 6.000 s"},
    {"from what never was", ExpectDuration{{kFailed}, {kConnected}, {}, 1s}, false, "alice connectionState = failed never came about"},

    {"a step in time", ExpectStep{"restart", until(9s)}, true, "ended at 8.500 s, having taken 0.5 s"},
    {"a step too late", ExpectStep{"restart", until(8s)}, false, "ended at 8.500 s, having taken 0.5 s"},
    {"a step that takes too long", ExpectStep{.step = "restart", .at_most = 499ms}, false, "ended at 8.500 s, having taken 0.5 s"},
    {"a step without an end", ExpectStep{"endless", until(20s)}, false, "began at 9.000 s and did not end"},
    {"a step that did not begin", ExpectStep{"other", until(20s)}, false, "it did not begin"},
};
const std::vector<Row> kNetwork{
    {"a pair of these types", ExpectSelectedPair{"alice", {.local = {"host", "relay"}, .remote = {"srflx"}}}, true, "relay / srflx"},
    {"a pair of any remote type", ExpectSelectedPair{"alice", {.local = {"relay"}}}, true, "relay / srflx"},
    {"a pair of other types", ExpectSelectedPair{"alice", {.local = {"host"}}}, false, "relay / srflx"},
    {"no pair at all", ExpectSelectedPair{"bob"}, false, "no pair was selected"},
    {"a pair over a protocol", ExpectSelectedPair{"alice", {.protocol = "udp", .family = "IPv4"}}, true, "relay / srflx over udp of IPv4"},
    {"a pair over another protocol", ExpectSelectedPair{"alice", {.protocol = "tcp"}}, false, "relay / srflx over udp"},
    {"a pair of another family", ExpectSelectedPair{"alice", {.family = "IPv6"}}, false, "relay / srflx of IPv4"},
    {"a pair from an address", ExpectSelectedPair{"alice", {.local_address = Ip::parse("198.51.100.9"), .remote_address = Ip::parse("203.0.113.2")}}, true, "relay / srflx from 198.51.100.9:1 of turn to 203.0.113.2:2"},
    {"a pair to another address", ExpectSelectedPair{"alice", {.remote_address = Ip::parse("203.0.113.3")}}, false, "relay / srflx from 198.51.100.9:1 of turn to 203.0.113.2:2"},
    {"a pair from a machine", ExpectSelectedPair{"alice", {.local_machine = "turn"}}, true, "relay / srflx from 198.51.100.9:1 of turn to 203.0.113.2:2"},
    {"a pair from another machine", ExpectSelectedPair{"alice", {.local_machine = "home-a"}}, false, "relay / srflx from 198.51.100.9:1 of turn to 203.0.113.2:2"},
    {"a pair through a relay", ExpectSelectedPair{"alice", {.relay = "turn"}}, true, "relay / srflx from 198.51.100.9:1 of turn to 203.0.113.2:2"},
    {"a pair through another relay", ExpectSelectedPair{"alice", {.relay = "home-a"}}, false, "relay / srflx from 198.51.100.9:1 of turn to 203.0.113.2:2"},
    {"a pair before", ExpectSelectedPair{"alice", {.local = {"srflx"}}, When::Once, until(5s)}, true, "srflx / prflx"},
    {"a pair never", ExpectSelectedPair{"alice", {.local = {"relay"}}, When::Never}, false, "srflx / prflx, then relay / srflx"},
    {"a pair never until then", ExpectSelectedPair{"alice", {.local = {"relay"}}, When::Never, until(8s)}, true, "srflx / prflx"},
    {"either pair all the time", ExpectSelectedPair{"alice", {.protocol = "udp"}, When::Always, {.from = 3s}}, true, "srflx / prflx over udp, then relay / srflx over udp"},

    {"so many pairs", ExpectSelectedPairs{"alice", exactly(2)}, true, "2: srflx / prflx at 2.000 s, relay / srflx at 9.000 s"},
    {"too many pairs", ExpectSelectedPairs{"alice", exactly(1)}, false, "2: srflx / prflx at 2.000 s, relay / srflx at 9.000 s"},
    {"the pairs in their order", ExpectSelectedPairs{"alice", {}, {{.remote = {"host", "prflx"}}, {{"relay"}, {}}}}, true, "2: srflx / prflx at 2.000 s, relay / srflx at 9.000 s"},
    {"the pairs in another order", ExpectSelectedPairs{"alice", {}, {{{"relay"}, {}}, {.others = true}}}, false, "2: srflx / prflx at 2.000 s, relay / srflx at 9.000 s"},
    {"no pairs", ExpectSelectedPairs{"bob", {1, {}}}, false, "none was selected"},

    {"candidates of a type", ExpectCandidates{.peer = "alice", .types = {"host"}, .times = exactly(2)}, true, "2 among: host udp 192.168.1.10, host tcp active 192.168.1.10"},
    {"candidates over a protocol", ExpectCandidates{.peer = "alice", .protocol = "tcp", .tcp_type = "passive", .times = {1, {}}}, false, "0 among: host udp 192.168.1.10, host tcp active 192.168.1.10"},
    {"candidates that were trickled", ExpectCandidates{.peer = "alice", .which = Which::Trickled, .times = exactly(1)}, true, "1 among: host udp 192.168.1.10"},
    {"candidates that were received", ExpectCandidates{.peer = "alice", .which = Which::Received, .family = "IPv4", .times = {1, {}}}, false, "0 among: relay udp 2001:db8::9"},
    {"no candidates", ExpectCandidates{.peer = "bob", .times = {1, {}}}, false, "none at all"},
};
const std::vector<Row> kEvents{
    {"an event", ExpectEvent{kNeeded, exactly(1)}, true, "1 time, at 1.000 s"},
    {"an event that must not fire", ExpectEvent{kNeeded, kNever}, false, "1 time, at 1.000 s"},
    {"an event that did not fire", ExpectEvent{{"bob", "negotiationneeded"}, {1, {}}}, false, "0 times"},
    {"an event of another time", ExpectEvent{kNeeded, exactly(1), {.from = 2s}}, false, "0 times"},
    {"an event of a channel", ExpectEvent{{"alice", "open", "chat"}, exactly(1)}, true, "1 time, at 3.000 s"},
    {"an event of another channel", ExpectEvent{{"alice", "open", "video"}, exactly(1)}, false, "0 times"},
    {"an error of a candidate", ExpectEvent{candidate_error(401, "turn:turn"), exactly(1)}, true, "1 time, at 1.000 s"},
    {"an error of another code", ExpectEvent{candidate_error(701, "turn:turn"), exactly(1)}, false, "0 times"},
    {"an error of another server", ExpectEvent{candidate_error(401, "stun:turn"), exactly(1)}, false, "0 times"},
    {"an error with its detail", ExpectEvent{{.peer = "alice", .type = "error", .error_detail = "sctp-failure"}, exactly(1)}, true, "1 time, at 8.000 s"},
    {"a record", ExpectRecord{kAllocated, {2, 3}}, true, "2 times, at 1.000 s, 1.000 s"},
    {"a record too often", ExpectRecord{kAllocated, {{}, 1}}, false, "2 times, at 1.000 s, 1.000 s"},
    {"a record by another", ExpectRecord{{"alice", "turn:allocation_created"}, exactly(1)}, true, "1 time, at 1.000 s"},
    {"a message", ExpectMessage{{"alice", "chat", "Goodbye"}}, true, "1 time, at 6.000 s"},
    {"a message once", ExpectMessage{{"alice", "chat", "Hello"}, exactly(1)}, false, "2 times, at 4.000 s, 5.000 s; the last of 3 that arrived is \"Goodbye\""},
    {"a message that must not arrive", ExpectMessage{{"alice", "chat", "Help"}, kNever}, true, "0 times"},
    {"another message", ExpectMessage{{"alice", "chat", "Help"}}, false, "0 times; the last of 3 that arrived is \"Goodbye\""},
    {"a message on no channel", ExpectMessage{{"bob", "video", "Hello"}}, false, "there is no channel \"video\""},
    {"so many messages", ExpectMessages{.peer = "alice", .channel = "chat", .times = exactly(3)}, true, "3 arrived"},
    {"not so many messages", ExpectMessages{.peer = "alice", .channel = "chat", .times = {{}, 2}}, false, "3 arrived"},
    {"all messages", ExpectMessages{.peer = "alice", .channel = "chat", .from = "bob", .complete = true}, false, "3 arrived of 3 sent; \"Lost\" did not arrive"},
    {"each message once", ExpectMessages{.peer = "alice", .channel = "chat", .from = "bob", .once = true}, false, "3 arrived of 3 sent; \"Hello\" arrived more often than it was sent"},
    {"messages in order", ExpectMessages{.peer = "alice", .channel = "chat", .from = "bob", .in_order = true}, false, "3 arrived of 3 sent; \"Hello\" arrived out of order"},
    {"messages in order since then", ExpectMessages{.peer = "alice", .channel = "chat", .from = "bob", .in_order = true, .once = true, .window = {.from = 5s}}, true, "2 arrived of 3 sent"},
};
const std::vector<Row> kResults{
    {"a description that is null", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .type = "null"}, true, "pendingLocalDescription = null"},
    {"a description that is not null", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .type = "offer"}, false, "pendingLocalDescription = null"},
    {"a description after a step", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .type = "offer", .contains = "ice-lite", .at = end_of("offer")}, true, "of type offer, with the line a=ice-lite"},
    {"a description of another type", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .type = "answer", .at = end_of("offer")}, false, "it is of type offer"},
    {"a description that lacks a line", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .contains = "a=setup", .at = end_of("offer")}, false, "no line of this offer holds it"},
    {"a description with a line too many", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .lacks = "ice-lite", .at = end_of("offer")}, false, "this offer has the line a=ice-lite"},
    {"a line that matches", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .matches = "^a=ice-[a-z]+$", .at = end_of("offer")}, true, "of type offer, with the line a=ice-lite"},
    {"no line that matches", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .matches = "^ice-lite", .at = end_of("offer")}, false, "no line of this offer matches"},
    {"a description after what never was", ExpectDescription{.peer = "alice", .attribute = "pendingLocalDescription", .type = "null", .at = end_of("endless")}, false, "step \"endless\" ends never came about"},
    {"a direction", ExpectTransceiver{"alice", "camera", "sendonly"}, true, "sendonly"},
    {"another direction", ExpectTransceiver{"alice", "camera", "inactive"}, false, "sendonly"},
    {"a track that is muted", ExpectTransceiver{.peer = "alice", .transceiver = "camera", .direction = "sendrecv", .track = "cam", .muted = true}, true, "direction = sendrecv, track = cam, muted"},
    {"a track that is not there", ExpectTransceiver{.peer = "alice", .transceiver = "camera", .track = "null"}, false, "track = cam"},
    {"no such transceiver", ExpectTransceiver{"bob", "camera", "stopped"}, false, "there is no transceiver \"camera\""},
    {"so many transceivers", ExpectTransceivers{.peer = "alice", .times = exactly(2)}, true, "2 among: video sendonly, audio none yet"},
    {"too few transceivers", ExpectTransceivers{"alice", "video", "sendrecv", {1, {}}}, false, "0 among: video sendonly, audio none yet"},
    {"a number", ExpectStatistic{.peer = "alice", .type = "outbound-rtp", .kind = "video", .member = "framesSent", .at_least = 7}, true, "7"},
    {"a number of another kind", ExpectStatistic{.peer = "alice", .type = "outbound-rtp", .kind = "audio", .member = "framesSent", .at_least = 0}, false, "no outbound-rtp has framesSent"},
    {"a text", ExpectStatistic{.peer = "alice", .type = "codec", .member = "mimeType", .is = "video/VP8"}, true, "\"audio/opus\", \"video/VP8\""},
    {"another text", ExpectStatistic{.peer = "alice", .type = "codec", .member = "mimeType", .is = "video/AV1"}, false, "\"audio/opus\", \"video/VP8\""},
    {"a text of nobody", ExpectStatistic{.peer = "bob", .type = "codec", .member = "mimeType", .is = "video/VP8"}, false, "no codec has mimeType"},
    {"a verdict", ExpectVerdict{"ice-fingerprint", judge::Verdict::Pass}, true, "pass: 12 seen"},
    {"another verdict", ExpectVerdict{"turn-nonce", judge::Verdict::Inconclusive}, false, "fail: 1 of 2 kept"},
    {"no failure", ExpectVerdicts{}, false, "1: turn-nonce: 1 of 2 kept"},
    {"no failure of that part", ExpectVerdicts{judge::Verdict::Fail, "ice"}, true, "none"},
};
// clang-format on

void check(const Row& row) {
  Scenario scenario;
  scenario.expectations.push_back({row.expectation, 12});

  const auto outcomes = judge(scenario, an_account());

  BOOST_REQUIRE(outcomes.size() == 1u);
  BOOST_TEST(outcomes[0].met == row.met);
  BOOST_TEST(outcomes[0].seen == row.seen);
  BOOST_TEST(outcomes[0].line == 12u);
  BOOST_TEST(!outcomes[0].expected.empty());
}

BOOST_AUTO_TEST_SUITE(expectations)

BOOST_DATA_TEST_CASE(states_and_times_are_met_or_say_what_was_so_instead, data::make(kStates),
                     row) {
  check(row);
}
BOOST_DATA_TEST_CASE(pairs_and_candidates_are_met_or_say_what_was_so_instead, data::make(kNetwork),
                     row) {
  check(row);
}
BOOST_DATA_TEST_CASE(events_and_messages_are_met_or_say_what_was_so_instead, data::make(kEvents),
                     row) {
  check(row);
}
BOOST_DATA_TEST_CASE(results_and_verdicts_are_met_or_say_what_was_so_instead, data::make(kResults),
                     row) {
  check(row);
}

BOOST_AUTO_TEST_CASE(without_evidence_no_verdict_is_met_and_the_reason_is_told) {
  auto account = an_account();
  account.judgements.clear();
  account.no_judgements = "capture.pcapng: has no packets";
  Scenario scenario;
  scenario.expectations = {{ExpectVerdict{"ice-fingerprint"}, 1}, {ExpectVerdicts{}, 2}};

  for (const auto& outcome : judge(scenario, account)) {
    BOOST_TEST(!outcome.met);
    BOOST_TEST(outcome.seen == "capture.pcapng: has no packets");
  }
}

struct Sentence {
  Expectation expectation;
  const char* text;
};
// clang-format off
const std::vector<Sentence> kSentences{
    {ExpectState{kConnected, When::Once, until(2s)}, "alice connectionState = connected by 2 s"},
    {ExpectState{kFailed, When::Never, after(end_of("restart"))}, "alice connectionState = failed never after step \"restart\" ends"},
    {ExpectStates{"alice", "connectionState", "", {"new", "…", "failed"}}, "alice connectionState: new, …, failed"},
    {ExpectDuration{end_of("restart"), {kConnected, 2}, {}, 300ms}, "from: step \"restart\" ends; to: the 2nd time: alice connectionState = connected; <= 0.3 s"},
    {ExpectSelectedPairs{"alice", exactly(2), {{{"host", "srflx"}, {}}, {.others = true}}}, "alice selects 2 pair(s): host or srflx / any, …"},
    {ExpectCandidates{.peer = "alice", .which = Which::Trickled, .types = {"relay"}, .times = kNever}, "alice trickles 0 relay candidate(s)"},
    {ExpectEvent{candidate_error(701, "turn:turn"), {1, {}}}, "alice fires icecandidateerror with errorCode 701 of turn:turn:3478?transport=udp at least 1 time"},
    {ExpectMessages{.peer = "alice", .channel = "chat", .from = "bob", .in_order = true, .once = true, .complete = true}, "alice receives on \"chat\" all that bob sent, nothing twice, in the order of their sending"},
    {ExpectDescription{.peer = "alice", .attribute = "localDescription", .type = "offer", .lacks = "a=x"}, "alice localDescription is of type offer lacks \"a=x\" at the end"},
    {ExpectVerdict{"turn-nonce", judge::Verdict::Fail}, "the verdict on turn-nonce is fail"},
    {ExpectVerdicts{judge::Verdict::Fail, "ice"}, "no verdict on ice is fail"},
};
// clang-format on

BOOST_AUTO_TEST_CASE(an_expectation_reads_as_a_sentence) {
  for (const auto& [expectation, text] : kSentences) BOOST_TEST(to_string(expectation) == text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
