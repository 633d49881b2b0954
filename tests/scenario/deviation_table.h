// Which requirement catches which deviation: the one table. deviations_test.cc plays each row with
// the deviation and without it.
#pragma once

#include "agents/base/deviation.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace rtclab::test {

// A call, played where the deviation makes a difference: first-call.xml in another network, or
// another scenario of the library.
enum class Place {
  Homes,        // two-homes: a direct path
  Relays,       // symmetric-pair: only relays lead anywhere, and direct checks stay unanswered
  Lossy,        // two-lossy-homes: requests have to be sent again
  OneOpenNat,   // Alice's NAT lets everybody in, Bob's shows a new port to everybody: only he can
                // begin
  RelaysOnly,   // the same, and both peers hide all but their relays: nothing else has to be tried
                // first
  LongRelays,   // the same for more than an hour: nonces grow stale
  Reoffer,      // Homes, and after ten seconds Alice offers again
  Closing,      // RelaysOnly, and after twenty seconds both close
  NoPath,       // symmetric NATs and no relay: nothing leads anywhere
  HostsOnly,    // and no server at all: what is tried is refused at once
  Many,         // dual-stack, with eleven addresses of IPv6 and two of IPv4 on either side
  Restart,      // Homes, and after ten seconds Alice restarts ICE
  Collision,    // Homes, and after ten seconds both offer, Alice a restart of ICE: she takes Bob's
                // offer, which rolls hers back
  TakesBack,    // Homes, and after ten seconds Alice offers, wants more, and takes her offer back
  Provisional,  // provisional-answer.xml
  Grows,        // Homes, and after ten seconds Alice adds audio and offers again
  Cut,          // Homes, and after ten seconds nothing comes through any more
  Tcp,          // tcp-only.xml: Alice dials, Bob listens
  FarTcp,       // the same, and the answer to a request takes a second
  Lite,         // lite-server.xml: Bob is lite and offers
  Media,        // renegotiation.xml: audio comes and goes
  Mdns,         // mdns.xml: host addresses are hidden behind names
  TurnTcp,      // turn-tcp.xml: Alice's way to her relay is TCP
  FarTurnTcp,   // the same, and the answer to a request takes a second
  Channels,     // data-channels.xml, and a message that is longer than Bob takes
  LossyChannels,  // the same over lines that lose one packet in ten
  Idle,           // Homes, and a minute and a half in which nobody speaks
  Talk,           // audio-and-video.xml
  LongTalk,       // the same for a minute, without pictures
  LossyTalk,      // lossy-media.xml
  BrokenTalk,     // Talk, and twice nothing comes through for two and a half seconds: pictures are
                  // lost
  NarrowTalk,     // Talk, and Bob wants no more than 60 kbit/s of each
  TwoCameras,     // Talk, and each has another camera: a payload type is of two sections
  Layers,         // simulcast.xml over a line that loses one packet in twenty
  Unanswered,     // Talk, and Alice offers again, which nobody answers
  TalkEnds,       // Talk, and Alice stops her camera, offers again, and both close
};

// What the judge says of the same call without the deviation.
enum class Sound {
  Passes,
  DoesNotComeUp,  // not of all: the deviation itself brings a case about
};

