#include "sim/link/interface.h"

#include "agents/base/ip_packet.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::sim {
namespace {

std::string describe(const InterfaceSpec& spec, std::string_view link) {
  std::string addresses;
  for (const auto& address : spec.addresses) addresses += " " + address.to_string();
  return fmt::format("{} {}{}, link {}", spec.machine, spec.name, addresses, link);
}

}  // namespace

Interface::Interface(Network& network, InterfaceSpec spec, std::string link)
    : network_{network},
      spec_{std::move(spec)},
      link_{std::move(link)},
      id_{network.add_interface({full_name(), describe(spec_, link_)})},
      gateway_{id_} {}

Interface::~Interface() = default;

bool Interface::has_address(const Ip& ip) const {
  return std::ranges::find(spec_.addresses, ip, &Prefix::ip) != spec_.addresses.end();
}

std::optional<Ip> Interface::address(Family family) const {
  for (const auto& address : spec_.addresses) {
    if (address.ip.family() == family) return address.ip;
  }
  return std::nullopt;
}

std::size_t Interface::mtu() const {
  return carrier_->mtu();
}

void Interface::set_carrier(std::unique_ptr<Carrier> carrier, capture::InterfaceId other_end) {
  carrier_ = std::move(carrier);
  gateway_ = other_end;
}

PacketId Interface::new_packet_id() {
  return network_.packet_ids().next();
}

SendResult Interface::send(Bytes ip_packet, PacketId identity) {
  const auto station = next_station(ip_packet);
  return transmit({std::move(ip_packet), identity, {id_, station}});
}

SendResult Interface::relay(const Arrival& arrival) {
  return transmit(
      {{arrival.packet.begin(), arrival.packet.end()}, arrival.identity, arrival.frame});
}

SendResult Interface::transmit(Parcel parcel) {
  assert(!parcel.packet.empty());
  auto* const sink = network_.sink();
  const auto sighting = [&]() -> capture::Sighting {
    return {id_,          Simulation::now(), capture::Direction::Outbound,
            parcel.frame, parcel.packet,     parcel.identity};
  };
  if (parcel.packet.size() > mtu()) {
    if (sink != nullptr) {
      sink->dropped(sighting(), fmt::format("dropped by {}: {} octets are more than the MTU of {}",
                                            full_name(), parcel.packet.size(), mtu()));
    }
    return SendResult::TooBig;
  }
  const auto offer = carrier_->judge(parcel.packet);
  if (sink != nullptr && offer.comment.empty()) sink->packet(sighting());
  if (sink != nullptr && !offer.comment.empty()) sink->dropped(sighting(), offer.comment);
  if (!offer.has_room) return SendResult::QueueFull;
  parcel.treatment = offer.treatment;
  carrier_->carry(std::move(parcel));
  return SendResult::Queued;
}

void Interface::deliver(const Parcel& parcel, std::string_view note) {
  handler_({parcel.packet, parcel.identity, parcel.frame, note});
}

void Interface::note_dropped_later(const Parcel& parcel, std::string_view comment) {
  auto* const sink = network_.sink();
  if (sink == nullptr) return;
  sink->dropped({id_, Simulation::now(), capture::Direction::Outbound, parcel.frame, parcel.packet,
                 parcel.identity},
                comment);
}

void Interface::on_receive(Handler handler) {
  on_arrival([this, handler = std::move(handler)](const Arrival& arrival) {
    note_received(arrival);
    handler(arrival.packet, arrival.identity);
  });
}

void Interface::on_arrival(ArrivalHandler handler) {
  handler_ = std::move(handler);
}

void Interface::note_received(const Arrival& arrival) {
  if (auto* const sink = network_.sink()) sink->packet(sighting_of(arrival));
}

void Interface::note_dropped(const Arrival& arrival, std::string_view comment) {
  if (auto* const sink = network_.sink()) sink->dropped(sighting_of(arrival), comment);
}

capture::Sighting Interface::sighting_of(const Arrival& arrival) const {
  return {id_,           Simulation::now(), capture::Direction::Inbound,
          arrival.frame, arrival.packet,    arrival.identity,
          arrival.note};
}

void Interface::set_neighbours(Neighbours by_address, capture::InterfaceId gateway) {
  neighbours_ = std::move(by_address);
  gateway_ = gateway;
}

capture::InterfaceId Interface::next_station(ByteView packet) const {
  if (!neighbours_) return gateway_;
  const auto destination = ip::destination_of(packet);
  if (!destination) return gateway_;
  const auto found = neighbours_->find(*destination);
  return found == neighbours_->end() ? gateway_ : found->second;
}

}  // namespace rtclab::sim
