// What a timeline can say besides one step after the other, read from files and played.
#include "scenarios/loader.h"
#include "scenarios/runner.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <string>

namespace rtclab::scenario {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using State = StepOutcome::State;

const fs::path kTopologies = RTCLAB_SOURCE_DIR "/topologies/library";

// Two peers without NATs, 37 ms apart by signalling.
std::string scenario_with(const std::string& timeline, const std::string& head = "") {
  return "<scenario name=\"t\" topology=\"open-hosts\" duration=\"20s\"><title>t</title>" + head +
         "<peer name=\"alice\" machine=\"alice-server\"/><peer name=\"bob\" "
         "machine=\"bob-server\"/><timeline>\n" +
         timeline + "\n</timeline></scenario>";
}

const std::string kCall =
    "<createDataChannel peer=\"alice\" label=\"chat\"/><createOffer peer=\"alice\"/>"
    "<setLocalDescription peer=\"alice\"/><sendDescription peer=\"alice\" to=\"bob\"/>"
    "<setRemoteDescription peer=\"bob\"/><createAnswer peer=\"bob\"/>"
    "<setLocalDescription peer=\"bob\"/><sendDescription peer=\"bob\" to=\"alice\"/>"
    "<setRemoteDescription peer=\"alice\"/>"
    "<wait peer=\"alice\" connectionState=\"connected\"/>";

FileResult<Loaded> loaded(const std::string& timeline, const std::string& head = "",
                          std::span<const Assignment> assignments = {}) {
  const test::ScratchFolder folder;
  return load(folder.write("t.xml", scenario_with(timeline, head)), kTopologies, assignments);
}

std::string complaint(const std::string& timeline) {
  const auto scenario = loaded(timeline);
  if (scenario) return "";
  const auto text = scenario.error().to_string();
  return text.substr(text.find("t.xml:") + 6);
}

RunResult play(const std::string& timeline) {
  const auto scenario = loaded(timeline);
  BOOST_REQUIRE_MESSAGE(scenario.has_value(), (scenario ? "" : scenario.error().to_string()));
  return run(scenario->scenario, scenario->topology, 1, {});
}

const StepOutcome& outcome_of(const RunResult& result, std::string_view what) {
  const auto found = std::ranges::find_if(result.steps, [&](const StepOutcome& step) {
    return step.what.find(what) != std::string::npos;
  });
  BOOST_REQUIRE((found != result.steps.end()));
  return *found;
}

BOOST_AUTO_TEST_SUITE(timeline_language)

BOOST_AUTO_TEST_CASE(parallel_steps_begin_together_and_what_follows_waits_for_all) {
  const auto result = play(
      "<parallel><wait for=\"3s\"/><sequence><wait for=\"1s\"/><wait for=\"1s\"/></sequence>"
      "</parallel><restartIce peer=\"alice\"/>");

  BOOST_TEST((result.steps[0].began == Instant{0s}));
  BOOST_TEST((result.steps[1].began == Instant{0s}));
  BOOST_TEST((result.steps[2].began == Instant{1s}));
  BOOST_TEST((result.steps[3].began == Instant{3s}));
  BOOST_TEST(result.as_expected());
}

BOOST_AUTO_TEST_CASE(rounds_begin_every_so_often_and_know_their_number) {
  const auto result = play(
      "<wait for=\"500ms\"/><repeat count=\"3\" every=\"2s\" as=\"n\"><createDataChannel "
      "peer=\"alice\" label=\"channel-${n}\"/></repeat><repeat count=\"2\"><wait for=\"1s\"/>"
      "</repeat>");

  BOOST_REQUIRE(result.steps.size() == 6u);
  BOOST_TEST((outcome_of(result, "channel-1").began == Instant{500ms}));
  BOOST_TEST((outcome_of(result, "channel-3").began == Instant{4500ms}));
  BOOST_TEST((result.steps[5].began == Instant{5500ms}));
}

BOOST_AUTO_TEST_CASE(a_pause_is_counted_from_the_end_of_what_the_step_comes_after) {
  const auto result = play("<wait for=\"1s\"/><restartIce peer=\"alice\" pause=\"250ms\"/>");

  BOOST_TEST((result.steps[1].began == Instant{1250ms}));
}

BOOST_AUTO_TEST_CASE(a_step_waits_for_another_one_of_a_parallel_branch) {
  const auto result = play(
      "<parallel><restartIce peer=\"bob\" after=\"long\"/><wait for=\"2s\" called=\"long\"/>"
      "</parallel>");

  BOOST_TEST((outcome_of(result, "bob restartIce").began == Instant{2s}));
}

BOOST_AUTO_TEST_CASE(when_stands_beside_what_follows_until_it_happens) {
  const auto result =
      play("<when peer=\"alice\" connectionState=\"connected\"><restartIce peer=\"bob\"/></when>" +
           kCall);

  const auto& restart = outcome_of(result, "bob restartIce");
  BOOST_TEST((restart.began > Instant{0s}));
  BOOST_TEST((restart.began == outcome_of(result, "wait until alice connectionState").ended));
  BOOST_TEST(result.as_expected());
}

BOOST_AUTO_TEST_CASE(a_when_that_never_happens_leaves_its_steps_undone) {
  const auto result = play(
      "<when peer=\"alice\" connectionState=\"failed\"><restartIce peer=\"bob\"/></when>" + kCall);

  BOOST_TEST((outcome_of(result, "when alice").state == State::Running));
  BOOST_TEST((outcome_of(result, "bob restartIce").state == State::NotBegun));
  BOOST_TEST(!result.as_expected());
}

BOOST_AUTO_TEST_CASE(when_can_be_a_packet_a_report_or_another_step) {
  const auto result = play(
      "<when packet=\"dtls-flight\" number=\"1\" leaves=\"bob\"><wait for=\"1ms\" "
      "called=\"flight\"/></when>"
      "<when event=\"ice:pair_nominated\" by=\"alice\"><wait for=\"2ms\"/></when>"
      "<when step=\"offer\" has=\"begun\"><wait for=\"3ms\"/></when>"
      "<wait for=\"1s\" called=\"offer\"/>" +
      kCall);

  const auto& flight = outcome_of(result, "1st dtls-flight leaves bob");
  const auto& nominated = outcome_of(result, "when alice reports ice:pair_nominated");
  BOOST_TEST((flight.state == State::Done));
  BOOST_TEST((nominated.state == State::Done));
  BOOST_TEST((flight.ended > Instant{1s}));
  BOOST_TEST((outcome_of(result, "has begun").ended == Instant{0s}));
  BOOST_TEST(result.as_expected());
}

BOOST_AUTO_TEST_CASE(a_wait_for_a_packet_that_does_not_come_says_so) {
  const auto result =
      play("<wait packet=\"rtp\" reaches=\"bob\" atMost=\"2s\"/><restartIce peer=\"bob\"/>");

  BOOST_TEST((result.steps[0].state == State::Failed));
  BOOST_TEST(result.steps[0].detail == "it did not come");
  BOOST_TEST((result.steps[1].began == Instant{2s}));
}

BOOST_AUTO_TEST_CASE(a_description_is_held_munged_and_delivered_later_and_twice) {
  const auto result = play(
      "<createDataChannel peer=\"alice\" label=\"chat\"/><createOffer peer=\"alice\" as=\"offer\"/>"
      "<setLocalDescription peer=\"alice\" description=\"offer\"/>"
      "<munge peer=\"alice\" description=\"offer\" replace=\"s=-\" with=\"s=munged\" as=\"other\"/>"
      "<sendDescription peer=\"alice\" to=\"bob\" description=\"other\" times=\"2\" pause=\"1s\"/>"
      "<receiveDescription peer=\"bob\" as=\"first\"/><discardDescription peer=\"bob\"/>"
      "<setRemoteDescription peer=\"bob\" description=\"first\"/>"
      "<munge peer=\"bob\" description=\"first\" replace=\"s=munged\" with=\"s=-\" as=\"first\"/>"
      "<munge peer=\"bob\" description=\"first\" replace=\"s=munged\" with=\"\" as=\"x\" "
      "error=\"InvalidModificationError\"/>");

  BOOST_TEST(result.as_expected());
  BOOST_TEST((outcome_of(result, "bob receives a description: \"first\"").ended > Instant{1s}));
}

BOOST_AUTO_TEST_CASE(a_description_that_no_step_has_made_yet_fails_the_step_that_needs_it) {
  const auto result = play(
      "<parallel><sequence><wait for=\"1s\"/><createOffer peer=\"alice\" as=\"offer\"/></sequence>"
      "<sequence><setLocalDescription peer=\"alice\" "
      "description=\"offer\"/></sequence></parallel>");

  const auto& set = outcome_of(result, "setLocalDescription(offer)");
  BOOST_TEST((set.state == State::Failed));
  BOOST_TEST(set.detail == "InvalidStateError: there is no description \"offer\" yet");
}

BOOST_AUTO_TEST_CASE(held_candidates_go_before_the_description_when_they_are_sent_first) {
  const auto result = play(
      "<createDataChannel peer=\"alice\" label=\"chat\"/><holdCandidates peer=\"alice\"/>"
      "<createOffer peer=\"alice\" as=\"offer\"/>"
      "<setLocalDescription peer=\"alice\" description=\"offer\"/>"
      "<wait peer=\"alice\" iceGatheringState=\"complete\"/>"
      "<sendCandidates peer=\"alice\" to=\"bob\" order=\"reversed\"/>"
      "<wait event=\"signalling:refused\" by=\"bob\"/>"
      "<sendDescription peer=\"alice\" to=\"bob\" description=\"offer\"/>"
      "<setRemoteDescription peer=\"bob\"/>");

  BOOST_TEST(result.as_expected());
}

BOOST_AUTO_TEST_CASE(a_courier_loses_what_is_sent_while_he_is_told_to) {
  const std::string steps =
      "<createDataChannel peer=\"alice\" label=\"chat\"/><createOffer peer=\"alice\"/>"
      "<setLocalDescription peer=\"alice\"/><setSignalling loss=\"100%\"/>"
      "<sendDescription peer=\"alice\" to=\"bob\"/><setSignalling loss=\"0%\" delay=\"2s\"/>"
      "<sendDescription peer=\"alice\" to=\"bob\"/><setRemoteDescription peer=\"bob\" "
      "called=\"set\"/>";
  const auto scenario = loaded(steps, "<signalling via=\"courier\"/>");
  BOOST_REQUIRE(scenario.has_value());
  const auto result = run(scenario->scenario, scenario->topology, 1, {});

  BOOST_TEST(result.as_expected());
  // The first one would have come at once.
  BOOST_TEST((outcome_of(result, "bob setRemoteDescription").ended >= Instant{2s}));
  BOOST_TEST(complaint("<setSignalling loss=\"100%\"/>")
                 .starts_with("2:1: only a courier's terms can be set"));
}

BOOST_AUTO_TEST_CASE(a_description_is_set_as_of_another_type_where_one_is_given) {
  const auto result = play(
      "<createDataChannel peer=\"alice\" label=\"chat\"/><createOffer peer=\"alice\"/>"
      "<setLocalDescription peer=\"alice\"/><sendDescription peer=\"alice\" to=\"bob\"/>"
      "<setRemoteDescription peer=\"bob\"/><createAnswer peer=\"bob\" as=\"answer\"/>"
      "<setLocalDescription peer=\"bob\" type=\"pranswer\"/>"
      "<wait peer=\"bob\" signalingState=\"have-local-pranswer\" atMost=\"0s\"/>"
      "<sendDescription peer=\"bob\" to=\"alice\" description=\"answer\" times=\"2\"/>"
      "<setRemoteDescription peer=\"alice\" type=\"pranswer\"/>"
      "<wait peer=\"alice\" signalingState=\"have-remote-pranswer\" atMost=\"0s\"/>"
      "<receiveDescription peer=\"alice\" as=\"again\"/>"
      "<setRemoteDescription peer=\"alice\" description=\"again\" type=\"offer\" "
      "error=\"InvalidStateError\"/><setRemoteDescription peer=\"alice\" description=\"again\"/>"
      "<wait peer=\"alice\" signalingState=\"stable\" atMost=\"0s\"/>");

  BOOST_TEST(result.as_expected());
  BOOST_TEST(
      (outcome_of(result, "bob setLocalDescription(created as pranswer)").state == State::Done));
}

BOOST_AUTO_TEST_CASE(codecs_are_preferred_by_their_names_and_refused_by_the_other_kind) {
  const auto result = play(
      "<addTransceiver peer=\"alice\" name=\"camera\" kind=\"video\"/>"
      "<setCodecPreferences peer=\"alice\" transceiver=\"camera\" codecs=\"opus\" "
      "error=\"InvalidModificationError\"/>"
      "<setCodecPreferences peer=\"alice\" transceiver=\"camera\" codecs=\"H264 VP8\"/>"
      "<createOffer peer=\"alice\" as=\"some\"/>"
      "<munge peer=\"alice\" description=\"some\" replace=\"VP9/90000\" with=\"\" "
      "error=\"InvalidModificationError\"/>"
      "<munge peer=\"alice\" description=\"some\" replace=\"H264(?s:.*)VP8\" with=\"\"/>"
      "<setCodecPreferences peer=\"alice\" transceiver=\"camera\"/>"
      "<createOffer peer=\"alice\" as=\"all\"/>"
      "<munge peer=\"alice\" description=\"all\" replace=\"VP9/90000\" with=\"\"/>");

  BOOST_TEST(result.as_expected());
}

BOOST_AUTO_TEST_CASE(parameters_reach_the_scenario_and_its_topology) {
  const std::string head =
      "<parameter name=\"pause\" default=\"1s\"/><parameter name=\"delay\" default=\"7ms\"/>"
      "<adjust topology=\"//link[1]/@delay\" to=\"${delay}\"/>";
  const auto usual = loaded("<wait for=\"${pause}\"/>", head);
  BOOST_REQUIRE(usual.has_value());
  BOOST_TEST((std::get<Wait>(usual->scenario.steps[0].action).at_most == 1s));
  BOOST_TEST((usual->topology.links[0].a_to_b.delay == 7ms));

  const std::vector<Assignment> assignments{{"pause", "3s"}, {"topology//link[1]/@delay", "9ms"}};
  const auto other = loaded("<wait for=\"${pause}\"/>", head, assignments);
  BOOST_REQUIRE(other.has_value());
  BOOST_TEST((std::get<Wait>(other->scenario.steps[0].action).at_most == 3s));
  BOOST_TEST((other->topology.links[0].a_to_b.delay == 9ms));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_told_with_its_place) {
  BOOST_TEST(complaint("<wait for=\"1s\" after=\"x\"/><wait for=\"1s\" called=\"y\"/>") ==
             "2:16: unknown step \"x\", did you mean \"y\"?");
  BOOST_TEST(complaint("<parallel><wait for=\"1s\" called=\"a\" after=\"b\"/>\n<wait for=\"1s\" "
                       "called=\"b\" after=\"a\"/></parallel>")
                 .ends_with("wait for each other"));
  BOOST_TEST(complaint("<wait for=\"1s\" called=\"a\"/><wait for=\"1s\" called=\"a\"/>") ==
             "2:43: a second step \"a\"");
  BOOST_TEST(complaint("<when peer=\"alice\" connectionState=\"connected\"/>") ==
             "2:1: expected steps in <when>");
  BOOST_TEST(complaint("<when><restartIce peer=\"alice\"/></when>")
                 .starts_with("2:1: expected what begins it"));
  BOOST_TEST(complaint("<wait packet=\"dtls-flite\" leaves=\"bob\"/>")
                 .ends_with("did you mean \"dtls-flight\"?"));
  BOOST_TEST(complaint("<wait packet=\"rtp\"/>")
                 .ends_with("expected leaves=\"…\" or reaches=\"…\": a peer or a machine"));
  BOOST_TEST(complaint("<wait event=\"ice:pair_nominatd\" by=\"bob\"/>")
                 .ends_with("did you mean \"ice:pair_nominated\"?"));
  BOOST_TEST(complaint("<wait event=\"ice:pair_nominated\" by=\"bob\" peer=\"bob\"/>")
                 .ends_with("peer does not go together with event=\"…\""));
  BOOST_TEST(
      complaint("<createOffer peer=\"alice\" as=\"one\"/><setLocalDescription peer=\"alice\" "
                "description=\"ono\"/>")
          .ends_with("unknown description \"ono\", did you mean \"one\"?"));
  BOOST_TEST(complaint("<createOffer peer=\"alice\" as=\"created\"/>")
                 .ends_with("created means something already, expected a name"));
  BOOST_TEST(complaint("<createOffer peer=\"alice\" as=\"o\"/><munge peer=\"alice\" "
                       "description=\"o\" replace=\"(\" with=\"\"/>")
                 .find("( is no regular expression") != std::string::npos);
  BOOST_TEST(complaint("<setLocalDescription peer=\"alice\" description=\"rollback\" "
                       "type=\"answer\"/>")
                 .ends_with("description=\"rollback\" is of no other type"));
  BOOST_TEST(complaint("<setLocalDescription peer=\"alice\" type=\"rollback\"/>")
                 .ends_with("expected description=\"rollback\""));
  BOOST_TEST(complaint("<setRemoteDescription peer=\"alice\" type=\"prans\"/>")
                 .ends_with("expected offer, pranswer or answer"));
  BOOST_TEST(complaint("<setCodecPreferences peer=\"alice\" transceiver=\"0\" codecs=\"VP7\"/>")
                 .find("unknown codec \"VP7\", did you mean \"VP8\"?") != std::string::npos);
  BOOST_TEST(complaint("<repeat count=\"200\"><repeat count=\"200\"><restartIce "
                       "peer=\"alice\"/></repeat></repeat>")
                 .ends_with("a timeline has at most 20000 steps, all rounds counted"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
