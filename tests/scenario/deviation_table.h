// Which requirement catches which deviation: the one table. deviations_test.cc plays each row with
// the deviation and without it.
#pragma once

#include "agents/base/deviation.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace rtclab::test {

// A call of first-call.xml, played where the deviation makes a difference.
enum class Place {
  Homes,       // two-homes: a direct path
  Relays,      // symmetric-pair: only relays lead anywhere, and direct checks stay unanswered
  Lossy,       // two-lossy-homes: requests have to be sent again
  OneOpenNat,  // Alice's NAT lets everybody in, Bob's shows a new port to everybody: only he can
               // begin
  RelaysOnly,  // the same, and both peers hide all but their relays: nothing else has to be tried first
  LongRelays,  // the same for more than an hour: nonces grow stale
};

struct DeviationRow {
  Deviation deviation;
  std::string_view who;  // a peer or a server
  Place place;
  std::vector<std::string_view> caught_by;  // exactly these
  // What somebody else has to do wrong before the case comes up at all; it is so with and without
  // the deviation.
  std::vector<Deviation> bob_has = {};
  std::uint64_t seed = 1;
};

inline std::vector<DeviationRow> deviation_table() {
  using enum Deviation;
  using enum Place;
  // clang-format off
  return {
      // STUN messages
      {StunTypeTopBits,                "alice", Homes,      {"stun-8489-5-msb-zero"}},
      {StunLengthCountsHeader,         "alice", Homes,      {"stun-8489-5-length-body"}},
      {StunTransactionIdCounter,       "alice", Homes,      {"stun-8489-5-txid-random", "stun-8489-5-txid-fresh"}},
      {StunReuseTransactionId,         "alice", Homes,      {"stun-8489-5-txid-fresh", "consent-7675-5.1-new-txid", "stun-8489-6.2.1-stop-on-response"}},
      {StunResendAfterResponse,        "alice", Homes,      {"stun-8489-6.2.1-stop-on-response"}},
      {StunResendFixedInterval,        "alice", Relays,     {"stun-8489-6.2.1-rto-double"}},
      {StunPaddingNonZero,             "alice", Homes,      {"stun-8489-14-attr-pad"}},
      {StunFingerprintNotLast,         "alice", Homes,      {"stun-8489-14.7-fp-last"}},
      {StunIntegrityUnadjustedLength,  "alice", Homes,      {"stun-8489-14.5-mi-coverage"}},
      {StunResponseFreshTransactionId, "alice", Homes,      {"stun-8489-5-txid-echo"}},
      {StunResponseFreshTransactionId, "stun",  Homes,      {"stun-8489-5-txid-echo"}},
      {StunResponseUnsigned,           "alice", Homes,      {"stun-8489-9.1.3-st-resp-signed"}},
      {StunResponseWrongMappedAddress, "alice", Homes,      {"stun-8489-12-binding-xma"}},
      {StunResponseWrongMappedAddress, "stun",  Homes,      {"stun-8489-12-binding-xma"}},
      {StunErrorWithoutCode,           "alice", Homes,      {"stun-8489-6.3.1.1-error-code-attr"}, {IceCheckWithoutUsername}},
      {StunErrorWithoutCode,           "turn",  Homes,      {"stun-8489-6.3.1.1-error-code-attr"}},
      {StunAnswerIndications,          "turn",  Relays,     {"stun-8489-6.3.2-indication-silent"}},
      // TURN
      {TurnCredentialsInFirstRequest,  "alice", Homes,      {"stun-8489-9.2.3.1-lt-first-bare"}},
      {TurnKeepStaleNonce,             "alice", LongRelays, {"stun-8489-9.2.5-lt-438-retry"}},
      {TurnSendWithoutPermission,      "alice", RelaysOnly, {"turn-8656-11.1-send-needs-permission"}},
      // connectivity checks
      {IceCheckWithoutUsername,        "alice", Homes,      {"stun-8489-9.1.2-st-username"}},
      {IceCheckWithoutFingerprint,     "alice", Homes,      {"ice-8445-7.2.4-fingerprint"}},
      {IceCheckWithoutPriority,        "alice", Homes,      {"ice-8445-7.1.1-priority-attr"}},
      {IcePriorityAsHost,              "alice", Homes,      {"ice-8445-7.1.1-priority-attr"}},
      {IceNoRoleAttribute,             "alice", Homes,      {"ice-8445-7.1.3-role-attr"}},
      {IceUsernameSwapped,             "alice", Homes,      {"ice-8445-7.2.2-short-term-cred"}},
      {IceControlledNominates,         "bob",   Homes,      {"ice-8445-7.1.2-use-candidate-controlled"}},
      {IceNominateBeforeSuccess,       "alice", Homes,      {"ice-8445-8.1.1-nominate-valid", "ice-8445-8.1.1-nominate-one"}},
      {IceNominateTwoPairs,            "alice", Homes,      {"ice-8445-8.1.1-nominate-one"}},
      {IceNoPacing,                    "alice", Homes,      {"ice-8445-14.2-ta-floor"}},
      {IceShortRto,                    "alice", Lossy,      {"ice-8445-14.3-rto-floor", "stun-8489-6.2.1-rto-floor"}},
      {IceTieBreakerPerCheck,          "alice", Homes,      {"ice-8445-16.1-tiebreaker-const"}},
      {IceNoTriggeredChecks,           "alice", OneOpenNat, {"ice-8445-7.3.1.4-triggered-check"}},
      {IceLowestPriorityFirst,         "alice", Homes,      {"ice-8445-6.1.4.2-highest-first"}},
      // The tie-breakers decide which half of the clause it breaks, and the seed decides the tie-breakers.
      {IceIgnoreRoleConflict,          "alice", Homes,      {"ice-8445-7.3.1.1-role-conflict-switch"}, {IceAnswererControls}, 2},
      {IceIgnoreRoleConflict,          "alice", Homes,      {"ice-8445-7.3.1.1-role-conflict-487"}, {IceAnswererControls}, 3},
      {IceAnswererControls,            "bob",   Homes,      {"ice-8445-6.1.1-role-initial"}},
      // consent
      {ConsentEverySecond,             "alice", Homes,      {"consent-7675-5.1-min-4s", "consent-7675-5.1-randomised"}},
      {ConsentFixedInterval,           "alice", Homes,      {"consent-7675-5.1-randomised"}},
      {ConsentReusesTransactionId,     "alice", Homes,      {"consent-7675-5.1-new-txid"}},
      {ConsentResends,                 "alice", Lossy,      {"consent-7675-5.1-no-resend"}},
      {DataBeforeConsent,              "bob",   Homes,      {"consent-7675-5.1-no-data-before"}},
      // session descriptions and trickled candidates
      {SdpNoIce2,                      "alice", Homes,      {"icesdp-8839-4.2.1.5-ice2-attr"}},
      {SdpShortUfrag,                  "alice", Homes,      {"icesdp-8839-5.4-lengths"}},
      {SdpShortPwd,                    "alice", Homes,      {"icesdp-8839-5.4-lengths"}},
      {SdpNoRelatedAddress,            "alice", Homes,      {"icesdp-8839-5.1-rel-addr"}},
      {SdpDuplicatePriority,           "alice", Homes,      {"ice-8445-5.1.2-prio-range-unique"}},
      {SdpOneFoundation,               "alice", Homes,      {"ice-8445-5.1.1.3-foundation-diff"}},
      {SdpLineOrder,                   "alice", Homes,      {"sdp-8866-5-line-order"}},
      {SdpAnswerActpass,               "bob",   Homes,      {"dtlssdp-8842-5.3-answer-role"}},
      {SdpNoFingerprint,               "alice", Homes,      {"dtlssdp-8842-5.2-offer-actpass"}},
      {SdpBundleWithoutMid,            "alice", Homes,      {"bundle-9143-7.2-group-present"}},
      {SdpBundleWithoutMid,            "bob",   Homes,      {"bundle-9143-7.3-answer-subset"}},
      {TrickleAfterEndOfCandidates,    "alice", Homes,      {"trickle-8838-13-no-candidate-after-eoc"}},
      {TrickleEndWithoutUfrag,         "alice", Homes,      {"trickle-8838-13-eoc-generation"}},
  };
  // clang-format on
}

}  // namespace rtclab::test
