// What a file may expect, what is refused, and that a run is judged by it: each with the first call
// of the library.
#include "scenarios/loader.h"
#include "tests/support/played.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

namespace rtclab::scenario {
namespace {

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

// The first call, expecting that and nothing else.
FileResult<Loaded> first_call_expecting(const std::string& expectations) {
  std::ifstream in{RTCLAB_SOURCE_DIR "/scenarios/library/first-call.xml"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::string_view begin = "<expect>";
  const auto first = text.find(begin) + begin.size();
  text.replace(first, text.find("</expect>") - first, expectations);
  const auto name = [&](std::string_view step, std::string_view id) {
    text.insert(text.find(step), "called=\"" + std::string{id} + "\" ");
  };
  name("note=\"3\"", "offered");
  name("note=\"10: ", "answered");
  const test::ScratchFolder folder;
  return load(folder.write("call.xml", text), RTCLAB_SOURCE_DIR "/topologies/library");
}

struct Fault {
  const char* name;
  const char* expectations;
  const char* answer;
};
std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.name;
}

// clang-format off
const std::vector<Fault> kFaults{
    {"an element that is none", "<stats peer='alice'/>", "did you mean \"state\""},
    {"an attribute that is none", "<states peer='alice' atribute='connectionState' order='new'/>", "did you mean \"attribute\""},
    {"a state attribute that is none", "<states peer='alice' attribute='conectionState' order='new'/>", "unknown attribute with states \"conectionState\", did you mean \"connectionState\"?"},
    {"a state in an order that is none", "<states peer='alice' attribute='connectionState' order='new conecting'/>", "unknown connectionState \"conecting\", did you mean \"connecting\"?"},
    {"an order that does not begin so", "<states peer='alice' attribute='connectionState' order='connecting connected'/>", "every connectionState begins with \"new\""},
    {"an order that stutters", "<states peer='alice' attribute='connectionState' order='new new'/>", "\"new\" stands there twice"},
    {"an order of nothing", "<states peer='alice' attribute='connectionState' order=''/>", "order: expected one or more states"},
    {"states of a channel that is not named", "<states peer='alice' attribute='readyState' order='connecting'/>", "belong together"},
    {"a time beyond the run", "<state peer='alice' connectionState='connected' by='13s'/>", "by: expected a time within the run, which ends at 12s, found \"13s\""},
    {"a window that ends before it begins", "<state peer='alice' connectionState='connected' from='5s' until='4s'/>", "until: expected no less than from, 5s"},
    {"two ends of a window", "<state peer='alice' connectionState='connected' by='5s' until='4s'/>", "by says it already"},
    {"always and never", "<state peer='alice' connectionState='failed' always='yes' never='yes'/>", "always says the contrary"},
    {"never what everything begins with", "<state peer='alice' connectionState='new' never='yes'/>", "every connectionState begins with \"new\": it cannot be never so"},
    {"after a step that is none", "<state peer='alice' connectionState='connected' after='offerd'/>", "unknown step \"offerd\", did you mean \"offered\"?"},
    {"a moment of nothing", "<state peer='alice' connectionState='connected'><after/></state>", "expected one thing that happens"},
    {"a moment of two things", "<state peer='alice' connectionState='connected'><after at='1s' peer='bob' connectionState='connected'/></state>", "expected one thing that happens"},
    {"a moment with too much", "<state peer='alice' connectionState='connected'><after at='1s' peer='bob'/></state>", "peer does not belong to at="},
    {"a moment of an event that is none", "<state peer='alice' connectionState='connected'><after peer='bob' event='trak'/></state>", "unknown event \"trak\", did you mean \"track\"?"},
    {"a moment of a record by nobody", "<state peer='alice' connectionState='connected'><before by='truns' recorded='turn:allocation_created'/></state>", "unknown peer or machine \"truns\""},
    {"two moments for one edge", "<state peer='alice' connectionState='connected'><after at='1s'/><after at='2s'/></state>", "expected one \"after\" and no more"},
    {"a time that comes twice", "<duration atMost='1s'><from at='1s' nth='2'/><to peer='bob' connectionState='connected'/></duration>", "a time comes once"},
    {"a duration without an end", "<duration atMost='1s'><from at='1s'/></duration>", "expected one <from …/> and one <to …/> inside"},
    {"a duration without a bound", "<duration><from at='1s'/><to at='2s'/></duration>", "expected how long"},
    {"a duration that cannot be", "<duration atLeast='2s' atMost='1s'><from at='1s'/><to at='2s'/></duration>", "atMost: expected no less than atLeast, 2s"},
    {"a step of no id", "<step step='offer' by='3s'/>", "unknown step \"offer\", did you mean \"offered\"?"},
    {"a pair of a type that is none", "<selectedPair peer='alice' local='srflex'/>", "did you mean \"srflx\""},
    {"a pair at no address", "<selectedPair peer='alice' localAddress='203.0.113'/>", "localAddress: expected an IP address"},
    {"a pair at a machine that is none", "<selectedPair peer='alice' localMachine='home-c'/>", "unknown machine \"home-c\""},
    {"a relay that is none", "<selectedPair peer='alice' relay='stun'/>", "unknown TURN server \"stun\""},
    {"pairs of no number", "<selectedPairs peer='alice'/>", "expected how many"},
    {"pairs in no order", "<selectedPairs peer='alice' order='host srflx'/>", "order: expected pairs LOCAL/REMOTE"},
    {"pairs of a type that is none", "<selectedPairs peer='alice' order='host/srflx|prflex'/>", "unknown candidate type \"prflex\", did you mean \"prflx\"?"},
    {"candidates of no way", "<candidates peer='alice' which='trickeld' count='1'/>", "unknown which \"trickeld\""},
    {"candidates over udp with a tcp type", "<candidates peer='alice' protocol='udp' tcpType='so' count='1'/>", "a candidate over udp has none"},
    {"candidates of no number", "<candidates peer='alice' type='host'/>", "expected how often"},
    {"an event that never fires twice", "<event peer='alice' type='track' count='2' never='yes'/>", "expected how often"},
    {"a code of an event that has none", "<event peer='alice' type='track' errorCode='401' count='1'/>", "only icecandidateerror has it"},
    {"a channel of an event that has none", "<event peer='alice' type='track' channel='chat' count='1'/>", "only an event of a data channel has it"},
    {"a server that is none", "<event peer='alice' type='icecandidateerror' url='turn:turm' count='1'/>", "unknown STUN or TURN server \"turm\", did you mean \"turn\"?"},
    {"a URL that is none", "<event peer='alice' type='icecandidateerror' url='turn' count='1'/>", "url: expected a server such as turn:MACHINE"},
    {"a detail that is none", "<event peer='alice' type='error' errorDetail='sctp-failur' count='1'/>", "did you mean \"sctp-failure\""},
    {"a record with a time for its author", "<recorded by='5s' event='ice:role_changed' count='0'/>", "unknown peer or machine \"5s\""},
    {"messages of which nothing is said", "<messages peer='alice' channel='chat'/>", "expected what is to be so"},
    {"messages from oneself", "<messages peer='alice' channel='chat' sender='alice' once='yes'/>", "sender: expected the peer at the other end"},
    {"a description that is none", "<sessionDescription peer='alice' attribute='pendingDescription' type='null'/>", "did you mean"},
    {"a type of description that is none", "<sessionDescription peer='alice' attribute='localDescription' type='ofer'/>", "unknown type \"ofer\", did you mean \"offer\"?"},
    {"lines of null", "<sessionDescription peer='alice' attribute='localDescription' type='null' lacks='x'/>", "null has no lines"},
    {"no regular expression", "<sessionDescription peer='alice' attribute='localDescription' matches='a=(ice'/>", "a=(ice is no regular expression: missing )"},
    {"a description of nothing", "<sessionDescription peer='alice' attribute='localDescription'/>", "expected what it has to be"},
    {"what it holds and lacks", "<sessionDescription peer='alice' attribute='localDescription' contains='x' lacks='x'/>", "contains says the contrary"},
    {"a description of two times", "<sessionDescription peer='alice' attribute='localDescription' type='null' at='1s'><after at='2s'/></sessionDescription>", "after says it already"},
    {"a transceiver of nothing", "<transceiver peer='alice' transceiver='0'/>", "expected what it has come to"},
    {"transceivers of no kind", "<transceivers peer='alice' kind='vidio' count='1'/>", "unknown kind \"vidio\", did you mean \"video\"?"},
    {"a requirement that is none", "<verdict requirement='ice-8445-7.1.2-fingerprnt' is='pass'/>", "unknown requirement \"ice-8445-7.1.2-fingerprnt\", did you mean \""},
    {"a verdict that is none", "<verdict requirement='ice-8445-7.1.2-fingerprnt' is='passed'/>", "unknown requirement"},
    {"verdicts of nothing", "<verdicts/>", "expected one of fail, advice, declared and inconclusive"},
    {"verdicts that are some", "<verdicts fail='some'/>", "unknown fail \"some\""},
    {"verdicts of no part", "<verdicts fail='none' of='trun'/>", "of: expected what ids of requirements begin with"},
};
const std::vector<Fault> kContradictions{
    {"two states at the end", "<state peer='alice' connectionState='connected'/><state peer='alice' connectionState='closed'/>", "alice connectionState = connected at the end"},
    {"an order with another end", "<state peer='alice' connectionState='connected'/><states peer='alice' attribute='connectionState' order='… failed'/>", "alice connectionState = connected at the end"},
    {"a state that is never and by then", "<state peer='alice' connectionState='failed' never='yes'/><state peer='alice' connectionState='failed' by='5s'/>", "alice connectionState = failed never"},
    {"an event as often and less often", "<event peer='alice' type='track' atLeast='3'/><event peer='alice' type='track' atMost='2'/>", "alice fires track at least 3 times"},
    {"a record once and never", "<recorded by='alice' event='ice:role_changed' count='1'/><recorded by='alice' event='ice:role_changed' never='yes'/>", "alice reports ice:role_changed 1 time"},
    {"a message that comes and does not", "<message peer='bob' channel='chat' text='x'/><message peer='bob' channel='chat' text='x' never='yes'/>", "bob receives \"x\" on \"chat\""},
    {"a pair of two types", "<selectedPair peer='alice' local='host srflx'/><selectedPair peer='alice' local='relay'/>", "alice selects a pair host or srflx / any"},
    {"so many pairs and others", "<selectedPairs peer='alice' count='1'/><selectedPairs peer='alice' count='2'/>", "alice selects 1 pair(s)"},
    {"so many candidates and others", "<candidates peer='alice' type='host' count='1'/><candidates peer='alice' type='host' atLeast='2'/>", "alice gathers 1 host candidate(s)"},
    {"a description null and not", "<sessionDescription peer='alice' attribute='localDescription' type='null'/><sessionDescription peer='alice' attribute='localDescription' contains='a=ice'/>", "alice localDescription is null at the end"},
    {"a number above and below", "<statistic peer='bob' type='transport' member='bytesSent' atLeast='5'/><statistic peer='bob' type='transport' member='bytesSent' atMost='4'/>", "bob transport bytesSent >= 5"},
    {"two directions", "<transceiver peer='alice' transceiver='0' currentDirection='sendrecv'/><transceiver peer='alice' transceiver='0' currentDirection='stopped'/>", "currentDirection = sendrecv"},
    {"a failure where there is none", "<verdicts fail='none' of='ice'/><verdict requirement='ice-8445-7.1.1-priority-attr' is='fail'/>", "no verdict on ice is fail"},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(expectation_reader)

BOOST_DATA_TEST_CASE(a_fault_is_answered_with_its_place_and_what_was_expected, data::make(kFaults),
                     fault) {
  const auto loaded = first_call_expecting(fault.expectations);

  BOOST_REQUIRE(!loaded.has_value());
  BOOST_TEST(loaded.error().line == 41u);
  BOOST_TEST(loaded.error().column > 1u);
  const auto sentence = loaded.error().to_string();
  BOOST_TEST(sentence.find(fault.answer) != std::string::npos, sentence);
}

BOOST_DATA_TEST_CASE(what_no_run_can_meet_is_refused_with_what_it_contradicts,
                     data::make(kContradictions), fault) {
  const auto loaded = first_call_expecting(fault.expectations);

  BOOST_REQUIRE(!loaded.has_value());
  const auto sentence = loaded.error().to_string();
  BOOST_TEST(sentence.find(std::string{"contradicts line 41: "}) != std::string::npos, sentence);
  BOOST_TEST(sentence.find(fault.answer) != std::string::npos, sentence);
}

// clang-format off
constexpr const char* kMet = R"(
  <state peer="alice" connectionState="connected" by="1.6s"/>
  <state peer="bob" connectionState="connected" always="yes"><after peer="bob" channel="chat" readyState="open"/></state>
  <state peer="alice" connectionState="failed" never="yes"/>
  <states peer="alice" attribute="connectionState" order="new connecting connected"/>
  <states peer="bob" attribute="signalingState" order="stable have-remote-offer stable"/>
  <states peer="alice" attribute="iceConnectionState" order="new checking … connected …"/>
  <states peer="bob" attribute="iceGatheringState" order="new gathering complete"/>
  <states peer="alice" attribute="readyState" channel="chat" order="connecting open"/>
  <duration atLeast="10ms" atMost="600ms">
    <from peer="alice" event="negotiationneeded"/>
    <to peer="alice" channel="chat" readyState="open"/>
  </duration>
  <selectedPair peer="alice" localMachine="home-a" remoteMachine="home-b" protocol="udp" family="IPv4"/>
  <selectedPair peer="alice" relay="turn" never="yes"/>
  <selectedPairs peer="alice" atLeast="1" order="… srflx|prflx/srflx|prflx"/>
  <candidates peer="alice" type="host" count="1"/>
  <candidates peer="alice" type="relay" protocol="udp" count="1"/>
  <candidates peer="bob" which="received" atLeast="1"><before peer="bob" connectionState="connected"/></candidates>
  <event peer="alice" type="negotiationneeded" count="1"/>
  <event peer="bob" type="datachannel" channel="chat" count="1" from="1s"/>
  <event peer="alice" type="open" channel="chat" count="1"/>
  <event peer="alice" type="selectedcandidatepairchange" atLeast="1"/>
  <event peer="alice" type="icecandidateerror" never="yes"/>
  <recorded by="turn" event="turn:allocation_created" count="2" until="2s"/>
  <message peer="bob" channel="chat" text="Hello Bob" count="1"/>
  <message peer="alice" channel="chat" text="Hello Bob" never="yes"/>
  <messages peer="alice" channel="chat" count="1" inOrder="yes" once="yes" complete="yes"/>
  <sessionDescription peer="alice" attribute="pendingLocalDescription" type="null"/>
  <sessionDescription peer="alice" attribute="pendingLocalDescription" type="offer" contains="m=application"><after peer="alice" signalingState="have-local-offer"/></sessionDescription>
  <sessionDescription peer="bob" attribute="currentLocalDescription" type="answer" matches="^a=setup:(active|passive)$" lacks="m=audio"/>
  <sessionDescription peer="alice" attribute="pendingLocalDescription" type="null" after="offered"/>
  <step step="answered" by="1.5s" atMost="100ms"/>
  <event peer="alice" type="signalingstatechange" count="2" after="offered"/>
  <duration atMost="1s"><from stepBegin="answered"/><to peer="bob" channel="chat" text="Hello Bob"/></duration>
  <transceivers peer="alice" count="0"/>
  <statistic peer="alice" type="data-channel" member="messagesSent" atLeast="1"/>
  <verdict requirement="ice-8445-7.1.1-priority-attr" is="pass"/>
  <verdicts fail="none"/>
)";
constexpr const char* kUnmet = R"(
  <state peer="alice" connectionState="connected" by="1s"/>
  <state peer="bob" connectionState="connected" always="yes"/>
  <state peer="alice" connectionState="connecting" never="yes"/>
  <states peer="alice" attribute="connectionState" order="new connected"/>
  <states peer="bob" attribute="signalingState" order="stable … have-local-offer …"/>
  <duration atMost="10ms">
    <from peer="alice" event="negotiationneeded"/>
    <to peer="alice" channel="chat" readyState="open"/>
  </duration>
  <duration atMost="10s"><from peer="alice" connectionState="failed"/><to peer="alice" connectionState="connected"/></duration>
  <selectedPair peer="alice" localMachine="turn"/>
  <selectedPair peer="alice" relay="turn"/>
  <selectedPairs peer="alice" order="relay/relay …"/>
  <candidates peer="alice" type="host" count="3"/>
  <event peer="alice" type="negotiationneeded" count="2"/>
  <event peer="bob" type="datachannel" channel="chat" count="1" from="9s"/>
  <event peer="alice" type="icecandidateerror" errorCode="701" url="turn:turn" count="1"/>
  <recorded by="turn" event="turn:allocation_created" never="yes"/>
  <message peer="bob" channel="chat" text="Hello Bob" count="2"/>
  <messages peer="alice" channel="chat" count="2" complete="yes"/>
  <sessionDescription peer="alice" attribute="currentLocalDescription" type="null"/>
  <sessionDescription peer="bob" attribute="currentLocalDescription" contains="m=audio"/>
  <sessionDescription peer="bob" attribute="currentRemoteDescription" matches="^a=setup:passive$"/>
  <step step="answered" by="1s"/>
  <event peer="alice" type="signalingstatechange" atLeast="1" before="offered"/>
  <transceivers peer="alice" kind="audio" count="1"/>
  <statistic peer="alice" type="data-channel" member="messagesSent" atLeast="9"/>
  <verdict requirement="ice-8445-7.1.1-priority-attr" is="fail"/>
  <verdicts inconclusive="none"/>
)";
// clang-format on

BOOST_AUTO_TEST_CASE(a_call_meets_what_is_so_of_it) {
  const auto loaded = first_call_expecting(kMet);
  BOOST_REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().to_string()));
  const auto outcomes = run(loaded->scenario, loaded->topology, 1, {}).expectations;

  BOOST_TEST(outcomes.size() == 35u);
  for (const auto& outcome : outcomes)
    BOOST_TEST(outcome.met, outcome.expected << "; instead: " << outcome.seen);
}

