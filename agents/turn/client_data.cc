// How the client sends to its peers and hears from them.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/turn/channel_data.h"
#include "agents/turn/client.h"

#include <algorithm>

namespace rtclab::turn {
namespace {

using stun::Class;
using stun::Message;
using stun::Method;

}  // namespace

void Client::transmit_data(Instant now, const Endpoint& peer, ByteView bytes) {
  const auto channel = channels_.find(peer);
  if (channel != channels_.end() && channel->second.grant.stands(now)) {
    return transmit(ChannelData{channel->second.loan.number, bytes}.serialize());
  }
  if (config_.deviations.has(Deviation::TurnChannelUnbound)) {
    const auto number = channel != channels_.end() ? channel->second.loan.number : kFirstChannel;
    return transmit(ChannelData{number, bytes}.serialize());
  }
  Message indication{Class::Indication, Method::Send, stun::TransactionId::draw(*rng_), {}};
  indication.add(stun::XorPeerAddress{peer}).add(stun::Data{{bytes.begin(), bytes.end()}});
  transmit(stun::seal(indication, {.key = {}, .deviations = config_.deviations}));
}

void Client::handle_channel_data(Instant now, ByteView bytes) {
  const auto message = ChannelData::parse(bytes);
  if (!message) return emit(PacketDiscarded{message.error()}.describe());
  const auto peer = peer_on(now, message->channel);
  if (!peer) return;
  // RFC 8656 §12: data may overtake the answer to the ChannelBind, so a channel that was only asked
  // for will do.
  const auto found = channels_.find(*peer);
  const bool is_asked =
      found != channels_.end() && found->second.grant.state() == Grant::State::Asked;
  deliver(now, *peer, message->data, is_asked ? Proof::NotNeeded : Proof::Permission);
}

void Client::handle_data_indication(Instant now, const Message& indication) {
  const auto peer = indication.find<stun::XorPeerAddress>();
  if (!peer || !stun::unknown_required(indication).empty()) return;
  if (const auto data = indication.find<stun::Data>()) {
    // RFC 8656 §11.4: not what somebody made the server send us. A permission that is being asked
    // for will do: the first datagram of a peer can overtake the answer.
    const auto found = permissions_.find(peer->endpoint.ip);
    const bool is_asked =
        found != permissions_.end() && found->second.grant.state() == Grant::State::Asked;
    return deliver(now, peer->endpoint, data->value,
                   is_asked ? Proof::NotNeeded : Proof::Permission);
  }
  const auto icmp = indication.find<stun::Icmp>();
  if (icmp && is_permitted(now, peer->endpoint.ip)) {
    announce(PeerUnreachable{peer->endpoint, icmp->type, icmp->code});
  }
}

void Client::deliver(Instant now, const Endpoint& peer, ByteView data, Proof proof) {
  if (state_ != State::Allocated) return;
  if (proof == Proof::Permission && !is_permitted(now, peer.ip)) return;
  events_.emplace_back(Data{peer, {data.begin(), data.end()}});
}

}  // namespace rtclab::turn
