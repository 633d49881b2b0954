// The codecs that a section is to have, before they have payload types, and what offers and answers
// both do with them. Private to this folder.
//
// Spec: W3C webrtc-pc §5.4 (setCodecPreferences), RFC 9429 §5.2.1 and §5.3.1.
#pragma once

#include "agents/peer/media_negotiation.h"

#include <vector>

namespace rtclab::peer {

// Our codecs in the order in which they are to be written: the preferences where there are any.
[[nodiscard]] std::vector<Codec> wanted_codecs(const MediaWishes& wishes,
                                               const MediaCapabilities& capabilities);

enum class Retransmission : std::uint8_t { Leave, Add };

// Adds those of the codecs that have no format in `formats` yet, in order; with Add, each media
// codec of the section that has no rtx gets one, at the place of "rtx" among the codecs. What the
// section had before, `previous`, keeps its payload type. What finds no free payload type is left
// out.
void add_formats(std::vector<Format>& formats, MediaKind kind, const std::vector<Codec>& codecs,
                 Retransmission retransmission, std::span<const Format> previous,
                 MediaBindings& bindings);

// a=msid for each stream of a transceiver that sends, or did (RFC 9429 §5.2.1 and §5.2.2); "-"
// stands for none (RFC 8830 §2).
[[nodiscard]] std::vector<sdp::Msid> msids_of(const MediaWishes& wishes);

// The source to be named in a section of ours that is otherwise complete: layers of simulcast are
// told apart by their rids and have no a=ssrc; retransmissions have one where there is an rtx.
[[nodiscard]] std::vector<SignalledSource> sources_of(const MediaWishes& wishes,
                                                      const MediaSection& section);

// RFC 8285 §4.2 and §4.3: one octet has room for ids to 14, two for ids to 255.
[[nodiscard]] constexpr std::uint16_t greatest_extension_id(bool mixed) {
  return mixed ? 255 : 14;
}

}  // namespace rtclab::peer
