// The objects of a statistics report that tell of RTP: inbound-rtp, outbound-rtp, what the peer
// reports of both, and media-source. Pure functions.
//
// Spec: W3C webrtc-pc §8.6 (which members are mandatory), W3C webrtc-stats §8.2 to §8.9.
#pragma once

#include "agents/media/statistics.h"
#include "agents/peer/stats.h"

#include <string>
#include <vector>

namespace rtclab::peer {

struct StreamNames {
  std::string transport;  // the id of the transport's object
  std::string track;      // the id of the receiver's track, or of the sender's; empty: none
};

// With remote-outbound-rtp, once the peer has sent a report.
[[nodiscard]] std::vector<Stats> inbound_stats(const media::InboundStatistics& stream,
                                               const StreamNames& names);
// With remote-inbound-rtp, once the peer has sent a report.
[[nodiscard]] std::vector<Stats> outbound_stats(const media::OutboundStatistics& stream,
                                                const StreamNames& names);
[[nodiscard]] Stats media_source_stats(const media::MediaSourceStatistics& source,
                                       const StreamNames& names);

}  // namespace rtclab::peer
