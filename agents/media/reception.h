// What a receiver counts of one source, and what it reports of it.
//
// Spec: RFC 3550 §6.4.1; the counting is rtp::SequenceStatistics (A.1, A.3) and
// rtp::InterarrivalJitter (A.8). Every packet is authentic (SRTP), so the first makes a source.
#pragma once

#include "agents/base/time.h"
#include "agents/rtp/interarrival_jitter.h"
#include "agents/rtp/reports.h"
#include "agents/rtp/sequence_statistics.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>

namespace rtclab::media {

class Reception {
 public:
  explicit Reception(std::uint32_t clock_rate) : clock_rate_{clock_rate}, jitter_{clock_rate} {}

  struct Taken {
    rtp::Sequence verdict;
    rtp::LongSequenceNumber sequence;  // unwrapped; of no meaning for a leap
  };
  // A packet of the source came.
  Taken receive(Instant now, rtp::SequenceNumber sequence, rtp::RtpTimestamp timestamp);
  void note_sender_report(Instant now, rtp::NtpTime ntp);

  [[nodiscard]] std::uint64_t received() const { return sequences_.received(); }
  [[nodiscard]] std::int64_t lost() const { return sequences_.lost(); }
  [[nodiscard]] double jitter() const;  // seconds
  [[nodiscard]] rtp::LongSequenceNumber highest() const { return highest_; }
  // The block of a report that leaves now; the next one's fraction begins here.
  [[nodiscard]] rtp::ReportBlock report(Instant now, rtp::Ssrc source);

 private:
  std::uint32_t clock_rate_;
  rtp::SequenceStatistics sequences_{rtp::Trust::AtOnce};
  rtp::InterarrivalJitter jitter_;
  rtp::LongSequenceNumber highest_ = 0;
  std::optional<rtp::NtpTime> last_sr_;
  Instant last_sr_arrival_{};
};

}  // namespace rtclab::media
