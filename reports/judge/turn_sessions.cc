#include "reports/judge/turn_sessions.h"

#include "agents/stun/attributes.h"

#include <algorithm>

namespace rtclab::judge {

using stun::Class;
using stun::Method;

std::optional<Duration> TurnSessions::last(const Grants& grants, Duration at) {
  std::optional<Duration> until;
  for (const auto& grant : grants) {
    if (grant.from <= at) until = grant.until;
  }
  return until;
}

std::optional<Duration> TurnSessions::allocated_until(const TurnLeg& leg, Duration at) const {
  const auto found = allocations_.find(leg);
  return found == allocations_.end() ? std::nullopt : last(found->second, at);
}

std::optional<Duration> TurnSessions::permitted_until(const TurnLeg& leg, const Ip& peer,
                                                      Duration at) const {
  const auto found = permissions_.find({leg, peer});
  return found == permissions_.end() ? std::nullopt : last(found->second, at);
}

std::optional<Duration> TurnSessions::bound_until(const TurnLeg& leg, std::uint16_t channel,
                                                  Duration at) const {
  const auto found = channels_.find({leg, channel});
  return found == channels_.end() ? std::nullopt : last(found->second, at);
}

std::optional<Endpoint> TurnSessions::peer_of(const TurnLeg& leg, std::uint16_t channel) const {
  const auto found = peers_.find({leg, channel});
  return found == peers_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::uint16_t> TurnSessions::channel_to(const TurnLeg& leg, const Endpoint& peer,
                                                      Duration at) const {
  for (const auto& [key, bound] : peers_) {
    if (key.first != leg || bound != peer) continue;
    const auto until = bound_until(leg, key.second, at);
    if (until && at < *until) return key.second;
  }
  return std::nullopt;
}

std::optional<TurnLeg> TurnSessions::owner_of(const Endpoint& relayed) const {
  const auto found = relayed_.find(relayed);
  return found == relayed_.end() ? std::nullopt : std::optional{found->second};
}

void TurnSessions::take(const Transmission& t) {
  const auto* const message = t.stun();
  if (message == nullptr || t.carried) return;
  if (message->cls == Class::Request) requests_.try_emplace(message->transaction, &t);
  if (message->cls == Class::Success) take_success(t);
}

void TurnSessions::take_success(const Transmission& success) {
  const auto found = requests_.find(success.stun()->transaction);
  if (found == requests_.end() || (view_ == View::Client && success.dropped)) return;
  const auto& request = *found->second;
  const auto leg = from_client(request);
  const auto from = view_ == View::Client ? success.received.value_or(success.sent) : success.sent;
  const auto& message = *success.stun();
  switch (message.method) {
    case Method::Allocate:
    case Method::Refresh: {
      const auto lifetime = message.find<stun::Lifetime>();
      if (!lifetime) return;
      allocations_[leg].push_back({from, from + std::chrono::seconds{lifetime->value}});
      if (const auto relayed = message.find<stun::XorRelayedAddress>())
        relayed_[relayed->endpoint] = leg;
      return;
    }
    case Method::CreatePermission:
    case Method::ChannelBind: {
      for (const auto& peer : request.stun()->find_all<stun::XorPeerAddress>())
        permissions_[{leg, peer.endpoint.ip}].push_back({from, from + kPermissionLifetime});
      const auto channel = request.stun()->find<stun::ChannelNumber>();
      const auto peer = request.stun()->find<stun::XorPeerAddress>();
      if (message.method != Method::ChannelBind || !channel || !peer) return;
      channels_[{leg, channel->value}].push_back({from, from + kChannelLifetime});
      peers_[{leg, channel->value}] = peer->endpoint;
      return;
    }
    default: return;
  }
}

}  // namespace rtclab::judge
