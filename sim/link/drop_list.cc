#include "sim/link/drop_list.h"

#include <algorithm>
#include <utility>

namespace rtclab::sim {
namespace {

using What = topology::Drop::What;

bool is_a(What what, const PacketKind& packet) {
  const bool datagram = packet.protocol == ip::Protocol::Udp;
  switch (what) {
    case What::Packet: return true;
    case What::Datagram: return datagram;
    case What::Stun: return packet.content == PacketKind::Content::Stun;
    case What::DtlsRecord: return packet.content == PacketKind::Content::Dtls;
    case What::Rtp: return packet.content == PacketKind::Content::Rtp;
    case What::TcpSegment: return packet.protocol == ip::Protocol::Tcp;
    case What::DtlsFlight: return false;  // the watch counts them
  }
  __builtin_unreachable();
}

}  // namespace

void DropList::set(std::vector<topology::Drop> drops, std::size_t flights_before) {
  drops_ = std::move(drops);
  seen_ = {};
  flights_before_ = flights_before;
}

bool DropList::asks_for_flights() const {
  return std::ranges::find(drops_, What::DtlsFlight, &topology::Drop::what) != drops_.end();
}

std::optional<topology::Drop> DropList::check(const PacketKind& packet,
                                              const std::optional<FlightPart>& flight) {
  if (drops_.empty()) return std::nullopt;
  std::optional<topology::Drop> fallen_under;
  const auto look_for = [&](What what, std::size_t number) {
    const auto found = std::ranges::find(drops_, topology::Drop{what, number});
    if (found != drops_.end() && !fallen_under) fallen_under = *found;
  };
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const auto what = static_cast<What>(kind);
    if (is_a(what, packet)) look_for(what, ++seen_[kind]);
  }
  if (flight && flight->sending == 1 && flight->flight > flights_before_) {
    look_for(What::DtlsFlight, flight->flight - flights_before_);
  }
  return fallen_under;
}

}  // namespace rtclab::sim
