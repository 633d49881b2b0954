// What a link can tell about a packet without keeping any state: enough to count it for a list of
// drops.
//
// Spec: RFC 7983 §7 (what the first octet of a datagram says). A datagram of TURN's ChannelData
// (RFC 8656 §12.4) is looked through; what Send and Data indications carry is not.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/ip_packet.h"

#include <optional>

namespace rtclab::sim {

struct PacketKind {
  enum class Content { Other, Stun, Dtls, Rtp };

  std::optional<ip::Protocol> protocol{};  // nullopt: no IP packet, or a later fragment of one
  Content content = Content::Other;        // of a datagram
  Endpoint source{};                       // of a datagram
  Endpoint destination{};
  ByteView payload{};  // of the datagram, inside the ChannelData if there is one
};

[[nodiscard]] PacketKind kind_of(ByteView packet);

}  // namespace rtclab::sim
