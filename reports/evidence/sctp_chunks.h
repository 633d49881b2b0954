// The chunks of an SCTP packet, in the words of a label.
//
// Spec: RFC 9260 §3 (packets and chunks), RFC 8831 §8 (what a payload protocol means), RFC 8832 §5
// (DCEP).
#pragma once

#include "reports/evidence/dissection.h"

namespace rtclab::evidence {

// As many chunks as can be read. Does not look at the checksum: under DTLS it may be zero
// (RFC 9653).
[[nodiscard]] std::vector<SctpChunk> read_sctp_chunks(ByteView packet);

}  // namespace rtclab::evidence
