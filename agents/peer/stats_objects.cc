#include "agents/peer/stats_objects.h"

#include "agents/ice/pair_state.h"
#include "agents/tls/base64.h"

#include <chrono>
#include <utility>

namespace rtclab::peer {
namespace {

std::string pair_state_name(ice::PairState state) {
  switch (state) {
    case ice::PairState::Frozen: return "frozen";
    case ice::PairState::Waiting: return "waiting";
    case ice::PairState::InProgress: return "in-progress";
    case ice::PairState::Succeeded: return "succeeded";
    case ice::PairState::Failed: return "failed";
  }
  __builtin_unreachable();
}

}  // namespace

std::string candidate_id(CandidateSide side, const std::string& session,
                         const ice::Candidate& candidate) {
  std::string id{side == CandidateSide::Local ? "IL" : "IR"};
  id += session + '-' + std::string{to_string(candidate.type)} + '-' +
        std::string{to_string(candidate.transport)} + '-' + candidate.address.to_string();
  // Two candidates may share an address: active TCP ones all have the discard port.
  return id + (candidate.host_name.empty() ? "" : '-' + candidate.host_name);
}

Stats candidate_stats(CandidateSide side, const std::string& session,
                      const std::string& transport_id, const ice::Candidate& candidate,
                      const std::string& ufrag) {
  const bool is_local = side == CandidateSide::Local;
  Stats stats{.id = candidate_id(side, session, candidate),
              .type = is_local ? "local-candidate" : "remote-candidate",
              .members = {{"transportId", transport_id}}};
  auto& members = stats.members;
  // An address that has a name in its place stays hidden (mDNS draft §3.2.2).
  if (candidate.host_name.empty()) members.push_back({"address", candidate.address.ip.to_string()});
  members.push_back({"port", std::uint64_t{candidate.address.port.value()}});
  members.push_back({"protocol", std::string{to_string(candidate.transport)}});
  members.push_back({"candidateType", std::string{to_string(candidate.type)}});
  members.push_back({"priority", std::uint64_t{candidate.priority.value()}});
  members.push_back({"foundation", candidate.foundation});
  if (candidate.tcp_type)
    members.push_back({"tcpType", std::string{to_string(*candidate.tcp_type)}});
  if (candidate.related) {
    members.push_back({"relatedAddress", candidate.related->ip.to_string()});
    members.push_back({"relatedPort", std::uint64_t{candidate.related->port.value()}});
  }
  if (!candidate.url.empty()) members.push_back({"url", candidate.url});
  members.push_back({"usernameFragment", ufrag});
  return stats;
}

std::string pair_id(const ice::PairInfo& pair) {
  return "CP" + std::to_string(pair.id.value());
}

Stats pair_stats(const std::string& session, const std::string& transport_id,
                 const ice::PairInfo& pair) {
  const auto& traffic = pair.traffic;
  const auto seconds = [](Duration duration) {
    return std::chrono::duration<double>(duration).count();
  };
  Stats stats{
      .id = pair_id(pair),
      .type = "candidate-pair",
      .members = {{"transportId", transport_id},
                  {"localCandidateId", candidate_id(CandidateSide::Local, session, pair.local)},
                  {"remoteCandidateId", candidate_id(CandidateSide::Remote, session, pair.remote)},
                  {"state", pair_state_name(pair.state)},
                  {"nominated", pair.nominated},
                  {"packetsSent", traffic.packets_sent},
                  {"packetsReceived", traffic.packets_received},
                  {"bytesSent", traffic.bytes_sent},
                  {"bytesReceived", traffic.bytes_received},
                  {"requestsSent", traffic.requests_sent},
                  {"requestsReceived", traffic.requests_received},
                  {"responsesSent", traffic.responses_sent},
                  {"responsesReceived", traffic.responses_received},
                  {"consentRequestsSent", traffic.consent_requests_sent},
                  {"totalRoundTripTime", seconds(traffic.total_round_trip)}}};
  if (traffic.round_trip)
    stats.members.push_back({"currentRoundTripTime", seconds(*traffic.round_trip)});
  return stats;
}

std::string certificate_id(const dtls::Fingerprint& fingerprint) {
  return "CF" + fingerprint.value;
}

Stats certificate_stats(const dtls::Certificate& certificate) {
  const auto& fingerprint = certificate.fingerprint();
  return {.id = certificate_id(fingerprint),
          .type = "certificate",
          .members = {{"fingerprint", fingerprint.value},
                      {"fingerprintAlgorithm", fingerprint.algorithm},
                      {"base64Certificate", tls::to_base64(certificate.der())}}};
}

Stats codec_stats(const std::string& direction, const std::string& transport_id, MediaKind kind,
                  const Format& format) {
  const auto type = std::to_string(format.type.value());
  Stats stats{.id = "CO" + direction + transport_id + '_' + type,
              .type = "codec",
              .members = {{"transportId", transport_id},
                          {"payloadType", std::uint64_t{format.type.value()}},
                          {"mimeType", std::string{to_string(kind)} + '/' + format.codec.name},
                          {"clockRate", std::uint64_t{format.codec.clock_rate}}}};
  if (kind == MediaKind::Audio)
    stats.members.push_back({"channels", std::uint64_t{format.codec.channels}});
  if (!format.codec.parameters.empty())
    stats.members.push_back({"sdpFmtpLine", format.codec.parameters});
  return stats;
}

}  // namespace rtclab::peer
