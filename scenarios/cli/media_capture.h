// The media of a capture as its senders wrote it: RTP and RTCP in place of SRTP and SRTCP, for
// programs that open none, such as Wireshark 4.0.
#pragma once

#include "reports/evidence/evidence.h"

#include <cstddef>
#include <iosfwd>

namespace rtclab::cli {

struct MediaCaptureCounts {
  std::size_t opened = 0;  // written, one for each place where the packet was seen
  std::size_t sealed = 0;  // left out: no key of the capture opens them
};

// Writes pcapng with the interfaces and times of the evidence. Each packet's comment names the
// frame it was; what a TURN server relayed stands between the relayed address and the peer, where
// these are known. `out` is binary.
MediaCaptureCounts write_media_capture(const evidence::Evidence& evidence, std::ostream& out);

}  // namespace rtclab::cli
