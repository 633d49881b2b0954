// Which of the latest indices have been seen.
//
// Spec: RFC 3711 §3.3.2: at least 64; 1024 leave room for what a path of much delay and bandwidth
// reorders, and for retransmissions. A value.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace rtclab::srtp {

inline constexpr std::size_t kReplayWindow = 1024;

enum class Freshness : std::uint8_t { Fresh, Replayed, TooOld };

class ReplayWindow {
 public:
  [[nodiscard]] Freshness check(std::uint64_t index) const;
  // Precondition: check(index) is Fresh.
  void add(std::uint64_t index);
  // Of an empty window 0.
  [[nodiscard]] std::uint64_t highest() const { return empty_ ? 0 : highest_; }
  [[nodiscard]] bool is_empty() const { return empty_; }

 private:
  bool empty_ = true;
  std::uint64_t highest_ = 0;
  std::bitset<kReplayWindow> seen_;  // of index i, bit i mod kReplayWindow
};

}  // namespace rtclab::srtp
