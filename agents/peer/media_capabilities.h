// What an implementation can do with a kind of media: RTCRtpCapabilities, and a little more.
//
// Spec: W3C webrtc-pc §5.2 (getCapabilities), RFC 9429 §5.2.1 (a=maxptime), RFC 8285 §6
// (a=extmap-allow-mixed).
#pragma once

#include "agents/peer/codec.h"
#include "agents/peer/header_extension.h"
#include "agents/peer/simulcast.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::peer {

struct MediaCapabilities {
  std::vector<Codec> codecs;                       // in their order of preference
  std::vector<HeaderExtension> header_extensions;  // in the order in which ids are given
  std::optional<std::uint32_t> maxptime{};         // milliseconds
  bool extmap_allow_mixed = true;                  // whether ids above 14 are understood
  SimulcastReceipt simulcast_receipt = SimulcastReceipt::Refuse;
  std::optional<std::uint64_t> receive_bandwidth{};  // bit/s, told by b= (RFC 8834 §7.1)

  friend bool operator==(const MediaCapabilities&, const MediaCapabilities&) = default;
};

// default_codecs(), default_header_extensions(), and 120 ms for audio.
[[nodiscard]] MediaCapabilities default_capabilities(MediaKind kind);

}  // namespace rtclab::peer
