#include "agents/media/reception.h"

#include "agents/media/rtp_clock.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace rtclab::media {

void Reception::begin(rtp::SequenceNumber sequence) {
  first_ = highest_ = rtp::unwrap_first(sequence);
  after_leap_.reset();
  received_ = 1;
  expected_prior_ = received_prior_ = 0;
  transit_.reset();
}

// A.1 also holds a new source back until two packets have come in order (MIN_SEQUENTIAL); behind
// SRTP every packet is authentic, so that one is enough.
Reception::Taken Reception::receive(rtp::SequenceNumber sequence) {
  if (!first_) {
    begin(sequence);
    return {Verdict::Valid, highest_};
  }
  const std::int32_t step = sequence.ahead_of(rtp::wrap(highest_));
  if (step > kMaxDropout || step < -kMaxMisorder) {
    if (after_leap_ != sequence) {
      after_leap_ = sequence.plus(1);
      // Old, not from elsewhere: RTX of long ago is no leap.
      return {Verdict::Leap, rtp::unwrap(sequence, highest_)};
    }
    begin(sequence);
    return {Verdict::Restart, highest_};
  }
  ++received_;
  const auto unwrapped = rtp::unwrap(sequence, highest_);
  first_ = std::min(*first_, unwrapped);
  highest_ = std::max(highest_, unwrapped);
  return {Verdict::Valid, unwrapped};
}

// J += (|D(i-1,i)| - J) / 16
void Reception::note_arrival(Instant now, rtp::RtpTimestamp timestamp, std::uint32_t clock_rate) {
  const auto arrival = static_cast<std::uint32_t>(to_ticks(now.time_since_epoch(), clock_rate));
  const auto transit = arrival - timestamp.value();
  if (transit_) {
    const auto difference = static_cast<std::int32_t>(transit - *transit_);
    jitter_ += (std::abs(static_cast<double>(difference)) - jitter_) / 16;
  }
  transit_ = transit;
}

void Reception::note_sender_report(Instant now, rtp::NtpTime ntp) {
  last_sr_ = ntp;
  last_sr_arrival_ = now;
}

rtp::ReportBlock Reception::report(Instant now, rtp::Ssrc source) {
  constexpr std::int64_t kMost = 0x7fffff, kLeast = -0x800000;
  const auto expected_interval = expected() - expected_prior_;
  const auto lost_interval =
      expected_interval - (static_cast<std::int64_t>(received_) - received_prior_);
  expected_prior_ = expected();
  received_prior_ = static_cast<std::int64_t>(received_);
  rtp::ReportBlock block{.source = source};
  if (expected_interval > 0 && lost_interval > 0)
    block.fraction_lost = static_cast<std::uint8_t>(
        std::min<std::int64_t>(255, lost_interval * 256 / expected_interval));
  block.cumulative_lost = static_cast<std::int32_t>(std::clamp(lost(), kLeast, kMost));
  // Its first turn is 1 in our counting (rtp::unwrap_first).
  block.extended_highest_sequence_number = static_cast<std::uint32_t>(highest_ - (1u << 16u));
  block.jitter = static_cast<std::uint32_t>(jitter_);
  if (last_sr_) {
    block.last_sr = rtp::compact(*last_sr_);
    block.delay_since_last_sr = rtp::to_compact(now - last_sr_arrival_);
  }
  return block;
}

}  // namespace rtclab::media
