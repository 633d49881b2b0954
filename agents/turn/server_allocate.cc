// What the server does about Allocate: one address or two, and the sockets that they need.
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/server.h"
#include "agents/turn/server.h"

#include <algorithm>
#include <utility>

namespace rtclab::turn {
namespace {

using stun::Class;
using stun::Message;
namespace error = stun::error;

constexpr Rule kRule{8656, "7.2"};
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

Transport wanted_transport(const Message& request) {
  const auto transport = request.find<stun::RequestedTransport>();
  return transport->protocol == stun::RequestedTransport::kTcp ? Transport::Tcp : Transport::Udp;
}

// RFC 8656 §7.2: IPv4 unless another family is asked for, and both when one is asked for in
// addition.
std::vector<Family> wanted_families(const Message& request) {
  if (request.has<stun::AdditionalAddressFamily>()) return {Family::V4, Family::V6};
  const auto asked = request.find<stun::RequestedAddressFamily>();
  return {asked && asked->family == stun::FamilyCode::V6 ? Family::V6 : Family::V4};
}

}  // namespace

void Server::handle_allocate(Instant now, const Request& request) {
  const auto existing = allocations_.find(request.path);
  if (existing != allocations_.end()) {
    // RFC 8656 §7.2: a resend of the request that made the allocation is answered as the first one
    // was.
    if (existing->second.transaction != request.message.transaction)
      return refuse(request, error::kAllocationMismatch, kRule);
    return succeed(request, allocate_success(now, request.message, existing->second));
  }
  if (openings_.contains(request.path)) return;  // its answer is on the way

  if (const auto code = allocate_refusal(request); code != 0) return refuse(request, code, kRule);
  if (auto response = redirection(request)) return refuse(request, std::move(*response), kRule);
  auto opening = opening_for(request);
  if (const auto token = request.message.find<stun::ReservationToken>()) {
    const auto reserved = ports_.redeem(now, *token);
    if (!reserved) return refuse(request, error::kInsufficientCapacity, kRule);
    opening.wanted = {{reserved->ip.family(), *reserved}};
    opening.from_token = true;
  }
  auto& placed = openings_.emplace(request.path, std::move(opening)).first->second;
  for (std::size_t i = 0; i < placed.wanted.size(); ++i) open_relay(now, placed, i);
  conclude(now, request.path);
}

// The steps of RFC 8656 §7.2 in their order, with what RFC 6062 §5.1 adds.
int Server::allocate_refusal(const Request& request) const {
  const auto& message = request.message;
  const auto transport = message.find<stun::RequestedTransport>();
  if (!transport || !request.well_formed) return error::kBadRequest;
  if (transport->protocol != stun::RequestedTransport::kUdp &&
      transport->protocol != stun::RequestedTransport::kTcp)
    return error::kUnsupportedTransportProtocol;

  const auto family = message.find<stun::RequestedAddressFamily>();
  const auto additional = message.find<stun::AdditionalAddressFamily>();
  const auto even = message.find<stun::EvenPort>();
  const bool has_token = message.has<stun::ReservationToken>();
  if (wanted_transport(message) == Transport::Tcp) {
    if (request.path.transport != Transport::Tcp || even || has_token) return error::kBadRequest;
  }
  if (has_token && (even || family || additional)) return error::kBadRequest;
  if (family && additional) return error::kBadRequest;
  if (family && family->family != stun::FamilyCode::V4 && family->family != stun::FamilyCode::V6)
    return error::kAddressFamilyNotSupported;
  if (!additional && !relay_ip(request.path, wanted_families(message).front()))
    return error::kAddressFamilyNotSupported;
  if (additional && even && even->reserve_next) return error::kBadRequest;
  if (additional && additional->family != stun::FamilyCode::V6) return error::kBadRequest;

  const auto mine = std::ranges::count_if(allocations_, [&](const auto& entry) {
    return entry.second.username == request.who.username;
  });
  const bool is_over_quota = config_.allocations_per_user &&
                             static_cast<std::size_t>(mine) >= *config_.allocations_per_user;
  return is_over_quota ? error::kAllocationQuotaReached : 0;
}

// RFC 8489 §10: only to an address of the family that the client speaks; with another name only
// where SHA-256 shows that the client knows of it.
std::optional<Message> Server::redirection(const Request& request) const {
  const auto family = request.path.remote.ip.family();
  if (!config_.alternate || config_.alternate->ip.family() != family) return std::nullopt;
  auto response = stun::error_response(request.message, error::kTryAlternate);
  response.add(stun::AlternateServer{*config_.alternate});
  const bool is_modern = request.message.has<stun::MessageIntegritySha256>();
  if (!config_.alternate_domain.empty() && is_modern)
    response.add(stun::AlternateDomain{config_.alternate_domain});
  return response;
}

Server::Opening Server::opening_for(const Request& request) const {
  Opening opening{.path = request.path,
                  .request = request.message,
                  .who = request.who,
                  .relays_over = wanted_transport(request.message),
                  .wanted = {},
                  .token = std::nullopt,
                  .want = wanted_port(request.message),
                  .from_token = false};
  for (const auto family : wanted_families(request.message)) {
    const auto ip = relay_ip(request.path, family);
    Wanted wanted{family, {ip.value_or(Ip{}), Port{0}}};
    if (!ip) wanted.refusal = error::kAddressFamilyNotSupported;
    opening.wanted.push_back(wanted);
  }
  return opening;
}

std::optional<Ip> Server::relay_ip(const Path& path, Family family) const {
  if (path.local.ip.family() == family) return path.local.ip;
  const auto ip = std::ranges::find_if(
      addresses_, [&](const Ip& address) { return address.family() == family; });
  if (ip == addresses_.end()) return std::nullopt;
  return *ip;
}

void Server::open_relay(Instant now, Opening& opening, std::size_t index) {
  auto& wanted = opening.wanted[index];
  if (wanted.refusal != 0) return;
  const bool is_redeemed = opening.from_token && wanted.attempts == 0;
  if (!is_redeemed) {
    const bool may_try = !opening.from_token && wanted.attempts < kSocketAttempts;
    auto grant = may_try ? ports_.take(now, wanted.address.ip, opening.want) : std::nullopt;
    if (!grant) {
      wanted.refusal = error::kInsufficientCapacity;
      return;
    }
    wanted.address = grant->relayed;
    opening.token = grant->token;
  }
  ++wanted.attempts;
  const auto number = sockets_asked_for_++;
  opening_parts_.emplace(number,
                         OpeningPart{opening.path, index, wanted.address, opening.relays_over});
  outbox_.emplace_back(OpenSocket{number, opening.relays_over, wanted.address});
}

void Server::handle_socket_opened(Instant now, std::uint32_t number) {
  const auto node = opening_parts_.extract(number);
  if (node.empty()) return;  // a listening socket
  const auto& part = node.mapped();
  const auto opening = openings_.find(part.path);
  if (opening == openings_.end()) {  // the client's stream is gone meanwhile
    ports_.release(part.address);
    outbox_.emplace_back(CloseSocket{part.transport, part.address});
    return;
  }
  opening->second.wanted[part.index].is_open = true;
  conclude(now, part.path);
}

void Server::handle_socket_failed(Instant now, std::uint32_t number) {
  const auto node = opening_parts_.extract(number);
  if (node.empty()) return handle_connect_failed(number);
  const auto& part = node.mapped();
  ports_.release(part.address);
  ports_.ban(part.address);
  const auto opening = openings_.find(part.path);
  if (opening == openings_.end()) return;
  open_relay(now, opening->second, part.index);
  conclude(now, part.path);
}

void Server::conclude(Instant now, const Path& path) {
  const auto found = openings_.find(path);
  if (!std::ranges::all_of(found->second.wanted, &Wanted::is_settled)) return;
  const auto opening = std::move(openings_.extract(found).mapped());

  Allocation allocation;
  const auto expires = now + granted_lifetime(opening.request);
  for (const auto& wanted : opening.wanted) {
    if (wanted.is_open) {
      allocation.relays.push_back({wanted.address, expires});
    } else {
      allocation.refused =
          stun::AddressErrorCode{stun::family_code(wanted.family), wanted.refusal,
                                 std::string{error::reason_phrase(wanted.refusal)}};
    }
  }
  if (allocation.relays.empty()) {
    const Request request{opening.path, opening.request, {}, true, opening.who};
    return refuse(request, error::kInsufficientCapacity, kRule);
  }
  allocation.client = opening.path;
  allocation.relays_over = opening.relays_over;
  allocation.username = opening.who.username;
  allocation.transaction = opening.request.transaction;
  allocation.reservation = opening.token;
  for (const auto& relay : allocation.relays) relays_.emplace(relay.address, opening.path);

  auto created = allocation.describe("turn:allocation_created", kRule);
  created.fields.push_back({"username", allocation.username});
  created.fields.push_back({"lifetime_s", std::uint64_t{whole_seconds(expires - now)}});
  emit(std::move(created));
  respond(opening.path, opening.request, opening.who,
          allocate_success(now, opening.request, allocation));
  allocations_.emplace(opening.path, std::move(allocation));
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
  for (const auto& relay : allocation.relays) response.add(stun::XorRelayedAddress{relay.address});
  response.add(stun::Lifetime{whole_seconds(allocation.expires() - now)});
  if (allocation.reservation) response.add(*allocation.reservation);
  if (!config_.deviations.has(Deviation::TurnNoMappedAddress))
    response.add(stun::XorMappedAddress{allocation.client.remote});
  if (allocation.refused) response.add(*allocation.refused);
  return response;
}

}  // namespace rtclab::turn
