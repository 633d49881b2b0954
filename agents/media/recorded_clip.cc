#include "agents/media/recorded_clip.h"

#include "agents/media/h264.h"
#include "agents/media/vp8.h"

#include <array>

namespace rtclab::media {
namespace {

constexpr Rule kVp8FrameRule{6386, "9.1"};
constexpr Rule kStreamRule{6184, "5.3"};
constexpr std::array kStartCode{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
constexpr Rule kOggRule{3533, "6"};
constexpr Rule kOggOpusRule{7845, "5"};
constexpr std::size_t kIvfHeader = 32;
constexpr std::size_t kMostFrame = 1u << 20u;

std::uint32_t little_endian(ByteView octets) {
  std::uint32_t value = 0;
  for (std::size_t i = octets.size(); i > 0; --i)
    value = value << 8u | std::to_integer<std::uint32_t>(octets[i - 1]);
  return value;
}

Result<Clip> parse_ivf(ByteView file) {
  if (file.size() < kIvfHeader) return fail(Flaw::Truncated, file.size(), kVp8FrameRule);
  if (as_text(file.subspan(8, 4)) != "VP80") return fail(Flaw::BadValue, 8, kVp8FrameRule);
  const auto rate = little_endian(file.subspan(16, 4));
  const auto scale = little_endian(file.subspan(20, 4));
  if (rate == 0 || scale == 0) return fail(Flaw::BadValue, 16, kVp8FrameRule);
  const Duration duration{static_cast<Duration::rep>(1'000'000'000ull * scale / rate)};
  if (duration < std::chrono::milliseconds{1}) return fail(Flaw::BadValue, 16, kVp8FrameRule);
  Clip clip{.kind = Kind::Video, .codec = "VP8"};
  for (std::size_t at = kIvfHeader; at < file.size();) {
    if (file.size() - at < 12) return fail(Flaw::Truncated, at, kVp8FrameRule);
    const auto size = little_endian(file.subspan(at, 4));
    at += 12;
    if (size == 0 || size > kMostFrame || size > file.size() - at)
      return fail(Flaw::BadLength, at - 12, kVp8FrameRule);
    const auto payload = file.subspan(at, size);
    const auto header = vp8::read_frame(payload);
    if (!header) return fail(Flaw::BadValue, at, kVp8FrameRule);
    clip.frames.push_back({.payload = {payload.begin(), payload.end()},
                           .duration = duration,
                           .key = header->key,
                           .width = header->width,
                           .height = header->height});
    at += size;
  }
  if (clip.frames.empty() || !clip.frames.front().key)
    return fail(Flaw::Missing, kIvfHeader, kVp8FrameRule);
  return clip;
}

// Frames with their start codes, as the encoder wrote them: each begins with what stands before its
// slices. One that can be joined at has the parameters and slices of an IDR picture.
Result<Clip> parse_stream(ByteView file) {
  Clip clip{.kind = Kind::Video, .codec = "H264"};
  std::optional<h264::SequenceParameters> parameters;
  ClipFrame frame{.key = false};
  bool has_slices = false;
  const auto end_frame = [&] {
    if (has_slices) clip.frames.push_back(std::exchange(frame, {.key = false}));
    has_slices = false;
  };
  for (const auto unit : h264::split_stream(file)) {
    if (has_slices && h264::begins_picture(unit)) end_frame();
    if (const auto read = h264::read_parameters(unit)) parameters = read;
    has_slices |= h264::is_slice(unit);
    frame.key |= h264::type_of(unit) == h264::NalType::Idr;
    frame.payload.insert(frame.payload.end(), kStartCode.begin(), kStartCode.end());
    frame.payload.insert(frame.payload.end(), unit.begin(), unit.end());
    if (frame.payload.size() > kMostFrame)
      return fail(Flaw::BadLength, static_cast<std::size_t>(unit.data() - file.data()),
                  kStreamRule);
  }
  end_frame();
  if (!parameters || clip.frames.empty() || !clip.frames.front().key)
    return fail(Flaw::Missing, 0, kStreamRule);
  // Without timing there is no telling how fast it is.
  const auto duration = parameters->frame_duration.value_or(Duration{});
  if (duration < std::chrono::milliseconds{1}) return fail(Flaw::Missing, 0, kStreamRule);
  for (auto& each : clip.frames) {
    each.duration = duration;
    each.width = parameters->width;
    each.height = parameters->height;
  }
  return clip;
}

//    "OggS" | version | type | granule position (8) | serial (4) | number (4) | checksum (4) |
//    segments | lengths … | data
// A packet is a run of segments; one of fewer than 255 octets ends it.
Result<std::vector<Bytes>> read_ogg_packets(ByteView file) {
  std::vector<Bytes> packets;
  Bytes packet;
  ByteReader in{file};
  while (in.remaining() > 0) {
    const auto page = in.offset();
    if (as_text(in.take(4)) != "OggS")
      return fail(in.ok() ? Flaw::BadMagic : Flaw::Truncated, page, kOggRule);
    in.skip(22);
    const auto lengths = in.take(in.u8());
    for (const auto length : lengths) {
      const auto octets = std::to_integer<std::size_t>(length);
      const auto part = in.take(octets);
      if (!in.ok()) return fail(Flaw::Truncated, file.size(), kOggRule);
      packet.insert(packet.end(), part.begin(), part.end());
      if (packet.size() > kMostFrame) return fail(Flaw::BadLength, page, kOggRule);
      if (octets < 255) packets.push_back(std::exchange(packet, {}));
    }
    if (!in.ok()) return fail(Flaw::Truncated, file.size(), kOggRule);
  }
  return packets;
}

Result<Clip> parse_ogg(ByteView file) {
  auto packets = read_ogg_packets(file);
  if (!packets) return tl::make_unexpected(packets.error());
  // RFC 7845 §3: the first two packets are headers.
  if (packets->size() < 3 || !as_text((*packets)[0]).starts_with("OpusHead"))
    return fail(Flaw::Missing, 0, kOggOpusRule);
  Clip clip{.kind = Kind::Audio, .codec = "opus"};
  for (std::size_t i = 2; i < packets->size(); ++i) {
    auto& packet = (*packets)[i];
    const auto duration = opus_duration(packet);
    if (duration == Duration{}) return fail(Flaw::BadValue, 0, kOggOpusRule);
    clip.frames.push_back({.payload = std::move(packet), .duration = duration});
  }
  return clip;
}

}  // namespace

Result<Clip> parse_clip(ByteView file) {
  const auto magic = file.size() < 4 ? std::string_view{} : as_text(file.first(4));
  if (magic == "DKIF") return parse_ivf(file);
  if (magic == "OggS") return parse_ogg(file);
  if (h264::is_stream(file)) return parse_stream(file);
  return fail(Flaw::BadMagic, 0, kOggRule);
}

Duration opus_duration(ByteView packet) {
  using std::chrono::microseconds;
  if (packet.empty()) return {};
  const auto toc = std::to_integer<unsigned>(packet[0]);
  const auto configuration = toc >> 3u;
  // RFC 6716 §3.1, table 2: SILK 10 to 60 ms, hybrid 10 and 20 ms, CELT 2.5 to 20 ms.
  constexpr std::array kSilk{10'000, 20'000, 40'000, 60'000};
  constexpr std::array kHybrid{10'000, 20'000};
  constexpr std::array kCelt{2'500, 5'000, 10'000, 20'000};
  const auto frame = configuration < 12   ? kSilk[configuration % 4]
                     : configuration < 16 ? kHybrid[configuration % 2]
                                          : kCelt[configuration % 4];
  switch (toc & 3u) {
    case 0: return microseconds{frame};
    case 1:
    case 2: return microseconds{2 * frame};
    default: break;
  }
  if (packet.size() < 2) return {};
  const auto count = std::to_integer<int>(packet[1]) & 0x3f;
  const auto whole = microseconds{count * frame};
  return whole > microseconds{120'000} ? Duration{} : whole;
}

}  // namespace rtclab::media
