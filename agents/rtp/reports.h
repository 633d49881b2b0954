// Sender and receiver reports.
//
// Spec: RFC 3550 §6.4.1 (SR), §6.4.2 (RR), §6.4.3 (profile-specific extensions, kept as octets).
#pragma once

#include "agents/base/bytes.h"
#include "agents/rtp/ntp_time.h"
#include "agents/rtp/types.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rtclab::rtp {

inline constexpr std::size_t kMaxReportBlocks = 31;

struct ReportBlock {
  Ssrc source{0};                    // whose packets are reported on
  std::uint8_t fraction_lost = 0;    // of 256, since the last report
  std::int32_t cumulative_lost = 0;  // 24 bits, signed; duplicates make it negative
  std::uint32_t extended_highest_sequence_number = 0;  // turns in the upper half
  std::uint32_t jitter = 0;                            // in timestamp units
  CompactNtp last_sr{0};                               // 0: none has come
  CompactNtp delay_since_last_sr{0};                   // 0: none has come
  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

struct SenderReport {
  Ssrc sender{0};
  NtpTime ntp{0};
  RtpTimestamp timestamp{0};  // of the same instant as `ntp`
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;  // of payload, without headers and padding
  std::vector<ReportBlock> blocks;
  Bytes profile_extension;
  friend bool operator==(const SenderReport&, const SenderReport&) = default;
};

struct ReceiverReport {
  Ssrc sender{0};
  std::vector<ReportBlock> blocks;
  Bytes profile_extension;
  friend bool operator==(const ReceiverReport&, const ReceiverReport&) = default;
};

}  // namespace rtclab::rtp
