// From what was negotiated for a transceiver to what RTP does with it. Pure functions.
//
// Spec: RFC 9429 §5.10 and §5.11 (what applies afterwards), RFC 8285 §5 (ids of header extensions,
// with their direction), RFC 8853 §5.3 (which layers may be sent).
#pragma once

#include "agents/media/configuration.h"
#include "agents/media/source.h"
#include "agents/peer/transceivers.h"

#include <memory>

namespace rtclab::peer {

[[nodiscard]] constexpr media::Kind to_media(MediaKind kind) {
  return kind == MediaKind::Audio ? media::Kind::Audio : media::Kind::Video;
}

// `remote`: the section of the peer's latest description, which may name its sources. `offered`:
// that of an offer of ours without a final answer, by which the peer may send already (RFC 3264
// §5.1). Precondition: the transceiver has a mid, and was negotiated or is offered.
[[nodiscard]] media::Section media_section(const Transceiver& transceiver,
                                           const MediaSection* remote, const MediaSection* offered);

// What shows the track: made by its source, or by its kind's where it has none.
[[nodiscard]] std::unique_ptr<media::EncodedSource> make_source(const MediaTrack& track,
                                                                SeededRng rng);

}  // namespace rtclab::peer
