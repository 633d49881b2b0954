#include "agents/peer/media_formats.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

// What a codec of the list stands for: one format, or for rtx one for each media codec and for red
// of video: libwebrtc wraps into red what it may protect, and can repeat it only by an rtx of red.
class Builder {
 public:
  Builder(std::vector<Format>& formats, MediaKind kind, std::span<const Format> previous,
          MediaBindings& bindings)
      : formats_{formats}, known_{formats}, kind_{kind}, previous_{previous}, bindings_{bindings} {}

  // Payload types of media codecs come before those of what refers to them.
  void assign(const Codec& codec) {
    if (is_rtx(codec) || (is_red(codec) && kind_ == MediaKind::Audio)) return;
    if (!find(codec)) make(codec, {});
  }

  void place(const Codec& codec, Retransmission retransmission) {
    if (is_rtx(codec)) {
      if (retransmission == Retransmission::Add) place_rtx(codec);
    } else if (is_red(codec) && kind_ == MediaKind::Audio) {
      place_red(codec);
    } else if (const auto* const format = find(codec)) {
      put(*format);
    }
  }

 private:
  [[nodiscard]] const Format* find(const Codec& codec) const {
    const auto found = std::ranges::find_if(
        known_, [&](const Format& format) { return matches(format.codec, codec); });
    return found == known_.end() ? nullptr : &*found;
  }

  // RFC 3264 §8.3.2: in one section a payload type keeps its meaning.
  [[nodiscard]] std::optional<sdp::PayloadType> type_for(
      const Codec& codec, const std::vector<sdp::PayloadType>& carries) {
    const auto before = std::ranges::find_if(previous_, [&](const Format& format) {
      return matches(format.codec, codec) && format.carries == carries;
    });
    const bool is_known = before != previous_.end() &&
                          std::ranges::find(known_, before->type, &Format::type) == known_.end();
    return is_known ? std::optional{before->type}
                    : bindings_.payload_type(kind_, codec, carries, known_);
  }

  const Format* make(const Codec& codec, std::vector<sdp::PayloadType> carries) {
    const auto type = type_for(codec, carries);
    if (!type) return nullptr;
    known_.push_back({*type, codec, std::move(carries)});
    return &known_.back();
  }

  void put(const Format& format) {
    if (std::ranges::find(formats_, format.type, &Format::type) == formats_.end()) {
      formats_.push_back(format);
    }
  }

  void place_rtx(const Codec& codec) {
    const auto primaries = known_;
    for (const auto& primary : primaries) {
      const std::vector carries{primary.type};
      const bool has_one = std::ranges::any_of(primaries, [&](const Format& format) {
        return is_rtx(format.codec) && format.carries == carries;
      });
      const bool repeats = !is_auxiliary(primary.codec) || is_red(primary.codec);
      if (!repeats || has_one) continue;
      if (const auto* const rtx = make(codec, carries)) put(*rtx);
    }
  }

  // RFC 2198 §5: red of audio says what it carries, here one codec and one older copy of it.
  void place_red(const Codec& codec) {
    if (find(codec) != nullptr) return;
    const auto primary = std::ranges::find_if(known_, [&](const Format& format) {
      return !is_auxiliary(format.codec) && format.codec.clock_rate == codec.clock_rate &&
             format.codec.channels == codec.channels;
    });
    if (primary == known_.end()) return;
    if (const auto* const red = make(codec, {primary->type, primary->type})) put(*red);
  }

  std::vector<Format>& formats_;
  std::vector<Format> known_;  // with their payload types, in no order that counts
  MediaKind kind_;
  std::span<const Format> previous_;
  MediaBindings& bindings_;
};

}  // namespace

std::vector<Codec> wanted_codecs(const MediaWishes& wishes, const MediaCapabilities& capabilities) {
  if (wishes.codec_preferences.empty()) return capabilities.codecs;
  std::vector<Codec> wanted;
  for (const auto& preference : wishes.codec_preferences) {
    // A preference has no feedback of its own (RTCRtpCodec), so the capability is what counts.
    const auto capability = std::ranges::find_if(
        capabilities.codecs, [&](const Codec& codec) { return matches(codec, preference); });
    if (capability != capabilities.codecs.end()) wanted.push_back(*capability);
  }
  return wanted;
}

void add_formats(std::vector<Format>& formats, MediaKind kind, const std::vector<Codec>& codecs,
                 Retransmission retransmission, std::span<const Format> previous,
                 MediaBindings& bindings) {
  Builder builder{formats, kind, previous, bindings};
  for (const auto& codec : codecs) builder.assign(codec);
  for (const auto& codec : codecs) builder.place(codec, retransmission);
}

std::vector<sdp::Msid> msids_of(const MediaWishes& wishes) {
  std::vector<sdp::Msid> msids;
  if (!sends(wishes.direction) && !wishes.had_msid) return msids;
  for (const auto& stream : wishes.streams) msids.push_back({.stream = stream});
  // Without any line the peer would put the track into a stream of its own making (RFC 9429
  // §5.8.2).
  if (msids.empty()) msids.push_back({.stream = "-"});
  return msids;
}

std::vector<SignalledSource> sources_of(const MediaWishes& wishes, const MediaSection& section) {
  if (!wishes.source || !sends(section.direction) || section.simulcast) return {};
  auto source = *wishes.source;
  const bool has_rtx = std::ranges::any_of(
      section.formats, [](const Format& format) { return is_rtx(format.codec); });
  if (!has_rtx) source.rtx_ssrc.reset();
  return {std::move(source)};
}

}  // namespace rtclab::peer
