// Scenarios about networks, TURN, DTLS, data channels, signalling and real stacks, each with one
// more fault: what of their expectations does not come true then. spoilt_test.cc plays them.
#pragma once

#include "tests/scenario/spoiling.h"

#include <vector>

namespace rtclab::test {

inline std::vector<Spoiling> network_spoilings() {
  // clang-format off
  return {
      {"tcp-passive-caller",                "alice",     "icetcp-unframed",             "alice receives \"Hello Alice\""},
      {"tcp-all-kinds",                     "alice",     "icetcp-unframed",             "alice selects a pair any / host over tcp"},
      {"tcp-all-kinds",                     "alice",     "icetcp-active-port",          "no verdict is fail"},
      {"relay-only",                        "alice",     "turn-no-requested-transport", "alice gathers 1 relay candidate(s)"},
      {"relay-only-tcp",                    "alice",     "turn-channel-data-unpadded",  "bob receives \"Hello Bob\""},
      {"relay-only-tls",                    "bob",       "turn-permission-without-peer", "alice selects a pair relay"},
      {"turn-ten-minutes",                  "alice",     "turn-never-renew-permission", "bob receives \"Minute 11 of Alice\""},
      {"turn-ten-minutes",                  "alice",     "turn-never-rebind",           "bob receives \"Minute 11 of Alice\""},
      {"turn-ten-minutes",                  "alice",     "turn-never-refresh",          "alice receives \"Minute 11 of Bob\""},
      {"turn-ten-minutes",                  "alice",     "turn-keep-stale-nonce",       "alice receives \"Minute 11 of Bob\""},
      {"turn-permission-forgotten",         "alice",     "turn-no-requested-transport", "bob receives \"Minute 5 of Alice\""},
      {"turn-channel-forgotten",            "alice",     "turn-never-renew-permission", "bob receives \"Minute 10 of Alice\""},
      {"turn-refresh-forgotten",            "alice",     "turn-never-renew-permission", "bob receives \"Minute 10 of Alice\""},
      {"turn-nonce-forgotten",              "alice",     "turn-never-renew-permission", "bob receives \"Minute 6 of Alice\""},
      {"nat-address-change",                "bob",       "stun-response-unsigned",      "alice receives \"Are you there?\""},
      {"one-way-outage",                    "alice",     "consent-send-after-expiry",   "consent-7675-5.1-expire-30s is pass"},
      {"wifi-to-cellular-in-renegotiation", "bob",       "sdp-later-flips-setup",       "alice signalingState = stable at the end"},
      {"dtls-flight-lost",                  "alice",     "sdp-wrong-fingerprint",       "alice reports dtls:connected 1 time"},
      {"dtls-flight-lost-twice",            "alice",     "sdp-wrong-fingerprint",       "bob connectionState = connected; >= 3 s"},
      {"channel-close-race",                "bob",       "reset-no-response",           "alice fires close on \"chat\" 1 time"},
      {"channel-closed-while-sending",      "bob",       "data-keeps-stream",           "bob fires close on \"chat\" 1 time"},
      {"channel-negotiated-alone",          "bob",       "data-keeps-stream",           "channel \"hum\" readyState"},
      {"channel-reopened",                  "alice",     "reset-keeps-ssn",             "bob receives \"Line of file 3 #20\""},
      {"call-aborted",                      "alice",     "sdp-wrong-fingerprint",       "bob fires close on \"chat\" 1 time"},
      {"partial-reliability",               "alice",     "sctp-resend-for-ever",        "bob receives on \"now\" 130 to 190"},
      {"partial-reliability",               "alice",     "sctp-fast-again",             "no verdict is fail"},
      {"large-messages",                    "alice",     "sctp-no-i-data",              "step \"short\" ends, having taken"},
      {"renegotiation-by-lossy-post",       "alice",     "sdp-later-new-fingerprint",   "bob signalingState = stable at the end"},
      {"offer-delivered-twice",             "bob",       "sdp-later-flips-setup",       "alice signalingState = stable at the end"},
      {"signalling-server-restart",         "bob",       "sdp-later-flips-setup",       "alice signalingState = stable at the end"},
      {"mesh-of-three",                     "alice-bob", "stun-response-unsigned",      "bob-alice receives \"Carol is gone\""},
      {"star-of-three",                     "for-carol", "ice-lite-sends-checks",       "for-carol reports ice:check_sent never"},
      {"real-init-refused",                 "alice",     "sctp-no-forward-tsn",         "alice channel \"chat\" = open never"},
      {"real-many-ufrags-refused",          "alice",     "sdp-no-bundle",               "bob signalingState = stable"},
      {"real-restart-old-remote",           "alice",     "ice-restart-keeps-credentials", "alice reports ice:pair_nominated"},
      {"real-restart-rolled-back",          "alice",     "jsep-rollback-ignored",       "jsep-9429-5.3.2-answer-creds-stable is fail"},
      {"real-extension-ids-refused",        "alice",     "jsep-rollback-ignored",       "alice signalingState = stable at the end"},
      {"real-gives-up-early",               "alice",     "pac-fail-early",              "alice iceConnectionState = failed never"},
      {"real-restart-answered-active",      "alice",     "sdp-wrong-fingerprint",       "bob receives \"Still here\""},
      {"real-aggressive-nomination",        "alice",     "ice-priority-as-host",        "ice-8445-7.1.1-priority-attr is pass"},
      {"real-host-priority-in-checks",      "alice",     "ice-nominate-before-success", "ice-8445-8.1.1-nominate-one is pass"},
      {"real-fixed-consent",                "alice",     "consent-reuses-transaction-id", "consent-7675-5.1-min-4s is fail"},
      {"real-old-data-section",             "bob",       "sdp-answer-drops-section",    "alice receives \"Hello Alice\""},
      {"real-empty-mid",                    "bob",       "sdp-wrong-fingerprint",       "alice receives \"I have met you all the same\""},
      {"real-comma-in-ice-options",         "alice",     "trickle-unknown-mid",         "bob connectionState = connected by 4 s"},
      {"real-no-consent",                   "alice",     "consent-send-after-expiry",   "alice connectionState = failed by 40 s"},
      {"real-many-ufrags",                  "alice",     "sdp-no-bundle",               "alice receives \"One of the three"},
      {"real-hello-before-answer",          "alice",     "sdp-wrong-fingerprint",       "alice reports dtls:connected 1 time"},
      {"real-extension-ids-collide",        "alice",     "sdp-answer-drops-section",    "alice audio inbound-rtp packetsReceived"},
      {"real-extension-ids-collide",        "alice",     "sdp-refuse-moved-extension",  "alice pendingRemoteDescription contains"},
  };
  // clang-format on
}

}  // namespace rtclab::test
