// ns-3's point-to-point channel with a delay for each direction, which does not deliver packets
// marked as lost.
#pragma once

// point-to-point-channel.h of ns-3 3.37 does not stand alone: the device comes first.
// clang-format off
#include <ns3/point-to-point-net-device.h>
#include <ns3/point-to-point-channel.h>
// clang-format on

namespace rtclab::sim {

class Cable final : public ns3::PointToPointChannel {
 public:
  // From the device attached first, and from the second.
  void SetDelays(ns3::Time fromFirst, ns3::Time fromSecond);
  bool TransmitStart(ns3::Ptr<const ns3::Packet> packet,
                     ns3::Ptr<ns3::PointToPointNetDevice> source, ns3::Time txTime) override;

 private:
  ns3::Time m_fromFirst;
  ns3::Time m_fromSecond;
};

}  // namespace rtclab::sim
