#include "scenarios/live/clip_file.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace rtclab::program {

namespace fs = std::filesystem;

tl::expected<peer::Recording, std::string> read_clip_file(const fs::path& file) {
  const auto refuse = [&](std::string_view why) {
    return tl::make_unexpected(fmt::format("{}: {}", file.string(), why));
  };
  std::error_code error;
  if (!fs::exists(file, error)) return refuse("there is no such file");
  if (!fs::is_regular_file(file, error)) return refuse("this is not a file");
  std::ifstream in{file, std::ios::binary};
  const std::string octets{std::istreambuf_iterator<char>{in}, {}};
  if (!in) return refuse("this file cannot be read");
  auto clip = media::parse_clip(as_octets(octets));
  if (clip) return std::make_shared<const media::Clip>(*std::move(clip));
  const auto& [flaw, offset, rule] = clip.error();
  if (flaw == Flaw::BadMagic && offset == 0)
    return refuse(
        "this is none of IVF (\"DKIF\", for VP8), Ogg (\"OggS\", for Opus) and an H.264 stream");
  return refuse(fmt::format("{} at octet {} ({})", to_string(flaw), offset, rule.to_string()));
}

tl::expected<peer::MediaTrack, std::string> make_track(const TrackWishes& wishes) {
  using peer::MediaKind;
  if (wishes.file.empty())
    return peer::MediaTrack{wishes.id, wishes.kind.value_or(MediaKind::Audio)};
  auto clip = read_clip_file(wishes.file);
  if (!clip) return tl::make_unexpected(std::move(clip.error()));
  const auto kind = (*clip)->kind == media::Kind::Audio ? MediaKind::Audio : MediaKind::Video;
  if (wishes.kind.value_or(kind) != kind)
    return tl::make_unexpected(fmt::format("{}: this is {}, and the track was to be {}",
                                           wishes.file, to_string(kind), to_string(*wishes.kind)));
  return peer::MediaTrack{wishes.id, kind, *std::move(clip)};
}

}  // namespace rtclab::program
