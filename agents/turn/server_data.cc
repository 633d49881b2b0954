// How the server relays datagrams.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/turn/channel_data.h"
#include "agents/turn/server.h"

#include <utility>

namespace rtclab::turn {
namespace {

using stun::Class;
using stun::Message;
using stun::Method;

}  // namespace

void Server::handle_indication(Instant now, const Path& path, const Message& message,
                               bool well_formed) {
  if (message.method != Method::Send) return;  // a Binding indication keeps a NAT open, no more
  const auto found = allocations_.find(path);
  if (found == allocations_.end()) return drop("client", path.remote, "no allocation", {8656, "5"});
  const auto peer = message.find<stun::XorPeerAddress>();
  const auto data = message.find<stun::Data>();
  if (!well_formed || !peer || !data || !unknown_required(message).empty()) {
    return drop("client", path.remote, "malformed Send indication", {8656, "11.2"});
  }
  relay_to_peer(now, found->second, peer->endpoint, data->value);
}

void Server::handle_channel_data(Instant now, const Received& received) {
  const auto found = allocations_.find(received.path);
  if (found == allocations_.end())
    return drop("client", received.path.remote, "no allocation", {8656, "5"});
  const auto message = ChannelData::parse(received.bytes);
  if (!message) return emit(PacketDiscarded{message.error()}.describe());
  const auto peer = found->second.peer_of(now, message->channel);
  if (!peer) return drop("client", received.path.remote, "channel not bound", {8656, "12.6"});
  relay_to_peer(now, found->second, *peer, message->data);
}

void Server::relay_to_peer(Instant now, const Allocation& allocation, const Endpoint& peer,
                           ByteView data) {
  // A permission outlasts a change of policy by its lifetime, so the address is looked at again.
  const bool careless = config_.deviations.has(Deviation::TurnRelayAll);
  if (!careless && (peer_refusal(allocation, peer.ip) != 0 || !allocation.permits(now, peer.ip))) {
    return drop("client", allocation.client.remote, "no permission for " + peer.ip.to_string(),
                {8656, "9"});
  }
  if (allocation.relays_over != Transport::Udp)
    return drop("client", allocation.client.remote, "a TCP allocation takes no datagrams",
                {6062, "3"});
  const auto& relayed = allocation.relay(peer.ip.family())->address;
  outbox_.emplace_back(Transmit{{Transport::Udp, relayed, peer}, Bytes{data.begin(), data.end()}});
}

void Server::handle_from_peer(Instant now, const Received& received) {
  const auto relay = relays_.find(received.path.local);
  if (relay == relays_.end()) return;
  const auto& allocation = allocations_.at(relay->second);
  const auto& peer = received.path.remote;
  const bool is_open = config_.deviations.has(Deviation::TurnRelayWithoutPermission);
  if (!is_open && !allocation.permits(now, peer.ip))
    return drop("peer", peer, "no permission", {8656, "9"});
  relay_to_client(now, allocation, peer, received.bytes);
}

void Server::relay_to_client(Instant now, const Allocation& allocation, const Endpoint& peer,
                             ByteView data) {
  const auto channel = allocation.channel_of(now, peer);
  if (channel && !config_.deviations.has(Deviation::TurnNoChannelToClient)) {
    return transmit(allocation.client, ChannelData{*channel, data}.serialize());
  }
  Message indication{Class::Indication, Method::Data, stun::TransactionId::draw(*rng_), {}};
  indication.add(stun::XorPeerAddress{peer}).add(stun::Data{Bytes{data.begin(), data.end()}});
  indicate(allocation, std::move(indication));
}

// RFC 8656 §11.5: only the address inside the ICMP packet is held against the permissions. The
// driver tells no type and code; what a host answers about a UDP port that nobody has is reported.
void Server::handle_unreachable(Instant now, const Path& path) {
  const auto relay = relays_.find(path.local);
  if (relay == relays_.end()) return;
  const auto& allocation = allocations_.at(relay->second);
  if (!allocation.permits(now, path.remote.ip)) return;
  const auto icmp = path.remote.ip.is_v4() ? stun::Icmp{3, 3, 0} : stun::Icmp{1, 4, 0};
  Message indication{Class::Indication, Method::Data, stun::TransactionId::draw(*rng_), {}};
  indication.add(stun::XorPeerAddress{path.remote}).add(icmp);
  indicate(allocation, std::move(indication));
}

void Server::indicate(const Allocation& allocation, Message indication) {
  transmit(
      allocation.client,
      stun::seal(indication, {.key = {}, .fingerprint = false, .deviations = config_.deviations}));
}

void Server::drop(std::string_view from, const Endpoint& endpoint, std::string_view reason,
                  Rule rule) {
  emit({.name = "turn:datagram_dropped",
        .fields = {{"from", std::string{from}},
                   {"endpoint", endpoint.to_string()},
                   {"reason", std::string{reason}}},
        .rule = rule});
}

}  // namespace rtclab::turn
