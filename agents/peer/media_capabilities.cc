#include "agents/peer/media_capabilities.h"

namespace rtclab::peer {

MediaCapabilities default_capabilities(MediaKind kind) {
  MediaCapabilities capabilities{.codecs = default_codecs(kind),
                                 .header_extensions = default_header_extensions(kind)};
  // RFC 7587 §6.1: an Opus packet holds at most 120 ms.
  if (kind == MediaKind::Audio) capabilities.maxptime = 120;
  return capabilities;
}

}  // namespace rtclab::peer
