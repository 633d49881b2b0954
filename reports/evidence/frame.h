// From a captured frame to the UDP datagram, TCP segment or ICMP message in it.
//
// Lenient where a recording is: an IPv4 checksum that the network card was to fill in, a frame cut
// by the snap length. IP fragments are put together; the last one to come carries the datagram, as
// in Wireshark.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/ip_packet.h"
#include "reports/evidence/capture_file.h"
#include "reports/evidence/evidence.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <tuple>

namespace rtclab::evidence {

// Whether frames of this link type can be looked into.
[[nodiscard]] bool is_known_link_type(unsigned link_type);

// The IP packet in a frame; nullopt when it holds none (ARP, an unknown link type, too short).
[[nodiscard]] std::optional<ByteView> strip_link_layer(unsigned link_type, ByteView frame);

// Puts IP fragments together. Holds a bounded number of unfinished datagrams; the oldest goes
// first.
class Reassembler {
 public:
  // The payload of the whole datagram as soon as its last missing fragment comes.
  [[nodiscard]] std::optional<Bytes> add(const ip::Header& header, ByteView payload);

 private:
  using Key = std::tuple<Ip, Ip, std::uint16_t, ip::Protocol>;
  struct Pending {
    std::map<std::size_t, Bytes> parts;  // by offset
    std::optional<std::size_t> size;     // known from the fragment without "more fragments"
  };
  [[nodiscard]] static std::optional<Bytes> whole(const Pending& pending);

  std::map<Key, Pending> pending_;
  std::deque<Key> order_;
};

class FrameReader {
 public:
  // Everything but `interface`, `datagram` and what only the capture file knows. nullopt for a
  // frame without IP. One Reassembler per interface: a fragment seen twice is two sightings.
  [[nodiscard]] std::optional<Packet> read(unsigned link_type, const RawFrame& frame);

 private:
  std::map<std::size_t, Reassembler> reassemblers_;
};

}  // namespace rtclab::evidence
