// What arrives at the receiver, in bit/s: over the latest half second of its clock.
#pragma once

#include "agents/base/time.h"
#include "agents/media/ring.h"

#include <cstdint>
#include <optional>

namespace rtclab::media {

class ArrivingRate {
 public:
  void add(Duration received, std::size_t bytes) {
    packets_.push({received, bytes});
    sum_ += bytes;
    if (!latest_ || received > *latest_) latest_ = received;
    if (!first_) first_ = received;
    while (packets_.front().received + kWindow < *latest_) sum_ -= packets_.pop().bytes;
  }
  // nullopt before the window has been full once.
  [[nodiscard]] std::optional<std::uint64_t> rate() const {
    if (!latest_ || *latest_ - *first_ < kWindow) return std::nullopt;
    return sum_ * 8 * 1000 / 500;
  }

 private:
  static constexpr Duration kWindow = std::chrono::milliseconds{500};
  struct Packet {
    Duration received{};
    std::size_t bytes = 0;
  };
  Ring<Packet> packets_;
  std::uint64_t sum_ = 0;
  std::optional<Duration> first_, latest_;
};

}  // namespace rtclab::media
