// Where a world tells what it sees: every packet at every interface, once, with its fate.
//
// A middlebox knows a packet's fate in the instant it arrives, and a link mostly in the instant it
// is offered, so a sighting is written either as packet() or as dropped(), never as both. What a
// link drops later (by CoDel, or in an outage that begins while it waits) is a sighting of its own.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/strong.h"
#include "agents/base/time.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace rtclab::sim {

// A packet's identity: the same at every interface it passes, also behind a NAT that rewrote it.
using PacketId = Strong<struct PacketIdTag, std::uint64_t>;

// The one counter of a world that hands identities out, from 1.
class PacketIds {
 public:
  [[nodiscard]] PacketId next() { return PacketId{++last_}; }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace rtclab::sim

namespace rtclab::capture {

// Numbers the interfaces of a world from 0, in the order in which they were added.
using InterfaceId = Strong<struct InterfaceIdTag, std::uint32_t>;

enum class Direction : std::uint8_t { Inbound, Outbound };

struct InterfaceInfo {
  std::string name;         // "alice-laptop.eth0"
  std::string description;  // "alice-laptop eth0 192.168.1.10/24, link to home-a.eth0"
};

// The two stations of the Ethernet frame around a packet, named by their interfaces. A switch
// leaves them alone.
struct Frame {
  InterfaceId source{0};
  InterfaceId destination{0};
};

struct Sighting {
  InterfaceId interface;
  Instant at;
  Direction direction;
  Frame frame;
  ByteView packet;  // from the IP header on
  sim::PacketId identity;
  // What a link did to the packet on its way here: "link a—b: 48 ms in the queue"; else empty.
  std::string_view note{};
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual InterfaceId add_interface(const InterfaceInfo& info) = 0;
  virtual void packet(const Sighting& sighting) = 0;
  // The packet went no further than this; `comment` says by whom and by which rule.
  virtual void dropped(const Sighting& sighting, std::string_view comment) = 0;
  // A line of the NSS key log format, known from `at` on.
  virtual void secrets(Instant at, std::string_view nss_line) = 0;
};

}  // namespace rtclab::capture
