// What payload types and ids of header extensions mean in a session, so that none ever gets a
// second meaning: not in a section over time (RFC 3264 §8.3.2, RFC 8285 §5), and not between the
// sections of a BUNDLE group (RFC 9143 §9.1.1 and §12).
//
// One object lives as long as its peer connection and is told every media section of each
// description that is set, of either side.
#pragma once

#include "agents/peer/codec.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::peer {

struct MediaSection;

class MediaBindings {
 public:
  void note(const MediaSection& media);

  // The payload type that this codec has had longest, unless something else goes by it too, here or
  // in `section`, the formats which the section has already; else a free one, which it has from now
  // on. `carries` tells an rtx from another. nullopt when all are taken.
  [[nodiscard]] std::optional<sdp::PayloadType> payload_type(
      MediaKind kind, const Codec& codec, std::span<const sdp::PayloadType> carries,
      std::span<const Format> section);

  // The id that the extension, and nothing else, has had longest; else a free one of 1 to
  // `greatest`.
  [[nodiscard]] std::optional<std::uint16_t> extension_id(std::string_view uri,
                                                          std::uint16_t greatest);

  // Whether an id of a header extension has ever meant another one. Deviation:
  // SdpRefuseMovedExtension.
  [[nodiscard]] bool moves_extension(const MediaSection& media) const;

 private:
  using Entry = std::pair<MediaKind, Format>;
  // Whether each entry with this payload type is one that `is_it`.
  template <class IsIt>
  [[nodiscard]] bool means_only(sdp::PayloadType type, IsIt is_it) const;
  [[nodiscard]] bool is_free(sdp::PayloadType type, std::span<const Format> section) const;
  [[nodiscard]] std::optional<sdp::PayloadType> free_type(const Codec& codec,
                                                          std::span<const Format> section) const;

  // In the order in which they were first seen.
  std::vector<Entry> formats_;
  std::vector<std::pair<std::uint16_t, std::string>> extensions_;
};

}  // namespace rtclab::peer
