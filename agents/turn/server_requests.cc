// What the server does about Allocate, Refresh, CreatePermission and ChannelBind.
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/server.h"
#include "agents/turn/channel_data.h"
#include "agents/turn/server.h"

#include <algorithm>
#include <utility>

namespace rtclab::turn {
namespace {

using stun::Class;
using stun::Message;
namespace error = stun::error;

// A relay port can belong to another program of the machine; then the next one is tried.
constexpr unsigned kSocketAttempts = 8;

std::uint32_t whole_seconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

RelayPorts::Want wanted_port(const Message& request) {
  const auto even = request.find<stun::EvenPort>();
  if (!even) return RelayPorts::Want::Any;
  return even->reserve_next ? RelayPorts::Want::EvenAndNext : RelayPorts::Want::Even;
}

}  // namespace

void Server::handle_allocate(Instant now, const Request& request) {
  const auto existing = allocations_.find(request.path);
  if (existing != allocations_.end()) {
    // RFC 8656 §7.2: a resend of the request that made the allocation is answered as the first one
    // was.
    if (existing->second.transaction != request.message.transaction) {
      return refuse(request, error::kAllocationMismatch, {8656, "7.2"});
    }
    return succeed(request, allocate_success(now, request.message, existing->second));
  }
  const bool is_opening = std::ranges::any_of(
      openings_, [&](const auto& entry) { return entry.second.path == request.path; });
  if (is_opening) return;  // its answer is on the way

  if (const auto code = allocate_refusal(request); code != 0) {
    auto response = stun::error_response(request.message, code);
    if (code == error::kTryAlternate) response.add(stun::AlternateServer{*config_.alternate});
    return refuse(request, std::move(response), {8656, "7.2"});
  }
  Opening opening{.path = request.path,
                  .request = request.message,
                  .who = request.who,
                  .relayed = {},
                  .token = std::nullopt,
                  .want = wanted_port(request.message),
                  .from_token = false,
                  .attempts = 0};
  if (const auto token = request.message.find<stun::ReservationToken>()) {
    const auto reserved = ports_.redeem(now, *token);
    if (!reserved) return refuse(request, error::kInsufficientCapacity, {8656, "7.2"});
    opening.relayed = *reserved;
    opening.from_token = true;
    return open_relay(std::move(opening));
  }
  const auto family = request.message.find<stun::RequestedAddressFamily>();
  const auto ip = relay_ip(request.path, family ? family->family : stun::FamilyCode::V4);
  const auto grant = ports_.take(now, *ip, opening.want);
  if (!grant) return refuse(request, error::kInsufficientCapacity, {8656, "7.2"});
  opening.relayed = grant->relayed;
  opening.token = grant->token;
  open_relay(std::move(opening));
}

// The steps of RFC 8656 §7.2, in their order.
int Server::allocate_refusal(const Request& request) const {
  const auto& message = request.message;
  const auto transport = message.find<stun::RequestedTransport>();
  if (!transport || !request.well_formed) return error::kBadRequest;
  if (transport->protocol != stun::RequestedTransport::kUdp)
    return error::kUnsupportedTransportProtocol;

  const auto family = message.find<stun::RequestedAddressFamily>();
  const auto additional = message.find<stun::AdditionalAddressFamily>();
  const auto even = message.find<stun::EvenPort>();
  if (message.has<stun::ReservationToken>() && (even || family || additional))
    return error::kBadRequest;
  if (family && additional) return error::kBadRequest;
  if (!relay_ip(request.path, family ? family->family : stun::FamilyCode::V4)) {
    return error::kAddressFamilyNotSupported;
  }
  if (additional && even && even->reserve_next) return error::kBadRequest;
  if (additional && additional->family == stun::FamilyCode::V4) return error::kBadRequest;

  const auto mine = std::ranges::count_if(allocations_, [&](const auto& entry) {
    return entry.second.username == request.who.username;
  });
  if (config_.allocations_per_user &&
      static_cast<std::size_t>(mine) >= *config_.allocations_per_user) {
    return error::kAllocationQuotaReached;
  }
  // RFC 8489 §10: only to an address of the family that the client speaks.
  const bool can_redirect =
      config_.alternate && config_.alternate->ip.family() == request.path.remote.ip.family();
  return can_redirect ? error::kTryAlternate : 0;
}

std::optional<Ip> Server::relay_ip(const Path& path, stun::FamilyCode family) const {
  if (stun::family_code(path.local.ip.family()) == family) return path.local.ip;
  const auto ip = std::ranges::find_if(
      addresses_, [&](const Ip& address) { return stun::family_code(address.family()) == family; });
  if (ip == addresses_.end()) return std::nullopt;
  return *ip;
}

void Server::open_relay(Opening opening) {
  ++opening.attempts;
  const auto number = sockets_asked_for_++;
  outbox_.emplace_back(OpenSocket{number, Transport::Udp, opening.relayed});
  openings_.emplace(number, std::move(opening));
}

void Server::handle_socket_opened(Instant now, std::uint32_t number) {
  auto node = openings_.extract(number);
  if (node.empty()) return;  // a listening socket
  auto& opening = node.mapped();
  Allocation allocation;
  allocation.client = opening.path;
  allocation.relayed = opening.relayed;
  allocation.username = opening.who.username;
  allocation.transaction = opening.request.transaction;
  allocation.reservation = opening.token;
  allocation.expires = now + granted_lifetime(opening.request);
  relays_.emplace(allocation.relayed, opening.path);

  auto created = allocation.describe("turn:allocation_created", {8656, "7.2"});
  created.fields.push_back({"username", allocation.username});
  created.fields.push_back({"lifetime_s", std::uint64_t{whole_seconds(allocation.expires - now)}});
  emit(std::move(created));
  respond(opening.path, opening.request, opening.who,
          allocate_success(now, opening.request, allocation));
  allocations_.emplace(opening.path, std::move(allocation));
}

void Server::handle_socket_failed(Instant now, std::uint32_t number) {
  auto node = openings_.extract(number);
  if (node.empty()) return;
  auto opening = std::move(node.mapped());
  ports_.release(opening.relayed);
  ports_.ban(opening.relayed);
  const auto grant = opening.from_token || opening.attempts >= kSocketAttempts
                         ? std::nullopt
                         : ports_.take(now, opening.relayed.ip, opening.want);
  if (!grant) {
    const Request request{opening.path, opening.request, {}, true, opening.who};
    return refuse(request, error::kInsufficientCapacity, {8656, "7.2"});
  }
  opening.relayed = grant->relayed;
  opening.token = grant->token;
  open_relay(std::move(opening));
}

// RFC 8656 §7.2: what was asked for, cut to the maximum, but never less than the default.
Duration Server::granted_lifetime(const Message& request) const {
  const auto asked = request.find<stun::Lifetime>();
  const Duration wanted = asked ? std::chrono::seconds{asked->value} : config_.default_lifetime;
  return std::max(config_.default_lifetime, std::min(wanted, config_.maximum_lifetime));
}

Message Server::allocate_success(Instant now, const Message& request,
                                 const Allocation& allocation) const {
  auto response = Message::response_to(request, Class::Success);
  response.add(stun::XorRelayedAddress{allocation.relayed});
  response.add(stun::Lifetime{whole_seconds(allocation.expires - now)});
  if (allocation.reservation) response.add(*allocation.reservation);
  response.add(stun::XorMappedAddress{allocation.client.remote});
  if (request.has<stun::AdditionalAddressFamily>()) {
    constexpr auto kCode = error::kAddressFamilyNotSupported;
    response.add(stun::AddressErrorCode{stun::FamilyCode::V6, kCode,
                                        std::string{error::reason_phrase(kCode)}});
  }
  return response;
}

void Server::handle_refresh(Instant now, const Request& request, Allocation& allocation) {
  if (!request.well_formed) return refuse(request, error::kBadRequest, {8489, "6.3.1"});
  const auto family = request.message.find<stun::RequestedAddressFamily>();
  if (family && family->family != stun::family_code(allocation.relayed.ip.family())) {
    return refuse(request, error::kPeerAddressFamilyMismatch, {8656, "8.2"});
  }
  const auto asked = request.message.find<stun::Lifetime>();
  const bool deletes = asked && asked->value == 0;
  const auto lifetime = deletes ? Duration::zero() : granted_lifetime(request.message);
  succeed(request, Message::response_to(request.message, Class::Success)
                       .add(stun::Lifetime{whole_seconds(lifetime)}));
  if (deletes) return remove(allocation, "refreshed with lifetime 0");
  allocation.expires = now + lifetime;
}

void Server::handle_create_permission(Instant now, const Request& request, Allocation& allocation) {
  const auto peers = request.message.find_all<stun::XorPeerAddress>();
  if (!request.well_formed || peers.empty())
    return refuse(request, error::kBadRequest, {8656, "10.2"});
  std::size_t fresh = 0;
  for (const auto& peer : peers) {
    const auto code = peer_refusal(allocation, peer.endpoint.ip);
    if (code != 0) return refuse(request, code, {8656, "10.2"});
    if (!allocation.permits(now, peer.endpoint.ip)) ++fresh;
  }
  if (allocation.permissions() + fresh > config_.permissions_per_allocation) {
    return refuse(request, error::kInsufficientCapacity, {8656, "10.2"});
  }
  for (const auto& peer : peers) {
    allocation.install_permission(now, peer.endpoint.ip);
    auto event = allocation.describe("turn:permission_installed", {8656, "9"});
    event.fields.push_back({"peer", peer.endpoint.ip.to_string()});
    emit(std::move(event));
  }
  succeed(request, Message::response_to(request.message, Class::Success));
}

void Server::handle_channel_bind(Instant now, const Request& request, Allocation& allocation) {
  const auto number = request.message.find<stun::ChannelNumber>();
  const auto peer = request.message.find<stun::XorPeerAddress>();
  const Rule rule{8656, "12.2"};
  if (!request.well_formed || !number || !peer || !is_channel(number->value)) {
    return refuse(request, error::kBadRequest, rule);
  }
  if (!allocation.can_bind(now, number->value, peer->endpoint))
    return refuse(request, error::kBadRequest, rule);
  if (const auto code = peer_refusal(allocation, peer->endpoint.ip); code != 0)
    return refuse(request, code, rule);
  if (!allocation.permits(now, peer->endpoint.ip) &&
      allocation.permissions() >= config_.permissions_per_allocation) {
    return refuse(request, error::kInsufficientCapacity, rule);
  }
  allocation.bind(now, number->value, peer->endpoint);
  auto event = allocation.describe("turn:channel_bound", {8656, "12"});
  event.fields.push_back({"peer", peer->endpoint.to_string()});
  event.fields.push_back({"channel", std::uint64_t{number->value}});
  emit(std::move(event));
  succeed(request, Message::response_to(request.message, Class::Success));
}

int Server::peer_refusal(const Allocation& allocation, const Ip& peer) const {
  if (peer.family() != allocation.relayed.ip.family()) return error::kPeerAddressFamilyMismatch;
  const bool forbidden = std::ranges::any_of(
      config_.forbidden_peers, [&](const Prefix& prefix) { return prefix.contains(peer); });
  return forbidden ? error::kForbidden : 0;
}

}  // namespace rtclab::turn