BOOST_AUTO_TEST_CASE(a_call_meets_nothing_that_is_not_so_of_it) {
  const auto loaded = first_call_expecting(kUnmet);
  BOOST_REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().to_string()));
  const auto outcomes = run(loaded->scenario, loaded->topology, 1, {}).expectations;

  BOOST_TEST(outcomes.size() == 26u);
  for (const auto& outcome : outcomes) {
    BOOST_TEST(!outcome.met, outcome.expected);
    BOOST_TEST(!outcome.seen.empty(), outcome.expected);
  }
}

BOOST_AUTO_TEST_CASE(to_ask_for_verdicts_changes_no_octet_of_the_evidence) {
  const auto asking = first_call_expecting("<verdicts fail='none'/>");
  const auto silent = first_call_expecting("");
  BOOST_REQUIRE((asking.has_value() && silent.has_value()));

  const auto one = test::play(*asking, 3);
  const auto other = test::play(*silent, 3);

  BOOST_TEST((one.capture == other.capture));
  BOOST_TEST((one.trace == other.trace));
}

// Several steps take no time at all, and yet each leaves something else behind.
BOOST_AUTO_TEST_CASE(steps_of_one_instant_are_told_apart) {
  auto loaded = first_call_expecting("");
  BOOST_REQUIRE(loaded.has_value());
  auto& steps = loaded->scenario.steps;
  steps.resize(1);  // the channel
  const auto add = [&](const char* id, Action action) {
    steps.push_back({.action = std::move(action), .id = id});
  };
  add("created", CreateOffer{"alice"});
  add("set", SetLocalDescription{"alice"});
  add("rolled-back", SetLocalDescription{"alice", SetLocalDescription::What::Rollback});
  const auto expect = [&](const char* step, const char* type) {
    loaded->scenario.expectations.push_back(
        {ExpectDescription{.peer = "alice",
                           .attribute = "pendingLocalDescription",
                           .type = type,
                           .at = Moment{StepEdge{step}}},
         0});
  };
  expect("created", "null");
  expect("set", "offer");
  expect("rolled-back", "null");
  loaded->scenario.expectations.push_back(
      {ExpectStep{.step = "rolled-back", .window = {.until = Duration{1'000'000'000}}}, 0});

  for (const auto& outcome : run(loaded->scenario, loaded->topology, 1, {}).expectations)
    BOOST_TEST(outcome.met, outcome.expected << "; instead: " << outcome.seen);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
