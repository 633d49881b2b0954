// What travels with a packet inside ns-3 and is not on the wire: who it is, between which stations
// its frame goes, and whether the link will lose it.
#pragma once

#include "sim/capture/sink.h"

#include <ns3/tag.h>

namespace rtclab::sim {

class Passport final : public ns3::Tag {
 public:
  Passport() = default;
  Passport(PacketId identity, capture::Frame frame, bool lost)
      : m_identity{identity.value()},
        m_source{frame.source.value()},
        m_destination{frame.destination.value()},
        m_lost{static_cast<std::uint8_t>(lost)} {}

  static ns3::TypeId GetTypeId();
  ns3::TypeId GetInstanceTypeId() const override;
  std::uint32_t GetSerializedSize() const override;
  void Serialize(ns3::TagBuffer buffer) const override;
  void Deserialize(ns3::TagBuffer buffer) override;
  void Print(std::ostream& out) const override;

  PacketId Identity() const { return PacketId{m_identity}; }
  capture::Frame Stations() const {
    return {capture::InterfaceId{m_source}, capture::InterfaceId{m_destination}};
  }
  bool IsLost() const { return m_lost != 0; }

 private:
  std::uint64_t m_identity = 0;
  std::uint32_t m_source = 0;
  std::uint32_t m_destination = 0;
  std::uint8_t m_lost = 0;
};

}  // namespace rtclab::sim
