#include "sim/link/passport.h"

#include <ostream>

namespace rtclab::sim {

ns3::TypeId Passport::GetTypeId() {
  static const ns3::TypeId kTypeId =
      ns3::TypeId("rtclab::sim::Passport").SetParent<ns3::Tag>().AddConstructor<Passport>();
  return kTypeId;
}

ns3::TypeId Passport::GetInstanceTypeId() const {
  return GetTypeId();
}

std::uint32_t Passport::GetSerializedSize() const {
  return 8 + 4 + 4 + 4 + 8;
}

void Passport::Serialize(ns3::TagBuffer buffer) const {
  buffer.WriteU64(m_identity);
  buffer.WriteU32(m_source);
  buffer.WriteU32(m_destination);
  buffer.WriteU32(m_sender);
  buffer.WriteU64(m_sent);
}

void Passport::Deserialize(ns3::TagBuffer buffer) {
  m_identity = buffer.ReadU64();
  m_source = buffer.ReadU32();
  m_destination = buffer.ReadU32();
  m_sender = buffer.ReadU32();
  m_sent = buffer.ReadU64();
}

void Passport::Print(std::ostream& out) const {
  out << "packet " << m_identity;
}

}  // namespace rtclab::sim
