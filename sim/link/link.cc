#include "sim/link/link.h"

#include "sim/link/cable.h"
#include "sim/link/network.h"
#include "sim/link/port.h"

#include <utility>

namespace rtclab::sim {
namespace {

ns3::Time to_ns3(Duration duration) {
  return ns3::NanoSeconds(duration.count());
}

}  // namespace

Link::Link(Network& network, LinkSpec spec, InterfaceSpec a, InterfaceSpec b) {
  if (spec.name.empty()) spec.name = a.machine + "—" + b.machine;
  a_ = std::make_unique<Interface>(network, std::move(a), spec.name);
  b_ = std::make_unique<Interface>(network, std::move(b), spec.name);
  const auto open = [&](Interface& from, const Interface& to,
                        const topology::LinkQuality& quality) {
    from.port_ = std::make_unique<Interface::Port>(
        network, from.machine(), spec.mtu, quality,
        network.fork("loss " + from.full_name() + " > " + to.full_name()));
    from.gateway_ = to.id();
    from.on_receive([](ByteView, PacketId) {});  // until somebody listens: only captured
  };
  open(*a_, *b_, spec.a_to_b);
  open(*b_, *a_, spec.b_to_a);
  auto cable = ns3::CreateObject<Cable>();
  cable->SetDelays(to_ns3(spec.a_to_b.delay), to_ns3(spec.b_to_a.delay));
  a_->port_->Device()->Attach(cable);
  b_->port_->Device()->Attach(cable);
}

}  // namespace rtclab::sim
