#include "agents/media/recorded_source.h"

#include "agents/media/units.h"

namespace rtclab::media {
namespace {

class RecordedSource final : public EncodedSource {
 public:
  explicit RecordedSource(std::shared_ptr<const Clip> clip) : clip_{std::move(clip)} {
    statistics_.width = clip_->frames.front().width;
    statistics_.height = clip_->frames.front().height;
    const auto seconds = in_seconds(clip_->frames.front().duration);
    if (kind() == Kind::Video) statistics_.frames_per_second = 1 / seconds;
  }

  Kind kind() const override { return clip_->kind; }
  std::string_view codec() const override { return clip_->codec; }

  void start(Instant now) override {
    next_ = now;
    at_ = 0;
    begins_ = true;
  }
  void set_targets(std::span<const LayerTarget> layers) override {
    const bool active = layers.empty() || layers.front().active;
    // What was left out is missing to a decoder.
    if (active && !active_) wants_key_ = begins_ = true;
    active_ = active;
  }
  void request_key_frame(std::size_t) override { wants_key_ = true; }
  std::optional<Instant> next_frame() const override { return next_; }

  bool produce(Instant now, EncodedFrame& out) override {
    while (next_ && *next_ <= now) {
      if (wants_key_ && active_) seek_key_frame();
      const auto& frame = clip_->frames[at_];
      at_ = (at_ + 1) % clip_->frames.size();
      const auto captured = *next_;
      *next_ += frame.duration;
      ++statistics_.frames;
      statistics_.total_samples_duration += kind() == Kind::Audio ? frame.duration : Duration{};
      if (!active_) continue;
      out.layer = 0;
      out.captured = captured;
      out.duration = frame.duration;
      out.key = frame.key;
      out.talk_spurt_begins = std::exchange(begins_, false) && kind() == Kind::Audio;
      out.comfort = false;
      out.audio_level.reset();
      out.width = statistics_.width;
      out.height = statistics_.height;
      out.payload = frame.payload;
      return true;
    }
    return false;
  }

  const SourceStatistics& statistics() const override { return statistics_; }

 private:
  void seek_key_frame() {
    wants_key_ = false;
    while (!clip_->frames[at_].key) at_ = (at_ + 1) % clip_->frames.size();
  }

  std::shared_ptr<const Clip> clip_;
  std::size_t at_ = 0;
  bool active_ = true, wants_key_ = false, begins_ = true;
  std::optional<Instant> next_;
  SourceStatistics statistics_;
};

}  // namespace

std::unique_ptr<EncodedSource> make_recorded_source(std::shared_ptr<const Clip> clip) {
  return std::make_unique<RecordedSource>(std::move(clip));
}

}  // namespace rtclab::media
