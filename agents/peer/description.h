// What peers hand to each other through signalling: session descriptions and trickled candidates.
//
// Spec: W3C webrtc-pc §4.6 (RTCSessionDescription), §4.8.1 (RTCIceCandidate), §4.2.5
// (RTCOfferOptions).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::peer {

enum class SdpType : std::uint8_t { Offer, Pranswer, Answer, Rollback };

[[nodiscard]] std::string_view to_string(SdpType type);  // "offer"
[[nodiscard]] std::optional<SdpType> parse_sdp_type(std::string_view text);

struct Description {
  SdpType type = SdpType::Offer;
  std::string sdp;
  friend bool operator==(const Description&, const Description&) = default;
};

struct OfferOptions {
  bool ice_restart = false;
};

// An empty candidate string says that no more candidates of this generation will come (RFC 8838
// §13).
struct IceCandidateInit {
  std::string candidate;  // "candidate:…", without "a="
  std::optional<std::string> sdp_mid;
  std::optional<std::uint16_t> sdp_mline_index;
  std::optional<std::string> username_fragment;
  friend bool operator==(const IceCandidateInit&, const IceCandidateInit&) = default;
};

}  // namespace rtclab::peer
