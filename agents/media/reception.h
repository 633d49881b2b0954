// What a receiver counts of one source, and what it reports of it.
//
// Spec: RFC 3550 §6.4.1 and A.1 (validity and turns of sequence numbers), A.3 (lost packets), A.8
// (jitter).
#pragma once

#include "agents/base/time.h"
#include "agents/rtp/reports.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>

namespace rtclab::media {

class Reception {
 public:
  enum class Verdict : std::uint8_t {
    Valid,
    Leap,     // a leap of more than kMaxDropout: not counted until the next packet confirms it
    Restart,  // the second packet after a leap: the source began anew, counts begin anew
  };
  struct Taken {
    Verdict verdict;
    rtp::LongSequenceNumber sequence;  // unwrapped; of no meaning for Leap
  };
  // A packet of the source came.
  Taken receive(rtp::SequenceNumber sequence);
  // RFC 3550 A.8; for packets that came by themselves.
  void note_arrival(Instant now, rtp::RtpTimestamp timestamp, std::uint32_t clock_rate);
  void note_sender_report(Instant now, rtp::NtpTime ntp);

  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::int64_t expected() const {
    return first_ ? static_cast<std::int64_t>(highest_ - *first_ + 1) : 0;
  }
  [[nodiscard]] std::int64_t lost() const {
    return expected() - static_cast<std::int64_t>(received_);
  }
  [[nodiscard]] double jitter() const { return jitter_; }  // timestamp units
  [[nodiscard]] rtp::LongSequenceNumber highest() const { return highest_; }
  // The block of a report that leaves now; the next one's fraction begins here.
  [[nodiscard]] rtp::ReportBlock report(Instant now, rtp::Ssrc source);

  // RFC 3550 A.1
  static constexpr std::int32_t kMaxDropout = 3000;
  static constexpr std::int32_t kMaxMisorder = 100;

 private:
  void begin(rtp::SequenceNumber sequence);

  std::optional<rtp::LongSequenceNumber> first_;
  rtp::LongSequenceNumber highest_ = 0;
  std::optional<rtp::SequenceNumber> after_leap_;  // bad_seq: what would confirm the leap
  std::uint64_t received_ = 0;
  std::int64_t expected_prior_ = 0;
  std::int64_t received_prior_ = 0;
  double jitter_ = 0;
  std::optional<std::uint32_t> transit_;
  std::optional<rtp::NtpTime> last_sr_;
  Instant last_sr_arrival_{};
};

}  // namespace rtclab::media
