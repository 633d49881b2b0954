// One network interface of a machine: the place where packets enter and leave it, and where both
// are seen.
//
// Below it is a carrier, a wire or a radio; above it a host, a NAT, a router or a switch. Made in
// pairs by Link.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "sim/capture/sink.h"
#include "sim/link/carrier.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::sim {

class Network;

struct InterfaceSpec {
  std::string machine;  // "alice-laptop"
  std::string name;     // "eth0"
  // The interface's own addresses and the lengths of their prefixes; a switch port has none.
  std::vector<Prefix> addresses;
};

// A packet as it comes off the wire. Borrowed for the call only.
struct Arrival {
  ByteView packet;
  PacketId identity;
  capture::Frame frame;
  std::string_view note{};  // what the link did to it, for the capture: see link.h
};

enum class SendResult {
  Queued,     // on its way; whether it arrives is the link's affair
  QueueFull,  // dropped here, and captured as such
  TooBig,     // larger than the MTU; refused and captured as such
};

class Interface {
 public:
  using Handler = std::function<void(ByteView packet, PacketId identity)>;
  using ArrivalHandler = std::function<void(const Arrival& arrival)>;

  Interface(Network& network, InterfaceSpec spec, std::string link);
  Interface(const Interface&) = delete;
  Interface& operator=(const Interface&) = delete;
  ~Interface();

  [[nodiscard]] capture::InterfaceId id() const { return id_; }
  [[nodiscard]] const std::string& machine() const { return spec_.machine; }
  [[nodiscard]] const std::string& name() const { return spec_.name; }
  [[nodiscard]] const std::string& link() const { return link_; }  // as comments call it
  [[nodiscard]] std::string full_name() const { return spec_.machine + "." + spec_.name; }
  [[nodiscard]] const std::vector<Prefix>& addresses() const { return spec_.addresses; }
  // What the interface is called from now on; who routes to it is not told here.
  void set_addresses(std::vector<Prefix> addresses) { spec_.addresses = std::move(addresses); }
  [[nodiscard]] bool has_address(const Ip& ip) const;
  // The first of the family.
  [[nodiscard]] std::optional<Ip> address(Family family) const;
  [[nodiscard]] std::size_t mtu() const;
  // For a machine that sends packets of its own, and for one that makes a copy.
  [[nodiscard]] PacketId new_packet_id();

  // Gives the packet to the device and captures it as outbound, with its fate on this link.
  // A packet that is forwarded keeps its identity. Precondition: `ip_packet` is a whole IP packet.
  SendResult send(Bytes ip_packet, PacketId identity);
  // As send(), for a packet that this machine makes itself.
  SendResult send_new(Bytes ip_packet) { return send(std::move(ip_packet), new_packet_id()); }
  // As send(), but the frame stays as it came: what a switch does.
  SendResult relay(const Arrival& arrival);

  // Called with each packet after it was captured as inbound: what a host wants.
  void on_receive(Handler handler);
  // Called with each packet before it is captured: what a middlebox wants, because it knows the
  // packet's fate at once. The handler calls note_received() or note_dropped() exactly once, before
  // it sends anything.
  void on_arrival(ArrivalHandler handler);
  void note_received(const Arrival& arrival);
  void note_dropped(const Arrival& arrival, std::string_view comment);

  // Below: what takes this interface's packets to the one with that number.
  void set_carrier(std::unique_ptr<Carrier> carrier, capture::InterfaceId other_end);
  // From below: a packet that arrives, and one that was captured as sent and then lost on its way.
  void deliver(const Parcel& parcel, std::string_view note);
  void note_dropped_later(const Parcel& parcel, std::string_view comment);

  // Who sits behind the switch that this interface is linked to: for the frame's destination only.
  // Packets for others go to `gateway`. Without this call everything goes to the other end of the
  // link.
  using Neighbours = std::shared_ptr<const std::map<Ip, capture::InterfaceId>>;
  void set_neighbours(Neighbours by_address, capture::InterfaceId gateway);

 private:
  SendResult transmit(Parcel parcel);
  [[nodiscard]] capture::Sighting sighting_of(const Arrival& arrival) const;
  [[nodiscard]] capture::InterfaceId next_station(ByteView packet) const;

  Network& network_;
  InterfaceSpec spec_;
  std::string link_;
  capture::InterfaceId id_;
  std::unique_ptr<Carrier> carrier_;
  ArrivalHandler handler_;
  Neighbours neighbours_;
  capture::InterfaceId gateway_;
};

}  // namespace rtclab::sim
