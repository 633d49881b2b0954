#include "agents/turn/allocation.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::turn {

const Relay* Allocation::relay(Family family) const {
  const auto found = std::ranges::find_if(
      relays, [&](const Relay& relay) { return relay.address.ip.family() == family; });
  return found == relays.end() ? nullptr : &*found;
}

Relay* Allocation::relay(Family family) {
  return const_cast<Relay*>(std::as_const(*this).relay(family));
}

Instant Allocation::expires() const {
  return std::ranges::max(relays, {}, &Relay::expires).expires;
}

void Allocation::remove_family(Family family) {
  std::erase_if(relays, [&](const Relay& relay) { return relay.address.ip.family() == family; });
  std::erase_if(permissions_, [&](const auto& entry) { return entry.first.family() == family; });
  std::erase_if(channels_,
                [&](const auto& entry) { return entry.second.peer.ip.family() == family; });
}

bool Allocation::permits(Instant now, const Ip& peer) const {
  const auto permission = permissions_.find(peer);
  return permission != permissions_.end() && now < permission->second;
}

bool Allocation::can_bind(Instant now, std::uint16_t number, const Endpoint& peer) const {
  return std::ranges::all_of(channels_, [&](const auto& entry) {
    const auto& [bound, channel] = entry;
    if (now >= channel.expires) return true;
    return (bound == number) == (channel.peer == peer);
  });
}

void Allocation::bind(Instant now, std::uint16_t number, const Endpoint& peer) {
  assert(can_bind(now, number, peer));
  channels_[number] = {peer, now + kChannelLifetime};
  install_permission(now, peer.ip);
}

std::optional<Endpoint> Allocation::peer_of(Instant now, std::uint16_t number) const {
  const auto channel = channels_.find(number);
  if (channel == channels_.end() || now >= channel->second.expires) return std::nullopt;
  return channel->second.peer;
}

std::optional<std::uint16_t> Allocation::channel_of(Instant now, const Endpoint& peer) const {
  const auto channel = std::ranges::find_if(channels_, [&](const auto& entry) {
    return entry.second.peer == peer && now < entry.second.expires;
  });
  if (channel == channels_.end()) return std::nullopt;
  return channel->first;
}

Allocation::Ended Allocation::forget_ended(Instant now) {
  Ended ended;
  std::erase_if(permissions_, [&](const auto& entry) {
    if (now < entry.second) return false;
    ended.permissions.push_back(entry.first);
    return true;
  });
  std::erase_if(channels_, [&](const auto& entry) {
    if (now < entry.second.expires) return false;
    ended.channels.emplace_back(entry.first, entry.second.peer);
    return true;
  });
  return ended;
}

Event Allocation::describe(std::string_view name, Rule rule) const {
  Event event{.name = name, .fields = {{"client", client.remote.to_string()}}, .rule = rule};
  std::string addresses;
  for (const auto& relay : relays)
    addresses += (addresses.empty() ? "" : " ") + relay.address.to_string();
  event.fields.push_back({"relayed", std::move(addresses)});
  return event;
}

Instant Allocation::next_end() const {
  auto first = relays.front().expires;
  for (const auto& relay : relays) first = std::min(first, relay.expires);
  for (const auto& [peer, at] : permissions_) first = std::min(first, at);
  for (const auto& [number, channel] : channels_) first = std::min(first, channel.expires);
  return first;
}

}  // namespace rtclab::turn
