// The objects of a statistics report, each made of what it tells about. Pure functions.
//
// Spec: W3C webrtc-stats §8 (dictionaries), W3C webrtc-pc §8.6 (which members are mandatory).
#pragma once

#include "agents/dtls/certificate.h"
#include "agents/ice/agent.h"
#include "agents/peer/codec.h"
#include "agents/peer/stats.h"
#include "agents/peer/transceiver.h"

#include <string>

namespace rtclab::peer {

enum class CandidateSide : std::uint8_t { Local, Remote };

[[nodiscard]] std::string candidate_id(CandidateSide side, const std::string& session,
                                       const ice::Candidate& candidate);
[[nodiscard]] Stats candidate_stats(CandidateSide side, const std::string& session,
                                    const std::string& transport_id,
                                    const ice::Candidate& candidate, const std::string& ufrag);
[[nodiscard]] std::string pair_id(const ice::PairInfo& pair);
[[nodiscard]] Stats pair_stats(const std::string& session, const std::string& transport_id,
                               const ice::PairInfo& pair);
[[nodiscard]] std::string certificate_id(const dtls::Fingerprint& fingerprint);
[[nodiscard]] Stats certificate_stats(const dtls::Certificate& certificate);
// `direction`: "I" for what we receive, "O" for what we send, as in the ids of browsers.
[[nodiscard]] Stats codec_stats(const std::string& direction, const std::string& transport_id,
                                MediaKind kind, const Format& format);

}  // namespace rtclab::peer
