// What a description of ours shall say, and the writing of it.
//
// Spec: RFC 9429 §5.2 and §5.3 (offers and answers), RFC 8839 §5 (ICE), RFC 8842 §5 (DTLS), RFC
// 8841 §4 to §6 (SCTP), RFC 9143 §7 (BUNDLE), RFC 5888 §8 (LS).
#pragma once

#include "agents/base/deviation.h"
#include "agents/dtls/certificate.h"
#include "agents/ice/credentials.h"
#include "agents/peer/description.h"
#include "agents/peer/media_section.h"
#include "agents/sdp/session_description.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

// The port that our SCTP has, and the longest message that it takes.
inline constexpr Port kSctpPort{5000};
inline constexpr std::uint64_t kMaxMessageSize = 262144;

// The attributes that belong to a transport; they stand in the section that has it for its own, or
// that the BUNDLE group is tagged with.
struct TransportPart {
  ice::Credentials credentials;
  dtls::Fingerprint fingerprint;
  sdp::Setup setup = sdp::Setup::ActPass;
  std::optional<std::string> tls_id;       // absent in an answer to an offer without
  std::vector<sdp::Candidate> candidates;  // gathered so far
  bool end_of_candidates = false;
};

enum class Liveness : std::uint8_t { Live, BundleOnly, Rejected };

struct PlannedSection {
  sdp::MediaLine line;  // its port is written as `liveness` wants it
  Liveness liveness = Liveness::Live;
  std::optional<std::string> mid{};  // absent only in an answer to an offer without
  std::optional<MediaSection> media{};
  bool data = false;
  Port sctp_port = kSctpPort;  // zero: no association is wanted (RFC 8841 §10.3)
  bool carries_media =
      false;  // a data section that media is bundled into: its transport says rtcp-mux
  std::optional<TransportPart> transport{};  // nullopt: bundled into another section
};

struct DescriptionPlan {
  SdpType type = SdpType::Offer;
  sdp::Origin origin;
  std::vector<std::string> ice_options;
  bool ice_lite = false;
  std::vector<sdp::Group> groups;  // BUNDLE before LS
  std::vector<PlannedSection> sections;
  // SdpLineOrder, SdpAnswerActpass, SdpNoFingerprint, SdpBundleWithoutMid.
  Deviations deviations;
};

[[nodiscard]] sdp::SessionDescription write_description(const DescriptionPlan& plan);

// "application 9 UDP/DTLS/SCTP webrtc-datachannel"
[[nodiscard]] sdp::MediaLine data_media_line();

// Fills m= and c= with the default candidate among those in the section: the one most likely to
// work (RFC 8839 §4.2.1.2), so relayed before reflexive before host. The sections that are bundled
// into this one get the same (RFC 9143 §7.5).
void set_default_candidate(sdp::SessionDescription& description, std::size_t section);

}  // namespace rtclab::peer
