#include "agents/media/reception.h"

#include <algorithm>

namespace rtclab::media {

Reception::Taken Reception::receive(Instant now, rtp::SequenceNumber sequence,
                                    rtp::RtpTimestamp timestamp) {
  const bool first = sequences_.received() == 0;
  const auto verdict = sequences_.note(sequence);
  if (verdict == rtp::Sequence::Leap || verdict == rtp::Sequence::Probation) return {verdict, 0};
  if (verdict == rtp::Sequence::Restart) jitter_ = rtp::InterarrivalJitter{clock_rate_};
  const bool anew = first || verdict == rtp::Sequence::Restart;
  const auto unwrapped = anew ? rtp::unwrap_first(sequence) : rtp::unwrap(sequence, highest_);
  highest_ = anew ? unwrapped : std::max(highest_, unwrapped);
  jitter_.note(now, timestamp);
  return {verdict, unwrapped};
}

void Reception::note_sender_report(Instant now, rtp::NtpTime ntp) {
  last_sr_ = ntp;
  last_sr_arrival_ = now;
}

double Reception::jitter() const {
  return static_cast<double>(jitter_.value()) / clock_rate_;
}

rtp::ReportBlock Reception::report(Instant now, rtp::Ssrc source) {
  const auto losses = sequences_.take_report();
  rtp::ReportBlock block{
      .source = source,
      .fraction_lost = losses.fraction_lost,
      .cumulative_lost = losses.cumulative_lost,
      .extended_highest_sequence_number = losses.extended_highest_sequence_number,
      .jitter = jitter_.value()};
  if (last_sr_) {
    block.last_sr = rtp::compact(*last_sr_);
    block.delay_since_last_sr = rtp::to_compact(now - last_sr_arrival_);
  }
  return block;
}

}  // namespace rtclab::media
