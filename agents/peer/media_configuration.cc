#include "agents/peer/media_configuration.h"

#include "agents/media/recorded_source.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

media::PayloadFormat to_media(const Format& format) {
  media::PayloadFormat result{.type = format.type.value(),
                              .codec = format.codec.name,
                              .clock_rate = format.codec.clock_rate,
                              .channels = format.codec.channels,
                              .parameters = format.codec.parameters,
                              .feedback = format.codec.feedback};
  if (is_rtx(format.codec) && !format.carries.empty()) result.apt = format.carries.front().value();
  return result;
}

std::vector<media::PayloadFormat> to_media(const std::vector<Format>& formats) {
  std::vector<media::PayloadFormat> result;
  for (const auto& format : formats) result.push_back(to_media(format));
  return result;
}

media::ExtensionIds extension_ids(const std::vector<sdp::ExtMap>& maps) {
  media::ExtensionIds ids;
  const auto take = [&](std::optional<std::uint8_t>& id, std::string_view uri) {
    const auto found = std::ranges::find(maps, uri, &sdp::ExtMap::uri);
    if (found != maps.end() && found->id <= 255) id = static_cast<std::uint8_t>(found->id);
  };
  take(ids.mid, extension::kMid);
  take(ids.rid, extension::kRid);
  take(ids.repaired_rid, extension::kRepairedRid);
  take(ids.transport_cc, extension::kTransportWideCc);
  take(ids.abs_send_time, extension::kAbsoluteSendTime);
  take(ids.audio_level, extension::kAudioLevel);
  return ids;
}

// RFC 8853 §5.3.2: a layer that the answer paused or left out is not sent. Without simulcast there
// is one stream, and it has no rid.
std::vector<media::Encoding> to_media(const std::vector<Encoding>& encodings,
                                      const std::vector<std::string>& rids,
                                      const std::optional<SignalledSource>& source) {
  std::vector<media::Encoding> result;
  for (const auto& each : encodings) {
    const bool may_go = rids.empty() || std::ranges::find(rids, each.rid) != rids.end();
    result.push_back({.rid = rids.empty() ? std::string{} : each.rid,
                      .active = each.active && may_go,
                      .max_bitrate = each.max_bitrate,
                      .scale_resolution_down_by = each.scale_resolution_down_by.value_or(1),
                      .max_framerate = each.max_framerate});
    if (!rids.empty()) continue;
    if (source) {
      result.back().ssrc = source->ssrc;
      result.back().rtx_ssrc = source->rtx_ssrc;
    }
    break;
  }
  return result;
}

void apply(const NegotiatedMedia& negotiated, const Transceiver& transceiver,
           media::Section& section) {
  const auto direction = to_direction(negotiated.direction);
  section.sends = sends(direction);
  section.receives = receives(direction);
  section.send = to_media(negotiated.send);
  section.receive = to_media(negotiated.receive);
  section.extensions = extension_ids(negotiated.header_extensions);
  section.encodings = to_media(transceiver.encodings, negotiated.send_rids, transceiver.source);
  section.receive_rids = negotiated.receive_rids;
}

// What may come though no answer has it, or none any more: no feedback is agreed for it.
void also_receive(media::Section& section, const std::vector<Format>& formats) {
  for (const auto& format : formats) {
    const auto type = format.type.value();
    if (std::ranges::find(section.receive, type, &media::PayloadFormat::type) !=
        section.receive.end())
      continue;
    section.receive.push_back(to_media(format));
    section.receive.back().feedback.clear();
  }
}

}  // namespace

media::Section media_section(const Transceiver& transceiver, const MediaSection* remote,
                             const MediaSection* offered) {
  media::Section section{.mid = *transceiver.mid,
                         .kind = to_media(transceiver.kind),
                         .sends = false,
                         .receives = false};
  if (transceiver.negotiated) apply(*transceiver.negotiated, transceiver, section);
  also_receive(section, transceiver.receivable);
  if (offered != nullptr && receives(offered->direction)) {
    section.receives = true;
    also_receive(section, offered->formats);
    if (!transceiver.negotiated) section.extensions = extension_ids(offered->header_extensions);
  }
  if (remote != nullptr) {
    for (const auto& source : remote->sources)
      section.remote_sources.push_back({source.ssrc, source.rtx_ssrc});
    section.max_bitrate = remote->max_bitrate;
  }
  return section;
}

std::unique_ptr<media::EncodedSource> make_source(const MediaTrack& track, SeededRng rng) {
  const TrackSource source = track.source.value_or(track.kind == MediaKind::Audio
                                                       ? TrackSource{media::AudioSourceOptions{}}
                                                       : TrackSource{media::VideoSourceOptions{}});
  if (const auto* recording = std::get_if<Recording>(&source))
    return media::make_recorded_source(*recording);
  if (const auto* audio = std::get_if<media::AudioSourceOptions>(&source))
    return media::make_audio_source(*audio, std::move(rng));
  return media::make_video_source(std::get<media::VideoSourceOptions>(source), std::move(rng));
}

}  // namespace rtclab::peer
