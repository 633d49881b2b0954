// One message on its way, as its sender and as its receiver saw it.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/stun/message.h"
#include "reports/evidence/evidence.h"

#include <cstddef>
#include <optional>

namespace rtclab::judge {

// A datagram between two parties, a message in a TCP connection between them, or the datagram that
// travelled inside TURN's between client and server.
struct Transmission {
  std::size_t packet = 0;  // where it was first seen: index into Evidence::packets
  ByteView payload;
  const evidence::Dissection* dissection = nullptr;
  Duration sent{};
  std::optional<Duration> received;  // nullopt: it was dropped, or nobody captured its arrival
  Endpoint source, destination;      // as sent
  Endpoint source_as_received, destination_as_received;
  std::optional<evidence::PartyIndex> from, to;
  std::optional<evidence::Framing> framing;  // in TCP; nullopt: a datagram
  bool carried = false;                      // inside TURN
  bool dropped = false;                      // it is known not to have arrived

  // The cookie of STUN stands in its place, whatever else is wrong (RFC 8489 §5).
  [[nodiscard]] bool means_to_be_stun() const {
    if (payload.size() < stun::kHeaderSize) return false;
    ByteReader reader{payload};
    reader.skip(4);
    return reader.u32() == stun::kMagicCookie;
  }
  [[nodiscard]] bool is_tcp() const { return framing.has_value(); }
  [[nodiscard]] const stun::Message* stun() const { return dissection->stun.get(); }
  [[nodiscard]] bool is(stun::Class cls, stun::Method method) const {
    return stun() != nullptr && stun()->cls == cls && stun()->method == method;
  }
};

}  // namespace rtclab::judge
