#include "agents/media/pacer.h"

#include <algorithm>

namespace rtclab::media {
namespace {

constexpr Duration kPacerBurst = std::chrono::milliseconds{5};
constexpr std::uint64_t kLongestQueueSeconds = 2;

}  // namespace

void Pacer::push(QueuedPacket packet) {
  if (packet.urgency != Urgency::AtOnce) queued_ += packet.bytes.size();
  switch (packet.urgency) {
    case Urgency::AtOnce: at_once_.push(std::move(packet)); break;
    case Urgency::Repair: repairs_.push(std::move(packet)); break;
    case Urgency::Paced: paced_.push(std::move(packet)); break;
  }
}

std::uint64_t Pacer::rate() const {
  return std::max<std::uint64_t>({target_ * 5 / 2, queued_ * 8 / kLongestQueueSeconds, 1000});
}

std::optional<QueuedPacket> Pacer::pop(Instant now) {
  if (!at_once_.empty()) return at_once_.pop();
  auto& queue = repairs_.empty() ? paced_ : repairs_;
  if (queue.empty() || free_at_ > now + kPacerBurst) return std::nullopt;
  const auto bits = queue.front().bytes.size() * 8;
  const auto takes = Duration{static_cast<Duration::rep>(bits * 1'000'000'000 / rate())};
  auto packet = queue.pop();
  queued_ -= packet.bytes.size();
  free_at_ = std::max(free_at_, now) + takes;
  return packet;
}

std::optional<Instant> Pacer::next_wakeup() const {
  if (!at_once_.empty()) return Instant{};
  if (repairs_.empty() && paced_.empty()) return std::nullopt;
  return free_at_;
}

void Pacer::clear() {
  at_once_.clear();
  repairs_.clear();
  paced_.clear();
  queued_ = 0;
}

}  // namespace rtclab::media
