#include "agents/peer/stats_members.h"

#include <algorithm>
#include <initializer_list>

namespace rtclab::peer {
namespace {

using MemberRules = std::vector<StatsMemberRule>;

MemberRules united(std::initializer_list<MemberRules> parts) {
  MemberRules all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// clang-format off
std::vector<StatsTypeRule> make_stats_types() {
  using enum StatsValue;
  const MemberRules candidate{
      {"transportId", Text}, {"address", Text}, {"port", Number}, {"protocol", Text}, {"candidateType", Text},
      {"priority", Number}, {"foundation", Text}, {"tcpType", Text}, {"relatedAddress", Text}, {"relatedPort", Number},
      {"url", Text}, {"usernameFragment", Text}};
  // RTCRtpStreamStats.
  const MemberRules stream{{"ssrc", Number}, {"kind", Text}, {"transportId", Text}, {"codecId", Text}};
  // What a stream of ours has in either direction.
  const MemberRules local_stream{{"mid", Text}, {"rid", Text}, {"rtxSsrc", Number}, {"remoteId", Text}, {"nackCount", Number}};
  const MemberRules local_video{
      {"frameWidth", Number}, {"frameHeight", Number}, {"pliCount", Number}, {"firCount", Number}};
  const MemberRules inbound{
      {"trackIdentifier", Text}, {"packetsReceived", Number}, {"packetsLost", Number}, {"jitter", Number},
      {"bytesReceived", Number}, {"headerBytesReceived", Number}, {"packetsDiscarded", Number},
      {"retransmittedPacketsReceived", Number}, {"retransmittedBytesReceived", Number}, {"jitterBufferDelay", Number},
      {"jitterBufferEmittedCount", Number}, {"jitterBufferTargetDelay", Number}, {"lastPacketReceivedTimestamp", Number},
      {"framesReceived", Number}, {"framesDecoded", Number}, {"keyFramesDecoded", Number}, {"framesDropped", Number},
      {"freezeCount", Number}, {"totalFreezesDuration", Number}, {"totalAudioEnergy", Number},
      {"totalSamplesDuration", Number}, {"totalSamplesReceived", Number}, {"concealedSamples", Number}};
  const MemberRules outbound{
      {"active", Flag}, {"packetsSent", Number}, {"bytesSent", Number}, {"headerBytesSent", Number},
      {"retransmittedPacketsSent", Number}, {"retransmittedBytesSent", Number}, {"targetBitrate", Number},
      {"totalPacketSendDelay", Number}, {"framesEncoded", Number}, {"keyFramesEncoded", Number}, {"framesSent", Number},
      {"mediaSourceId", Text}};

  return {
      {"candidate-pair",
       {{"transportId", Text}, {"localCandidateId", Text}, {"remoteCandidateId", Text}, {"state", Text},
        {"nominated", Flag}, {"packetsSent", Number}, {"packetsReceived", Number}, {"bytesSent", Number},
        {"bytesReceived", Number}, {"requestsSent", Number}, {"requestsReceived", Number}, {"responsesSent", Number},
        {"responsesReceived", Number}, {"consentRequestsSent", Number}, {"totalRoundTripTime", Number},
        {"currentRoundTripTime", Number}}},
      {"certificate", {{"fingerprint", Text}, {"fingerprintAlgorithm", Text}, {"base64Certificate", Text}}},
      {"codec",
       {{"transportId", Text}, {"payloadType", Number}, {"mimeType", Text}, {"clockRate", Number}, {"channels", Number},
        {"sdpFmtpLine", Text}}},
      {"data-channel",
       {{"label", Text}, {"protocol", Text}, {"dataChannelIdentifier", Number}, {"state", Text}, {"messagesSent", Number},
        {"bytesSent", Number}, {"messagesReceived", Number}, {"bytesReceived", Number}}},
      {"inbound-rtp", united({stream, local_stream, local_video, inbound})},
      {"local-candidate", candidate},
      {"media-source",
       {{"trackIdentifier", Text}, {"kind", Text}, {"audioLevel", Number}, {"totalAudioEnergy", Number},
        {"totalSamplesDuration", Number}, {"width", Number}, {"height", Number}, {"frames", Number},
        {"framesPerSecond", Number}}},
      {"outbound-rtp", united({stream, local_stream, local_video, outbound})},
      {"peer-connection", {{"dataChannelsOpened", Number}, {"dataChannelsClosed", Number}}},
      {"remote-candidate", candidate},
      {"remote-inbound-rtp",
       united({stream, {{"localId", Text}, {"packetsReceived", Number}, {"packetsLost", Number},
                         {"fractionLost", Number}, {"jitter", Number}, {"roundTripTime", Number},
                         {"totalRoundTripTime", Number}, {"roundTripTimeMeasurements", Number}}})},
      {"remote-outbound-rtp",
       united({stream, {{"localId", Text}, {"packetsSent", Number}, {"bytesSent", Number}, {"reportsSent", Number},
                         {"remoteTimestamp", Number}}})},
      {"transport",
       {{"packetsSent", Number}, {"packetsReceived", Number}, {"bytesSent", Number}, {"bytesReceived", Number},
        {"iceRole", Text}, {"iceLocalUsernameFragment", Text}, {"iceState", Text}, {"dtlsState", Text},
        {"dtlsRole", Text}, {"localCertificateId", Text}, {"selectedCandidatePairChanges", Number},
        {"selectedCandidatePairId", Text}, {"tlsVersion", Text}, {"dtlsCipher", Text}, {"srtpCipher", Text}}},
  };
}
// clang-format on

}  // namespace

const StatsMemberRule* StatsTypeRule::find(std::string_view member) const {
  const auto found = std::ranges::find(members, member, &StatsMemberRule::name);
  return found == members.end() ? nullptr : &*found;
}

const std::vector<StatsTypeRule>& stats_types() {
  static const auto kTypes = make_stats_types();
  return kTypes;
}

const StatsTypeRule* find_stats_type(std::string_view type) {
  const auto& types = stats_types();
  const auto found = std::ranges::find(types, type, &StatsTypeRule::type);
  return found == types.end() ? nullptr : &*found;
}

}  // namespace rtclab::peer
