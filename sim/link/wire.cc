#include "sim/link/wire.h"

#include "sim/link/interface.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"

#include <fmt/format.h>
#include <ns3/event-impl.h>
#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <algorithm>
#include <utility>

namespace rtclab::sim {
namespace {

void turn_bit(Bytes& packet, std::size_t bit) {
  packet[bit / 8] ^= std::byte{0x80} >> static_cast<int>(bit % 8);
}

ns3::Time delay_to(Instant at) {
  return ns3::NanoSeconds((at - Simulation::now()).count());
}

}  // namespace

// An event of its own rather than a closure: the packet stands in it, so that a crossing costs one
// allocation besides the octets'.
class Wire::Passage final : public ns3::EventImpl {
 public:
  Passage(Wire& wire, Parcel&& parcel, Duration keptInOrder)
      : m_wire{wire}, m_parcel{std::move(parcel)}, m_keptInOrder{keptInOrder} {}

 private:
  void Notify() override { m_wire.arrive(m_parcel, m_keptInOrder); }

  Wire& m_wire;
  Parcel m_parcel;
  Duration m_keptInOrder;
};

Wire::Wire(Network& network, Interface& from, Interface& to, std::string link, Way way,
           const topology::LinkQuality& quality, std::optional<HandshakeWatch>& watch)
    : network_{network},
      from_{from},
      to_{to},
      link_{std::move(link)},
      way_{way},
      watch_{watch},
      impairments_{[&network](std::string_view name) { return network.fork(name); },
                   from.full_name() + " > " + to.full_name(), quality},
      transmitter_{quality, [this](Parcel&& parcel) { depart(std::move(parcel)); },
                   [this](const Parcel& parcel, const std::string& why) {
                     from_.note_dropped_later(parcel,
                                              fmt::format("dropped on link {}: {}", link_, why));
                   }} {}

void Wire::set(const topology::LinkQuality& quality) {
  impairments_.set(quality, watch_ ? watch_->flights(way_) : 0);
  transmitter_.set(Simulation::now(), quality);
  arm();
}

Carrier::Offer Wire::judge(ByteView packet) {
  PacketKind kind;
  std::optional<FlightPart> flight;
  if (watch_ || impairments_.asks_for_kinds()) kind = kind_of(packet);
  if (watch_) flight = watch_->note(way_, kind);
  auto verdict = impairments_.judge(Simulation::now(), packet, kind, flight);
  Offer offer{.treatment = verdict.treatment, .has_room = transmitter_.has_room()};
  if (!offer.has_room) {
    offer.comment =
        fmt::format("dropped on link {}: queue full ({} packets)", link_, quality().queue);
  } else if (verdict.treatment.lost) {
    offer.comment = fmt::format("lost on link {}: {}", link_, verdict.lost_by);
  }
  return offer;
}

void Wire::carry(Parcel parcel) {
  transmitter_.offer(Simulation::now(), std::move(parcel));
  arm();
}

void Wire::depart(Parcel&& parcel) {
  if (parcel.treatment.lost) return;
  const auto now = Simulation::now();
  if (parcel.offered != now) {
    if (const auto outage = impairments_.outage_at(now)) {
      return from_.note_dropped_later(parcel, fmt::format("lost on link {}: {}", link_, *outage));
    }
  }
  const auto due = now + std::max(Duration{0}, quality().delay + parcel.treatment.jitter);
  auto arrival = due;
  if (parcel.treatment.held_back > Duration{0}) {
    arrival += parcel.treatment.held_back;
  } else if (!quality().jitter.reorders) {
    arrival = last_arrival_ = std::max(due, last_arrival_);
  }
  const auto kept = parcel.treatment.held_back > Duration{0} ? Duration{0} : arrival - due;
  ns3::Simulator::Schedule(delay_to(arrival), ns3::Create<Passage>(*this, std::move(parcel), kept));
}

void Wire::arrive(Parcel& parcel, Duration kept_in_order) {
  if (const auto bit = parcel.treatment.turned_bit) turn_bit(parcel.packet, *bit);
  const auto notes = network_.sink() == nullptr ? std::string{} : notes_on(parcel, kept_in_order);
  to_.deliver(parcel, notes);
  if (!parcel.treatment.twice) return;
  to_.deliver(parcel, fmt::format("link {}: a copy of the one before", link_));
}

// Everything that made this packet's crossing unlike that of the link at rest.
std::string Wire::notes_on(const Parcel& parcel, Duration kept_in_order) const {
  std::string notes;
  const auto add = [&](const std::string& note) { notes += (notes.empty() ? "" : ", ") + note; };
  const auto& treatment = parcel.treatment;
  if (parcel.begun > parcel.offered) {
    add(duration_text(parcel.begun - parcel.offered) + " in the queue");
  }
  if (treatment.jitter != Duration{0}) {
    add((treatment.jitter > Duration{0} ? "jitter +" : "jitter ") +
        duration_text(treatment.jitter));
  }
  if (kept_in_order > Duration{0}) {
    add(duration_text(kept_in_order) + " behind the one before");
  }
  if (treatment.held_back > Duration{0}) {
    add("held back " + duration_text(treatment.held_back) + " (reordering)");
  }
  if (treatment.turned_bit) {
    add(fmt::format("bit {} of octet {} turned", *treatment.turned_bit % 8,
                    *treatment.turned_bit / 8));
  }
  return notes.empty() ? notes : fmt::format("link {}: {}", link_, notes);
}

void Wire::arm() {
  const auto at = transmitter_.next_wakeup();
  if (at == armed_for_) return;
  alarm_.Cancel();
  armed_for_ = at;
  if (!at) return;
  alarm_ = ns3::Simulator::Schedule(delay_to(*at), [this] {
    armed_for_.reset();
    transmitter_.handle_timeout(Simulation::now());
    arm();
  });
}

}  // namespace rtclab::sim
