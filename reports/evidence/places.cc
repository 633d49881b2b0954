#include "reports/evidence/places.h"

#include <memory>
#include <utility>

namespace rtclab::evidence {
namespace {

void add_places(const Dissection& dissection, ByteView octets, std::vector<Place>& places) {
  places.push_back({&dissection, octets});
  if (dissection.carried)
    add_places(dissection.carried->dissection, dissection.carried->payload, places);
  for (const auto& message : dissection.framed)
    add_places(message.dissection, message.payload, places);
}

}  // namespace

std::vector<Place> places_in(const Packet& packet) {
  std::vector<Place> places;
  add_places(packet.dissection, packet.payload, places);
  return places;
}

void change_places(Dissection& dissection, const std::function<void(Dissection&)>& change) {
  change(dissection);
  if (dissection.carried) {
    auto carried = *dissection.carried;
    change_places(carried.dissection, change);
    dissection.carried = std::make_shared<const Carried>(std::move(carried));
  }
  for (auto& message : dissection.framed) change_places(message.dissection, change);
}

}  // namespace rtclab::evidence