struct DeviationRow {
  Deviation deviation;
  std::string_view who;  // a peer or a server
  Place place;
  // Exactly these. The first is the one that is meant: it names packets of `who`.
  std::vector<std::string_view> caught_by;
  // What somebody else has to do wrong before the case comes up at all; it is so with and without
  // the deviation.
  std::vector<Deviation> bob_has = {};
  std::uint64_t seed = 1;
  Sound sound = Sound::Passes;
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
      {StunResendNineTimes,            "alice", NoPath,     {"stun-8489-6.2.1-rc-default", "stun-8489-6.2.1-rto-double"}},
      {StunResponseOtherMethod,        "alice", Homes,      {"stun-8489-6.3-response-method", "consent-7675-5.1-no-resend", "stun-8489-6.2.1-stop-on-response"}},
      {StunErrorNumberTooHigh,            "turn",  Homes,      {"stun-8489-14.8-error-range"}},
      {StunRefusalSigned,              "alice", Homes,      {"stun-8489-9.1.3-st-err-unsigned"}, {IceCheckWithoutUsername}},
      {StunLongSoftware,               "turn",  Homes,      {"stun-8489-14.14-software"}},
      {StunResponseUnsigned,           "turn",  Homes,      {"stun-8489-9.2.4-lt-resp-signed", "stun-8489-6.2.1-stop-on-response"}},
      {StunResponseWrongMappedAddress, "alice", RelaysOnly, {"ice-8445-7.3.1.2-mapped-relay"}},
      {StunMappedAddressUnmasked,      "alice", Homes,      {"stun-8489-12-binding-xma"}},
      // TURN
      {TurnCredentialsInFirstRequest,  "alice", Homes,      {"stun-8489-9.2.3.1-lt-first-bare"}},
      {TurnKeepStaleNonce,             "alice", LongRelays, {"stun-8489-9.2.5-lt-438-retry"}},
      {TurnSendWithoutPermission,      "alice", RelaysOnly, {"turn-8656-11.1-send-needs-permission"}},
      {TurnRequestWithoutRealm,        "alice", Homes,      {"stun-8489-9.2.3.2-lt-subsequent"}},
      {TurnNoRequestedTransport,   "alice", Homes,      {"turn-8656-7.1-requested-transport"}},
      {TurnBothFamilies,               "alice", Homes,      {"turn-8656-7.1-attributes-exclude"}, {}, 1, Sound::DoesNotComeUp},
      {TurnNeverRefresh,               "alice", LongRelays, {"turn-8656-8-refresh-before-expiry"}},
      {TurnKeepAllocation,             "alice", Closing,    {"turn-8656-8-delete-when-done"}},
      {TurnNeverRenewPermission,       "alice", LongRelays, {"turn-8656-9-permission-refresh"}},
      {TurnPermissionWithoutPeer,      "alice", RelaysOnly, {"turn-8656-10.1-cp-peer-attr"}},
      {TurnSendWithoutData,            "alice", RelaysOnly, {"turn-8656-11.1-send-attrs"}},
      {TurnChannelOutOfRange,          "alice", RelaysOnly, {"turn-8656-12-channel-range"}},
      {TurnChannelMoves,               "alice", LongRelays, {"turn-8656-12-channel-unique"}},
      {TurnNeverRebind,                "alice", LongRelays, {"turn-8656-12.1-channel-refresh"}},
      {TurnChannelUnbound,             "alice", RelaysOnly, {"turn-8656-12.5-bound-first"}},
      {TurnChannelNumberRffu,            "alice", RelaysOnly, {"turn-8656-18.1-reserved-zero"}},
      {TurnChallengeWithoutNonce,      "turn",  Homes,      {"stun-8489-9.2.4-lt-401-challenge"}},
      {TurnSameNonceAgain,             "turn",  LongRelays, {"stun-8489-9.2.4-lt-438"}},
      {TurnOneNonceForAll,             "turn",  Homes,      {"stun-8489-9.2.4-nonce-per-client"}},
      {TurnNoAuthentication,           "turn",  Homes,      {"stun-8489-9.2.4-lt-resp-signed", "turn-8656-5-auth-required"}},
      {TurnGrantWithoutLifetime,       "turn",  Homes,      {"turn-8656-7.2-success-attrs"}},
      {TurnNoMappedAddress,            "turn",  Homes,      {"turn-8656-7.2-success-attrs"}},
      {TurnShortLifetime,              "turn",  Homes,      {"turn-8656-7.2-lifetime-grant"}},
      {TurnLowRelayPorts,               "turn",  Homes,      {"turn-8656-7.2-port-range"}},
      {TurnRelayWithoutPermission,                 "turn",  Homes,      {"turn-8656-9-perm-other-ip"}, {}, 1, Sound::DoesNotComeUp},
      {TurnDataWithoutPeer,            "turn",  RelaysOnly, {"turn-8656-11.3-data-ind"}},
      {TurnNoChannelToClient,              "turn",  RelaysOnly, {"turn-8656-12.5-server-uses-channel"}},
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
      {IceSkipAnswers,                 "alice", Homes,      {"ice-8445-7.3-answer"}},
      {IceIgnore487,                   "bob",   Homes,      {"ice-8445-7.2.5.1-487-switch"}, {IceAnswererControls}, 3},
      {IceFreeAtOnce,                  "alice", Homes,      {"ice-8445-8.3.1-free-3s"}},
      {PacFailEarly,                   "alice", HostsOnly,  {"pac-8863-4-pac-timer"}},
      // consent
      {ConsentEverySecond,             "alice", Homes,      {"consent-7675-5.1-min-4s", "consent-7675-5.1-randomised"}},
      {ConsentFixedInterval,           "alice", Homes,      {"consent-7675-5.1-randomised"}},
      {ConsentReusesTransactionId,     "alice", Homes,      {"consent-7675-5.1-new-txid"}},
      {ConsentResends,                 "alice", Lossy,      {"consent-7675-5.1-no-resend"}, {}, 2},
      {DataBeforeConsent,              "bob",   Homes,      {"consent-7675-5.1-no-data-before"}},
      // SCTP and data channels
      {SctpInitWithTag,         "alice", Homes,         {"sctp-9260-3.1-vtag"}},
      {SctpPortZero,            "alice", Homes,         {"sctp-9260-3.1-ports-nonzero"}},
      {SctpInitAckBundled,      "alice", Homes,         {"sctp-9260-3-init-alone"}},
      {SctpPaddingNonZero,      "alice", Homes,         {"sctp-9260-3.2-chunk-pad"}},
      {SctpWrongChecksum,       "alice", Homes,         {"sctp-9260-6.8-crc32c"}},
      {SctpEmptyData,           "alice", Homes,         {"sctp-9260-3.3.1-data-nonempty"}},
      {SctpFragmentNumbersSkip, "alice", Channels,      {"sctp-9260-3.3.1-frag-flags"}},
      {SctpZeroInitiateTag,     "alice", Homes,         {"sctp-9260-3.3.2-init-tag-nonzero"}},
      {SctpTinyWindow,          "alice", Homes,         {"sctp-9260-3.3.2-arwnd-min"}},
      {SctpNoStreams,           "alice", Homes,         {"sctp-9260-3.3.2-streams-nonzero", "dc-8831-6.2-streams-65535"}},
      {SctpFewStreams,          "alice", Homes,         {"dc-8831-6.2-streams-65535"}},
      {SctpRefuseUnknownParameter, "bob", Homes,       {"sctp-9260-3.2.1-init-answered"}},
      {SctpAlterCookie,         "alice", Homes,         {"sctp-9260-5.1-cookie-echo-exact"}},
      {SctpAddressInInit,       "alice", Homes,         {"sctpdtls-8261-6.1-no-addr-params"}},
      {SctpNoReconfig,          "alice", Homes,         {"dc-8831-6.1-reconfig"}},
      {SctpNoForwardTsn,        "alice", Homes,         {"dc-8831-6.1-pr-sctp"}},
      {SctpWaitForInit,         "alice", Homes,         {"sctpsdp-8841-9.3-both-init"}},
      {SctpDelayFirstSack,      "bob",   Homes,         {"sctp-9260-5.1-first-sack"}},
      {SctpSackLate,            "bob",   Homes,         {"sctp-9260-6.2-sack-delay", "sctp-9260-5.1-first-sack"}},
      {SctpGapBlocksRepeat,     "bob",   LossyChannels, {"sctp-9260-3.3.4-gap-blocks"}},
      {SctpHeartbeatAckEmpty,   "alice", Idle,          {"sctp-9260-8.3-hb-ack-echo"}},
      {SctpNoHeartbeat,         "alice", Idle,          {"sctp-9260-8.3-heartbeat"}},
      {SctpDataDespiteIData,    "alice", Homes,         {"sctp-8260-2.2.1-data-kind"}},
      {SctpResendForEver,       "alice", LossyChannels, {"dc-8831-6.6-reliability"}},
      // One request is on its way at a time: Alice cannot reset what Bob closes.
      {ResetNoResponse,         "bob",   Channels,      {"reset-6525-5.2.2-reset-response", "dc-8831-6.7-close-reset"}},
      {ResetNumberSkips,        "alice", Channels,      {"reset-6525-5.1.2-outgoing-reset"}},
      // What comes under a number that Bob does not wait for, he does not see.
      {ResetKeepsSsn,           "alice", Channels,      {"reset-6525-5.2.2-ssn-zero"}},
      {SctpFixedRto,            "alice", Cut,           {"sctp-9260-6.3.3-t3-backoff"}},
      {SctpFastAgain,           "alice", LossyChannels, {"sctp-9260-7.2.4-fast-retransmit"}},
      {SctpNoCongestionWindow,  "alice", Channels,      {"sctp-9260-6.1-cwnd"}},
      {SctpForwardPlain,        "alice", LossyChannels, {"pr-8260-2.3.1-forward-kind"}},
      {SctpNoIData,             "alice", Channels,      {"dc-8831-6.6-16k"}, {}, 1, Sound::DoesNotComeUp},
      {DcepWrongParity,         "alice", Homes,         {"dcep-8832-4-parity"}},
      {DcepOpenTooLong,         "alice", Homes,         {"dcep-8832-5.1-open-format"}},
      {DcepAckPadded,           "bob",   Homes,         {"dcep-8832-5.2-ack-format"}},
      {DcepNoAck,               "bob",   Homes,         {"dcep-8832-6-ack-sent"}},
      {DcepUnordered,           "alice", Homes,         {"dcep-8832-6-ppid50"}},
      {DcepOddPriority,         "alice", Homes,         {"dc-8831-6.4-priority-values"}},
      {DataUnknownPpid,         "alice", Homes,         {"dc-8831-6.6-ppids"}},
      {DataEmptyTwoOctets,      "alice", Channels,      {"dc-8831-6.6-empty"}},
      {DataKeepsStream,         "alice", Channels,      {"dc-8831-6.7-close-reset"}},
      {DataUnorderedAtOnce,     "alice", Channels,      {"dcep-8832-6-ordered-until-reply"}},
      {DataAlwaysOrdered,       "alice", Channels,      {"dcep-8832-6-unordered-after-reply"}},
      {DataTooLarge,            "alice", Channels,      {"sctpsdp-8841-6.1-max-message"}},
      // session descriptions and trickled candidates
      {SdpNoIce2,                      "bob",   Homes,      {"icesdp-8839-4.2.1.5-ice2-attr"}},
      {SdpShortUfrag,                  "alice", Homes,      {"icesdp-8839-5.4-lengths"}},
      {SdpShortPwd,                    "alice", Homes,      {"icesdp-8839-5.4-lengths"}},
      {SdpNoRelatedAddress,            "alice", Homes,      {"icesdp-8839-5.1-rel-addr"}},
      {SdpDuplicatePriority,           "alice", Homes,      {"ice-8445-5.1.2-prio-range-unique", "ice-8445-5.1.2.1-type-pref-order", "ice-8445-5.1.2.2-type-pref-values"}},
      {SdpOneFoundation,               "alice", Homes,      {"ice-8445-5.1.1.3-foundation-diff"}},
      {SdpLineOrder,                   "alice", Homes,      {"sdp-8866-5-line-order"}},
      {SdpAnswerActpass,               "bob",   Homes,      {"dtlssdp-8842-5.3-answer-role"}},
      {SdpNoFingerprint,               "alice", Homes,      {"dtlssdp-8842-5.2-offer-actpass"}},
      {SdpBundleWithoutMid,            "alice", Homes,      {"bundle-9143-7.2-group-present"}},
      {SdpBundleWithoutMid,            "bob",   Homes,      {"bundle-9143-7.3-answer-subset"}},
      {TrickleAfterEndOfCandidates,    "alice", Homes,      {"trickle-8838-13-no-candidate-after-eoc", "trickle-8838-9-order-once"}},
      {TrickleEndWithoutUfrag,         "alice", Homes,      {"trickle-8838-13-eoc-generation"}},
      {SdpHugeSessionId,               "alice", Homes,      {"oa-3264-5-o-line-ranges"}},
      {SdpAnswerDropsSection,          "bob",   Homes,      {"oa-3264-6-answer-m-count", "bundle-9143-7.3-answer-subset", "ice-8445-7.2.2-short-term-cred"}},
      {SdpAnswerOtherKind,             "bob",   Homes,      {"oa-3264-6-answer-kind"}},
      {SdpAnswerOtherTime,             "bob",   Homes,      {"oa-3264-6-answer-t"}},
      {SdpAnswerForeignFormat,         "bob",   Homes,      {"oa-3264-6.1-common-format", "sctpsdp-8841-4.3-fmt"}},
      {SdpLaterNewSession,             "alice", Reoffer,    {"oa-3264-8-origin-stays"}},
      {SdpVersionStuck,                "alice", Grows,      {"oa-3264-8-version"}},
      {SdpLaterDropsSection,           "alice", Reoffer,    {"oa-3264-8-m-count-monotone", "bundle-9143-7.2-group-present", "oa-3264-6-answer-m-count"}},
      {SdpLaterNewMid,                 "alice", Reoffer,    {"oa-3264-8-order-kept", "bundle-9143-7.3-answer-subset", "jsep-9429-5.3.1-mid-copy"}},
      {SdpNoConnection,                "alice", RelaysOnly, {"sdp-8866-5.7-conn-required"}},
      {SdpNoFormat,                    "alice", Homes,      {"icesdp-8839-4.2.1.2-default", "sdp-8866-5.14-m-grammar"}},
      {SdpGuessablePwd,                "alice", Homes,      {"ice-8445-5.3-cred-entropy"}},
      {SdpNoPwd,                       "alice", Homes,      {"icesdp-8839-4.3.1-creds"}},
      {SdpUfragBadCharacter,           "alice", Homes,      {"icesdp-8839-5.4-ice-chars"}},
      {SdpDefaultElsewhere,            "alice", RelaysOnly, {"icesdp-8839-4.2.1.2-default"}},
      {SdpOptionsChange,               "alice", Reoffer,    {"icesdp-8839-4.4.1.1.1-options-stable"}},
      {SdpTrickleUnsaid,               "bob",   Homes,      {"trickle-8840-5-option-token"}},
      {SdpAnswerRestarts,              "bob",   Reoffer,    {"jsep-9429-5.3.2-answer-creds-stable"}},
      {SdpLaterNewPwd,                 "alice", Reoffer,    {"ice-8445-9-restart-both", "icesdp-8839-5.4-ident-ufrag-pwd"}, {}, 1, Sound::DoesNotComeUp},
      {SdpLoopbackCandidate,           "alice", Homes,      {"ice-8445-5.1.1.1-no-loopback"}},
      {SdpPriorityLowOctet,            "alice", Homes,      {"ice-8445-5.1.2.1-prio-formula"}},
      {SdpOneTypePreference,           "alice", Homes,      {"ice-8445-5.1.2.1-type-pref-order", "ice-8445-5.1.2.2-type-pref-values"}},
      {SdpRelayPreferred,              "alice", Homes,      {"ice-8445-5.1.2.2-type-pref-values"}},
      {SdpComponentThree,              "alice", Homes,      {"ice-8445-5.1.2.1-prio-formula", "icesdp-8839-5.1-component-start"}},
      {SdpLongFoundation,              "alice", Homes,      {"icesdp-8839-5.1-candidate-grammar"}},
      {SdpHiddenPort,                  "alice", RelaysOnly, {"icesdp-8839-5.1-rel-addr-hidden"}},
      {SdpAnswerBundleOnly,            "bob",   Homes,      {"bundle-9143-7.3-no-bundle-only"}},
      {SdpHoldConn,                    "alice", Homes,      {"dtlssdp-8842-5.1-no-holdconn", "dtlssdp-8842-5.2-offer-actpass"}},
      {SdpAnswerOppositeSetup,         "bob",   Homes,      {"dtlssdp-8842-5.3-active-starts", "jsep-9429-5.3.1-active-default"}},
      {SdpLaterFlipsSetup,             "bob",   Reoffer,    {"dtlssdp-8842-5.3-continue-role"}},
      {SdpLaterNewFingerprint,         "alice", Reoffer,    {"dtlssdp-8842-5.5-fingerprint-stays"}},
      {SdpShortTlsId,                  "alice", Homes,      {"dtlssdp-8842-4-tls-id-length"}},
      {SdpLowercaseFingerprint,        "alice", Homes,      {"fp-8122-5-grammar"}},
      {SdpMd5Fingerprint,              "alice", Homes,      {"fp-8122-5-no-md5", "fp-8122-5.1-sha256"}},
      {SdpSha1Fingerprint,             "alice", Homes,      {"fp-8122-5.1-sha256"}},
      {SdpWrongFingerprint,            "alice", Homes,      {"fp-8122-6.2-certificate-matches"}},
      {SdpDataTwoFormats,              "bob",   Homes,      {"sctpsdp-8841-4.3-fmt"}},
      {SdpNoSctpPort,                  "alice", Homes,      {"sctpsdp-8841-5.1-sctp-port"}},
      {SdpOldDataProtocol,             "alice", Homes,      {"sctpsdp-8841-4.1-proto"}},
      {SdpCrypto,                      "alice", Homes,      {"jsep-9429-5.1.1-no-sdes"}},
      {SdpSessionName,                 "alice", Homes,      {"jsep-9429-5.2.1-meaningless"}},
      {SdpNoMid,                       "bob",   Homes,      {"jsep-9429-5.2.1-mid-each", "jsep-9429-5.3.1-mid-copy", "bundle-9143-7.3-answer-subset"}},
      {SdpLongMid,                     "alice", Homes,      {"jsep-9429-5.2.1-mid-short"}},
      {SdpNoBundle,                    "alice", Homes,      {"jsep-9429-5.2.1-group-bundle"}},
      {SdpAnswerReorders,              "bob",   Talk,       {"oa-3264-6-answer-kind", "oa-3264-6.1-common-format", "jsep-9429-5.3.1-mid-copy"}},
      {SdpLaterReorders,               "alice", Unanswered, {"oa-3264-8-order-kept"}},
      {SdpAnswerIgnoresRestart,        "bob",   Restart,    {"icesdp-8839-4.4.2.1-answer-restart"}},
      {IceRestartKeepsCredentials,     "alice", Restart,    {"jsep-9429-5.2.3.1-restart-offer"}},
      {IceRestartOldRemote,            "alice", Restart,    {"ice-8445-9-one-generation"}},
      {IceRollbackKeepsCredentials,    "alice", Collision,  {"jsep-9429-5.3.2-answer-creds-stable"}},
      {JsepOfferOverOffer,             "alice", Collision,  {"jsep-9429-3.2-state-table", "jsep-9429-5.3.2-answer-creds-stable"}},
      {JsepRollbackIgnored,            "alice", TakesBack,  {"jsep-9429-5.7-rollback-same"}},
      {JsepNegotiationNeededEarly,     "alice", TakesBack,  {"w3c-negotiationneeded-stable"}},
      {JsepPranswerFinal,              "alice", Provisional, {"bundle-9143-9.2-mid-demux", "jsep-9429-3.2-state-table", "rtp-8834-4.8-unsignalled-ssrc"}},
      {SdpLaterNewName,                "alice", Reoffer,    {"jsep-9429-5.2.1-meaningless", "jsep-9429-5.2.2-s-t-same"}},
      {SdpAnswerOtherMid,              "bob",   Homes,      {"bundle-9143-7.3-answer-subset", "jsep-9429-5.3.1-mid-copy"}},
      {SdpAnswerOtherProtocol,         "bob",   Homes,      {"jsep-9429-5.3.1-proto-copy"}},
      {SdpAnswerPassive,               "bob",   Homes,      {"jsep-9429-5.3.1-active-default"}},
      {SdpTwoDataSections,             "alice", Homes,      {"jsep-9429-5.2.1-data-section", "jsep-9429-5.2.1-unique-creds"}, {}, 1, Sound::DoesNotComeUp},
      {TrickleTwice,                   "alice", Homes,      {"trickle-8838-9-order-once"}},
      {TrickleNeverEnds,               "alice", Homes,      {"trickle-8838-13-eoc-told"}},
      {TrickleAfterNomination,         "alice", Homes,      {"trickle-8838-13-none-after-nomination", "trickle-8838-13-no-candidate-after-eoc"}},
      {TrickleUnknownMid,              "alice", Homes,      {"trickle-8840-4.2-mid-present"}},
      // RTP and RTCP
      {RtpWrongVersion,                "alice", Talk,       {"rtp-3550-5.1-version2"}},
      {RtpSequenceSkips,               "alice", Talk,       {"rtp-3550-5.1-seq-inc"}},
      {RtpSlowTimestamps,              "alice", Talk,       {"rtp-3550-5.1-ts-clock", "rtp-3550-6.4.1-ntp-rtp"}},
      {RtpStartsAtZero,                "alice", Talk,       {"rtp-3550-5.1-ts-random-start"}},
      {RtpStartsHigh,                  "alice", Talk,       {"srtp-3711-3.3.1-seq-start", "rtp-3550-5.1-ts-random-start"}},
      {RtpCountingSsrcs,               "alice", Talk,       {"rtp-3550-8.1-ssrc-random"}},
      {RtcpForeignSsrc,                "bob",   Talk,       {"rtp-3550-8-ssrc-unique"}},
      {RtpIgnoreCollision,             "alice", Talk,       {"rtp-3550-8.2-ssrc-collision"}, {RtcpForeignSsrc}},
      {RtpMarkAll,                     "alice", Talk,       {"rtp-3551-4.1-marker"}},
      {RtpReservedExtensionId,         "alice", Talk,       {"rtp-8834-5.1-reserved-ext-ids"}},
      {RtpNoMid,                       "alice", Talk,       {"rtp-8834-5.2.4-mid-ext"}},
      {RtpRouteWithoutMid,             "alice", TwoCameras, {"bundle-9143-9.2-mid-demux"}},
      {RtpSignalledOnly,               "alice", Talk,       {"rtp-8834-4.8-unsignalled-ssrc", "bundle-9143-9.2-mid-demux"}},
      {RtpNoRid,                       "alice", Layers,     {"rid-8852-3.1-rid-ext"}},
      {RtxPlainRid,                    "alice", Layers,     {"rid-8852-3.2-repaired-rid"}},
      {RtxOwnNumber,                   "alice", LossyTalk,  {"rtx-4588-4-original-number"}},
      {RtxAsOriginal,                  "alice", LossyTalk,  {"rtp-8834-6.1-nack-rtx", "srtp-3711-4.1.1-no-two-time-pad"}},
      {RtpIgnorePli,                   "alice", BrokenTalk, {"rtp-8834-5.1.2-pli"}},
      {RtpIgnoreFir,                   "alice", BrokenTalk, {"rtp-8834-5.1.1-fir"}, {SdpNoPli}},
      {RtpNoCircuitBreaker,            "alice", LongTalk,   {"rtp-8834-7.1-circuit-breaker"}, {RtcpSilent}},
      {RtcpSilent,                     "bob",   LongTalk,   {"rtp-8834-4.1-rtcp-sent"}},
      {RtcpNotCompound,                "alice", LossyTalk,  {"rtp-3550-6.1-compound-first"}, {SdpNoReducedSize}},
      {RtcpFixedInterval,              "alice", Talk,       {"rtp-3550-6.2-interval"}},
      {RtcpAtOnce,                     "alice", Talk,       {"rtp-3550-6.2-initial-delay"}},
      {RtcpNoBye,                      "alice", TalkEnds,   {"rtp-3550-6.3.7-bye"}},
      {RtcpAlwaysReceiver,             "alice", Talk,       {"rtp-3550-6.4.1-sr-if-sent"}},
      {RtcpOtherTimestamp,             "alice", Talk,       {"rtp-3550-6.4.1-ntp-rtp"}},
      {RtcpNoLoss,                     "alice", LossyTalk,  {"rtp-3550-6.4.1-fraction-lost"}},
      {RtcpNoDelay,                    "alice", Talk,       {"rtp-3550-6.4.1-lsr-dlsr"}},
      {RtcpNoJitter,                   "alice", Talk,       {"rtp-3550-6.4.1-jitter"}},
      {RtcpCnameChanges,               "alice", Talk,       {"rtp-3550-6.5.1-cname"}},
      {RtcpCnamePerSource,             "alice", Talk,       {"rtp-8834-4.9-one-cname"}},
      {RtcpOneReporter,                "alice", Talk,       {"rtp-8108-5.1-multi-ssrc-report"}},
      {FeedbackWithoutMedia,           "alice", LossyTalk,  {"fb-4585-6.1-media-ssrc"}},
      {FeedbackUnasked,                "alice", BrokenTalk, {"fb-4585-4585.4.2-fb-negotiated"}, {SdpNoPli}},
      {NackReceived,                   "alice", LossyTalk,  {"fb-4585-4585.6.2.1-nack-bitmask"}},
      {FeedbackAlwaysEarly,            "alice", NarrowTalk, {"fb-4585-4585.3.5-early"}},
      {RtpIgnoreBandwidth,             "alice", NarrowTalk, {"rtp-8834-7.1-bandwidth-as"}},
      {TmmbrUnasked,                   "bob",   Talk,       {"fb-4585-4585.4.2-fb-negotiated"}},
      {TmmbrUnconfirmed,               "alice", Talk,       {"fb-4585-5104.4.2.1-tmmbn"}, {TmmbrUnasked}},
      {RtpIgnoreTmmbr,                 "alice", Talk,       {"rtp-8834-5.1.6-tmmbr"}, {TmmbrUnasked}},
      {SdpNoPli,                       "bob",   Talk,       {"rtp-8834-5.1.2-pli-told"}},
      {SdpNoReducedSize,               "bob",   Talk,       {"jsep-9429-5.2.1-rtcp-rsize"}},
      // SRTP
      {SrtpRolloverStuck,              "bob",   Talk,       {"srtp-3711-3.3.1-index"}, {RtpStartsHigh}},
      {SrtpRtcpIndexStuck,             "alice", Talk,       {"srtp-3711-3.4-srtcp-index"}},
      {SrtpRtcpUnencrypted,            "alice", Talk,       {"sec-8827-6.5-srtp-only"}},
      {SrtpAcceptReplays,              "alice", Talk,       {"srtp-3711-3.3.2-replay", "rtp-3550-6.4.1-fraction-lost"}, {SrtpSendTwice}},
      {SrtpSendTwice,                  "bob",   Talk,       {"rtp-8834-6.1-nack-rtx"}},
      {SrtpKeysSwapped,                "alice", Talk,       {"dtlssrtp-5764-4.2-key-split"}},
      // what other scenarios bring: TCP, many addresses, a lite agent, names, a cut, media
      {IceTcpUnframed,                 "alice", Tcp,        {"icetcp-6544-7.1-frame-4571"}},
      {IceTcpPassiveFirst,             "alice", Tcp,        {"icetcp-6544-4.2-direction-pref"}},
      {IceTcpAboveUdp,                 "bob",   Tcp,        {"icetcp-6544-4.2-udp-above-tcp", "ice-8445-5.1.2.1-type-pref-order"}},
      {IceTcpActivePort,               "alice", Tcp,        {"icetcp-6544-4.5-active-port9"}},
      {IceTcpResend,                   "alice", FarTcp,     {"stun-8489-6.2.2-tcp-no-resend"}},
      {ConsentNever,                   "alice", Idle,       {"consent-7675-5.1-expire-30s"}},
      {ConsentNotOverTcp,              "alice", Tcp,        {"consent-7675-5.1-tcp-too"}},
      {StunResendOverStream,           "alice", FarTurnTcp, {"stun-8489-6.2.2-tcp-no-resend"}},
      {TurnChannelDataUnpadded,        "alice", TurnTcp,    {"turn-8656-12.5-pad-tcp"}},
      {DualstackOneFamilyFirst,        "alice", Many,       {"dualstack-8421-4-interleave"}},
      {IceNoPairLimit,                 "alice", Many,       {"ice-8445-6.1.2.5-limit-100"}},
      {IceLiteSendsChecks,             "bob",   Lite,       {"ice-8445-8.2-lite-silent"}},
      {MdnsShowsRelatedAddress,        "alice", Mdns,       {"mdns-draft-3.1.2.2-srflx-raddr"}},
      {ConsentSendAfterExpiry,         "alice", Cut,        {"consent-7675-5.1-expire-30s"}},
      {SdpAnswerForeignFormat,         "bob",   Media,      {"sdp-8866-6.6-rtpmap-once", "oa-3264-6.1-common-format", "sctpsdp-8841-4.3-fmt"}},
      {SdpTwoDirections,               "alice", Media,      {"sdp-8866-6.7-one-direction"}},
      {SdpMuxOnlyAlone,                "alice", Media,      {"muxonly-8858-4.2-with-mux", "bundle-9143-9.3-mux", "oa-3264-6-answer-m-count"}, {}, 1, Sound::DoesNotComeUp},
      {SdpAnswerUnaskedMux,            "bob",   Media,      {"mux-5761-5.1.1-answer"}},
  };
  // clang-format on
}

