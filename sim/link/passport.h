// What travels with a packet inside ns-3's devices and is not on the air: who it is, between which
// stations its frame goes, who sent it over this link and when.
#pragma once

#include "agents/base/time.h"
#include "sim/capture/sink.h"

#include <ns3/tag.h>

namespace rtclab::sim {

class Passport final : public ns3::Tag {
 public:
  Passport() = default;
  Passport(PacketId identity, capture::Frame frame, capture::InterfaceId sender, Instant sent)
      : m_identity{identity.value()},
        m_source{frame.source.value()},
        m_destination{frame.destination.value()},
        m_sender{sender.value()},
        m_sent{static_cast<std::uint64_t>(sent.time_since_epoch().count())} {}

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
  capture::InterfaceId Sender() const { return capture::InterfaceId{m_sender}; }
  Instant Sent() const { return Instant{Duration{static_cast<std::int64_t>(m_sent)}}; }

 private:
  std::uint64_t m_identity = 0;
  std::uint32_t m_source = 0;
  std::uint32_t m_destination = 0;
  std::uint32_t m_sender = 0;
  std::uint64_t m_sent = 0;
};

}  // namespace rtclab::sim
