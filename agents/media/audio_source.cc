#include "agents/media/audio_source.h"

#include "agents/media/units.h"

#include <algorithm>
#include <cmath>

namespace rtclab::media {
namespace {

// RFC 6716 §3.1: configuration 15 (hybrid, full band, 20 ms), mono, one frame.
constexpr std::byte kToc{0x78};
// RFC 6716 §3.2.1: a frame of Opus has at most so many octets. With all headers it fits any path.
constexpr double kMostOctets = 1275;
constexpr std::uint8_t kSpeechLevel = 30;  // -dBov
constexpr std::uint8_t kSilenceLevel = 90;

class AudioSource final : public EncodedSource {
 public:
  AudioSource(const AudioSourceOptions& options, SeededRng rng)
      : options_{options}, rng_{rng}, bitrate_{options.bitrate} {}

  Kind kind() const override { return Kind::Audio; }

  void start(Instant now) override {
    next_ = now;
    speaking_ = true;
    changes_ = now + length(options_.mean_talk);
    silent_gap_ = true;
  }

  void set_targets(std::span<const LayerTarget> layers) override {
    if (layers.empty()) return;
    active_ = layers.front().active;
    if (layers.front().bitrate > 0) bitrate_ = std::min(options_.bitrate, layers.front().bitrate);
  }

  void request_key_frame(std::size_t) override {}  // each audio frame stands alone

  std::optional<Instant> next_frame() const override { return next_; }

  bool produce(Instant now, EncodedFrame& out) override {
    while (next_ && *next_ <= now) {
      const auto at = *next_;
      *next_ += options_.frame;
      if (make(at, out)) return true;
    }
    return false;
  }

  const SourceStatistics& statistics() const override { return statistics_; }

 private:
  Duration length(Duration mean) {
    return std::chrono::duration_cast<Duration>(mean * -std::log(1 - rng_.uniform()));
  }

  void turn(Instant at) {
    while (options_.pauses && at >= changes_) {
      speaking_ = !speaking_;
      changes_ += length(speaking_ ? options_.mean_talk : options_.mean_pause);
      comfort_at_ = at;
    }
  }

  bool make(Instant at, EncodedFrame& out) {
    turn(at);
    note(speaking_ ? kSpeechLevel : kSilenceLevel);
    if (!active_) return false;
    const bool comfort = options_.dtx && !speaking_;
    if (comfort && at < comfort_at_) {
      silent_gap_ = true;
      return false;
    }
    if (comfort) comfort_at_ = at + options_.comfort_interval;
    out.layer = 0;
    out.captured = at;
    out.duration = options_.frame;
    out.key = true;
    out.comfort = comfort;
    out.talk_spurt_begins = options_.dtx && silent_gap_ && !comfort;
    if (!comfort) silent_gap_ = false;
    out.audio_level = speaking_ ? kSpeechLevel : kSilenceLevel;
    out.width = out.height = 0;
    fill(out.payload, comfort ? 3 : size());
    return true;
  }

  std::size_t size() {
    const auto mean = static_cast<double>(bitrate_) / 8 * in_seconds(options_.frame);
    return static_cast<std::size_t>(std::clamp(
        mean * (1 + options_.size_variation * (2 * rng_.uniform() - 1)), 8.0, kMostOctets));
  }

  // TOC, the number of the frame where there is room, zeros.
  void fill(Bytes& payload, std::size_t octets) const {
    payload.assign(octets, std::byte{0});
    payload[0] = kToc;
    for (std::size_t i = 0; i < 4 && i + 4 < octets; ++i)
      payload[1 + i] = static_cast<std::byte>(statistics_.frames >> (24 - 8 * i));
  }

  void note(std::uint8_t level) {
    const auto loudness = std::pow(10.0, -level / 20.0);
    ++statistics_.frames;
    statistics_.audio_level = loudness;
    statistics_.total_samples_duration += options_.frame;
    statistics_.total_audio_energy += loudness * loudness * in_seconds(options_.frame);
  }

  AudioSourceOptions options_;
  SeededRng rng_;
  std::uint64_t bitrate_;
  bool active_ = true;
  bool speaking_ = true;
  bool silent_gap_ = true;  // nothing was sent before the next frame
  Instant changes_{};
  Instant comfort_at_{};
  std::optional<Instant> next_;
  SourceStatistics statistics_;
};

}  // namespace

std::unique_ptr<EncodedSource> make_audio_source(const AudioSourceOptions& options, SeededRng rng) {
  return std::make_unique<AudioSource>(options, rng);
}

}  // namespace rtclab::media
