// The ns-3 half of an interface: its device, and what the direction of the link that begins here
// does to packets.
#pragma once

#include "agents/base/rng.h"
#include "sim/link/interface.h"
#include "topologies/topology.h"

#include <ns3/address.h>
#include <ns3/net-device.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/ptr.h>

#include <string>

namespace rtclab::sim {

class Interface::Port {
 public:
  using Deliver = std::function<void(const Arrival&)>;

  Port(Network& network, const std::string& machine, std::size_t mtu,
       const topology::LinkQuality& quality, SeededRng loss);

  enum class Outcome { OnItsWay, Lost, QueueFull, TooBig };
  // One draw for every packet that the link takes.
  Outcome Offer(ByteView packet, PacketId identity, capture::Frame frame);
  void SetDeliver(Deliver deliver) { m_deliver = std::move(deliver); }
  void SetLoss(double share) { m_quality.loss = share; }
  std::size_t Mtu() const { return m_mtu; }
  const topology::LinkQuality& Quality() const { return m_quality; }
  ns3::Ptr<ns3::PointToPointNetDevice> Device() const { return m_device; }

 private:
  bool Receive(ns3::Ptr<ns3::NetDevice> device, ns3::Ptr<const ns3::Packet> packet,
               std::uint16_t protocol, const ns3::Address& from);

  ns3::Ptr<ns3::PointToPointNetDevice> m_device;
  ns3::Address m_broadcast;  // of the device, which spells it anew each time
  std::size_t m_mtu;
  topology::LinkQuality m_quality;
  SeededRng m_loss;
  Deliver m_deliver;
};

}  // namespace rtclab::sim
