// What a description of ours shall say, and the writing of it.
//
// Spec: RFC 9429 §5.2 and §5.3 (offers and answers), RFC 8839 §5 (ICE), RFC 8842 §5 (DTLS), RFC
// 8841 §4 to §6 (SCTP), RFC 9143 §7 (BUNDLE).
#pragma once

#include "agents/base/deviation.h"
#include "agents/dtls/certificate.h"
#include "agents/ice/credentials.h"
#include "agents/peer/description.h"
#include "agents/sdp/session_description.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

// The port that our SCTP has, and the longest message that it takes.
inline constexpr Port kSctpPort{5000};
inline constexpr std::uint64_t kMaxMessageSize = 262144;

// The attributes that belong to a transport; they stand in the section that the BUNDLE group is
// tagged with.
struct TransportPart {
  ice::Credentials credentials;
  dtls::Fingerprint fingerprint;
  sdp::Setup setup = sdp::Setup::ActPass;
  std::string tls_id;
  std::vector<sdp::Candidate> candidates;  // gathered so far
  bool end_of_candidates = false;
};

struct PlannedSection {
  sdp::MediaLine media;            // port 0: the section is rejected, and nothing below counts
  std::optional<std::string> mid;  // absent only in an answer to an offer without
  bool bundled = true;
  std::optional<TransportPart> transport;
};

struct DescriptionPlan {
  SdpType type = SdpType::Offer;
  sdp::Origin origin;
  std::vector<PlannedSection> sections;
  // SdpNoIce2, SdpLineOrder, SdpAnswerActpass, SdpNoFingerprint, SdpBundleWithoutMid.
  Deviations deviations;
};

[[nodiscard]] sdp::SessionDescription write_description(const DescriptionPlan& plan);

// "application 9 UDP/DTLS/SCTP webrtc-datachannel"
[[nodiscard]] sdp::MediaLine data_media_line();

// Fills m= and c= with the default candidate among those in the section: the one most likely to
// work (RFC 8839 §4.2.1.2), so relayed before reflexive before host.
void set_default_candidate(sdp::SessionDescription& description, std::size_t section);

}  // namespace rtclab::peer
