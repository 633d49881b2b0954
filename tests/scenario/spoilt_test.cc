// Scenarios of negotiation with one fault put into one of their agents (spoiling.h), and glare
// wherever the two offers lie.
#include "tests/scenario/spoiling.h"
#include "tests/support/played.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::test {
namespace {

namespace data = boost::unit_test::data;

// clang-format off
const std::vector<Spoiling> kSpoilings{
    Spoiling{"thirteen-steps",                "alice", "trickle-never-ends",            "a=end-of-candidates"},
    Spoiling{"thirteen-steps",                "alice", "sdp-component-three",           "192\\.168\\.1\\.10"},
    Spoiling{"provisional-answer",            "bob",   "sdp-answer-drops-section",      "pendingRemoteDescription is of type pranswer"},
    Spoiling{"provisional-answer",            "alice", "jsep-pranswer-final",           "have-remote-pranswer"},
    Spoiling{"descriptions-in-restart",       "alice", "trickle-never-ends",            "bob pendingRemoteDescription"},
    Spoiling{"same-description-twice",        "alice", "trickle-unknown-mid",           "bob pendingRemoteDescription"},
    Spoiling{"renegotiation-add",             "bob",   "sdp-later-new-fingerprint",     "a=group:BUNDLE 0 1"},
    Spoiling{"renegotiation-add",             "alice", "sdp-later-drops-section",       "framesDecoded"},
    Spoiling{"renegotiation-add",             "bob",   "sdp-answer-reorders",           "oa-3264-8-order-kept is pass"},
    Spoiling{"renegotiation-remove",          "alice", "sdp-later-drops-section",       "a=inactive"},
    Spoiling{"renegotiation-remove",          "alice", "sdp-later-reorders",            "a=inactive"},
    Spoiling{"renegotiation-direction",       "bob",   "sdp-later-flips-setup",         "a=recvonly"},
    Spoiling{"renegotiation-codec",           "bob",   "sdp-later-flips-setup",         "keyFramesDecoded"},
    Spoiling{"renegotiation-stop",            "alice", "sdp-later-new-mid",             "a=group:BUNDLE 1 2"},
    Spoiling{"renegotiation-stop",            "alice", "sdp-later-reorders",            "framesDecoded"},
    Spoiling{"glare",                         "bob",   "sdp-answer-other-mid",          "scenario:negotiation_error"},
    Spoiling{"glare",                         "alice", "jsep-rollback-ignored",         "alice signalingState = stable at the end"},
    Spoiling{"glare",                         "alice", "jsep-offer-over-offer",         "bob reports scenario:negotiation_error"},
    Spoiling{"glare-deadlock",                "bob",   "sdp-answer-actpass",            "alice connectionState = connected at the end"},
    Spoiling{"glare-deadlock",                "bob",   "jsep-rollback-ignored",         "alice signalingState: stable, have-local-offer"},
    Spoiling{"glare-deadlock",                "bob",   "jsep-offer-over-offer",         "jsep-9429-3.2-state-table is pass"},
    Spoiling{"glare-deadlock",                "alice", "ice-restart-keeps-credentials", "Let us begin again"},
    Spoiling{"offers-in-flight",              "bob",   "sdp-answer-drops-section",      "4 audio transceiver(s)"},
    Spoiling{"offers-in-flight",              "alice", "jsep-offer-over-offer",         "4 video transceiver(s)"},
    Spoiling{"explicit-rollback",             "alice", "sdp-answer-other-mid",          "Over your transport"},
    Spoiling{"explicit-rollback",             "alice", "jsep-rollback-ignored",         "alice signalingState = stable at the end"},
    Spoiling{"implicit-rollback",             "alice", "sdp-answer-drops-section",      "Thank you"},
    Spoiling{"implicit-rollback",             "alice", "jsep-offer-over-offer",         "have-local-offer, stable, have-remote-offer"},
    Spoiling{"rollback-everywhere",           "bob",   "sdp-answer-actpass",            "pendingRemoteDescription"},
    Spoiling{"rollback-everywhere",           "alice", "jsep-rollback-ignored",         "pendingLocalDescription is null"},
    Spoiling{"offers-everywhere",             "bob",   "sdp-answer-drops-section",      "alice signalingState"},
    Spoiling{"offers-everywhere",             "bob",   "jsep-offer-over-offer",         "bob signalingState"},
    Spoiling{"offer-replaced",                "bob",   "sdp-later-flips-setup",         "framesDecoded"},
    Spoiling{"offer-overtaken",               "alice", "sdp-later-new-mid",             "too-late"},
    Spoiling{"rollback-in-call",              "alice", "sdp-later-new-mid",             "bob fires track"},
    Spoiling{"rollback-in-call",              "bob",   "jsep-rollback-ignored",         "pendingRemoteDescription is null"},
    Spoiling{"rollback-in-call",              "alice", "ice-rollback-keeps-credentials","jsep-9429-5.3.2-answer-creds-stable is pass"},
    Spoiling{"ice-restart",                   "bob",   "sdp-later-flips-setup",         "ice:pair_selected"},
    Spoiling{"ice-restart",                   "alice", "ice-restart-keeps-credentials", "bob reports ice:pair_selected"},
    Spoiling{"ice-restart",                   "bob",   "sdp-answer-ignores-restart",    "alice reports ice:pair_selected"},
    Spoiling{"ice-restart",                   "alice", "ice-restart-old-remote",        "alice reports ice:pair_selected"},
    Spoiling{"ice-restart-on-failure",        "bob",   "sdp-later-flips-setup",         "alice connectionState"},
    Spoiling{"ice-restart-on-failure",        "alice", "ice-restart-keeps-credentials", "jsep-9429-5.2.3.1-restart-offer is pass"},
    Spoiling{"ice-restart-on-network-change", "bob",   "sdp-later-flips-setup",         "alice connectionState = connected at the end"},
    Spoiling{"ice-restart-on-network-change", "bob",   "sdp-answer-ignores-restart",    "Now on foot"},
    Spoiling{"ice-restart-in-renegotiation",  "bob",   "sdp-answer-restarts",           "negotiationneeded"},
    Spoiling{"ice-restart-in-renegotiation",  "alice", "ice-restart-keeps-credentials", "jsep-9429-5.2.3.1-restart-offer is pass"},
    Spoiling{"ice-restart-simultaneous",      "alice", "sdp-later-flips-setup",         "bob signalingState"},
    Spoiling{"ice-restart-simultaneous",      "alice", "ice-restart-keeps-credentials", "jsep-9429-5.2.3.1-restart-offer is pass"},
    Spoiling{"ice-restart-simultaneous",      "alice", "jsep-offer-over-offer",         "alice signalingState"},
    Spoiling{"ice-restart-rejected",          "alice", "sdp-later-flips-setup",         "bob currentLocalDescription"},
    Spoiling{"ice-restart-rejected",          "alice", "ice-rollback-keeps-credentials","bob currentLocalDescription"},
    Spoiling{"ice-restart-rejected",          "alice", "jsep-negotiation-needed-early", "alice fires negotiationneeded 1 time"},
    Spoiling{"candidates-first",              "alice", "trickle-unknown-mid",           "signalling:refused"},
    Spoiling{"candidates-after-restart",      "alice", "trickle-twice",                 "signalling:refused"},
    Spoiling{"candidates-after-restart",      "alice", "ice-restart-keeps-credentials", "signalling:refused"},
    Spoiling{"candidates-of-nobody",          "alice", "trickle-twice",                 "bob receives 1 candidate"},
    Spoiling{"candidates-reversed",           "bob",   "trickle-use-late-candidates",   "ice:check_sent"},
    Spoiling{"end-of-candidates-early",       "bob",   "trickle-use-late-candidates",   "bob connectionState = connected never"},
    Spoiling{"null-candidate",                "alice", "trickle-never-ends",            "alice fires icecandidate"},
    Spoiling{"role-conflict",                 "alice", "ice-ignore-role-conflict",      "verdict"},
    Spoiling{"two-nominations",               "alice", "trickle-unknown-mid",           "host / host"},
    Spoiling{"browser-and-server",            "bob",   "ice-lite-sends-checks",         "ice:check_sent"},
    Spoiling{"two-browsers",                  "alice", "mdns-shows-related-address",    "192.168.1.10"},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(spoilt)

BOOST_DATA_TEST_CASE(a_deviant_agent_does_not_get_what_the_scenario_expects, data::make(kSpoilings),
                     spoiling) {
  check_spoilt(spoiling, load_library(spoiling.scenario));
}

// Bob's offer is made 75 ms before Alice's to 75 ms after it; a message takes 37 ms.
void check_settled(const std::string& name, int number) {
  const std::string root = RTCLAB_SOURCE_DIR;
  const std::vector<scenario::Assignment> assignments{
      {"bob", std::to_string(1000 + (number - 25) * 3) + "ms"}};
  const auto loaded = scenario::load(root + "/scenarios/library/" + name + ".xml",
                                     root + "/topologies/library", assignments);
  BOOST_REQUIRE(loaded.has_value());

  BOOST_TEST(scenario::run(loaded->scenario, loaded->topology, 1, {}).as_expected(),
             unmet(*loaded));
}

BOOST_DATA_TEST_CASE(perfect_negotiation_settles_two_offers_however_they_lie, data::xrange(51),
                     number) {
  check_settled("glare", number);
}

// One gives way: by a call, or by setting the other's offer.
BOOST_DATA_TEST_CASE(a_rollback_settles_two_offers_however_they_lie,
                     data::make({"explicit-rollback", "implicit-rollback"}) *
                         data::xrange(0, 51, 3),
                     name, number) {
  check_settled(name, number);
}

BOOST_DATA_TEST_CASE(a_restart_ends_a_deadlock_of_two_offers_however_they_lie, data::xrange(51),
                     number) {
  check_settled("glare-deadlock", number);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
