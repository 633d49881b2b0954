// CoDel and FQ-CoDel, as ns-3 has them.
//
// Spec: RFC 8289 (CoDel: target 5 ms, interval 100 ms), RFC 8290 (FQ-CoDel: 1024 flows by a hash of
// their ports and addresses, a quantum of 1514 octets as §5.2.4 suggests for Ethernet). ns-3's
// models are the ones that are compared with Linux in its own tests; ours would have to be compared
// with them. They keep time in microseconds and draw nothing. They drop; they do not mark (ECN).
#pragma once

#include "sim/link/packet_queue.h"

#include <cstddef>
#include <memory>

namespace rtclab::sim {

[[nodiscard]] std::unique_ptr<PacketQueue> make_codel(std::size_t places, const Dropped& dropped);
// Full, it takes the packet and drops from the flow that has most waiting (RFC 8290 §4.1).
[[nodiscard]] std::unique_ptr<PacketQueue> make_fq_codel(std::size_t places,
                                                         const Dropped& dropped);

}  // namespace rtclab::sim
