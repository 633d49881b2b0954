// Offers and answers about audio and video, as pure functions of values.
//
// Spec: RFC 9429 §5.2.1 and §5.2.2 (offers), §5.3.1 and §5.3.2 (answers), §5.10 and §5.11 (what
// applies afterwards), RFC 3264 §6 to §8, RFC 9143 §9.1 and §12 (BUNDLE).
//
//   offer:   offer_media(wishes, capabilities, previous, bindings)           -> what to write
//   answer:  answer_media(offered, wishes, capabilities, bindings)           -> what to write, or
//   no after:   negotiate_media(local, remote, who offered)                     -> what holds now
#pragma once

#include "agents/peer/media_bindings.h"
#include "agents/peer/media_capabilities.h"
#include "agents/peer/media_section.h"
#include "agents/peer/signaling.h"
#include "agents/peer/simulcast.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rtclab::peer {

// What a transceiver wants of its section.
struct MediaWishes {
  MediaKind kind = MediaKind::Audio;
  sdp::Direction direction = sdp::Direction::SendRecv;
  std::vector<std::string> streams{};  // ids of the MediaStreams that its sender belongs to
  // Whether our current description of this section has a=msid lines: then they stay, whatever
  // becomes of the direction (RFC 9429 §5.2.2).
  bool had_msid = false;
  std::vector<Codec> codec_preferences{};  // setCodecPreferences(); empty: all, in our order
  // The encodings of the sender that have a rid; with two or more the section is simulcast.
  std::vector<std::string> rids{};
  // What its sender's packets carry, where descriptions name it and there is one stream only.
  std::optional<SignalledSource> source{};
  // No answer has accepted this section yet, so an offer of it says a=rtcp-mux-only (RFC 9429
  // §5.2.1 and §5.2.2).
  bool first_offer = true;

  friend bool operator==(const MediaWishes&, const MediaWishes&) = default;
};

// `previous` is the section of the latest answer, whichever side made it, when this section was
// negotiated before: its formats come first and keep their payload types (RFC 9429 §5.2.2).
[[nodiscard]] MediaSection offer_media(const MediaWishes& wishes,
                                       const MediaCapabilities& capabilities,
                                       const std::optional<MediaSection>& previous,
                                       MediaBindings& bindings);

// nullopt when no codec is common to both, so that the section must be rejected. `bindings` must
// know all sections of the offer.
[[nodiscard]] std::optional<MediaSection> answer_media(const MediaSection& offered,
                                                       const MediaWishes& wishes,
                                                       const MediaCapabilities& capabilities,
                                                       MediaBindings& bindings);

// What an offer and its answer leave.
struct NegotiatedMedia {
  sdp::Direction direction = sdp::Direction::Inactive;  // ours
  std::vector<Format> send;                    // by the peer's payload types, its most wanted first
  std::vector<Format> receive;                 // by our payload types
  std::vector<sdp::ExtMap> header_extensions;  // with our direction
  // The rids that we may send, in order; paused ones are not in it. Empty: one encoding, no rid.
  std::vector<std::string> send_rids;
  std::vector<std::string> receive_rids;
  bool reduced_size_rtcp = false;

  friend bool operator==(const NegotiatedMedia&, const NegotiatedMedia&) = default;
};

// InvalidAccessError when the answer breaks a rule of answers: no format of the offer, a direction
// that the offer does not allow, rtcp feedback or a simulcast stream that was not offered, another
// meaning for an offered payload type or extension id, a=rtcp-mux that was not offered.
// `offerer` says whose section is the offer.
[[nodiscard]] Outcome<NegotiatedMedia> negotiate_media(const MediaSection& local,
                                                       const MediaSection& remote, Side offerer);

// RFC 9143 §9.1.1 and §12: sections of one BUNDLE group that give one payload type two codecs or
// one id two header extensions; nullopt when all agree.
[[nodiscard]] std::optional<Error> check_bundled(std::span<const MediaSection> sections);

}  // namespace rtclab::peer
