// What is below an interface: the wire, or the radio, that takes its packets away.
#pragma once

#include "agents/base/bytes.h"
#include "sim/link/parcel.h"

#include <cstddef>
#include <string>

namespace rtclab::sim {

class Carrier {
 public:
  virtual ~Carrier() = default;
  // Octets of an IP packet.
  [[nodiscard]] virtual std::size_t mtu() const = 0;

  struct Offer {
    Treatment treatment{};
    bool has_room = true;   // else it is dropped, and not to be carried
    std::string comment{};  // why it goes no further, when that is known already
  };
  // What becomes of a packet that is sent now, as far as can be known now. Draws: to be asked once
  // for each packet, which is not larger than the MTU.
  [[nodiscard]] virtual Offer judge(ByteView packet) = 0;
  // Takes a packet that was judged, with its treatment; also a lost one, which takes its time on
  // the wire.
  virtual void carry(Parcel parcel) = 0;
};

}  // namespace rtclab::sim
