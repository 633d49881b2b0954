#include "agents/rtp/extensions.h"

#include <algorithm>
#include <cassert>

namespace rtclab::rtp {
namespace {

constexpr unsigned kSendTimeFraction = 18;
constexpr std::uint32_t kSendTimeMask = 0xffffff;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr Duration kPlayoutStep = std::chrono::milliseconds{10};
constexpr std::int64_t kMostPlayoutSteps = 0xfff;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
// RFC 8866 §9: token-char.
bool is_token(char c) {
  return is_alphanumeric(c) || std::string_view{"!#$%&'*+-.^_`{|}~"}.find(c) != std::string::npos;
}

std::optional<std::string> read_name(ByteView data, bool (*allowed)(char)) {
  const auto text = as_text(data);
  if (text.empty() || !std::ranges::all_of(text, allowed)) return std::nullopt;
  return std::string{text};
}

std::optional<std::uint32_t> read_number(ByteView data, std::size_t octets) {
  if (data.size() != octets) return std::nullopt;
  std::uint32_t value = 0;
  for (const auto octet : data) value = value << 8u | std::to_integer<std::uint32_t>(octet);
  return value;
}

}  // namespace

std::optional<std::string> read_mid(ByteView data) {
  return read_name(data, is_token);
}

std::optional<std::string> read_rid(ByteView data) {
  return read_name(data, is_alphanumeric);
}

//    |V|    level    |
std::optional<AudioLevel> read_audio_level(ByteView data) {
  const auto value = read_number(data, 1);
  if (!value) return std::nullopt;
  return AudioLevel{static_cast<std::uint8_t>(*value & 0x7fu), (*value & 0x80u) != 0};
}

Bytes write_audio_level(AudioLevel level) {
  assert(level.level < 128);
  return ByteWriter{}.u8((level.voice ? 0x80u : 0u) | level.level).take();
}

std::optional<SequenceNumber> read_transport_sequence_number(ByteView data) {
  const auto value = read_number(data, 2);
  if (!value) return std::nullopt;
  return SequenceNumber{static_cast<std::uint16_t>(*value)};
}

Bytes write_transport_sequence_number(SequenceNumber number) {
  return ByteWriter{}.u16(number.value()).take();
}

AbsoluteSendTime to_absolute_send_time(Instant at) {
  const auto elapsed = at.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(elapsed);
  const auto rest = (elapsed - seconds).count();
  const auto fraction = (rest << kSendTimeFraction) / kNanosecondsPerSecond;
  const auto value = (seconds.count() << kSendTimeFraction) + fraction;
  return AbsoluteSendTime{static_cast<std::uint32_t>(value) & kSendTimeMask};
}

Duration between(AbsoluteSendTime b, AbsoluteSendTime a) {
  const auto steps = static_cast<std::int32_t>((a.value() - b.value()) << 8u) >> 8;
  return Duration{steps * kNanosecondsPerSecond >> kSendTimeFraction};
}

std::optional<AbsoluteSendTime> read_absolute_send_time(ByteView data) {
  const auto value = read_number(data, 3);
  if (!value) return std::nullopt;
  return AbsoluteSendTime{*value};
}

Bytes write_absolute_send_time(AbsoluteSendTime time) {
  return ByteWriter{}.u24(time.value()).take();
}

std::optional<std::int32_t> read_time_offset(ByteView data) {
  const auto value = read_number(data, 3);
  if (!value) return std::nullopt;
  return static_cast<std::int32_t>(*value << 8u) >> 8;
}

Bytes write_time_offset(std::int32_t offset) {
  return ByteWriter{}.u24(static_cast<std::uint32_t>(offset)).take();
}

//    |       min delay       |       max delay       |
std::optional<PlayoutDelay> read_playout_delay(ByteView data) {
  const auto value = read_number(data, 3);
  if (!value) return std::nullopt;
  const PlayoutDelay delay{static_cast<std::int64_t>(*value >> 12u) * kPlayoutStep,
                           static_cast<std::int64_t>(*value & 0xfffu) * kPlayoutStep};
  if (delay.least > delay.most) return std::nullopt;
  return delay;
}

Bytes write_playout_delay(const PlayoutDelay& delay) {
  assert(delay.least >= Duration{} && delay.least <= delay.most);
  const auto steps = [](Duration length) {
    return static_cast<std::uint64_t>(
        std::min<std::int64_t>(length / kPlayoutStep, kMostPlayoutSteps));
  };
  return ByteWriter{}.u24(steps(delay.least) << 12u | steps(delay.most)).take();
}

}  // namespace rtclab::rtp
