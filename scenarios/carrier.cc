#include "scenarios/carrier.h"

#include "sim/host/host.h"
#include "sim/server/client.h"
#include "sim/world.h"
#include "topologies/resolve.h"

#include <cassert>
#include <utility>

namespace rtclab::scenario {
namespace {

// The signalling server where a peer's machine reaches it: by IPv4 if both have it.
Endpoint endpoint_of(const topology::SignallingServer& server, const topology::Topology& topology,
                     const sim::Host& machine) {
  const auto addresses =
      topology::resolve(topology, topology::Nets{topology}, machine.name(), server.name);
  for (const auto& ip : addresses) {
    if (machine.address(ip.family())) return {ip, server.port};
  }
  return server.endpoint();
}

}  // namespace

Carrier::Carrier(const Scenario& scenario, sim::World& world, signalling::Courier::Record record)
    : scenario_{scenario}, world_{world} {
  if (const auto* const courier = std::get_if<CourierSignalling>(&scenario_.signalling))
    courier_.emplace(courier->terms, world_.fork("courier"), std::move(record));
}

std::unique_ptr<signalling::Channel> Carrier::channel(const Peer& peer) {
  if (courier_) return courier_->channel(peer.name);
  const auto& name = std::get<WebSocketSignalling>(scenario_.signalling).server;
  const auto* const server = world_.topology().find_signalling_server(name);
  assert(server != nullptr && "the loader has seen to it");
  auto& machine = world_.host(peer.machine);
  auto client = std::make_unique<signalling::Client>(
      machine,
      signalling::Client::Config{.name = peer.name,
                                 .server = endpoint_of(*server, world_.topology(), machine),
                                 .local = {}},
      world_.fork("peer " + peer.name).fork("signalling"));
  client->connect();
  return client;
}

// A WebSocket keeps the order and brings nothing twice.
signalling::Receipt Carrier::receipt() const {
  const auto* const courier = std::get_if<CourierSignalling>(&scenario_.signalling);
  return courier == nullptr ? signalling::Receipt::AsItComes : courier->terms.receipt;
}

}  // namespace rtclab::scenario
