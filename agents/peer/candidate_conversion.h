// A candidate between ICE, where it is an address to reach, and SDP, where it is text.
//
// Spec: RFC 8839 §5.1, RFC 9429 §3.5.2.
#pragma once

#include "agents/base/deviation.h"
#include "agents/ice/candidate.h"
#include "agents/sdp/candidate.h"

#include <optional>

namespace rtclab::peer {

// `ufrag` names the generation, as browsers write it. Deviations: SdpNoRelatedAddress.
[[nodiscard]] sdp::Candidate to_sdp(const ice::Candidate& candidate, const std::string& ufrag,
                                    const Deviations& deviations);

// nullopt for what we cannot use and so ignore, as RFC 9429 §4.1.18 has it: transports, types and
// components yet unknown, TCP without a tcptype (RFC 6544 §4.5), names that are not mDNS.
[[nodiscard]] std::optional<ice::Candidate> to_ice(const sdp::Candidate& candidate);

}  // namespace rtclab::peer
