// A data channel that always has something to say, between two peers on one simulated link: what a
// bulk transfer gets of it.
#pragma once

#include "agents/peer/data_channel_init.h"
#include "topologies/topology.h"

#include <cstddef>
#include <cstdint>

namespace rtclab::test {

struct Bulk {
  topology::LinkQuality link;                  // of either direction
  std::size_t message_size = 16384;            // octets
  Duration warm_up = std::chrono::seconds{2};  // from the first octet, before anything is counted
  Duration measured = std::chrono::seconds{10};
  std::uint64_t seed = 1;
  peer::DataChannelInit channel{};
};

struct BulkResult {
  std::uint64_t octets = 0;         // of user data that arrived while it was measured
  std::uint64_t octets_in_all = 0;  // since the channel opened
  std::uint64_t messages_in_all = 0;
  double octets_per_second = 0;
  std::uint64_t packets = 0;        // of DTLS, both ways, since the channel opened
  std::uint64_t packet_octets = 0;  // of those, without UDP and IP headers
};

// Throws std::runtime_error when the channel does not open.
[[nodiscard]] BulkResult run_bulk(const Bulk& bulk);

// Octets of user data in a full packet, and of that packet on the link: what rtclab's peers send
// (RFC 8260 §2.1, RFC 9260 §3, RFC 6347 with AES-GCM, UDP, IPv4, PPP of sim/link).
inline constexpr std::size_t kUserOctets = 1128;
inline constexpr std::size_t kPacketOctets = kUserOctets + 20 /* I-DATA */ + 12 /* SCTP */ +
                                             37 /* DTLS */ + 8 /* UDP */ + 20 /* IPv4 */ +
                                             2 /* PPP */;

}  // namespace rtclab::test
