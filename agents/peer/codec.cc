#include "agents/peer/codec.h"

#include "agents/base/text.h"
#include "agents/peer/h264_profile.h"
#include "agents/sdp/grammar.h"

#include <algorithm>
#include <array>

namespace rtclab::peer {
namespace {

using sdp::equal_ignoring_case;
using sdp::PayloadType;

struct StaticType {
  MediaKind kind;
  std::uint8_t type;
  std::string_view name;
  std::uint32_t clock_rate;
};
// RFC 3551 §6, those that browsers still know. G722 samples at 16 kHz; its clock rate stays at 8
// kHz by a mistake of history (§4.5.2).
constexpr std::array kStaticTypes{
    StaticType{MediaKind::Audio, 0, "PCMU", 8000},
    StaticType{MediaKind::Audio, 8, "PCMA", 8000},
    StaticType{MediaKind::Audio, 9, "G722", 8000},
    StaticType{MediaKind::Audio, 13, "CN", 8000},
};

constexpr std::array<std::string_view, 7> kAuxiliary{
    "rtx", "red", "ulpfec", "flexfec", "flexfec-03", "CN", "telephone-event"};

bool is_named(const Codec& codec, std::string_view name) {
  return equal_ignoring_case(codec.name, name);
}

std::vector<Codec> default_audio_codecs() {
  return {
      {.name = "opus",
       .clock_rate = 48000,
       .channels = 2,
       .parameters = "minptime=10;useinbandfec=1",
       .feedback = {"transport-cc"}},
      {.name = "red", .clock_rate = 48000, .channels = 2},
      {.name = "G722", .clock_rate = 8000},
      {.name = "PCMU", .clock_rate = 8000},
      {.name = "PCMA", .clock_rate = 8000},
      {.name = "CN", .clock_rate = 8000},
      // RFC 4733 §3.1 and §2.4.1: the sixteen keys of a telephone.
      {.name = "telephone-event", .clock_rate = 48000, .parameters = "0-15"},
      {.name = "telephone-event", .clock_rate = 8000, .parameters = "0-15"},
  };
}

Codec video(std::string name, std::string parameters = {}) {
  return {.name = std::move(name),
          .clock_rate = 90000,
          .parameters = std::move(parameters),
          .feedback = {"ccm fir", "nack", "nack pli", "transport-cc"}};
}

Codec h264(std::string_view packetization_mode, std::string_view profile_level_id) {
  return video("H264",
               "level-asymmetry-allowed=1;packetization-mode=" + std::string{packetization_mode} +
                   ";profile-level-id=" + std::string{profile_level_id});
}

std::vector<Codec> default_video_codecs() {
  return {
      video("VP8"),
      video("VP9", "profile-id=0"),
      video("VP9", "profile-id=2"),
      h264("1", "42e01f"),
      h264("0", "42e01f"),
      h264("1", "42001f"),
      h264("0", "42001f"),
      h264("1", "4d001f"),
      h264("1", "640c1f"),
      video("AV1", "level-idx=5;profile=0;tier=0"),
      {.name = "rtx", .clock_rate = 90000},
      {.name = "red", .clock_rate = 90000},
      {.name = "ulpfec", .clock_rate = 90000},
      // RFC 8627 §5.1.1: the window is in microseconds and must be there.
      {.name = "flexfec", .clock_rate = 90000, .parameters = "repair-window=10000000"},
  };
}

H264ProfileLevel h264_profile_level(const Codec& codec) {
  const auto text = sdp::find_format_parameter(codec.parameters, "profile-level-id");
  return text ? H264ProfileLevel::parse(*text).value_or(H264ProfileLevel{}) : H264ProfileLevel{};
}

std::string_view parameter_or(const Codec& codec, std::string_view name, std::string_view absent) {
  return sdp::find_format_parameter(codec.parameters, name).value_or(absent);
}

bool same_configuration(const Codec& a, const Codec& b) {
  const auto same = [&](std::string_view name, std::string_view absent) {
    return parameter_or(a, name, absent) == parameter_or(b, name, absent);
  };
  if (is_named(a, "H264")) {
    return same("packetization-mode", "0") &&
           h264_profile_level(a).profile == h264_profile_level(b).profile;
  }
  if (is_named(a, "VP9")) return same("profile-id", "0");
  if (is_named(a, "AV1")) return same("profile", "0") && same("tier", "0");
  return true;
}

}  // namespace

std::string_view to_string(MediaKind kind) {
  switch (kind) {
    case MediaKind::Audio: return "audio";
    case MediaKind::Video: return "video";
  }
  __builtin_unreachable();
}

std::optional<MediaKind> parse_media_kind(std::string_view text) {
  if (text == "audio") return MediaKind::Audio;
  if (text == "video") return MediaKind::Video;
  return std::nullopt;
}

std::vector<Codec> default_codecs(MediaKind kind) {
  return kind == MediaKind::Audio ? default_audio_codecs() : default_video_codecs();
}

bool matches(const Codec& a, const Codec& b) {
  return is_named(a, b.name) && a.clock_rate == b.clock_rate && a.channels == b.channels &&
         same_configuration(a, b);
}

bool is_auxiliary(const Codec& codec) {
  return std::ranges::any_of(kAuxiliary,
                             [&](std::string_view name) { return is_named(codec, name); });
}

bool is_rtx(const Codec& codec) {
  return is_named(codec, "rtx");
}

bool is_red(const Codec& codec) {
  return is_named(codec, "red");
}

std::optional<PayloadType> static_payload_type(const Codec& codec) {
  for (const auto& row : kStaticTypes) {
    if (is_named(codec, row.name) && codec.clock_rate == row.clock_rate && codec.channels == 1) {
      return PayloadType{row.type};
    }
  }
  return std::nullopt;
}

std::optional<Codec> static_codec(MediaKind kind, PayloadType type) {
  for (const auto& row : kStaticTypes) {
    if (row.kind == kind && row.type == type.value()) {
      return Codec{.name = std::string{row.name}, .clock_rate = row.clock_rate};
    }
  }
  return std::nullopt;
}

std::string with_parameter(std::string_view parameters, std::string_view name,
                           std::string_view value) {
  std::string text;
  for (const auto part : split(parameters, ';')) {
    if (!text.empty()) text += ';';
    text += sdp::find_format_parameter(part, name) ? std::string{name} + '=' + std::string{value}
                                                   : std::string{part};
  }
  return text;
}

std::string without_parameter(std::string_view parameters, std::string_view name) {
  std::string text;
  for (const auto part : split(parameters, ';')) {
    if (sdp::find_format_parameter(part, name)) continue;
    if (!text.empty()) text += ';';
    text += part;
  }
  return text;
}

const Format* counterpart(const Format& format, std::span<const Format> own,
                          std::span<const Format> others) {
  const auto is_match = [&](const Format& other) {
    if (!matches(format.codec, other.codec)) return false;
    if (!is_rtx(format.codec)) return true;
    const auto* const repeated = find_format(own, format.carries);
    const auto* const other_repeated = find_format(others, other.carries);
    return repeated != nullptr && other_repeated != nullptr &&
           matches(repeated->codec, other_repeated->codec);
  };
  const auto found = std::ranges::find_if(others, is_match);
  return found == others.end() ? nullptr : &*found;
}

const Format* find_format(std::span<const Format> formats, std::span<const PayloadType> types) {
  if (types.empty()) return nullptr;
  const auto found = std::ranges::find(formats, types.front(), &Format::type);
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace rtclab::peer
