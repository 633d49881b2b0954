// What a receiver knows of one source from its sequence numbers: whether it is one, how many turns
// they made, how many packets are lost.
//
// Spec: RFC 3550 A.1 (validation, restarts), A.3 (expected and lost), §6.4.1 (what a report says).
// A value. Counts are 64 bits wide inside, and cut to the report's 24 and 32 bits where they are
// read.
#pragma once

#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace rtclab::rtp {

// RFC 3550 A.1: packets in a row that make a source valid; the largest gap, and the largest step
// back, that are believed at once.
inline constexpr int kMinSequential = 2;
inline constexpr std::int32_t kMaxDropout = 3000;
inline constexpr std::int32_t kMaxMisorder = 100;

enum class Sequence : std::uint8_t {
  Probation,  // not yet a source: not counted
  InOrder,    // the highest so far, perhaps behind a gap
  Late,       // overtaken or doubled: counted as received
  Leap,       // too far away: not counted until the next packet confirms it
  Restart,    // the packet after a leap: counts begin anew
};
[[nodiscard]] std::string_view to_string(Sequence sequence);

enum class Trust : std::uint8_t {
  AfterProbation,
  AtOnce,  // behind SRTP, or with a signalled SSRC, there is nothing to prove
};

// The numbers of a report block.
struct LossReport {
  std::uint8_t fraction_lost = 0;  // of 256, since the report before
  std::int32_t cumulative_lost = 0;
  std::uint32_t extended_highest_sequence_number = 0;
  friend bool operator==(const LossReport&, const LossReport&) = default;
};

class SequenceStatistics {
 public:
  explicit SequenceStatistics(Trust trust)
      : probation_{trust == Trust::AtOnce ? 0 : kMinSequential} {}

  Sequence note(SequenceNumber number);

  [[nodiscard]] bool is_valid() const { return probation_ == 0 && first_.has_value(); }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::uint64_t expected() const { return first_ ? highest_ - *first_ + 1 : 0; }
  // Negative when packets were doubled.
  [[nodiscard]] std::int64_t lost() const {
    return static_cast<std::int64_t>(expected()) - static_cast<std::int64_t>(received_);
  }
  // The report that leaves now; the fraction of the next one begins here.
  LossReport take_report();

 private:
  void begin(SequenceNumber number);
  Sequence prove(SequenceNumber number);

  int probation_;
  std::optional<LongSequenceNumber> first_;  // base_seq
  LongSequenceNumber highest_ = 0;
  std::optional<SequenceNumber> expected_next_;  // in probation, or after a leap (bad_seq)
  std::uint64_t received_ = 0;
  std::uint64_t expected_before_ = 0;
  std::uint64_t received_before_ = 0;
};

}  // namespace rtclab::rtp
