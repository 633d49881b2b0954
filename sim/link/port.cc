#include "sim/link/port.h"

#include "sim/link/network.h"
#include "sim/link/passport.h"

#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/mac48-address.h>
#include <ns3/node.h>
#include <ns3/packet.h>
#include <ns3/queue-size.h>

#include <algorithm>
#include <limits>

namespace rtclab::sim {
namespace {

constexpr std::uint16_t kEtherTypeV4 = 0x0800;
constexpr std::uint16_t kEtherTypeV6 = 0x86dd;

// Without a rate, sending takes no time: far less than a nanosecond for any packet. Rates above
// 2^63 are negative to ns-3.
constexpr std::uint64_t kNoRate = 100'000'000'000'000'000;

// ns-3 counts the packet that goes out next among the waiting for a moment, so a queue needs one
// place.
std::uint32_t places(const topology::LinkQuality& quality) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (!quality.rate) return kMost;  // nothing ever waits
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(quality.queue, 1, kMost));
}

std::uint16_t ether_type(ByteView packet) {
  return std::to_integer<unsigned>(packet.front()) >> 4u == 6 ? kEtherTypeV6 : kEtherTypeV4;
}

}  // namespace

Interface::Port::Port(Network& network, const std::string& machine, std::size_t mtu,
                      const topology::LinkQuality& quality, SeededRng loss)
    : m_device{ns3::CreateObject<ns3::PointToPointNetDevice>()},
      m_broadcast{m_device->GetBroadcast()},
      m_mtu{mtu},
      m_quality{quality},
      m_loss{loss} {
  m_device->SetAddress(ns3::Mac48Address::Allocate());
  m_device->SetDataRate(ns3::DataRate(quality.rate.value_or(kNoRate)));
  m_device->SetMtu(static_cast<std::uint16_t>(mtu));
  auto queue = ns3::CreateObject<ns3::DropTailQueue<ns3::Packet>>();
  queue->SetMaxSize(ns3::QueueSize(ns3::QueueSizeUnit::PACKETS, places(quality)));
  m_device->SetQueue(queue);
  network.node(machine).AddDevice(m_device);
  // In the node's place, whose protocol handlers nobody else uses.
  m_device->SetReceiveCallback(ns3::MakeCallback(&Port::Receive, this));
}

Interface::Port::Outcome Interface::Port::Offer(ByteView packet, PacketId identity,
                                                capture::Frame frame) {
  if (packet.size() > m_mtu) return Outcome::TooBig;
  const bool lost = m_quality.loss > 0 && m_loss.uniform() < m_quality.loss;
  auto carried = ns3::Create<ns3::Packet>(reinterpret_cast<const std::uint8_t*>(packet.data()),
                                          static_cast<std::uint32_t>(packet.size()));
  carried->AddPacketTag(Passport{identity, frame, lost});
  if (!m_device->Send(carried, m_broadcast, ether_type(packet))) {
    return Outcome::QueueFull;
  }
  return lost ? Outcome::Lost : Outcome::OnItsWay;
}

bool Interface::Port::Receive(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet> packet,
                              std::uint16_t, const ns3::Address&) {
  Passport passport;
  packet->PeekPacketTag(passport);
  Bytes octets(packet->GetSize());
  packet->CopyData(reinterpret_cast<std::uint8_t*>(octets.data()), packet->GetSize());
  m_deliver({octets, passport.Identity(), passport.Stations()});
  return true;
}

}  // namespace rtclab::sim
