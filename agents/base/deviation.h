// Deliberate faults that an agent can be told to have, each against one clause, so that every checker of
// reports/judge can be shown to fail. A scenario gives them to a peer or a server by name.
//
// The table in deviation.cc is the list: `rtclab list deviations` prints it.
#pragma once

#include "agents/base/result.h"

#include <bitset>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab {

enum class Deviation {
  // STUN messages, whoever sends them
  StunTypeTopBits,
  StunLengthCountsHeader,
  StunTransactionIdCounter,
  StunReuseTransactionId,
  StunResendAfterResponse,
  StunResendFixedInterval,
  StunPaddingNonZero,
  StunFingerprintNotLast,
  StunIntegrityUnadjustedLength,
  StunResponseFreshTransactionId,
  StunResponseUnsigned,
  StunResponseWrongMappedAddress,
  StunErrorWithoutCode,
  StunAnswerIndications,
  StunErrorNumberTooHigh,
  StunMappedAddressUnmasked,
  StunUnknownAttributesUnlisted,
  StunResendOverStream,
  StunResendNineTimes,
  StunResponseOtherMethod,
  StunRefusalSigned,
  StunLongSoftware,
  TurnCredentialsInFirstRequest,
  TurnKeepStaleNonce,
  TurnSendWithoutPermission,
  TurnNoRequestedTransport,
  TurnBothFamilies,
  TurnChannelOutOfRange,
  TurnChannelNumberRffu,
  TurnChannelDataUnpadded,
  TurnSameCredentialsAgain,
  TurnReorderPasswordAlgorithms,
  TurnFollowRedirectLoop,
  // TURN servers, and STUN servers for NAT behaviour discovery
  TurnChallengeWithoutNonce,
  TurnOneNonceForAll,
  TurnNoMappedAddress,
  TurnLowRelayPorts,
  TurnRelayWithoutPermission,
  TurnNoChannelToClient,
  TurnRequestWithoutRealm,
  TurnNeverRefresh,
  TurnKeepAllocation,
  TurnNeverRenewPermission,
  TurnPermissionWithoutPeer,
  TurnSendWithoutData,
  TurnChannelMoves,
  TurnNeverRebind,
  TurnChannelUnbound,
  TurnSameNonceAgain,
  TurnNoAuthentication,
  TurnGrantWithoutLifetime,
  TurnShortLifetime,
  TurnRelayAll,
  TurnDataWithoutPeer,
  NbdIgnoreChangeRequest,
  NbdNoResponseOrigin,
  NbdIgnoreResponsePort,
  // connectivity checks
  IceCheckWithoutUsername,
  IceCheckWithoutFingerprint,
  IceCheckWithoutPriority,
  IcePriorityAsHost,
  IceNoRoleAttribute,
  IceUsernameSwapped,
  IceControlledNominates,
  IceNominateBeforeSuccess,
  IceNominateTwoPairs,
  IceNoPacing,
  IceShortRto,
  IceTieBreakerPerCheck,
  IceNoTriggeredChecks,
  IceLowestPriorityFirst,
  IceIgnoreRoleConflict,
  IceAnswererControls,
  IceLiteSendsChecks,
  IceNoPairLimit,
  IceFreeAtOnce,
  DualstackOneFamilyFirst,
  PacFailEarly,
  IceSkipAnswers,
  IceIgnore487,
  // ICE over TCP
  IceTcpUnframed,
  IceTcpPassiveFirst,
  IceTcpAboveUdp,
  IceTcpActivePort,
  IceTcpResend,
  IceTcpKeepsConnections,
  // consent and data
  ConsentEverySecond,
  ConsentFixedInterval,
  ConsentReusesTransactionId,
  ConsentResends,
  DataBeforeConsent,
  ConsentSendAfterExpiry,
  ConsentNotOverTcp,
  // session descriptions and trickled candidates
  SdpNoIce2,
  SdpShortUfrag,
  SdpShortPwd,
  SdpNoRelatedAddress,
  SdpDuplicatePriority,
  SdpOneFoundation,
  SdpLineOrder,
  SdpAnswerActpass,
  SdpNoFingerprint,
  SdpBundleWithoutMid,
  TrickleAfterEndOfCandidates,
  TrickleEndWithoutUfrag,
  SdpHugeSessionId,
  SdpAnswerDropsSection,
  SdpAnswerOtherKind,
  SdpAnswerOtherTime,
  SdpAnswerForeignFormat,
  SdpLaterNewSession,
  SdpVersionStuck,
  SdpLaterDropsSection,
  SdpLaterNewMid,
  SdpNoConnection,
  SdpNoFormat,
  SdpTwoDirections,
  SdpGuessablePwd,
  SdpNoPwd,
  SdpUfragBadCharacter,
  SdpDefaultElsewhere,
  SdpOptionsChange,
  SdpTrickleUnsaid,
  SdpAnswerRestarts,
  SdpLaterNewPwd,
  SdpLoopbackCandidate,
  SdpPriorityLowOctet,
  SdpOneTypePreference,
  SdpRelayPreferred,
  SdpComponentThree,
  SdpLongFoundation,
  SdpHiddenPort,
  SdpAnswerBundleOnly,
  SdpMuxOnlyAlone,
  SdpAnswerUnaskedMux,
  SdpHoldConn,
  SdpAnswerOppositeSetup,
  SdpLaterFlipsSetup,
  SdpLaterNewFingerprint,
  SdpShortTlsId,
  SdpLowercaseFingerprint,
  SdpMd5Fingerprint,
  SdpSha1Fingerprint,
  SdpWrongFingerprint,
  SdpDataTwoFormats,
  SdpNoSctpPort,
  SdpOldDataProtocol,
  SdpCrypto,
  SdpSessionName,
  SdpNoMid,
  SdpLongMid,
  SdpNoBundle,
  SdpLaterNewName,
  SdpAnswerOtherMid,
  SdpAnswerOtherProtocol,
  SdpAnswerPassive,
  SdpTwoDataSections,
  TrickleTwice,
  TrickleNeverEnds,
  TrickleAfterNomination,
  TrickleUnknownMid,
  TrickleUseLateCandidates,
  MdnsShowsRelatedAddress,
  // RTP and RTCP
  RtpWrongVersion,
  RtpSequenceSkips,
  RtpSlowTimestamps,
  RtpStartsAtZero,
  RtpCountingSsrcs,
  RtpIgnoreCollision,
  RtpMarkAll,
  RtpReservedExtensionId,
  RtpNoMid,
  RtpRouteWithoutMid,
  RtpNoRid,
  RtxPlainRid,
  RtxOwnNumber,
  RtxAsOriginal,
  RtpSignalledOnly,
  RtpIgnorePli,
  RtpIgnoreFir,
  RtpIgnoreTmmbr,
  RtpNoCircuitBreaker,
  RtpIgnoreBandwidth,
  RtcpNotCompound,
  RtcpFixedInterval,
  RtcpAtOnce,
  RtcpNoBye,
  RtcpAlwaysReceiver,
  RtcpOtherTimestamp,
  RtcpNoLoss,
  RtcpNoDelay,
  RtcpNoJitter,
  RtcpCnameChanges,
  RtcpCnamePerSource,
  RtcpOneReporter,
  FeedbackAlwaysEarly,
  FeedbackWithoutMedia,
  FeedbackUnasked,
  NackReceived,
  FirNumberStuck,
  TmmbrUnconfirmed,
  // SRTP
  SrtpRolloverStuck,
  SrtpRtcpIndexStuck,
  SrtpRtcpUnencrypted,
  SrtpAcceptReplays,
  SrtpKeysSwapped,
  // SCTP and data channels
  SctpInitWithTag,
  SctpPortZero,
  SctpInitAckBundled,
  SctpPaddingNonZero,
  SctpWrongChecksum,
  SctpEmptyData,
  SctpFragmentNumbersSkip,
  SctpZeroInitiateTag,
  SctpTinyWindow,
  SctpNoStreams,
  SctpFewStreams,
  SctpAlterCookie,
  SctpAddressInInit,
  SctpNoReconfig,
  SctpNoForwardTsn,
  SctpWaitForInit,
  SctpDelayFirstSack,
  SctpSackLate,
  SctpGapBlocksRepeat,
  SctpHeartbeatAckEmpty,
  SctpNoHeartbeat,
  SctpDataDespiteIData,
  SctpResendForEver,
  ResetNoResponse,
  ResetNumberSkips,
  ResetKeepsSsn,
  DcepWrongParity,
  DcepOpenTooLong,
  DcepAckPadded,
  DcepNoAck,
  DcepUnordered,
  DcepOddPriority,
  DataUnknownPpid,
  DataEmptyTwoOctets,
  DataKeepsStream,
  DataUnorderedAtOnce,
  DataAlwaysOrdered,
  DataTooLarge,
  kCount,
};

struct DeviationInfo {
  Deviation deviation;
  std::string_view name;  // as in a scenario file: "ice-nominate-before-success"
  Rule rule;              // the clause it breaks
  std::string_view what;  // one line
};

// All deviations, in the order of the enumeration.
[[nodiscard]] std::span<const DeviationInfo> all_deviations();
[[nodiscard]] const DeviationInfo& info(Deviation deviation);
[[nodiscard]] std::optional<Deviation> parse_deviation(std::string_view name);
[[nodiscard]] std::vector<std::string> deviation_names();

// The deviations that one agent has; normally none.
class Deviations {
 public:
  Deviations() = default;
  Deviations(std::initializer_list<Deviation> list) {
    for (const auto deviation : list) add(deviation);
  }
  void add(Deviation deviation) { set_.set(static_cast<std::size_t>(deviation)); }
  [[nodiscard]] bool has(Deviation deviation) const {
    return set_.test(static_cast<std::size_t>(deviation));
  }
  [[nodiscard]] bool none() const { return set_.none(); }

 private:
  std::bitset<static_cast<std::size_t>(Deviation::kCount)> set_;
};

}  // namespace rtclab
