#include "sim/link/link.h"

#include "sim/link/network.h"
#include "sim/link/wire.h"

#include <utility>

namespace rtclab::sim {

Link::Link(Network& network, LinkSpec spec, InterfaceSpec a, InterfaceSpec b) {
  if (spec.name.empty()) spec.name = a.machine + "—" + b.machine;
  a_ = std::make_unique<Interface>(network, std::move(a), spec.name);
  b_ = std::make_unique<Interface>(network, std::move(b), spec.name);
  const auto open = [&](Interface& from, Interface& to, Way way,
                        const topology::LinkQuality& quality) {
    auto wire = std::make_unique<Wire>(network, from, to, spec.name, way, quality, watch_);
    wires_[way == Way::AToB ? 0 : 1] = wire.get();
    from.set_carrier(std::move(wire), to.id());
    from.on_receive([](ByteView, PacketId) {});  // until somebody listens: only captured
  };
  open(*a_, *b_, Way::AToB, spec.a_to_b);
  open(*b_, *a_, Way::BToA, spec.b_to_a);
  watch_if_asked();
}

void Link::set_quality(Way way, const topology::LinkQuality& quality) {
  wires_[way == Way::AToB ? 0 : 1]->set(quality);
  watch_if_asked();
}

const topology::LinkQuality& Link::quality(Way way) const {
  return wires_[way == Way::AToB ? 0 : 1]->quality();
}

// Looking at every datagram costs time that only a list with flights is worth.
void Link::watch_if_asked() {
  const bool asked = wires_[0]->asks_for_flights() || wires_[1]->asks_for_flights();
  if (asked && !watch_) watch_.emplace();
  if (!asked) watch_.reset();
}

}  // namespace rtclab::sim
