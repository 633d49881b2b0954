// RTP header extensions: which are ours, and which ids they get.
//
// Spec: RFC 8285 §5 (ids of an answer are those of the offer; an offer may use 4096 to 4351 where
// it runs out of ids, and an answer gives those a valid one), §6 (extmap-allow-mixed), RFC 9143 §12
// (one id means one extension in the whole BUNDLE group), RFC 8834 §5.2 (which ones).
#pragma once

#include "agents/peer/codec.h"
#include "agents/rtp/extensions.h"
#include "agents/sdp/rtp_values.h"

#include <string>
#include <string_view>
#include <vector>

namespace rtclab::peer {

struct HeaderExtension {
  std::string uri;
  sdp::Direction direction = sdp::Direction::SendRecv;
  friend bool operator==(const HeaderExtension&, const HeaderExtension&) = default;
};

namespace extension = rtp::extension_uri;

[[nodiscard]] std::vector<HeaderExtension> default_header_extensions(MediaKind kind);

}  // namespace rtclab::peer
