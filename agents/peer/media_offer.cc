// The section of an offer: RFC 9429 §5.2.1, and §5.2.2 where it was negotiated before.
#include "agents/peer/media_formats.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

// RFC 9429 §5.2.2: first what the latest answer had, in its order.
void order_as(std::vector<Format>& formats, const MediaSection& previous) {
  const auto own = formats;
  std::ranges::stable_sort(formats, {}, [&](const Format& format) {
    const auto* const known = counterpart(format, own, previous.formats);
    return known == nullptr ? std::ptrdiff_t{256} : known - previous.formats.data();
  });
}

// RFC 8285 §5: an id keeps its meaning in a section.
std::optional<std::uint16_t> id_for(const std::string& uri, std::uint16_t greatest,
                                    const std::optional<MediaSection>& previous,
                                    MediaBindings& bindings) {
  if (previous) {
    const auto before = std::ranges::find(previous->header_extensions, uri, &sdp::ExtMap::uri);
    if (before != previous->header_extensions.end() && before->id <= greatest) return before->id;
  }
  return bindings.extension_id(uri, greatest);
}

std::vector<sdp::ExtMap> offered_extensions(const MediaCapabilities& capabilities,
                                            const std::optional<MediaSection>& previous,
                                            MediaBindings& bindings) {
  std::vector<sdp::ExtMap> maps;
  const auto greatest = greatest_extension_id(capabilities.extmap_allow_mixed);
  for (const auto& extension : capabilities.header_extensions) {
    const auto id = id_for(extension.uri, greatest, previous, bindings);
    if (!id) continue;
    sdp::ExtMap map{.id = *id, .uri = extension.uri};
    if (extension.direction != sdp::Direction::SendRecv) map.direction = extension.direction;
    maps.push_back(std::move(map));
  }
  return maps;
}

}  // namespace

MediaSection offer_media(const MediaWishes& wishes, const MediaCapabilities& capabilities,
                         const std::optional<MediaSection>& previous, MediaBindings& bindings) {
  MediaSection media{.kind = wishes.kind, .direction = wishes.direction};
  add_formats(media.formats, wishes.kind, wanted_codecs(wishes, capabilities), Retransmission::Add,
              previous ? std::span{previous->formats} : std::span<const Format>{}, bindings);
  if (previous && wishes.codec_preferences.empty()) order_as(media.formats, *previous);
  media.maxptime = capabilities.maxptime;
  media.max_bitrate = capabilities.receive_bandwidth;
  media.extmap_allow_mixed = capabilities.extmap_allow_mixed;
  media.header_extensions = offered_extensions(capabilities, previous, bindings);
  media.msids = msids_of(wishes);
  if (sends(wishes.direction)) {
    auto encodings = offer_encodings(wishes.rids);
    media.rids = std::move(encodings.rids);
    media.simulcast = std::move(encodings.simulcast);
  }
  media.sources = sources_of(wishes, media);
  media.rtcp_mux_only = wishes.first_offer;
  media.rtcp_rsize = !previous || previous->rtcp_rsize;
  return media;
}

}  // namespace rtclab::peer
