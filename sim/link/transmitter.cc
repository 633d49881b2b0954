#include "sim/link/transmitter.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::sim {
namespace {

constexpr std::size_t kOctetsOfOpportunity = 1504;
constexpr std::size_t kTunnelHeader = 4;

std::size_t count_of(const std::vector<Duration>& opportunities, Duration at) {
  const auto [first, last] = std::ranges::equal_range(opportunities, at);
  return static_cast<std::size_t>(last - first);
}

}  // namespace

Duration time_to_send(std::size_t octets, std::uint64_t rate) {
  assert(rate > 0);
  // An IP packet has at most 2^20 bits, so that this does not overflow.
  const auto bits = static_cast<std::uint64_t>(octets) * 8;
  return Duration{static_cast<std::int64_t>((bits * 1'000'000'000u + rate / 2) / rate)};
}

// The list begins anew at its last time, so that this instant has what stands at 0 too.
Opportunity next_opportunity(const std::vector<Duration>& opportunities, Instant now) {
  assert(!opportunities.empty() && opportunities.back() > Duration{0});
  const auto period = opportunities.back();
  const auto round = now.time_since_epoch() / period;
  const auto within = now.time_since_epoch() % period;
  const auto next = *std::ranges::upper_bound(opportunities, within);
  auto count = count_of(opportunities, next);
  if (next == period) count += count_of(opportunities, Duration{0});
  return {Instant{round * period + next}, count};
}

Transmitter::Transmitter(const topology::LinkQuality& quality, Departed departed, Dropped dropped)
    : departed_{std::move(departed)}, dropped_{std::move(dropped)} {
  set(Instant{}, quality);
}

void Transmitter::set(Instant now, const topology::LinkQuality& quality) {
  const auto mode = !quality.opportunities.empty() ? Mode::Opportunities
                    : quality.rate                 ? Mode::Rate
                                                   : Mode::Immediate;
  if (!queue_ || quality.discipline != discipline_ || quality.queue != places_) {
    auto queue = make_queue(quality.discipline, std::max<std::size_t>(quality.queue, 1), dropped_);
    while (queue_ && queue_->size() > 0) {
      auto parcel = queue_->pop();
      if (!parcel) break;
      if (queue->has_room()) {
        queue->push(*std::move(parcel));
      } else {
        dropped_(*parcel, "the queue became smaller");
      }
    }
    queue_ = std::move(queue);
    discipline_ = quality.discipline;
    places_ = quality.queue;
  }
  const bool was_sending_at_rate = mode_ == Mode::Rate && sending_;
  mode_ = mode;
  rate_ = quality.rate.value_or(0);
  opportunities_ = quality.opportunities;
  if (mode_ == Mode::Immediate) return send_all(now);
  // At a rate the end of what is being sent stands; else what is left of it waits for its turn.
  if (was_sending_at_rate && mode_ == Mode::Rate) return;
  if (sending_ && mode_ == Mode::Opportunities && was_sending_at_rate) {
    left_ = sending_->packet.size() + kTunnelHeader;
  }
  if (sending_ && mode_ == Mode::Rate) {
    wakeup_ = now + time_to_send(left_, rate_);
  } else {
    arm(now);
  }
}

bool Transmitter::has_room() const {
  return mode_ == Mode::Immediate || (mode_ == Mode::Rate && is_idle()) || queue_->has_room();
}

void Transmitter::offer(Instant now, Parcel parcel) {
  assert(has_room());
  parcel.offered = now;
  parcel.begun = now;
  if (mode_ == Mode::Immediate) return departed_(std::move(parcel));
  if (mode_ == Mode::Rate && is_idle()) {
    wakeup_ = now + time_to_send(parcel.packet.size(), rate_);
    sending_ = std::move(parcel);
    return;
  }
  const bool was_idle = is_idle();
  queue_->push(std::move(parcel));
  if (was_idle) arm(now);
}

void Transmitter::handle_timeout(Instant now) {
  if (!wakeup_ || now < *wakeup_) return;
  wakeup_.reset();
  if (mode_ == Mode::Opportunities) return use_opportunity(now);
  assert(sending_);
  auto parcel = *std::exchange(sending_, std::nullopt);
  begin_next(now);
  departed_(std::move(parcel));
}

void Transmitter::begin_next(Instant now) {
  sending_ = queue_->pop();
  if (!sending_) return;
  sending_->begun = now;
  wakeup_ = now + time_to_send(sending_->packet.size(), rate_);
}

void Transmitter::use_opportunity(Instant now) {
  const auto opportunity = next_opportunity(opportunities_, now - Duration{1});
  auto budget = opportunity.at == now ? opportunity.count * kOctetsOfOpportunity : 0;
  while (budget > 0) {
    if (!sending_) {
      sending_ = queue_->pop();
      if (!sending_) break;
      sending_->begun = now;
      left_ = sending_->packet.size() + kTunnelHeader;
    }
    const auto used = std::min(budget, left_);
    budget -= used;
    left_ -= used;
    if (left_ == 0) departed_(*std::exchange(sending_, std::nullopt));
  }
  arm(now);
}

void Transmitter::send_all(Instant now) {
  wakeup_.reset();
  if (sending_) departed_(*std::exchange(sending_, std::nullopt));
  while (auto parcel = queue_->pop()) {
    parcel->begun = now;
    departed_(*std::move(parcel));
  }
}

// For what waits and is not begun.
void Transmitter::arm(Instant now) {
  wakeup_.reset();
  if (is_idle()) return;
  if (mode_ == Mode::Rate) return begin_next(now);
  wakeup_ = next_opportunity(opportunities_, now).at;
}

}  // namespace rtclab::sim
