// What a section for audio or video says, as a value: read from the lines of anybody's description,
// and written as the lines of ours.
//
// Spec: RFC 9429 §5.2.1 and §5.3.1 (what is written, and in which order, as in the examples of §7),
// §5.8.2 and §5.8.3 (what is read and checked). The transport's lines (ICE, DTLS) are not in here;
// agents/peer/description_plan.h writes them between these.
// RFC 9429 demands no a=ssrc in what we send, for packets find their section by the MID header
// extension (RFC 9143 §9.2); Configuration::signals_sources asks for them.
#pragma once

#include "agents/peer/codec.h"
#include "agents/peer/error.h"
#include "agents/sdp/session_description.h"
#include "agents/sdp/simulcast_values.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

// A source that a=ssrc names, with its retransmissions where an a=ssrc-group:FID does (RFC 5576).
struct SignalledSource {
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtx_ssrc{};
  std::string cname{};
  friend bool operator==(const SignalledSource&, const SignalledSource&) = default;
};

struct MediaSection {
  MediaKind kind = MediaKind::Audio;
  sdp::Direction direction = sdp::Direction::SendRecv;
  std::vector<Format> formats{};         // in the order of the m= line: most wanted first
  std::optional<std::uint32_t> ptime{};  // milliseconds
  std::optional<std::uint32_t> maxptime{};
  std::vector<sdp::ExtMap> header_extensions{};
  bool extmap_allow_mixed = false;
  std::vector<sdp::Msid> msids{};
  std::vector<sdp::Rid> rids{};
  std::optional<sdp::Simulcast> simulcast{};
  bool rtcp_mux = true;
  bool rtcp_mux_only = false;
  bool rtcp_rsize = true;
  std::vector<SignalledSource> sources{};
  // bit/s of RTP that its writer wants to be sent at most: b=TIAS, or made of b=AS (RFC 9429
  // §5.11). Ours have the first where capabilities ask for it.
  std::optional<std::uint64_t> max_bitrate{};

  friend bool operator==(const MediaSection&, const MediaSection&) = default;
};

// Whether the section is m=audio or m=video over RTP.
[[nodiscard]] bool is_media(const sdp::Section& section);

// What the section says, or InvalidAccessError with the line where it contradicts itself: a dynamic
// payload type without a=rtpmap, two codecs for one payload type, an rtx of a payload type that is
// not there, an id of a header extension given twice, a simulcast stream without its a=rid,
// a=rtcp-mux-only without a=rtcp-mux. Rids that RFC 8851 §6.2.2 discards are left out.
// `tagged` is the section that speaks for its BUNDLE group, when that is another: what it says
// about RTCP holds here too (RFC 9143 §7.1.3). Precondition: is_media(section), and the section is
// not rejected.
[[nodiscard]] Outcome<MediaSection> read_media(const sdp::Section& section,
                                               const sdp::Section* tagged = nullptr);

// "audio 9 UDP/TLS/RTP/SAVPF 96 0 8"
[[nodiscard]] sdp::MediaLine media_line(const MediaSection& media, Port port = Port{9},
                                        std::string protocol = "UDP/TLS/RTP/SAVPF");

// Appends the lines from the direction to a=simulcast, and then a=ssrc; they follow a=mid.
void add_media_lines(sdp::SectionLines& lines, const MediaSection& media);
// Appends a=rtcp-mux, a=rtcp-mux-only and a=rtcp-rsize; they follow a=tls-id, in a section that has
// a transport of its own or speaks for its BUNDLE group.
void add_rtcp_lines(sdp::SectionLines& lines, const MediaSection& media);
// For the other sections of the group: a=rtcp-mux. RFC 9143 §7.1.3 leaves it to the tagged section;
// but RFC 9429 §5.8.3 looks for it in each, and so does libwebrtc, which refuses a bundled section
// without it.
void add_bundled_rtcp_lines(sdp::SectionLines& lines, const MediaSection& media);

}  // namespace rtclab::peer
