#include "scenarios/timeline.h"

#include "tests/support/played.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>

namespace rtclab::scenario {
namespace {

using namespace std::chrono_literals;
using State = StepOutcome::State;

const StepOutcome& outcome_of(const RunResult& result, std::string_view what) {
  const auto found = std::ranges::find_if(result.steps, [&](const StepOutcome& step) {
    return step.what.find(what) != std::string::npos;
  });
  BOOST_REQUIRE((found != result.steps.end()));
  return *found;
}

// The round-trips scenario with other steps.
RunResult play_steps(std::vector<Action> actions) {
  auto loaded = test::load_library("round-trips");
  loaded.scenario.steps.clear();
  loaded.scenario.expectations.clear();
  for (auto& action : actions) loaded.scenario.steps.push_back({.action = std::move(action)});
  return test::play(loaded, 1).result;
}

BOOST_AUTO_TEST_SUITE(timeline)

BOOST_AUTO_TEST_CASE(a_step_begins_when_the_one_before_has_ended_and_not_before_its_time) {
  const auto result = test::play("round-trips", 1).result;

  for (std::size_t i = 1; i < result.steps.size(); ++i)
    BOOST_TEST((result.steps[i].began == result.steps[i - 1].ended));
  BOOST_TEST((result.steps.front().began == Instant{1s}));
  // The offer takes 37 ms to Bob.
  BOOST_TEST((outcome_of(result, "bob setRemoteDescription").ended == Instant{1037ms}));
}

BOOST_AUTO_TEST_CASE(a_promise_that_is_rejected_fails_its_step_by_the_standard_name) {
  const auto result = play_steps({CreateAnswer{"alice"}, CreateDataChannel{"alice", "chat"}});

  BOOST_TEST((result.steps[0].state == State::Failed));
  BOOST_TEST(result.steps[0].detail.starts_with("InvalidStateError"));
  BOOST_TEST((result.steps[1].state == State::Done));  // the scenario goes on
}

// error="…": the call must fail, and so.
BOOST_AUTO_TEST_CASE(a_step_that_has_to_fail_is_done_by_the_right_error_only) {
  auto loaded = test::load_library("round-trips");
  loaded.scenario.expectations.clear();
  loaded.scenario.steps = {
      {.action = CreateAnswer{"alice"}, .error = "InvalidStateError"},
      {.action = CreateAnswer{"alice"}, .error = "TypeError"},
      {.action = CreateOffer{"alice"}, .error = "InvalidStateError"},
  };
  const auto result = test::play(loaded, 1).result;

  BOOST_TEST((result.steps[0].state == State::Done));
  BOOST_TEST(result.steps[0].detail.starts_with("InvalidStateError"));
  BOOST_TEST((result.steps[1].state == State::Failed));
  BOOST_TEST(
      result.steps[1].detail.starts_with("expected TypeError, but it failed with "
                                         "InvalidStateError"));
  BOOST_TEST((result.steps[2].state == State::Failed));
  BOOST_TEST(result.steps[2].detail == "expected InvalidStateError, but it succeeded");
}

BOOST_AUTO_TEST_CASE(a_track_that_is_refused_fails_its_step_by_the_standard_name) {
  const peer::MediaTrack camera{"camera", peer::MediaKind::Video};
  const peer::MediaTrack microphone{"microphone", peer::MediaKind::Audio};
  const auto result = play_steps(
      {AddTrack{"alice", camera}, ReplaceTrack{"alice", "camera", microphone},
       StopTransceiver{"alice", "camera"}, ReplaceTrack{"alice", "camera", std::nullopt}});

  BOOST_TEST((result.steps[1].state == State::Failed));
  BOOST_TEST(result.steps[1].detail.starts_with("TypeError"));
  BOOST_TEST((result.steps[3].state == State::Failed));
  BOOST_TEST(result.steps[3].detail.starts_with("InvalidStateError"));
}

// By its name although another transceiver bears it, and by the transceiver's.
BOOST_AUTO_TEST_CASE(a_track_is_removed_by_its_own_name_or_that_of_its_transceiver) {
  const peer::MediaTrack camera{"camera", peer::MediaKind::Video};
  const auto result = play_steps({AddTransceiver{"alice", "a", "video", "sendrecv", camera},
                                  RemoveTrack{"alice", "camera"},
                                  AddTransceiver{"alice", "b", "video", "sendrecv", camera},
                                  RemoveTrack{"alice", "b"}, AddTrack{"alice", camera}});

  for (const auto& step : result.steps) BOOST_TEST((step.state == State::Done), step.detail);
}

BOOST_AUTO_TEST_CASE(nothing_can_be_set_before_it_was_created) {
  const auto result = play_steps({CreateDataChannel{"alice", "chat"}, SetLocalDescription{"alice"},
                                  CloseChannel{"bob", "chat"}});

  BOOST_TEST((result.steps[1].state == State::Failed));
  BOOST_TEST(result.steps[1].detail ==
             "InvalidStateError: alice has created no description yet that could be set");
  BOOST_TEST(
      result.chronicles.at("alice").holds(StateCondition{"alice", "signalingState", "stable"}));
  BOOST_TEST((result.steps[2].state == State::Failed));
  BOOST_TEST(result.steps[2].detail == "InvalidStateError: bob has no channel \"chat\"");
}

BOOST_AUTO_TEST_CASE(a_description_that_will_never_be_complete_is_not_waited_for) {
  auto loaded = test::load_library("first-call");
  loaded.scenario.expectations.clear();
  for (auto& peer : loaded.scenario.peers) peer.trickle = false;
  loaded.scenario.steps = {{.action = CreateDataChannel{"alice", "chat"}},
                           {.action = CreateOffer{"alice"}},
                           {.action = SetLocalDescription{"alice"}},
                           {.action = ClosePeer{"alice"}},
                           {.action = SendDescription{"alice", "bob"}}};
  const auto result = test::play(loaded, 1).result;

  BOOST_TEST((result.steps[4].state == State::Failed));
  BOOST_TEST(result.steps[4].detail.starts_with("InvalidStateError: alice is closed"));
}

BOOST_AUTO_TEST_CASE(the_network_changes_when_a_step_says_so) {
  auto loaded = test::load_library("round-trips");
  loaded.scenario.expectations.clear();
  loaded.scenario.duration = 60s;
  const auto& alice = *loaded.topology.find_host("alice-server");
  const auto eth0 = alice.interfaces.front().name;
  loaded.scenario.steps.push_back({.action = SetInterface{"alice-server", eth0, false}});
  const auto result = test::play(loaded, 1).result;

  BOOST_TEST((outcome_of(result, "alice-server." + eth0 + " goes down").state == State::Done));
  BOOST_TEST(result.chronicles.at("bob")
                 .reached({StateCondition{"bob", "connectionState", "disconnected"}})
                 .has_value());
}

BOOST_AUTO_TEST_CASE(a_link_can_be_made_to_lose_everything) {
  auto loaded = test::load_library("round-trips");
  loaded.scenario.expectations.clear();
  loaded.scenario.duration = 60s;
  const auto& link = loaded.topology.links.front();
  loaded.scenario.steps.push_back(
      {.action = test::losing(loaded.topology, link.a.to_string(), link.b.to_string(), 1)});
  const auto result = test::play(loaded, 1).result;

  BOOST_TEST(result.chronicles.at("bob")
                 .reached({StateCondition{"bob", "connectionState", "disconnected"}})
                 .has_value());
}

BOOST_AUTO_TEST_CASE(a_server_that_is_stopped_answers_nobody_and_started_again_it_does) {
  auto loaded = test::load_library("first-call");
  loaded.scenario.expectations.clear();
  loaded.scenario.duration = 60s;
  const auto gathers = [&](bool runs) {
    auto with = loaded;
    with.scenario.steps = {{.action = SetServer{"stun", false}},
                           {.action = SetServer{"turn", false}}};
    if (runs) {
      with.scenario.steps.push_back({.action = SetServer{"stun", true}});
      with.scenario.steps.push_back({.action = SetServer{"turn", true}});
    }
    with.scenario.steps.push_back({.action = CreateDataChannel{"alice", "chat"}});
    with.scenario.steps.push_back({.action = CreateOffer{"alice"}});
    with.scenario.steps.push_back({.action = SetLocalDescription{"alice"}});
    return test::play(with, 1).trace;
  };

  BOOST_TEST(gathers(false).find("\"type\":\"srflx\"") == std::string::npos);
  BOOST_TEST(gathers(true).find("\"type\":\"srflx\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_reader_of_a_trace_knows_whose_a_later_address_is) {
  auto loaded = test::load_library("round-trips");
  loaded.scenario.expectations.clear();
  const auto& interface = loaded.topology.find_host("alice-server")->interfaces.front();
  const Prefix later{*Ip::parse("198.51.100.77"), 24};
  loaded.scenario.steps = {{.action = SetAddress{"alice-server", interface.name, {later}}}};
  const auto evidence = test::evidence_of(test::play(loaded, 1));

  const auto party = evidence.party_at(later.ip);
  BOOST_REQUIRE(party.has_value());
  BOOST_TEST(evidence.parties[*party].name == "alice");
}

// What is behind it in the queue is taken then: candidates at once, the next description by its
// step.
BOOST_AUTO_TEST_CASE(a_description_can_be_taken_no_notice_of) {
  const auto result = play_steps({CreateDataChannel{"alice", "chat"}, CreateOffer{"alice"},
                                  SetLocalDescription{"alice"}, SendDescription{"alice", "bob"},
                                  DiscardDescription{"bob"}, SetRemoteDescription{"bob"}});

  BOOST_TEST((outcome_of(result, "bob takes no notice").state == State::Done));
  BOOST_TEST((outcome_of(result, "bob setRemoteDescription").state == State::Running));
  BOOST_TEST(result.chronicles.at("bob").holds(StateCondition{"bob", "signalingState", "stable"}));
}

BOOST_AUTO_TEST_CASE(a_condition_that_never_holds_fails_its_step_with_what_was_so_instead) {
  const auto result =
      play_steps({Wait{StateCondition{"alice", "connectionState", "connected"}, Duration{500ms}}});

  BOOST_TEST((result.steps[0].state == State::Failed));
  BOOST_TEST(result.steps[0].detail == "connectionState = new");
  BOOST_TEST((result.steps[0].ended == Instant{500ms}));
}

BOOST_AUTO_TEST_CASE(a_description_that_never_comes_leaves_its_step_running) {
  const auto result = play_steps({SetRemoteDescription{"bob"}, Wait{std::nullopt, Duration{1ms}}});

  BOOST_TEST((result.steps[0].state == State::Running));
  BOOST_TEST((result.steps[1].state == State::NotBegun));
  BOOST_TEST(!result.as_expected());
}

BOOST_AUTO_TEST_CASE(sending_without_a_description_or_a_channel_fails_at_once) {
  const auto result =
      play_steps({SendDescription{"alice", "bob"}, SendMessage{"alice", "chat", "hello"}});

  BOOST_TEST((result.steps[0].state == State::Failed));
  BOOST_TEST((result.steps[1].state == State::Failed));
}

BOOST_AUTO_TEST_CASE(
    without_trickle_the_description_leaves_when_gathering_is_complete_and_holds_all_candidates) {
  auto loaded = test::load_library("first-call");
  for (auto& peer : loaded.scenario.peers) peer.trickle = false;
  const auto played = test::play(loaded, 1);

  BOOST_TEST((outcome_of(played.result, "alice sends its description").ended > Instant{1s}));
  BOOST_TEST(played.trace.find("\"type\":\"candidate\"") == std::string::npos);
  BOOST_TEST(played.trace.find("a=end-of-candidates") != std::string::npos);
  BOOST_TEST(played.result.chronicles.at("alice").holds(
      StateCondition{"alice", "connectionState", "connected"}));
}

BOOST_AUTO_TEST_CASE(a_counted_send_keeps_its_interval) {
  auto loaded = test::load_library("round-trips");
  loaded.scenario.steps.push_back(
      {.action = SendMessage{"alice", "chat", "tick", 3, Duration{200ms}}});
  const auto result = test::play(loaded, 1).result;
  const auto* chat = result.chronicles.at("bob").find_channel("chat");

  BOOST_REQUIRE((chat != nullptr && chat->received.size() == 3u));
  BOOST_TEST(chat->received[2] == "tick #3");
  BOOST_TEST((chat->received_at[2] - chat->received_at[0] == 400ms));
}

BOOST_AUTO_TEST_CASE(closing_ends_the_call_on_both_sides) {
  auto loaded = test::load_library("round-trips");
  loaded.scenario.steps.push_back({.action = ClosePeer{"alice"}});
  const auto result = test::play(loaded, 1).result;

  BOOST_TEST(
      result.chronicles.at("alice").holds(StateCondition{"alice", "connectionState", "closed"}));
  BOOST_TEST(result.chronicles.at("bob").holds(ChannelCondition{"bob", "chat", "closed"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