// Deviations that no row plays, and why. Their checkers are held to their duty by evidence put
// together by hand (tests/reports/judge).
struct Unplayed {
  Deviation deviation;
  std::string_view why;
};
inline std::vector<Unplayed> unplayed_deviations() {
  using enum Deviation;
  constexpr std::string_view kDiscovery = "scenarios have no step that discovers a NAT's behaviour";
  return {
      {IceTcpKeepsConnections, "no checker looks at how connections end"},
      {StunUnknownAttributesUnlisted,
       "no agent of ours sends an attribute that another does not know"},
      {TurnSameCredentialsAgain, "no checker looks at what follows a second 401"},
      {TurnReorderPasswordAlgorithms, "no checker looks at PASSWORD-ALGORITHMS"},
      {TurnFollowRedirectLoop, "no checker looks at redirections"},
      {NbdIgnoreChangeRequest, kDiscovery},
      {NbdNoResponseOrigin, kDiscovery},
      {NbdIgnoreResponsePort, kDiscovery},
      {TurnRelayAll,
       "our client has asked for the permission before it sends, and the server has it first"},
      {FirNumberStuck, "a sender of ours takes the same number for a repetition, as it ought to"},
      {SdpRefuseMovedExtension,
       "what an application does when a call fails is its own; real-extension-ids-refused plays "
       "it"},
      {SdpRefuseManyUfrags,
       "what an application does when a call fails is its own; real-many-ufrags-refused plays it"},
      {TrickleUseLateCandidates,
       "no peer of ours tells a candidate after its end that it had not told before"},
  };
}

