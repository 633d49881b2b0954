// The scenarios of the library: the list of what rtclab can show.
#include "agents/stun/attributes.h"
#include "agents/stun/message.h"
#include "reports/judge/judge.h"
#include "tests/support/played.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <set>
#include <string>
#include <utility>

namespace rtclab {
namespace {

namespace data = boost::unit_test::data;
using test::play;

const std::vector<std::string> kLibrary{"address-change",
                                        "alternate-server",
                                        "any-call",
                                        "audio-and-video",
                                        "browser-and-server",
                                        "cafe-wifi",
                                        "call-aborted",
                                        "candidates-after-restart",
                                        "candidates-first",
                                        "candidates-of-nobody",
                                        "candidates-reversed",
                                        "channel-close-race",
                                        "channel-closed-while-sending",
                                        "channel-negotiated-alone",
                                        "channel-reopened",
                                        "crossed-letters",
                                        "data-channels",
                                        "descriptions-in-restart",
                                        "dtls-flight-lost",
                                        "dtls-flight-lost-twice",
                                        "dual-stack",
                                        "e-mail",
                                        "end-of-candidates-early",
                                        "explicit-rollback",
                                        "first-call",
                                        "fragments",
                                        "glare",
                                        "glare-deadlock",
                                        "ice-restart",
                                        "ice-restart-in-renegotiation",
                                        "ice-restart-on-failure",
                                        "ice-restart-on-network-change",
                                        "ice-restart-rejected",
                                        "ice-restart-simultaneous",
                                        "implicit-rollback",
                                        "ipv6-only",
                                        "ipv6-only-nat64",
                                        "large-messages",
                                        "link-outage",
                                        "lite-server",
                                        "lossy-call",
                                        "lossy-media",
                                        "mdns",
                                        "mesh-of-three",
                                        "nat-address-change",
                                        "nat-changes-type",
                                        "nat-rebinding",
                                        "nat-restart",
                                        "nat444",
                                        "nat64-own-relay",
                                        "no-direct-path",
                                        "npt",
                                        "null-candidate",
                                        "offer-delivered-twice",
                                        "offer-overtaken",
                                        "offer-replaced",
                                        "offers-everywhere",
                                        "offers-in-flight",
                                        "one-way-outage",
                                        "only-tcp-443",
                                        "partial-reliability",
                                        "pigeon",
                                        "postcard",
                                        "provisional-answer",
                                        "real-aggressive-nomination",
                                        "real-comma-in-ice-options",
                                        "real-empty-mid",
                                        "real-extension-ids-collide",
                                        "real-extension-ids-refused",
                                        "real-fixed-consent",
                                        "real-gives-up-early",
                                        "real-hello-before-answer",
                                        "real-host-priority-in-checks",
                                        "real-init-refused",
                                        "real-many-ufrags",
                                        "real-many-ufrags-refused",
                                        "real-no-consent",
                                        "real-old-data-section",
                                        "real-restart-answered-active",
                                        "real-restart-old-remote",
                                        "real-restart-rolled-back",
                                        "relay-only",
                                        "relay-only-tcp",
                                        "relay-only-tls",
                                        "renegotiation",
                                        "renegotiation-add",
                                        "renegotiation-by-lossy-post",
                                        "renegotiation-codec",
                                        "renegotiation-direction",
                                        "renegotiation-remove",
                                        "renegotiation-stop",
                                        "role-conflict",
                                        "rollback-everywhere",
                                        "rollback-in-call",
                                        "round-trips",
                                        "same-description-twice",
                                        "same-lan",
                                        "second-copies",
                                        "second-flight-lost",
                                        "signalling-server-restart",
                                        "simulcast",
                                        "stale-candidates",
                                        "star-of-three",
                                        "tcp-all-kinds",
                                        "tcp-only",
                                        "tcp-passive-caller",
                                        "tcp-simultaneous-open",
                                        "thirteen-steps",
                                        "turn-channel-forgotten",
                                        "turn-hour",
                                        "turn-nonce-forgotten",
                                        "turn-permission-forgotten",
                                        "turn-refresh-forgotten",
                                        "turn-restart",
                                        "turn-tcp",
                                        "turn-ten-minutes",
                                        "turn-tls",
                                        "two-browsers",
                                        "two-nominations",
                                        "wifi-to-cellular",
                                        "wifi-to-cellular-in-renegotiation",
                                        "xlat464"};

BOOST_AUTO_TEST_SUITE(library)

BOOST_AUTO_TEST_CASE(this_list_holds_every_scenario) {
  std::set<std::string> files;
  const std::filesystem::path folder{RTCLAB_SOURCE_DIR "/scenarios/library"};
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    files.insert(entry.path().stem());

  BOOST_TEST((files == std::set<std::string>{kLibrary.begin(), kLibrary.end()}));
}

BOOST_DATA_TEST_CASE(a_scenario_goes_as_it_says_and_breaks_no_clause,
                     data::make(kLibrary) * data::xrange(1, 4), name, seed) {
  const auto played = play(name, static_cast<std::uint64_t>(seed));

  for (const auto& step : played.result.steps) {
    BOOST_TEST((step.state == scenario::StepOutcome::State::Done),
               step.what << ": " << step.detail);
  }
  for (const auto& outcome : played.result.expectations) {
    BOOST_TEST(outcome.met, outcome.expected << "; instead: " << outcome.seen);
  }
  for (const auto& judgement : judge::judge(test::evidence_of(played))) {
    BOOST_TEST((judgement.verdict != judge::Verdict::Fail ||
                scenario::expects_failure(played.loaded.scenario, judgement.requirement->id)),
               judgement.requirement->id << ": " << judgement.summary);
  }
}

BOOST_AUTO_TEST_CASE(the_first_call_is_over_a_direct_path_and_both_hear_each_other) {
  const auto played = play("first-call", 1);
  const auto& alice = played.result.chronicles.at("alice");
  const auto& bob = played.result.chronicles.at("bob");

  BOOST_TEST(alice.selected_pairs().back().local_type == "srflx");
  BOOST_TEST((alice.find_channel("chat")->received == std::vector<std::string>{"Hello Alice"}));
  BOOST_TEST((bob.find_channel("chat")->received == std::vector<std::string>{"Hello Bob"}));
}

BOOST_AUTO_TEST_CASE(behind_symmetric_nats_every_selected_pair_has_a_relay) {
  const auto played = play("no-direct-path", 1);
  for (const auto& [name, chronicle] : played.result.chronicles) {
    for (const auto& pair : chronicle.selected_pairs()) {
      BOOST_TEST((pair.local_type == "relay" || pair.remote_type == "relay"), name);
    }
  }
}

BOOST_AUTO_TEST_CASE(on_one_lan_no_data_leaves_the_house) {
  const auto evidence = test::evidence_of(play("same-lan", 1));
  for (const auto& packet : evidence.packets) {
    if (packet.dissection.kind != evidence::Kind::Dtls) continue;
    BOOST_TEST(!evidence.interfaces[packet.interface].name.starts_with("internet"));
  }
}

// RFC 6347 §4.2.4.1: the timer begins with a second.
BOOST_AUTO_TEST_CASE(the_second_flight_of_dtls_is_lost_once_and_comes_a_second_later) {
  using namespace std::chrono_literals;
  const auto evidence = test::evidence_of(play("second-flight-lost", 1));

  std::optional<Duration> lost;
  std::optional<Duration> again;
  for (const auto& datagram : evidence.datagrams) {
    const auto& first = evidence.first_packet(datagram);
    if (datagram.reason == "dtls-flight 2 of the list of drops") {
      BOOST_TEST(evidence.parties[datagram.from.value()].name == "bob");
      lost = lost.value_or(first.at);
    } else if (lost && !again && first.dissection.kind == evidence::Kind::Dtls && datagram.from &&
               evidence.parties[*datagram.from].name == "bob") {
      again = first.at;
    }
  }
  BOOST_REQUIRE((lost && again));
  BOOST_TEST((*again - *lost == 1s));
}

BOOST_AUTO_TEST_CASE(of_the_peers_of_one_machine_each_has_its_own_packets) {
  const auto evidence = test::evidence_of(play("mesh-of-three", 1));

  std::set<std::pair<std::string, std::string>> spoke;
  for (const auto& datagram : evidence.datagrams) {
    const auto kind = evidence.first_packet(datagram).dissection.kind;
    if (kind != evidence::Kind::Dtls || !datagram.from || !datagram.to) continue;
    spoke.emplace(evidence.parties[*datagram.from].name, evidence.parties[*datagram.to].name);
  }
  const std::set<std::pair<std::string, std::string>> each_with_each{
      {"alice-bob", "bob-alice"}, {"alice-carol", "carol-alice"}, {"bob-alice", "alice-bob"},
      {"bob-carol", "carol-bob"}, {"carol-alice", "alice-carol"}, {"carol-bob", "bob-carol"}};
  BOOST_TEST((spoke == each_with_each));
}

BOOST_AUTO_TEST_CASE(what_goes_over_the_air_is_seen_at_both_ends_and_says_how_long_it_took) {
  const auto evidence = test::evidence_of(play("cafe-wifi", 1));

  std::size_t aired = 0;
  for (const auto& datagram : evidence.datagrams) {
    if (!datagram.from || evidence.parties[*datagram.from].name != "alice") continue;
    for (const auto index : datagram.packets) {
      const auto& packet = evidence.packets[index];
      if (!evidence.interfaces[packet.interface].name.starts_with("cafe.")) continue;
      if (packet.direction != evidence::Direction::Inbound) continue;
      BOOST_TEST(packet.comment.ends_with(" over the air"));
      ++aired;
    }
  }
  BOOST_TEST(aired > 1000u);
}

// The two times of the count in the file, to the nanosecond; see the comment there.
BOOST_AUTO_TEST_CASE(
    media_is_possible_after_three_and_a_half_round_trips_and_a_channel_open_after_five) {
  using namespace std::chrono_literals;
  constexpr Duration kRoundTrip = 74ms;
  const auto played = play("round-trips", 1);
  const auto since_offer = [&](const char* peer, const scenario::Condition& condition) {
    return played.result.chronicles.at(peer).reached(condition)->time_since_epoch() - Duration{1s};
  };

  const auto alice_connected =
      since_offer("alice", scenario::StateCondition{"alice", "connectionState", "connected"});
  const auto bob_connected =
      since_offer("bob", scenario::StateCondition{"bob", "connectionState", "connected"});
  const auto bob_open = since_offer("bob", scenario::ChannelCondition{"bob", "chat", "open"});
  const auto alice_open = since_offer("alice", scenario::ChannelCondition{"alice", "chat", "open"});

  BOOST_TEST((alice_connected == 3 * kRoundTrip));
  BOOST_TEST((bob_connected == 7 * kRoundTrip / 2));
  BOOST_TEST((bob_open == 9 * kRoundTrip / 2));
  BOOST_TEST((alice_open == 5 * kRoundTrip));
}

// How often a client's request of this method was answered with success, or with that error.
struct Answers {
  unsigned successes = 0;
  unsigned stale_nonces = 0;
};
Answers answers_to(const evidence::Evidence& evidence, stun::Method method) {
  Answers answers;
  std::set<std::size_t> seen;  // datagrams: each is seen at every interface on its way
  for (const auto& packet : evidence.packets) {
    const auto* const message = packet.dissection.stun.get();
    if (message == nullptr || message->method != method || !seen.insert(packet.datagram).second) {
      continue;
    }
    if (message->cls == stun::Class::Success) ++answers.successes;
    const auto error = message->find<stun::ErrorCode>();
    if (error && error->code == 438) ++answers.stale_nonces;
  }
  return answers;
}

// RFC 8656 §8 to §12 over an hour: allocations last ten minutes and permissions five, and the
// server replaces its nonces every ten minutes.
BOOST_AUTO_TEST_CASE(in_an_hour_on_the_relay_everything_is_renewed_in_time) {
  const auto played = play("turn-hour", 1);
  const auto evidence = test::evidence_of(played);

  const auto refreshes = answers_to(evidence, stun::Method::Refresh);
  const auto permissions = answers_to(evidence, stun::Method::CreatePermission);
  const auto channels = answers_to(evidence, stun::Method::ChannelBind);
  // Two clients, each at least once in each lifetime.
  BOOST_TEST(refreshes.successes >= 2u * 6);
  BOOST_TEST(permissions.successes + channels.successes >= 2u * 12);
  BOOST_TEST(channels.successes >= 2u * 6);
  // Two clients. A request that comes ten minutes after the nonce, or later, takes up a new one:
  // four or five times in the hour, and each costs one or a few requests.
  const auto stale = refreshes.stale_nonces + permissions.stale_nonces + channels.stale_nonces;
  BOOST_TEST(stale >= 2u * 4);
  // Nothing that was held was lost on the way.
  for (const auto& [name, chronicle] : played.result.chronicles) {
    BOOST_TEST(
        !chronicle.reached(scenario::StateCondition{name, "connectionState", "disconnected"}),
        name);
  }
}

// Also with TLS, TCP and multicast in it.
BOOST_DATA_TEST_CASE(one_seed_is_one_history, data::make({"turn-tls", "tcp-only", "mdns", "glare"}),
                     name) {
  const auto first = play(name, 5);
  const auto again = play(name, 5);

  BOOST_TEST((first.capture == again.capture));
  BOOST_TEST((first.trace == again.trace));
  BOOST_TEST((first.capture != play(name, 6).capture));
}

// What an office without UDP sees of a call: TCP alone.
BOOST_DATA_TEST_CASE(where_udp_is_blocked_none_gets_through,
                     data::make({"tcp-only", "turn-tcp", "turn-tls"}), name) {
  const auto evidence = test::evidence_of(play(name, 1));
  for (const auto& packet : evidence.packets) {
    const auto& interface = evidence.interfaces[packet.interface].name;
    if (interface != "office.outside") continue;
    BOOST_TEST(
        (packet.transport == Transport::Tcp || packet.dissection.kind == evidence::Kind::Icmp));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
