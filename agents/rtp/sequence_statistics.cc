#include "agents/rtp/sequence_statistics.h"

#include <algorithm>

namespace rtclab::rtp {
namespace {

constexpr std::int64_t kMostLost = 0x7fffff;  // RFC 3550 A.3: 24 bits with a sign
constexpr LongSequenceNumber kTurn = LongSequenceNumber{1} << 16u;

}  // namespace

std::string_view to_string(Sequence sequence) {
  switch (sequence) {
    case Sequence::Probation: return "probation";
    case Sequence::InOrder: return "in order";
    case Sequence::Late: return "late";
    case Sequence::Leap: return "leap";
    case Sequence::Restart: return "restart";
  }
  __builtin_unreachable();
}

void SequenceStatistics::begin(SequenceNumber number) {
  first_ = highest_ = unwrap_first(number);
  expected_next_.reset();
  received_ = 1;
  expected_before_ = received_before_ = 0;
}

// A source is valid after so many packets in a row; one out of order begins the row anew.
Sequence SequenceStatistics::prove(SequenceNumber number) {
  const bool follows = !expected_next_ || *expected_next_ == number;
  if (!follows) probation_ = kMinSequential;
  expected_next_ = number.plus(1);
  if (--probation_ != 0) return Sequence::Probation;
  begin(number);
  return Sequence::InOrder;
}

Sequence SequenceStatistics::note(SequenceNumber number) {
  if (probation_ != 0) return prove(number);
  if (!first_) {
    begin(number);
    return Sequence::InOrder;
  }
  const auto unwrapped = unwrap(number, highest_);
  const auto ahead = static_cast<std::int64_t>(unwrapped - highest_);
  if (ahead >= kMaxDropout || ahead <= -kMaxMisorder) {
    if (expected_next_ == number) {
      begin(number);
      return Sequence::Restart;
    }
    expected_next_ = number.plus(1);
    return Sequence::Leap;
  }
  ++received_;
  if (ahead <= 0) return Sequence::Late;
  highest_ = unwrapped;
  return Sequence::InOrder;
}

LossReport SequenceStatistics::take_report() {
  LossReport report;
  if (!first_) return report;
  report.cumulative_lost = static_cast<std::int32_t>(std::clamp(lost(), -kMostLost - 1, kMostLost));
  report.extended_highest_sequence_number = static_cast<std::uint32_t>(highest_ - kTurn);
  const auto expected_now = expected() - expected_before_;
  const auto lost_now = static_cast<std::int64_t>(expected_now) -
                        static_cast<std::int64_t>(received_ - received_before_);
  if (lost_now > 0) {
    const auto share = (static_cast<std::uint64_t>(lost_now) << 8u) / expected_now;
    report.fraction_lost = static_cast<std::uint8_t>(std::min<std::uint64_t>(share, 255));
  }
  expected_before_ = expected();
  received_before_ = received_;
  return report;
}

}  // namespace rtclab::rtp
