#include "agents/media/session_core.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rtclab::media {
namespace {

constexpr std::uint64_t kAudioBitrate =
    40'000;                                    // bit/s of RTP that an audio stream is reckoned with
constexpr std::uint64_t kLeastLayer = 30'000;  // bit/s: below it a layer is not worth its packets
constexpr double kPayloadShare = 0.95;         // of RTP: about 60 octets of headers in 1200

}  // namespace

// What the remote allows for the section, bit/s (RFC 8834 §7.1).
std::uint64_t Session::Core::limit_of(const Section& section) const {
  if (deviates(Deviation::RtpIgnoreBandwidth)) return UINT64_MAX;
  return std::min(section.max_bitrate.value_or(UINT64_MAX),
                  configuration_.max_bitrate.value_or(UINT64_MAX));
}

// What each encoding may take, bit/s of RTP: its own limit, else a share of the most that falls
// with the area of the picture; no more than its source makes of it; all of them together no more
// than the section's.
std::vector<std::uint64_t> Session::Core::layer_caps(const Section& section) const {
  std::vector<std::uint64_t> caps;
  auto left = limit_of(section);
  const auto feed = feeds_.find(section.mid);
  for (const auto& encoding : encodings_of(section)) {
    const auto area =
        std::max(1.0, encoding.scale_resolution_down_by * encoding.scale_resolution_down_by);
    const auto usual = static_cast<std::uint64_t>(static_cast<double>(options_.rate.max) / area);
    auto cap = encoding.active ? std::min(encoding.max_bitrate.value_or(usual), left) : 0;
    if (feed != feeds_.end() && feed->second.source)
      if (const auto most = feed->second.source->most(encoding.scale_resolution_down_by))
        cap = std::min(cap, static_cast<std::uint64_t>(static_cast<double>(*most) / kPayloadShare));
    const auto* const stream = stream_of(section.mid, caps.size());
    if (stream != nullptr)
      if (const auto limit = limits_.find(stream->ssrc()); limit != limits_.end())
        cap = std::min(cap, limit->second);
    left -= cap;
    caps.push_back(cap);
  }
  return caps;
}

void Session::Core::update_limits(Instant now) {
  RateLimits limits{.min = 0, .start = options_.rate.start, .max = 0};
  for (const auto& state : sections_) {
    if (!sends(state.value)) continue;
    if (state.value.kind == Kind::Audio) {
      limits.min += kAudioBitrate;
      limits.max += kAudioBitrate;
      continue;
    }
    limits.min += options_.rate.min;
    const auto caps = layer_caps(state.value);
    limits.max += std::accumulate(caps.begin(), caps.end(), std::uint64_t{0});
  }
  if (configuration_.max_bitrate && !deviates(Deviation::RtpIgnoreBandwidth))
    limits.max = std::min(limits.max, *configuration_.max_bitrate);
  if (limits.max > 0) controller_->set_limits(now, limits);
}

// Audio first; the rest in equal parts for the sections of video.
void Session::Core::update_targets() {
  const auto decision = controller_->decision();
  auto left = decision.target;
  std::size_t videos = 0;
  for (const auto& state : sections_) {
    if (!sends(state.value)) continue;
    if (state.value.kind == Kind::Video) ++videos;
    if (state.value.kind == Kind::Audio) left -= std::min(left, kAudioBitrate);
  }
  for (const auto& state : sections_) {
    const auto feed = feeds_.find(state.value.mid);
    if (feed == feeds_.end() || !feed->second.source) continue;
    const bool audio = state.value.kind == Kind::Audio;
    const auto share = left / std::max<std::size_t>(videos, 1);
    set_targets(feed->second, state.value.mid,
                audio ? audio_targets(state.value) : video_targets(state.value, share));
  }
  pacer_.set_target(decision.target);
  if (videos > 0 && may_send()) announce(decision);
}

// RFC 3264 §5.1: a bandwidth of zero means that nothing is to be sent.
std::vector<LayerTarget> Session::Core::wishes_of(const Section& section) const {
  std::vector<LayerTarget> targets;
  for (const auto& encoding : encodings_of(section))
    targets.push_back({.active = encoding.active && limit_of(section) > 0,
                       .scale_resolution_down_by = encoding.scale_resolution_down_by,
                       .max_framerate = encoding.max_framerate});
  return targets;
}

// 0: what the source likes.
std::vector<LayerTarget> Session::Core::audio_targets(const Section& section) const {
  auto targets = wishes_of(section);
  const auto most =
      std::min(encodings_of(section).front().max_bitrate.value_or(UINT64_MAX), limit_of(section));
  targets.front().bitrate = most == UINT64_MAX ? 0 : most;
  return targets;
}

// The smallest picture first, each up to its cap; what would get too little is left out.
std::vector<LayerTarget> Session::Core::video_targets(const Section& section,
                                                      std::uint64_t share) const {
  auto targets = wishes_of(section);
  const auto caps = layer_caps(section);
  std::vector<std::size_t> order(targets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&targets](std::size_t layer) {
    return targets[layer].scale_resolution_down_by;
  });
  bool first = true;
  for (const auto layer : order) {
    auto& target = targets[layer];
    const auto gets = std::min(caps[layer], share);
    target.active = target.active && (first || gets >= kLeastLayer);
    if (!target.active) continue;
    first = false;
    share -= gets;
    target.bitrate = static_cast<std::uint64_t>(static_cast<double>(gets) * kPayloadShare);
  }
  return targets;
}

void Session::Core::announce(const RateDecision& decision) {
  const auto before = static_cast<double>(announced_.target);
  const bool moved =
      std::abs(static_cast<double>(decision.target) - before) * 20 >= std::max(before, 1.0);
  if (!moved && decision.reason == announced_.reason) return;
  announced_ = decision;
  events_.push(TargetChanged{decision.target, decision.reason});
}

void Session::Core::set_targets(Feed& feed, std::string_view mid,
                                std::vector<LayerTarget> targets) {
  if (feed.targets == targets) return;
  feed.source->set_targets(targets);
  for (std::size_t layer = 0; layer < targets.size(); ++layer) {
    auto* const stream = stream_of(mid, layer);
    if (stream == nullptr) continue;
    stream->statistics().active = targets[layer].active;
    stream->statistics().target_bitrate = targets[layer].bitrate;
  }
  feed.targets = std::move(targets);
}

}  // namespace rtclab::media
