// TCP connections with peers that a relay makes or accepts for us.
//
// Spec: RFC 6062 §4.3 to §4.6, RFC 6544 §5.5. To connections.h they are connections like others:
// its outputs come here when they are about a relay's address.
#include "agents/ice/gatherer.h"

#include <algorithm>

namespace rtclab::ice {

Path Gatherer::path_of(const Relay& relay, const RelayedConnection& connection) {
  const auto relayed = relay.client.relayed(connection.peer.ip.family());
  return {Transport::Tcp, relayed.value_or(Endpoint{}), connection.peer};
}

bool Gatherer::pass_to_relayed_connection(const Output& output) {
  if (const auto* const open = std::get_if<OpenStream>(&output)) {
    auto* const relay = find_relay(Transport::Tcp, {open->local.ip, kDiscardPort});
    if (relay == nullptr) return false;
    relay->connections.push_back({open->remote, open->request, std::nullopt});
    relay->client.connect(now_, open->remote);
    pump(now_, *relay);
    return true;
  }
  const auto* const transmit = std::get_if<Transmit>(&output);
  const auto* const close = std::get_if<CloseStream>(&output);
  if (transmit == nullptr && close == nullptr) return false;
  const auto& path = transmit != nullptr ? transmit->path : close->path;
  auto* const relay = find_relay(Transport::Tcp, path.local);
  if (relay == nullptr) return false;
  const auto connection = std::ranges::find_if(
      relay->connections, [&](const auto& each) { return each.peer == path.remote && each.id; });
  if (connection != relay->connections.end()) {
    if (transmit != nullptr) {
      relay->client.send_on(*connection->id, transmit->bytes);
    } else {
      relay->client.disconnect(*connection->id);
      relay->connections.erase(connection);
    }
    pump(now_, *relay);
  }
  return true;
}

void Gatherer::handle_relay_event(Relay& relay, const turn::PeerConnected& connected) {
  if (connected.is_incoming) {
    relay.connections.push_back({connected.peer, std::nullopt, connected.id});
    connections_.handle_accepted(relay.stream, path_of(relay, relay.connections.back()));
  } else {
    const auto made = std::ranges::find_if(relay.connections, [&](const auto& each) {
      return each.peer == connected.peer && each.request;
    });
    if (made == relay.connections.end()) return;
    const auto request = *made->request;
    made->request.reset();
    made->id = connected.id;
    connections_.handle_opened(request, path_of(relay, *made));
  }
  pump_connections();
}

void Gatherer::handle_relay_event(Relay& relay, const turn::PeerConnectionFailed& failed) {
  const auto wanted = std::ranges::find_if(relay.connections, [&](const auto& each) {
    return each.peer == failed.peer && each.request;
  });
  if (wanted == relay.connections.end()) return;
  const auto request = *wanted->request;
  relay.connections.erase(wanted);
  connections_.handle_failed(request, "the relay says: " + failed.reason);
  pump_connections();
}

void Gatherer::handle_relay_event(Relay& relay, const turn::ConnectionData& data) {
  const auto known =
      std::ranges::find(relay.connections, std::optional{data.id}, &RelayedConnection::id);
  if (known == relay.connections.end()) return;
  connections_.handle_octets(path_of(relay, *known), data.bytes);
  pump_connections();
}

void Gatherer::handle_relay_event(Relay& relay, const turn::PeerDisconnected& disconnected) {
  const auto known =
      std::ranges::find(relay.connections, std::optional{disconnected.id}, &RelayedConnection::id);
  if (known == relay.connections.end()) return;
  const auto path = path_of(relay, *known);
  relay.connections.erase(known);
  connections_.handle_closed(path, disconnected.reason);
  pump_connections();
}

}  // namespace rtclab::ice
