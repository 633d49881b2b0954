#include "agents/base/deviation.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace rtclab {
namespace {

using enum Deviation;

// clang-format off
constexpr std::array<DeviationInfo, static_cast<std::size_t>(kCount)> kTable{{
    {StunTypeTopBits,               "stun-type-top-bits",                {8489, "5"},       "sets the top bit of every STUN message type"},
    {StunLengthCountsHeader,        "stun-length-counts-header",         {8489, "5"},       "counts the 20 octets of the header in the length field"},
    {StunTransactionIdCounter,      "stun-transaction-id-counter",       {8489, "5"},       "numbers its transactions 1, 2, 3 … instead of drawing ids"},
    {StunReuseTransactionId,        "stun-reuse-transaction-id",         {8489, "5"},       "sends different requests under one transaction id"},
    {StunResendAfterResponse,       "stun-resend-after-response",        {8489, "6.2.1"},   "sends a request once more after it was answered"},
    {StunResendFixedInterval,       "stun-resend-fixed-interval",        {8489, "6.2.1"},   "resends every RTO instead of doubling the wait"},
    {StunPaddingNonZero,            "stun-padding-nonzero",              {8489, "14"},      "pads attributes with octets other than zero"},
    {StunFingerprintNotLast,        "stun-fingerprint-not-last",         {8489, "14.7"},    "puts FINGERPRINT before MESSAGE-INTEGRITY"},
    {StunIntegrityUnadjustedLength, "stun-integrity-unadjusted-length",  {8489, "14.5"},    "computes MESSAGE-INTEGRITY over the header's final length"},
    {StunResponseFreshTransactionId,"stun-response-fresh-transaction-id",{8489, "6.3.1.2"}, "answers under a transaction id of its own"},
    {StunResponseUnsigned,          "stun-response-unsigned",            {8489, "9.1.3"},   "leaves MESSAGE-INTEGRITY out of responses to signed requests"},
    {StunResponseWrongMappedAddress,"stun-response-wrong-mapped-address",{8489, "6.3.1.2"}, "reports a mapped port one above the real one"},
    {StunErrorWithoutCode,          "stun-error-without-code",           {8489, "6.3.1.1"}, "leaves ERROR-CODE out of error responses"},
    {StunAnswerIndications,         "stun-answer-indications",           {8489, "6.3.2"},   "answers indications"},
    {StunErrorNumberTooHigh,        "stun-error-number-too-high",        {8489, "14.8"},    "writes 138 into the number of an error code, which ends at 99"},
    {StunMappedAddressUnmasked,     "stun-mapped-address-unmasked",      {8489, "14.2"},    "writes XOR-MAPPED-ADDRESS without the XOR"},
    {StunUnknownAttributesUnlisted, "stun-unknown-attributes-unlisted",  {8489, "6.3.1.1"}, "leaves UNKNOWN-ATTRIBUTES out of 420"},
    {StunResendOverStream,          "stun-resend-over-stream",           {8489, "6.2.2"},   "sends requests over TCP again, as over UDP"},
    {StunResendNineTimes,           "stun-resend-nine-times",            {8489, "6.2.1"},   "sends an unanswered request nine times"},
    {StunResponseOtherMethod,       "stun-response-other-method",        {8489, "6.3"},     "answers Binding requests as if they were Allocate requests"},
    {StunRefusalSigned,             "stun-refusal-signed",               {8489, "9.1.3"},   "signs 400 and 401 answers to checks"},
    {StunLongSoftware,              "stun-long-software",                {8489, "14.14"},   "sends a SOFTWARE of 200 characters"},
    {TurnCredentialsInFirstRequest, "turn-credentials-in-first-request", {8489, "9.2.3.1"}, "sends USERNAME in the first request to a server"},
    {TurnKeepStaleNonce,            "turn-keep-stale-nonce",             {8489, "9.2.5"},   "retries with the old nonce after 438"},
    {TurnSendWithoutPermission,     "turn-send-without-permission",      {8656, "11.1"},    "sends to peers before a permission exists"},
    {TurnNoRequestedTransport,      "turn-no-requested-transport",       {8656, "7.1"},     "leaves REQUESTED-TRANSPORT out of Allocate"},
    {TurnBothFamilies,              "turn-both-families",                {8656, "7.1"},     "asks for REQUESTED- and ADDITIONAL-ADDRESS-FAMILY together"},
    {TurnChannelOutOfRange,         "turn-channel-out-of-range",         {8656, "12"},      "binds channels from 0x5000 on"},
    {TurnChannelNumberRffu,         "turn-channel-number-rffu",          {8656, "18.1"},    "fills the reserved half of CHANNEL-NUMBER"},
    {TurnChannelDataUnpadded,       "turn-channel-data-unpadded",        {8656, "12.5"},    "does not pad ChannelData over a stream"},
    {TurnSameCredentialsAgain,      "turn-same-credentials-again",       {8489, "9.2.5"},   "tries the same credentials again after they were refused"},
    {TurnReorderPasswordAlgorithms, "turn-reorder-password-algorithms",  {8489, "9.2.5"},   "returns PASSWORD-ALGORITHMS in another order"},
    {TurnFollowRedirectLoop,        "turn-follow-redirect-loop",         {8489, "10"},      "follows redirections to a server that it has just asked"},
    {TurnChallengeWithoutNonce,     "turn-challenge-without-nonce",      {8489, "9.2.4"},   "leaves NONCE out of 401"},
    {TurnOneNonceForAll,            "turn-one-nonce-for-all",            {8489, "9.2.4"},   "gives clients that come at one instant the same nonce"},
    {TurnNoMappedAddress,           "turn-no-mapped-address",            {8656, "7.2"},     "leaves XOR-MAPPED-ADDRESS out of Allocate responses"},
    {TurnLowRelayPorts,             "turn-low-relay-ports",              {8656, "7.2"},     "relays from ports 5000 to 5999"},
    {TurnRelayWithoutPermission,    "turn-relay-without-permission",     {8656, "9"},       "relays what peers without a permission send"},
    {TurnNoChannelToClient,         "turn-no-channel-to-client",         {8656, "12.7"},    "sends Data indications although a channel is bound"},
    {TurnRequestWithoutRealm,       "turn-request-without-realm",        {8489, "9.2.3.2"}, "leaves REALM out of its requests"},
    {TurnNeverRefresh,              "turn-never-refresh",                {8656, "8"},       "uses its allocation without refreshing it"},
    {TurnKeepAllocation,            "turn-keep-allocation",              {8656, "8"},       "leaves its allocation behind when it closes"},
    {TurnNeverRenewPermission,      "turn-never-renew-permission",       {8656, "9"},       "uses permissions without renewing them"},
    {TurnPermissionWithoutPeer,     "turn-permission-without-peer",      {8656, "10.1"},    "names no peer in CreatePermission"},
    {TurnSendWithoutData,           "turn-send-without-data",            {8656, "11.1"},    "leaves DATA out of Send indications"},
    {TurnChannelMoves,           "turn-channel-moves",            {8656, "12"},      "binds another channel to the same peer instead of renewing the first"},
    {TurnNeverRebind,               "turn-never-rebind",                 {8656, "12.1"},    "uses channels without binding them again"},
    {TurnChannelUnbound,            "turn-channel-unbound",              {8656, "12.5"},    "sends ChannelData before the channel is bound"},
    {TurnSameNonceAgain,            "turn-same-nonce-again",             {8489, "9.2.4"},   "gives the stale nonce again in 438 answers"},
    {TurnNoAuthentication,          "turn-no-authentication",            {8656, "5"},       "grants whatever is asked without credentials"},
    {TurnGrantWithoutLifetime,      "turn-grant-without-lifetime",       {8656, "7.2"},     "leaves LIFETIME out of Allocate successes"},
    {TurnShortLifetime,             "turn-short-lifetime",               {8656, "7.2"},     "grants allocations for a minute"},
    {TurnRelayAll,                  "turn-relay-all",                    {8656, "11.2"},    "relays to any address, with or without a permission"},
    {TurnDataWithoutPeer,           "turn-data-without-peer",            {8656, "11.3"},    "leaves XOR-PEER-ADDRESS out of Data indications"},
    {NbdIgnoreChangeRequest,        "nbd-ignore-change-request",         {5780, "6.1"},     "answers CHANGE-REQUEST from where it was asked"},
    {NbdNoResponseOrigin,           "nbd-no-response-origin",            {5780, "6.1"},     "leaves RESPONSE-ORIGIN out"},
    {NbdIgnoreResponsePort,         "nbd-ignore-response-port",          {5780, "7.5"},     "answers RESPONSE-PORT to the port that asked"},
    {IceCheckWithoutUsername,       "ice-check-without-username",        {8445, "7.2.2"},   "leaves USERNAME out of checks"},
    {IceCheckWithoutFingerprint,    "ice-check-without-fingerprint",     {8445, "7.1"},     "leaves FINGERPRINT out of checks"},
    {IceCheckWithoutPriority,       "ice-check-without-priority",        {8445, "7.1.1"},   "leaves PRIORITY out of checks"},
    {IcePriorityAsHost,             "ice-priority-as-host",              {8445, "7.1.1"},   "puts the candidate's own priority, not the peer-reflexive one, into checks"},
    {IceNoRoleAttribute,            "ice-no-role-attribute",             {8445, "7.1.3"},   "leaves ICE-CONTROLLING and ICE-CONTROLLED out of checks"},
    {IceUsernameSwapped,            "ice-username-swapped",              {8445, "7.2.2"},   "writes USERNAME as local:remote"},
    {IceControlledNominates,        "ice-controlled-nominates",          {8445, "7.1.2"},   "sends USE-CANDIDATE while controlled"},
    {IceNominateBeforeSuccess,      "ice-nominate-before-success",       {8445, "8.1.1"},   "sends USE-CANDIDATE in every check, as aggressive nomination did"},
    {IceNominateTwoPairs,           "ice-nominate-two-pairs",            {8445, "8.1.1"},   "nominates a second pair after the first"},
    {IceNoPacing,                   "ice-no-pacing",                     {8445, "6.1.4.2"}, "sends all checks at once instead of one each Ta"},
    {IceShortRto,                   "ice-short-rto",                     {8445, "14.3"},    "resends checks after 100 ms"},
    {IceTieBreakerPerCheck,         "ice-tie-breaker-per-check",         {8445, "16.1"},    "draws a new tie-breaker for each check"},
    {IceNoTriggeredChecks,          "ice-no-triggered-checks",           {8445, "7.3.1.4"}, "answers checks but does not check back"},
    {IceLowestPriorityFirst,        "ice-lowest-priority-first",         {8445, "6.1.4.2"}, "checks the pair with the lowest priority first"},
    {IceIgnoreRoleConflict,         "ice-ignore-role-conflict",          {8445, "7.3.1.1"}, "neither answers 487 nor switches its role"},
    {IceAnswererControls,           "ice-answerer-controls",             {8445, "6.1.1"},   "takes the controlling role although it answers"},
    {IceLiteSendsChecks,            "ice-lite-sends-checks",             {8445, "6.2"},     "sends checks although it is lite"},
    {IceNoPairLimit,                "ice-no-pair-limit",                 {8445, "6.1.2.5"}, "checks all pairs, however many there are"},
    {IceFreeAtOnce,                 "ice-free-at-once",                  {8445, "8.3.1"},   "frees its other candidates at the moment of nomination"},
    {DualstackOneFamilyFirst,       "dualstack-one-family-first",        {8421, "4"},       "prefers all IPv6 addresses to any IPv4 address"},
    {PacFailEarly,                  "pac-fail-early",                    {8863, "4"},       "fails as soon as all pairs known so far have failed"},
    {IceSkipAnswers,                "ice-skip-answers",                  {8445, "7.3"},     "leaves every third check or so without an answer"},
    {IceIgnore487,                  "ice-ignore-487",                    {8445, "7.2.5.1"}, "keeps role and tie-breaker when it is answered 487"},
    {IceTcpUnframed,                "icetcp-unframed",                   {6544, "7.1"},     "sends STUN and data over TCP without a length before them"},
    {IceTcpPassiveFirst,            "icetcp-passive-first",              {6544, "4.2"},     "prefers passive TCP candidates to active ones"},
    {IceTcpAboveUdp,                "icetcp-above-udp",                  {6544, "4.2"},     "prefers TCP host candidates to those of UDP"},
    {IceTcpActivePort,              "icetcp-active-port",                {6544, "4.5"},     "gives active TCP candidates another port than 9"},
    {IceTcpResend,                  "icetcp-resend",                     {6544, "7.1"},     "resends checks over TCP as if it were UDP"},
    {IceTcpKeepsConnections,        "icetcp-keeps-connections",          {6544, "8"},       "leaves TCP connections open that were not selected"},
    {ConsentEverySecond,            "consent-every-second",              {7675, "5.1"},     "checks consent each second"},
    {ConsentFixedInterval,          "consent-fixed-interval",            {7675, "5.1"},     "checks consent every 5 s to the microsecond"},
    {ConsentReusesTransactionId,    "consent-reuses-transaction-id",     {7675, "5.1"},     "sends each consent check under the id of the first"},
    {ConsentResends,                "consent-resends",                   {7675, "5.1"},     "resends consent checks like ordinary requests"},
    {DataBeforeConsent,             "data-before-consent",               {7675, "5.1"},     "sends DTLS to the best remote candidate before any check succeeded"},
    {ConsentSendAfterExpiry,        "consent-send-after-expiry",         {7675, "5.1"},     "goes on sending data when consent has expired"},
    {ConsentNotOverTcp,             "consent-not-over-tcp",              {7675, "5.1"},     "does not check consent on TCP pairs"},
    {SdpNoIce2,                     "sdp-no-ice2",                       {8839, "4.2.1.5"}, "leaves ice2 out of a=ice-options"},
    {SdpShortUfrag,                 "sdp-short-ufrag",                   {8839, "5.4"},     "uses a ufrag of two characters"},
    {SdpShortPwd,                   "sdp-short-pwd",                     {8839, "5.4"},     "uses a password of eight characters"},
    {SdpNoRelatedAddress,           "sdp-no-related-address",            {8839, "5.1"},     "leaves raddr and rport out of reflexive and relayed candidates"},
    {SdpDuplicatePriority,          "sdp-duplicate-priority",            {8445, "5.1.2"},   "gives all candidates of a stream one priority"},
    {SdpOneFoundation,              "sdp-one-foundation",                {8445, "5.1.1.3"}, "gives candidates of all types one foundation"},
    {SdpLineOrder,                  "sdp-line-order",                    {8866, "5"},       "writes the t= line before the s= line"},
    {SdpAnswerActpass,              "sdp-answer-actpass",                {8842, "5.3"},     "answers a=setup:actpass"},
    {SdpNoFingerprint,              "sdp-no-fingerprint",                {8842, "5.1"},     "leaves a=fingerprint out"},
    {SdpBundleWithoutMid,           "sdp-bundle-without-mid",            {9143, "7.2"},     "names an identification tag in a=group:BUNDLE that no section has"},
    {TrickleAfterEndOfCandidates,   "trickle-after-end-of-candidates",   {8838, "13"},      "sends a candidate after end-of-candidates"},
    {TrickleEndWithoutUfrag,        "trickle-end-without-ufrag",         {8838, "13"},      "sends end-of-candidates without naming its generation"},
    {SdpHugeSessionId,              "sdp-huge-session-id",               {3264, "5"},       "writes a session id of 20 digits"},
    {SdpAnswerDropsSection,         "sdp-answer-drops-section",          {3264, "6"},       "answers without the last section of the offer"},
    {SdpAnswerOtherKind,            "sdp-answer-other-kind",             {3264, "6"},       "answers with another media type than the offered one"},
    {SdpAnswerOtherTime,            "sdp-answer-other-time",             {3264, "6"},       "answers with a t= line of its own"},
    {SdpAnswerForeignFormat,        "sdp-answer-foreign-format",         {3264, "6.1"},     "answers with a format that was not offered"},
    {SdpLaterNewSession,            "sdp-later-new-session",             {3264, "8"},       "changes the session id in later descriptions"},
    {SdpVersionStuck,               "sdp-version-stuck",                 {3264, "8"},       "gives all its descriptions one version"},
    {SdpLaterDropsSection,          "sdp-later-drops-section",           {3264, "8"},       "leaves the last section out of later descriptions"},
    {SdpLaterNewMid,                "sdp-later-new-mid",                 {3264, "8"},       "renames the sections in later descriptions"},
    {SdpNoConnection,               "sdp-no-connection",                 {8866, "5.7"},     "leaves the c= lines out"},
    {SdpNoFormat,                   "sdp-no-format",                     {8866, "5.14"},    "writes m= lines without a format"},
    {SdpTwoDirections,              "sdp-two-directions",                {8866, "6.7"},     "writes two directions into each section"},
    {SdpGuessablePwd,               "sdp-guessable-pwd",                 {8445, "5.3"},     "uses a password of one letter, 24 times"},
    {SdpNoPwd,                      "sdp-no-pwd",                        {8839, "4.3.1"},   "leaves a=ice-pwd out"},
    {SdpUfragBadCharacter,          "sdp-ufrag-bad-character",           {8839, "5.4"},     "begins its ufrag with an underscore"},
    {SdpDefaultElsewhere,           "sdp-default-elsewhere",             {8839, "4.2.1.2"}, "names an address in c= that is none of its candidates"},
    {SdpOptionsChange,              "sdp-options-change",                {8839, "4.4.1.1.1"},"adds an ICE option in later descriptions"},
    {SdpTrickleUnsaid,              "sdp-trickle-unsaid",                {8840, "5"},       "leaves trickle out of a=ice-options"},
    {SdpAnswerRestarts,             "sdp-answer-restarts",               {9429, "5.3.2"},   "changes its credentials in later answers"},
    {SdpLaterNewPwd,                "sdp-later-new-pwd",                 {8445, "9"},       "changes its password, and not its ufrag, in later descriptions"},
    {SdpLoopbackCandidate,          "sdp-loopback-candidate",            {8445, "5.1.1.1"}, "names a loopback address as its host candidate"},
    {SdpPriorityLowOctet,           "sdp-priority-low-octet",            {8445, "5.1.2.1"}, "ends its priorities in another octet than 256 less the component"},
    {SdpOneTypePreference,          "sdp-one-type-preference",           {8445, "5.1.2.1"}, "gives host candidates the type preference of reflexive ones"},
    {SdpRelayPreferred,             "sdp-relay-preferred",               {8445, "5.1.2.2"}, "gives relayed candidates the type preference 120"},
    {SdpComponentThree,             "sdp-component-three",               {8839, "5.1"},     "numbers its component 3"},
    {SdpLongFoundation,             "sdp-long-foundation",               {8839, "5.1"},     "writes foundations of 40 characters"},
    {SdpHiddenPort,                 "sdp-hidden-port",                   {8839, "5.1"},     "hides a related address with port 0"},
    {SdpAnswerBundleOnly,           "sdp-answer-bundle-only",            {9143, "7.3"},     "answers with a=bundle-only"},
    {SdpMuxOnlyAlone,               "sdp-mux-only-alone",                {8858, "4.2"},     "writes a=rtcp-mux-only without a=rtcp-mux"},
    {SdpAnswerUnaskedMux,           "sdp-answer-unasked-mux",            {5761, "5.1.1"},   "answers a=rtcp-mux where none was offered"},
    {SdpHoldConn,                   "sdp-holdconn",                      {8842, "5.1"},     "offers a=setup:holdconn"},
    {SdpAnswerOppositeSetup,        "sdp-answer-opposite-setup",         {8842, "5.3"},     "answers the opposite of the DTLS role that it takes"},
    {SdpLaterFlipsSetup,            "sdp-later-flips-setup",             {8842, "5.3"},     "answers the other DTLS role in later answers"},
    {SdpLaterNewFingerprint,        "sdp-later-new-fingerprint",         {8842, "5.5"},     "changes its fingerprint in later descriptions"},
    {SdpShortTlsId,                 "sdp-short-tls-id",                  {8842, "4"},       "writes a tls-id of eight characters"},
    {SdpLowercaseFingerprint,       "sdp-lowercase-fingerprint",         {8122, "5"},       "writes its fingerprint in lower case"},
    {SdpMd5Fingerprint,             "sdp-md5-fingerprint",               {8122, "5"},       "names its certificate by MD5"},
    {SdpSha1Fingerprint,            "sdp-sha1-fingerprint",              {8122, "5.1"},     "names its certificate by SHA-1 only"},
    {SdpWrongFingerprint,           "sdp-wrong-fingerprint",             {8122, "6.2"},     "announces the fingerprint of another certificate"},
    {SdpDataTwoFormats,             "sdp-data-two-formats",              {8841, "4.3"},     "gives the data section a second format"},
    {SdpNoSctpPort,                 "sdp-no-sctp-port",                  {8841, "5.1"},     "leaves a=sctp-port out"},
    {SdpOldDataProtocol,            "sdp-old-data-protocol",             {8841, "4.1"},     "offers the data section over DTLS/SCTP"},
    {SdpCrypto,                     "sdp-crypto",                        {9429, "5.1.1"},   "offers keys in a=crypto"},
    {SdpSessionName,                "sdp-session-name",                  {9429, "5.2.1"},   "names its session"},
    {SdpNoMid,                      "sdp-no-mid",                        {9429, "5.2.1"},   "leaves a=mid out"},
    {SdpLongMid,                    "sdp-long-mid",                      {9429, "5.2.1"},   "uses mids of a dozen characters"},
    {SdpNoBundle,                   "sdp-no-bundle",                     {9429, "5.2.1"},   "offers without a BUNDLE group"},
    {SdpLaterNewName,               "sdp-later-new-name",                {9429, "5.2.2"},   "changes the s= line in later descriptions"},
    {SdpAnswerOtherMid,             "sdp-answer-other-mid",              {9429, "5.3.1"},   "answers with other mids than the offered ones"},
    {SdpAnswerOtherProtocol,        "sdp-answer-other-protocol",         {9429, "5.3.1"},   "answers over another protocol than the offered one"},
    {SdpAnswerPassive,              "sdp-answer-passive",                {9429, "5.3.1"},   "answers passive to actpass"},
    {SdpTwoDataSections,            "sdp-two-data-sections",             {9429, "5.2.1"},   "offers a second section for data"},
    {TrickleTwice,                  "trickle-twice",                     {8838, "9"},       "tells each candidate twice"},
    {TrickleNeverEnds,              "trickle-never-ends",                {8838, "13"},      "never says that there are no more candidates"},
    {TrickleAfterNomination,        "trickle-after-nomination",          {8838, "13"},      "tells a candidate when a pair has been nominated"},
    {TrickleUnknownMid,             "trickle-unknown-mid",               {8840, "4.2"},     "tells candidates for a section that there is not"},
    {TrickleUseLateCandidates,      "trickle-use-late-candidates",       {8838, "14"},      "uses candidates that come after end-of-candidates"},
    {MdnsShowsRelatedAddress,       "mdns-shows-related-address",        {8839, "5.1"},     "shows the address that an mDNS name hides as raddr of a reflexive candidate"},
    {SrtpRolloverStuck,             "srtp-rollover-stuck",                {3711, "3.3.1"},   "encrypts as if the sequence number had never wrapped"},
    {SrtpRtcpIndexStuck,            "srtp-rtcp-index-stuck",              {3711, "3.4"},     "protects every RTCP packet with the index 0"},
    {SrtpRtcpUnencrypted,           "srtp-rtcp-unencrypted",              {8827, "6.5"},     "sends RTCP that is authenticated and in the clear"},
    {SrtpAcceptReplays,             "srtp-accept-replays",                {3711, "3.3.2"},   "accepts a packet as often as it comes"},
    {SrtpKeysSwapped,               "srtp-keys-swapped",                  {5764, "4.2"},     "protects with the key of the other direction"},
}};
// clang-format on

}  // namespace

std::span<const DeviationInfo> all_deviations() {
  return kTable;
}

const DeviationInfo& info(Deviation deviation) {
  const auto& row = kTable[static_cast<std::size_t>(deviation)];
  assert(row.deviation == deviation);
  return row;
}

std::optional<Deviation> parse_deviation(std::string_view name) {
  const auto* const row = std::ranges::find(kTable, name, &DeviationInfo::name);
  if (row == kTable.end()) return std::nullopt;
  return row->deviation;
}

std::vector<std::string> deviation_names() {
  std::vector<std::string> names;
  for (const auto& row : kTable) names.emplace_back(row.name);
  return names;
}

}  // namespace rtclab