// Requirements that no deviation breaks, and why.
struct Unbroken {
  std::string_view requirement;
  std::string_view why;
};
inline std::vector<Unbroken> unbroken_requirements() {
  constexpr std::string_view kNone = "no agent of ours has a deviation that breaks it";
  constexpr std::string_view kStates =
      "the machine that moves the states is the one that tells of it";
  return {
      {"turn-8656-6-relay-unique", "a host gives no port twice"},
      {"ice-8445-5.1.3-redundant", kNone},
      {"ice-8445-6.1.1-role-kept", kNone},
      {"ice-8445-8.1.2-remove-after", "no agent of ours goes on checking; libwebrtc's do"},
      {"icetcp-6544-4.5-tcptype", kNone},
      {"icetcp-6544-6.2-who-dials", kNone},
      {"turn-8656-11.2-send-discard", "our client has asked for the permission before it sends"},
      {"trickle-8838-14-ignore-after-eoc",
       "no peer of ours tells a candidate after its end that it had not told before"},
      {"icesdp-8839-4.4.1.1.2-removed-clean", kNone},
      {"sdp-8866-5-crlf", "our writer has one way to end a line"},
      {"oa-3264-6.1-direction", kNone},
      {"oa-3264-8.2-port0-both", kNone},
      {"oa-3264-8.3.2-pt-stable", kNone},
      {"bundle-9143-7.1.3-tagged", kNone},
      {"bundle-9143-7.2-bundle-only-port0", kNone},
      {"bundle-9143-7.3.1-answer-tag", kNone},
      {"bundle-9143-9.1-mid-extmap", kNone},
      {"bundle-9143-9.1.1-pt-share", kNone},
      {"bundle-9143-12-ext-id-same", kNone},
      {"mux-5761-4-pt-64-95", kNone},
      {"mux-5761-5.1.3-no-rtcp-candidates", kNone},
      {"jsep-9429-5.1.2-profile-offer", kNone},
      {"jsep-9429-5.2.1-bundle-only-no-ice", kNone},
      {"jsep-9429-5.2.1-fingerprint-same", kNone},
      {"jsep-9429-5.2.1-msid", kNone},
      {"jsep-9429-5.2.2-msid-stable", kNone},
      {"simulcast-8853-5.2-rid-exists", kNone},
      {"simulcast-8853-5.3-answer-needs-offer", kNone},
      {"w3c-gathering-states", kStates},
      {"w3c-closed-silent", kStates},
      {"oa-3264-6.1-send-with-peer-pt", kNone},
      {"dtlssrtp-5764-5.1-no-srtp-before", kNone},
      {"sctp-9260-9.2-shutdown-seq", "our peers end an association with its transport"},
      {"fb-4585-5104.4.3.1-fir-seq",
       "a sender of ours takes the same number for a repetition, as it ought to"},
      {"twcc-holmer-2-sequence", kNone},
      {"twcc-holmer-3.1-received", kNone},
      {"dc-8831-6.7-id-reuse-after", kNone},
  };
}

}  // namespace rtclab::test
