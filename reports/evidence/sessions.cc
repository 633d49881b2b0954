#include "reports/evidence/sessions.h"

#include "agents/stun/attributes.h"
#include "agents/stun/message.h"

#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace rtclab::evidence {
namespace {

using Leg = std::pair<Endpoint, Endpoint>;  // client, server

class Relays {
 public:
  void take(Packet& packet) {
    take(packet, packet.dissection);
    for (auto& message : packet.dissection.framed) take(packet, message.dissection);
  }

 private:
  void take(const Packet& packet, Dissection& dissection) {
    const Leg outward{packet.source, packet.destination};
    const Leg inward{packet.destination, packet.source};
    if (dissection.stun) note(*dissection.stun, outward, inward);
    if (!dissection.carried) return;

    auto carried = *dissection.carried;
    if (dissection.channel) {
      // ChannelData looks the same both ways: who is the server shows in the ChannelBind.
      const auto number = *dissection.channel;
      const auto to_client = channels_.find({inward, number});
      const auto to_server = channels_.find({outward, number});
      carried.from_client = to_client == channels_.end();
      if (to_server != channels_.end()) carried.peer = to_server->second;
      if (to_client != channels_.end()) carried.peer = to_client->second;
    }
    const auto relayed = relayed_.find(carried.from_client ? outward : inward);
    if (relayed != relayed_.end()) carried.relayed = relayed->second;
    dissection.carried = std::make_shared<const Carried>(std::move(carried));
  }

  void note(const stun::Message& message, const Leg& outward, const Leg& inward) {
    if (message.method == stun::Method::Allocate && message.cls == stun::Class::Success) {
      const auto relayed = message.find<stun::XorRelayedAddress>();
      if (relayed) relayed_[inward] = relayed->endpoint;
    }
    if (message.method == stun::Method::ChannelBind && message.cls == stun::Class::Request) {
      const auto number = message.find<stun::ChannelNumber>();
      const auto peer = message.find<stun::XorPeerAddress>();
      if (number && peer) channels_[{outward, number->value}] = peer->endpoint;
    }
  }

  std::map<Leg, Endpoint> relayed_;
  std::map<std::pair<Leg, std::uint16_t>, Endpoint> channels_;
};

class WebSockets {
 public:
  void take(Packet& packet) {
    if (packet.dissection.kind != Kind::Tcp || packet.payload.empty()) return;
    const auto text = as_text(packet.payload);
    if (text.starts_with("GET ") && text.find("pgrade: websocket") != std::string_view::npos) {
      connections_.insert({packet.source, packet.destination});
    }
    if (connections_.contains({packet.source, packet.destination}) ||
        connections_.contains({packet.destination, packet.source})) {
      packet.dissection.kind = Kind::WebSocket;
    }
  }

 private:
  std::set<Leg> connections_;
};

}  // namespace

void resolve_sessions(std::vector<Packet>& packets) {
  Relays relays;
  WebSockets web_sockets;
  for (auto& packet : packets) {
    relays.take(packet);
    web_sockets.take(packet);
  }
}

}  // namespace rtclab::evidence
