// Extended reports: how a receiver that sends nothing measures its round trip.
//
// Spec: RFC 3611 §2, §3, §4.4 (receiver reference time), §4.5 (DLRR). Other blocks are kept as
// octets.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/rtp/ntp_time.h"
#include "agents/rtp/types.h"

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace rtclab::rtp {

struct ReceiverReferenceTime {
  NtpTime ntp{0};
  friend bool operator==(const ReceiverReferenceTime&, const ReceiverReferenceTime&) = default;
};
struct DelaySinceLastRr {
  struct Item {
    Ssrc ssrc{0};
    CompactNtp last_rr{0};  // 0: none has come
    CompactNtp delay{0};
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::vector<Item> items;
  friend bool operator==(const DelaySinceLastRr&, const DelaySinceLastRr&) = default;
};
struct UnknownReportBlock {
  std::uint8_t type = 0;
  std::uint8_t type_specific = 0;
  Bytes value;  // a multiple of four
  friend bool operator==(const UnknownReportBlock&, const UnknownReportBlock&) = default;
};
using ExtendedReportBlock =
    std::variant<ReceiverReferenceTime, DelaySinceLastRr, UnknownReportBlock>;

struct ExtendedReport {
  Ssrc sender{0};
  std::vector<ExtendedReportBlock> blocks;
  friend bool operator==(const ExtendedReport&, const ExtendedReport&) = default;

  // Behind the RTCP header; `offset` is where that begins in the datagram.
  [[nodiscard]] static Result<ExtendedReport> parse_body(ByteView body, std::size_t offset);
  void write_body(ByteWriter& out) const;
};

}  // namespace rtclab::rtp
