// The section of an answer: RFC 9429 §5.3.1, RFC 3264 §6.1.
#include "agents/peer/h264_profile.h"
#include "agents/peer/media_formats.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

constexpr std::uint16_t kLastValidId = 255;
constexpr std::uint16_t kFirstProvisionalId = 4096;  // RFC 8285 §5
constexpr std::uint16_t kLastProvisionalId = 4351;

bool has_mechanism(const std::vector<std::string>& feedback, const std::string& mechanism) {
  return std::ranges::find(feedback, mechanism) != feedback.end();
}

// RFC 6184 §8.2.2: the levels may differ only if both sides say so.
std::string answered_parameters(const Codec& own, const Codec& offered) {
  const auto own_level = sdp::find_format_parameter(own.parameters, "profile-level-id");
  const auto offered_level = sdp::find_format_parameter(offered.parameters, "profile-level-id");
  const auto may_differ = [](const Codec& codec) {
    return sdp::find_format_parameter(codec.parameters, "level-asymmetry-allowed") == "1";
  };
  if (!own_level || !offered_level || (may_differ(own) && may_differ(offered))) {
    return own.parameters;
  }
  return with_parameter(own.parameters, "profile-level-id",
                        answered_profile_level_id(*offered_level, *own_level));
}

Codec answered_codec(const Codec& own, const Codec& offered) {
  Codec codec = own;
  codec.parameters = answered_parameters(own, offered);
  std::erase_if(codec.feedback, [&](const std::string& mechanism) {
    return !has_mechanism(offered.feedback, mechanism);
  });
  return codec;
}

// The offered formats that we want, under their own payload types, in the offer's order.
std::vector<Format> accepted_formats(const MediaSection& offered, const std::vector<Codec>& own) {
  std::vector<Format> accepted;
  for (const auto& format : offered.formats) {
    const auto codec = std::ranges::find_if(
        own, [&](const Codec& candidate) { return matches(candidate, format.codec); });
    if (codec != own.end()) {
      accepted.push_back({format.type, answered_codec(*codec, format.codec), format.carries});
    }
  }
  // An rtx or red goes with what it carries.
  std::erase_if(accepted, [&](const Format& format) {
    const auto is_left_out = [&](sdp::PayloadType type) {
      return std::ranges::find(accepted, type, &Format::type) == accepted.end();
    };
    return std::ranges::any_of(format.carries, is_left_out);
  });
  return accepted;
}

// RFC 9429 §5.11: feedback that the offer knows in no format would be an error.
std::vector<Codec> with_offered_feedback(std::vector<Codec> codecs, const MediaSection& offered) {
  for (auto& codec : codecs) {
    std::erase_if(codec.feedback, [&](const std::string& mechanism) {
      return std::ranges::none_of(offered.formats, [&](const Format& format) {
        return has_mechanism(format.codec.feedback, mechanism);
      });
    });
  }
  return codecs;
}

void order_as(std::vector<Format>& formats, const std::vector<Codec>& preferences) {
  std::ranges::stable_sort(formats, {}, [&](const Format& format) {
    return std::ranges::find_if(preferences,
                                [&](const Codec& codec) { return matches(codec, format.codec); }) -
           preferences.begin();
  });
}

// RFC 8285 §5: the offered id, save that one of the provisional range gets a valid one.
std::optional<std::uint16_t> answered_id(const sdp::ExtMap& offered, std::uint16_t greatest,
                                         MediaBindings& bindings) {
  if (offered.id <= kLastValidId) return offered.id;
  if (offered.id < kFirstProvisionalId || offered.id > kLastProvisionalId) return std::nullopt;
  return bindings.extension_id(offered.uri, greatest);
}

std::vector<sdp::ExtMap> answered_extensions(const MediaSection& offered,
                                             const MediaCapabilities& capabilities, bool mixed,
                                             MediaBindings& bindings) {
  std::vector<sdp::ExtMap> maps;
  for (const auto& theirs : offered.header_extensions) {
    const auto own =
        std::ranges::find(capabilities.header_extensions, theirs.uri, &HeaderExtension::uri);
    const bool again = std::ranges::find(maps, theirs.uri, &sdp::ExtMap::uri) != maps.end();
    if (own == capabilities.header_extensions.end() || again) continue;
    const auto direction =
        intersection(reversed(theirs.direction.value_or(sdp::Direction::SendRecv)), own->direction);
    const auto id = answered_id(theirs, greatest_extension_id(mixed), bindings);
    if (!id || direction == sdp::Direction::Inactive) continue;
    sdp::ExtMap map{.id = *id, .uri = theirs.uri};
    if (direction != sdp::Direction::SendRecv) map.direction = direction;
    maps.push_back(std::move(map));
  }
  return maps;
}

}  // namespace

std::optional<MediaSection> answer_media(const MediaSection& offered, const MediaWishes& wishes,
                                         const MediaCapabilities& capabilities,
                                         MediaBindings& bindings) {
  const auto own = wanted_codecs(wishes, capabilities);
  MediaSection media{.kind = offered.kind,
                     .direction = intersection(reversed(offered.direction), wishes.direction)};
  media.formats = accepted_formats(offered, own);
  const auto carries_media = [](const Format& format) { return !is_auxiliary(format.codec); };
  if (std::ranges::none_of(media.formats, carries_media)) return std::nullopt;

  const bool rtx_offered = std::ranges::any_of(
      offered.formats, [](const Format& format) { return is_rtx(format.codec); });
  add_formats(media.formats, wishes.kind, with_offered_feedback(own, offered),
              rtx_offered ? Retransmission::Add : Retransmission::Leave, {}, bindings);
  if (!wishes.codec_preferences.empty()) order_as(media.formats, own);

  media.maxptime = capabilities.maxptime;
  media.max_bitrate = capabilities.receive_bandwidth;
  media.extmap_allow_mixed = offered.extmap_allow_mixed && capabilities.extmap_allow_mixed;
  media.header_extensions =
      answered_extensions(offered, capabilities, media.extmap_allow_mixed, bindings);
  media.msids = msids_of(wishes);
  auto encodings = answer_encodings(
      {offered.rids, offered.simulcast},
      sends(media.direction) ? wishes.rids : std::vector<std::string>{},
      receives(media.direction) ? capabilities.simulcast_receipt : SimulcastReceipt::Refuse,
      media.formats);
  media.rids = std::move(encodings.rids);
  media.simulcast = std::move(encodings.simulcast);
  media.sources = sources_of(wishes, media);
  media.rtcp_mux = offered.rtcp_mux;
  media.rtcp_mux_only = offered.rtcp_mux_only;
  media.rtcp_rsize = offered.rtcp_rsize;
  return media;
}

}  // namespace rtclab::peer
