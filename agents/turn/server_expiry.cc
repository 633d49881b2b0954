// How what the server granted comes to its end.
#include "agents/turn/server.h"

#include <algorithm>

namespace rtclab::turn {

void Server::expire(Instant now) {
  std::vector<Path> ended;
  for (auto& [path, allocation] : allocations_) {
    if (now < allocation.expires()) expire_entries(now, allocation);
    const auto has_ended = [&](const Relay& relay) { return now >= relay.expires; };
    if (std::ranges::any_of(allocation.relays, has_ended)) ended.push_back(path);
  }
  for (const auto& path : ended) end_relays(now, path, "expired");
  expire_connections(now);
}

void Server::expire_entries(Instant now, Allocation& allocation) {
  const auto gone = allocation.forget_ended(now);
  for (const auto& peer : gone.permissions) {
    auto event = allocation.describe("turn:permission_expired", {8656, "9"});
    event.fields.push_back({"peer", peer.to_string()});
    emit(std::move(event));
  }
  for (const auto& [number, peer] : gone.channels) {
    auto event = allocation.describe("turn:channel_expired", {8656, "12"});
    event.fields.push_back({"peer", peer.to_string()});
    event.fields.push_back({"channel", std::uint64_t{number}});
    emit(std::move(event));
  }
}

void Server::end_relays(Instant now, const Path& path, std::string_view reason) {
  auto& allocation = allocations_.at(path);
  if (now >= allocation.expires()) return remove(path, reason);
  for (const auto family : {Family::V4, Family::V6}) {
    const auto* const relay = allocation.relay(family);
    if (relay == nullptr || now < relay->expires) continue;
    const auto address = relay->address;
    auto event = allocation.describe("turn:family_deleted", {8656, "8.1"});
    event.fields.push_back({"family", std::string{to_string(family)}});
    event.fields.push_back({"reason", std::string{reason}});
    emit(std::move(event));
    close_relay(allocation, address);
    allocation.remove_family(family);
    drop_connections_if([&](const PeerConnection& each) { return each.path.local == address; },
                        reason);
  }
}

void Server::remove(const Path& path, std::string_view reason) {
  const auto node = allocations_.extract(path);
  const auto& allocation = node.mapped();
  auto event = allocation.describe("turn:allocation_deleted", {8656, "8"});
  event.fields.push_back({"reason", std::string{reason}});
  emit(std::move(event));
  for (const auto& relay : allocation.relays) close_relay(allocation, relay.address);
  drop_connections_if([&](const PeerConnection& each) { return each.control == path; }, reason);
}

void Server::close_relay(const Allocation& allocation, const Endpoint& address) {
  outbox_.emplace_back(CloseSocket{allocation.relays_over, address});
  ports_.release(address);
  relays_.erase(address);
}

}  // namespace rtclab::turn
