#include "reports/diagrams/story.h"

#include "reports/diagrams/pair_history.h"
#include "reports/evidence/load.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>

using namespace rtclab;
using namespace rtclab::diagrams;

namespace {

const std::filesystem::path kData = RTCLAB_TEST_DATA;

Story story_of(const std::string& folder) {
  return tell(evidence::load(kData / folder).value());
}

const Arrow& arrow_like(const Story& story, std::string_view label) {
  const auto found = std::ranges::find_if(story.arrows, [&](const auto& arrow) {
    return arrow.label.find(label) != std::string::npos;
  });
  BOOST_REQUIRE_MESSAGE(found != story.arrows.end(), "no arrow says " << label);
  return *found;
}

std::vector<std::string> badges_of(const Story& story, std::size_t lifeline) {
  std::vector<std::string> texts;
  for (const auto& badge : story.badges) {
    if (badge.lifeline == lifeline) texts.push_back(badge.text);
  }
  return texts;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_story)

BOOST_AUTO_TEST_CASE(has_its_lifelines_in_network_order) {
  const auto story = story_of("reports/sample-run");

  std::vector<std::string> names;
  for (const auto& lifeline : story.lifelines) names.push_back(lifeline.name);
  BOOST_TEST(names == (std::vector<std::string>{"alice", "home-a", "stun", "home-b", "bob"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ends_a_filtered_packet_at_the_nat_and_a_lost_one_between) {
  const auto story = story_of("reports/sample-run");

  const auto& filtered = arrow_like(story, "203.0.113.2:62000: no answer");
  BOOST_TEST(filtered.death->place == 3.0);
  BOOST_TEST(filtered.death->filtered);
  const auto& lost = arrow_like(story, "USE-CANDIDATE");
  BOOST_TEST(lost.death->place == 2.5);
  BOOST_TEST(lost.death->reason == "link core-home-b: 10 % loss");
}

BOOST_AUTO_TEST_CASE(passes_each_nat_at_its_own_time) {
  const auto story = story_of("reports/sample-run");
  const auto& arrow = arrow_like(story, "ClientHello");

  std::vector<std::size_t> lifelines;
  for (const auto& stop : arrow.stops) lifelines.push_back(stop.lifeline);
  BOOST_TEST(lifelines == (std::vector<std::size_t>{4, 3, 1, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(folds_a_minute_of_consent_into_one_arrow) {
  const auto story = story_of("reports/sample-run");

  BOOST_TEST(arrow_like(story, "Binding request (consent)").count == 11u);
}

BOOST_AUTO_TEST_CASE(of_a_recording_deduces_the_signaling_states) {
  const auto story = story_of("recordings/chromium-pion-dc");

  BOOST_TEST(badges_of(story, 0) ==
                 (std::vector<std::string>{"signaling: have-local-offer", "signaling: stable"}),
             boost::test_tools::per_element());
  BOOST_TEST(badges_of(story, 1) ==
                 (std::vector<std::string>{"signaling: have-remote-offer", "signaling: stable"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shows_the_association_inside_dtls_when_the_capture_has_the_keys) {
  const auto story = story_of("reports/encrypted-call");

  std::vector<std::string> texts;
  for (const auto& arrow : story.arrows) {
    if (arrow.lane == Lane::Data) texts.push_back(arrow.label);
  }
  BOOST_TEST(
      texts == (std::vector<std::string>{"INIT", "INIT", "INIT ACK", "INIT ACK",
                                         "COOKIE ECHO, DATA: open \"chat\"", "COOKIE ECHO",
                                         "COOKIE ACK", "COOKIE ACK, SACK", "DATA: open ACK", "SACK",
                                         "\"Hello Bob\"", "SACK, \"Hello Alice\"", "SACK"}),
      boost::test_tools::per_element());
}

// The same packets again and again, a little later each time.
BOOST_AUTO_TEST_CASE(folds_many_messages_and_no_step_that_sets_up) {
  auto evidence = evidence::load(kData / "reports/encrypted-call").value();
  const auto once = evidence.datagrams.size();
  for (int round = 1; round < 5; ++round) {
    for (std::size_t i = 0; i < once; ++i) {
      auto packet = evidence.packets[evidence.datagrams[i].packets.front()];
      auto datagram = evidence.datagrams[i];
      packet.at += std::chrono::milliseconds{600 * round};
      packet.datagram = evidence.datagrams.size();
      datagram.packets = {evidence.packets.size()};
      evidence.packets.push_back(packet);
      evidence.datagrams.push_back(datagram);
    }
  }

  const auto story = tell(evidence);

  BOOST_TEST(std::ranges::count(story.arrows, "COOKIE ECHO", &Arrow::label) == 5);
  BOOST_TEST(arrow_like(story, "INIT ACK").count == 1u);
  BOOST_TEST(arrow_like(story, "DATA").label == "COOKIE ECHO, DATA: open \"chat\"");
  const auto folded = std::ranges::find(story.arrows, "DATA", &Arrow::label);
  BOOST_REQUIRE(folded != story.arrows.end());
  BOOST_TEST(folded->count == 5u);
}

BOOST_AUTO_TEST_CASE(shows_what_a_relay_carries) {
  const auto story = story_of("recordings/chromium-firefox-relay-only");

  BOOST_TEST((arrow_like(story, "Send ▸ Binding request").lane == Lane::Stun));
  BOOST_TEST((arrow_like(story, "Allocate success").lane == Lane::Turn));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_pair_history)

BOOST_AUTO_TEST_CASE(from_the_trace_has_every_state_with_its_time) {
  const auto evidence = evidence::load(kData / "reports/sample-run").value();

  const auto history = pair_history(evidence, "alice");

  BOOST_TEST(history.role == "controlling");
  BOOST_REQUIRE(history.pairs.size() == 3);
  BOOST_TEST((history.pairs[0].outcome == PairOutcome::Failed));
  BOOST_TEST(history.pairs[0].reason == "no answer within 39.5 s");
  BOOST_TEST((history.pairs[1].outcome == PairOutcome::Selected));
  BOOST_TEST(history.pairs[1].round_trip.value() == 24.0, boost::test_tools::tolerance(1e-6));
  BOOST_TEST((history.pairs[2].outcome == PairOutcome::Pruned));
  std::vector<std::string> states;
  for (const auto& step : history.pairs[1].steps) states.push_back(step.state);
  BOOST_TEST(
      states == (std::vector<std::string>{"Frozen", "Waiting", "In-Progress", "Waiting",
                                          "In-Progress", "Succeeded", "Nominated", "Selected"}),
      boost::test_tools::per_element());
}

// As in a live run, whose trace is one peer's.
BOOST_AUTO_TEST_CASE(of_a_peer_that_the_trace_does_not_speak_of_is_put_together_from_its_checks) {
  auto evidence = evidence::load(kData / "reports/sample-run").value();
  std::erase_if(evidence.trace, [](const auto& event) { return event.vantage == "bob"; });

  BOOST_TEST(!pair_history(evidence, "alice").reconstructed);
  BOOST_TEST(pair_history(evidence, "bob").reconstructed);
  BOOST_TEST(!pair_history(evidence, "bob").pairs.empty());
}

// By hand: one pair, whose only check an ICMP error ended.
BOOST_AUTO_TEST_CASE(takes_an_icmp_error_for_no_answer_and_writes_states_as_rfc_8445_does) {
  evidence::Evidence evidence;
  evidence.has_trace = true;
  const auto add = [&](std::string name, std::vector<std::pair<std::string, Value>> data) {
    data.emplace_back("pair", std::int64_t{1});
    evidence.trace.push_back({std::chrono::seconds{static_cast<long>(evidence.trace.size())},
                              "alice",
                              std::move(name),
                              std::move(data),
                              {},
                              0});
  };
  const auto text = [](const char* of) { return Value{std::string{of}}; };
  add("ice:pair_added", {{"local", text("10.0.0.1:5000")},
                         {"local_type", text("host")},
                         {"remote", text("10.0.0.2:6000")},
                         {"remote_type", text("host")},
                         {"state", text("waiting")}});
  add("ice:pair_state_changed", {{"to", text("in-progress")}});
  add("ice:check_sent", {{"kind", text("ordinary")}});
  add("ice:check_answered", {{"outcome", text("ICMP unreachable")}, {"rtt_ms", Value{1542.0}}});
  add("ice:pair_state_changed", {{"to", text("failed")}});

  const auto history = pair_history(evidence, "alice");

  BOOST_REQUIRE(history.pairs.size() == 1);
  const auto& pair = history.pairs.front();
  BOOST_TEST(pair.checks_sent == 1u);
  BOOST_TEST(pair.checks_answered == 0u);
  BOOST_TEST(pair.checks_unreachable == 1u);
  BOOST_TEST(!pair.round_trip.has_value());
  BOOST_TEST((pair.outcome == PairOutcome::Failed));
  std::vector<std::string> states;
  for (const auto& step : pair.steps) states.push_back(step.state);
  BOOST_TEST(states == (std::vector<std::string>{"Waiting", "In-Progress", "Failed"}),
             boost::test_tools::per_element());
  BOOST_TEST(checks_text(1) == "1 check");
  BOOST_TEST(checks_text(2) == "2 checks");
}

// meta.json of the recording: getStats() of a says that host 56071 with host 57055 was selected.
BOOST_AUTO_TEST_CASE(from_the_checks_finds_the_pair_that_the_browser_says_it_selected) {
  const auto evidence = evidence::load(kData / "recordings/chromium-pion-dc").value();

  const auto history = pair_history(evidence, "a");

  BOOST_TEST(history.reconstructed);
  BOOST_TEST(history.role == "controlling");
  BOOST_REQUIRE(!history.pairs.empty());
  const auto& pair = history.pairs.front();
  BOOST_TEST((pair.outcome == PairOutcome::Selected));
  BOOST_TEST(history.locals[pair.local].address == "10.77.0.1:56071");
  BOOST_TEST(history.remotes[pair.remote].address == "10.77.0.2:57055");
  BOOST_TEST(pair.priority == "9115038255648079870");
}

BOOST_AUTO_TEST_CASE(from_the_checks_sees_through_the_relay) {
  const auto evidence = evidence::load(kData / "recordings/chromium-firefox-relay-only").value();

  for (const auto* const peer : {"a", "b"}) {
    const auto history = pair_history(evidence, peer);
    const auto chosen = std::ranges::find(history.pairs, PairOutcome::Selected, &PairCard::outcome);
    BOOST_REQUIRE(chosen != history.pairs.end());
    BOOST_TEST(history.locals[chosen->local].type == "relay");
    BOOST_TEST(history.remotes[chosen->remote].type == "relay");
  }
}

// On a long way: one is lost half way, one lies in the mailbox until it is looked into.
BOOST_AUTO_TEST_CASE(draws_each_piece_that_a_courier_carried_and_when_it_was_read) {
  using namespace std::chrono_literals;
  evidence::Evidence evidence;
  evidence.has_trace = true;
  evidence.parties = {{"alice", evidence::PartyKind::Peer, "alice", {}, {}},
                      {"bob", evidence::PartyKind::Peer, "bob", {}, {}}};
  evidence::SignallingMessage offer{.type = evidence::SignallingType::Offer,
                                    .sent = 1h,
                                    .delivered = 72h,
                                    .from = "alice",
                                    .to = "bob",
                                    .id = "alice-1"};
  offer.flights = {{.item = "1", .part = 1, .parts = 2, .departed = 24h, .arrived = 70h},
                   {.item = "2", .part = 2, .parts = 2, .departed = 24h, .lost = 50h}};
  evidence.signalling = {offer};
  const auto story = tell(evidence);

  BOOST_REQUIRE(story.arrows.size() == 2u);
  BOOST_TEST(story.arrows[0].label == "offer, part 1 of 2");
  BOOST_TEST((story.arrows[0].stops.back().at == 70h));
  BOOST_TEST((story.arrows[1].death->at == Duration{50h}));
  BOOST_TEST(story.arrows[1].death->place == 0.5);
  BOOST_TEST(badges_of(story, 0) == std::vector<std::string>{"ready to go: offer"});
  BOOST_TEST(badges_of(story, 1) == std::vector<std::string>{"reads: offer"});
}

BOOST_AUTO_TEST_CASE(
    tells_moments_of_a_long_run_shortly_and_to_the_millisecond_where_much_happens) {
  using namespace std::chrono_literals;
  MomentColumn column;
  BOOST_TEST(column.text(1500ms) == "1.500 s");
  BOOST_TEST(column.text(50h) == "2d 2:00");
  BOOST_TEST(column.text(50h + 37ms) == "+37.0 ms");
  BOOST_TEST(column.text(50h + 2s) == "+2.000 s");
  BOOST_TEST(column.text(51h + 3s) == "2d 3:00");
  BOOST_TEST(moment_text(51h + 3s + 4ms) == "2d 3:00:03.004");
  BOOST_TEST(length_text(60h) == "2.5 d");
  BOOST_TEST(length_text(90min) == "90 min");
}

BOOST_AUTO_TEST_SUITE_END()
