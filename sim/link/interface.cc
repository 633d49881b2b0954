#include "sim/link/interface.h"

#include "agents/base/ip_packet.h"
#include "sim/link/network.h"
#include "sim/link/port.h"
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
  return port_->Mtu();
}

void Interface::set_loss(double share) {
  port_->SetLoss(share);
}

PacketId Interface::new_packet_id() {
  return network_.packet_ids().next();
}

SendResult Interface::send(Bytes ip_packet, PacketId identity) {
  return transmit(ip_packet, identity, {id_, next_station(ip_packet)});
}

SendResult Interface::relay(const Arrival& arrival) {
  return transmit(arrival.packet, arrival.identity, arrival.frame);
}

SendResult Interface::transmit(ByteView packet, PacketId identity, capture::Frame frame) {
  assert(!packet.empty());
  const auto outcome = port_->Offer(packet, identity, frame);
  auto* const sink = network_.sink();
  if (sink != nullptr) {
    const capture::Sighting sighting{id_,    Simulation::now(), capture::Direction::Outbound, frame,
                                     packet, identity};
    switch (outcome) {
      case Port::Outcome::OnItsWay: sink->packet(sighting); break;
      case Port::Outcome::Lost:
        sink->dropped(sighting, fmt::format("lost on link {}: {:g} % loss", link_,
                                            port_->Quality().loss * 100));
        break;
      case Port::Outcome::QueueFull:
        sink->dropped(sighting, fmt::format("dropped on link {}: queue full ({} packets)", link_,
                                            port_->Quality().queue));
        break;
      case Port::Outcome::TooBig:
        sink->dropped(sighting, fmt::format("dropped by {}: {} octets are more than the MTU of {}",
                                            full_name(), packet.size(), mtu()));
        break;
    }
  }
  switch (outcome) {
    case Port::Outcome::OnItsWay:
    case Port::Outcome::Lost: return SendResult::Queued;
    case Port::Outcome::QueueFull: return SendResult::QueueFull;
    case Port::Outcome::TooBig: return SendResult::TooBig;
  }
  return SendResult::Queued;
}

void Interface::on_receive(Handler handler) {
  on_arrival([this, handler = std::move(handler)](const Arrival& arrival) {
    note_received(arrival);
    handler(arrival.packet, arrival.identity);
  });
}

void Interface::on_arrival(ArrivalHandler handler) {
  port_->SetDeliver(std::move(handler));
}

void Interface::note_received(const Arrival& arrival) {
  if (auto* const sink = network_.sink()) sink->packet(sighting_of(arrival));
}

void Interface::note_dropped(const Arrival& arrival, std::string_view comment) {
  if (auto* const sink = network_.sink()) sink->dropped(sighting_of(arrival), comment);
}

capture::Sighting Interface::sighting_of(const Arrival& arrival) const {
  return {id_,           Simulation::now(), capture::Direction::Inbound,
          arrival.frame, arrival.packet,    arrival.identity};
}

void Interface::set_neighbours(std::map<Ip, capture::InterfaceId> by_address,
                               capture::InterfaceId gateway) {
  neighbours_ = std::move(by_address);
  gateway_ = gateway;
}

capture::InterfaceId Interface::next_station(ByteView packet) const {
  if (neighbours_.empty()) return gateway_;
  const auto destination = ip::destination_of(packet);
  if (!destination) return gateway_;
  const auto found = neighbours_.find(*destination);
  return found == neighbours_.end() ? gateway_ : found->second;
}

}  // namespace rtclab::sim
