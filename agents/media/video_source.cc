#include "agents/media/video_source.h"

#include "agents/media/units.h"
#include "agents/media/vp8.h"

#include <algorithm>
#include <cmath>

namespace rtclab::media {
namespace {

constexpr std::uint32_t kMagic = 0x5254434c;  // "RTCL"
constexpr std::size_t kOurHeader = 9;         // magic, number of the frame, layer

struct Layer {
  LayerTarget target{};
  bool wants_key = true;
  Instant latest_key{};
  Instant latest{};
  bool any = false;
  double debt = 0;  // octets that a key frame took in advance; delta frames pay them back
};

class VideoSource final : public EncodedSource {
 public:
  VideoSource(const VideoSourceOptions& options, SeededRng rng)
      : options_{options},
        rng_{rng},
        interval_{static_cast<Duration::rep>(1e9 / std::max(options.framerate, 0.1))},
        layers_{Layer{.target = {.bitrate = options.bitrate}}} {
    statistics_.width = options.width;
    statistics_.height = options.height;
  }

  Kind kind() const override { return Kind::Video; }

  std::optional<std::uint64_t> most(double scale) const override {
    const auto area = std::max(1.0, scale * scale);
    return static_cast<std::uint64_t>(static_cast<double>(options_.bitrate) / area);
  }

  void start(Instant now) override {
    next_ = now;
    for (auto& layer : layers_) layer.wants_key = true;
  }

  void set_targets(std::span<const LayerTarget> targets) override {
    layers_.resize(std::max<std::size_t>(1, targets.size()));
    for (std::size_t i = 0; i < targets.size(); ++i) {
      // A layer that begins again has nothing that its frames could build upon.
      if (targets[i].active && !layers_[i].target.active) layers_[i].wants_key = true;
      layers_[i].target = targets[i];
    }
  }

  void request_key_frame(std::size_t layer) override {
    if (layer < layers_.size()) layers_[layer].wants_key = true;
  }

  std::optional<Instant> next_frame() const override { return next_; }

  bool produce(Instant now, EncodedFrame& out) override {
    while (next_ && *next_ <= now) {
      const auto at = *next_;
      while (turn_ < layers_.size())
        if (const auto index = turn_++; encode(at, index, out)) return true;
      turn_ = 0;
      ++statistics_.frames;
      statistics_.frames_per_second = options_.framerate;
      *next_ += interval_;
    }
    return false;
  }

  const SourceStatistics& statistics() const override { return statistics_; }

 private:
  bool encode(Instant at, std::size_t index, EncodedFrame& out) {
    auto& layer = layers_[index];
    if (!layer.target.active) return false;
    const auto spacing = layer_interval(layer);
    // Half a camera interval of tolerance: 15 fps of a camera with 30 are every other frame.
    if (layer.any && at - layer.latest + interval_ / 2 < spacing) return false;
    const bool key = layer.wants_key || (options_.key_frame_interval &&
                                         at - layer.latest_key >= *options_.key_frame_interval);
    out.layer = index;
    out.captured = at;
    out.duration = spacing;
    out.key = key;
    out.talk_spurt_begins = out.comfort = false;
    out.audio_level.reset();
    const auto scale = std::max(1.0, layer.target.scale_resolution_down_by);
    out.width = static_cast<std::uint16_t>(options_.width / scale);
    out.height = static_cast<std::uint16_t>(options_.height / scale);
    write(out, size(layer, spacing, key));
    layer.latest = at;
    layer.any = true;
    if (key) layer.latest_key = at;
    if (key) layer.wants_key = false;
    return true;
  }

  Duration layer_interval(const Layer& layer) const {
    if (!layer.target.max_framerate || *layer.target.max_framerate >= options_.framerate)
      return interval_;
    return Duration{static_cast<Duration::rep>(1e9 / std::max(*layer.target.max_framerate, 0.1))};
  }

  std::size_t size(Layer& layer, Duration spacing, bool key) {
    const auto mean = static_cast<double>(layer.target.bitrate) / 8 * in_seconds(spacing);
    if (key) {
      layer.debt += mean * (options_.key_frame_weight - 1);
      return static_cast<std::size_t>(mean * options_.key_frame_weight);
    }
    const auto payment = std::min(layer.debt, mean / 4);
    layer.debt -= payment;
    return static_cast<std::size_t>((mean - payment) *
                                    (1 + options_.size_variation * (2 * rng_.uniform() - 1)));
  }

  void write(EncodedFrame& out, std::size_t octets) {
    vp8::begin_frame(out.payload, {.key = out.key, .width = out.width, .height = out.height});
    const auto header = out.payload.size();
    out.payload.resize(std::max(octets, header + kOurHeader));
    auto* at = out.payload.data() + header;
    for (int i = 0; i < 4; ++i) {
      *at++ = static_cast<std::byte>(kMagic >> (24 - 8 * i));
    }
    for (int i = 0; i < 4; ++i) *at++ = static_cast<std::byte>(statistics_.frames >> (24 - 8 * i));
    *at = static_cast<std::byte>(out.layer);
  }

  VideoSourceOptions options_;
  SeededRng rng_;
  Duration interval_;
  std::vector<Layer> layers_;
  std::size_t turn_ = 0;  // the layer that is next at the instant of next_
  std::optional<Instant> next_;
  SourceStatistics statistics_;
};

}  // namespace

std::unique_ptr<EncodedSource> make_video_source(const VideoSourceOptions& options, SeededRng rng) {
  return std::make_unique<VideoSource>(options, rng);
}

std::optional<SyntheticFrame> read_synthetic_frame(ByteView vp8_frame) {
  const auto header = vp8::read_frame(vp8_frame);
  if (!header) return std::nullopt;
  ByteReader in{vp8_frame.subspan(header->size())};
  const auto magic = in.u32();
  const auto number = in.u32();
  const auto layer = in.u8();
  if (!in.ok() || magic != kMagic) return std::nullopt;
  return SyntheticFrame{number, layer};
}

}  // namespace rtclab::media
