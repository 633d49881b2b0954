#include "sim/link/cable.h"

#include "sim/link/passport.h"

#include <ns3/node.h>
#include <ns3/packet.h>
#include <ns3/simulator.h>

namespace rtclab::sim {

void Cable::SetDelays(ns3::Time fromFirst, ns3::Time fromSecond) {
  m_fromFirst = fromFirst;
  m_fromSecond = fromSecond;
}

bool Cable::TransmitStart(ns3::Ptr<const ns3::Packet> packet,
                          ns3::Ptr<ns3::PointToPointNetDevice> source, ns3::Time txTime) {
  Passport passport;
  packet->PeekPacketTag(passport);
  if (passport.IsLost()) return true;
  const bool first = source == GetSource(0);
  const auto destination = GetDestination(first ? 0 : 1);
  ns3::Simulator::ScheduleWithContext(
      destination->GetNode()->GetId(), txTime + (first ? m_fromFirst : m_fromSecond),
      &ns3::PointToPointNetDevice::Receive, destination, packet->Copy());
  return true;
}

}  // namespace rtclab::sim
