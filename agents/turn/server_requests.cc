// What the server does about requests: the checks that all of them pass, and all but Allocate and
// those of RFC 6062.
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/stun/server.h"
#include "agents/turn/channel_data.h"
#include "agents/turn/server.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::turn {
namespace {

using stun::Class;
using stun::Message;
using stun::Method;
namespace error = stun::error;

// All comprehension-required attributes that a TURN server knows. DONT-FRAGMENT is not among them.
constexpr std::array kUnderstood{stun::AttributeType::Username,
                                 stun::AttributeType::MessageIntegrity,
                                 stun::AttributeType::ChannelNumber,
                                 stun::AttributeType::Lifetime,
                                 stun::AttributeType::XorPeerAddress,
                                 stun::AttributeType::Data,
                                 stun::AttributeType::Realm,
                                 stun::AttributeType::Nonce,
                                 stun::AttributeType::EvenPort,
                                 stun::AttributeType::RequestedAddressFamily,
                                 stun::AttributeType::UserHash,
                                 stun::AttributeType::RequestedTransport,
                                 stun::AttributeType::ReservationToken,
                                 stun::AttributeType::MessageIntegritySha256,
                                 stun::AttributeType::PasswordAlgorithm,
                                 stun::AttributeType::ConnectionId};

std::uint32_t whole_seconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

}  // namespace

void Server::handle_request(Instant now, Request request) {
  const auto method = request.message.method;
  if (method == Method::Binding) return handle_binding(request);

  const auto found = allocations_.find(request.path);
  auto* const allocation = found == allocations_.end() ? nullptr : &found->second;
  // A ConnectionBind comes over a stream of its own (RFC 6062 §4.3).
  const bool needs_allocation = method != Method::Allocate && method != Method::ConnectionBind;
  const bool is_signed = request.message.has<stun::MessageIntegrity>() ||
                         request.message.has<stun::MessageIntegritySha256>();
  // RFC 8656 §5: nothing to log in to. A signed request is authenticated first, for its answer has
  // to be signed too.
  if (needs_allocation && allocation == nullptr && !is_signed) {
    return refuse(request, error::kAllocationMismatch, {8656, "5"});
  }

  if (!config_.deviations.has(Deviation::TurnNoAuthentication)) {
    auto verdict = credentials_.authenticate(now, request.message, request.datagram,
                                             challenged_client(request));
    if (auto* const response = std::get_if<Message>(&verdict)) {
      return refuse(request, std::move(*response), {8489, "9.2.4"});
    }
    request.who = std::get<stun::LongTermServer::Accepted>(std::move(verdict));
  }

  if (needs_allocation && allocation == nullptr)
    return refuse(request, error::kAllocationMismatch, {8656, "5"});
  if (needs_allocation && allocation->username != request.who.username) {
    return refuse(request, error::kWrongCredentials, {8656, "5"});
  }
  auto unknown = unknown_required(request.message);
  if (!unknown.empty()) {
    return refuse(request, stun::unknown_attribute_response(request.message, std::move(unknown)),
                  {8489, "6.3.1"});
  }
  switch (method) {
    case Method::Allocate: return handle_allocate(now, request);
    case Method::Refresh: return handle_refresh(now, request, *allocation);
    case Method::CreatePermission: return handle_create_permission(now, request, *allocation);
    case Method::ChannelBind: return handle_channel_bind(now, request, *allocation);
    case Method::Connect: return handle_connect(now, request, *allocation);
    case Method::ConnectionBind: return handle_connection_bind(now, request);
    case Method::Binding:
    case Method::Send:
    case Method::Data:
    case Method::ConnectionAttempt: break;  // they are no requests of TURN's
  }
}

// A nonce belongs to the client's address and port. RFC 6062 §4.3: a ConnectionBind comes from
// another port with the credentials of the control connection, and clients take the nonce for one
// of them.
Endpoint Server::challenged_client(const Request& request) const {
  const auto id = request.message.find<stun::ConnectionId>();
  const auto nonce = request.message.find<stun::Nonce>();
  const bool is_bind = request.message.method == Method::ConnectionBind;
  const auto connection =
      is_bind && id && nonce ? connections_.find(id->value) : connections_.end();
  if (connection == connections_.end()) return request.path.remote;
  const auto& control = connection->second.control.remote;
  return credentials_.has_issued(nonce->value, control) ? control : request.path.remote;
}

void Server::handle_binding(const Request& request) {
  auto unknown = stun::unknown_required(request.message);
  // RFC 5780 belongs to stun::Server.
  if (request.message.has<stun::ChangeRequest>())
    unknown.push_back(stun::AttributeType::ChangeRequest);
  if (!unknown.empty()) {
    return refuse(request, stun::unknown_attribute_response(request.message, std::move(unknown)),
                  {8489, "6.3.1"});
  }
  if (!request.well_formed) return refuse(request, error::kBadRequest, {8489, "6.3.1"});
  succeed(request, stun::binding_success(request.message, request.path.remote));
}

// --- Refresh, CreatePermission, ChannelBind ---

void Server::handle_refresh(Instant now, const Request& request, Allocation& allocation) {
  if (!request.well_formed) return refuse(request, error::kBadRequest, {8489, "6.3.1"});
  const auto code = request.message.find<stun::RequestedAddressFamily>();
  const auto matches = [&](const Relay& relay) {
    return !code || stun::family_code(relay.address.ip.family()) == code->family;
  };
  if (std::ranges::none_of(allocation.relays, matches))
    return refuse(request, error::kPeerAddressFamilyMismatch, {8656, "8.2"});
  const auto asked = request.message.find<stun::Lifetime>();
  const bool deletes = asked && asked->value == 0;
  const auto lifetime = deletes ? Duration::zero() : granted_lifetime(request.message);
  succeed(request, Message::response_to(request.message, Class::Success)
                       .add(stun::Lifetime{whole_seconds(lifetime)}));
  for (auto& relay : allocation.relays) {
    if (matches(relay)) relay.expires = now + lifetime;
  }
  if (deletes) end_relays(now, allocation.client, "refreshed with lifetime 0");
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
  // RFC 6062 has no channels: what a peer sends comes over a connection of its own.
  if (allocation.relays_over == Transport::Tcp) return refuse(request, error::kForbidden, rule);
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
  if (allocation.relay(peer.family()) == nullptr) return error::kPeerAddressFamilyMismatch;
  const bool forbidden = std::ranges::any_of(
      config_.forbidden_peers, [&](const Prefix& prefix) { return prefix.contains(peer); });
  return forbidden ? error::kForbidden : 0;
}

// --- answers ---

void Server::succeed(const Request& request, Message response) {
  respond(request.path, request.message, request.who, std::move(response));
}

void Server::refuse(const Request& request, int code, Rule rule) {
  refuse(request, stun::error_response(request.message, code), rule);
}

void Server::refuse(const Request& request, Message response, Rule rule) {
  const auto code = response.find<stun::ErrorCode>()->code;
  emit(stun::RequestRefused{request.path.remote, request.message.method, code, rule}.describe());
  respond(request.path, request.message, request.who, std::move(response));
}

void Server::respond(const Path& path, const Message& request,
                     const stun::LongTermServer::Accepted& who, Message response) {
  if (!config_.software.empty()) response.add(stun::Software{config_.software});
  const bool fingerprint = request.has<stun::Fingerprint>();
  transmit(path, stun::seal(response, {who.key, who.integrity, fingerprint, config_.deviations}));
}

std::vector<stun::AttributeType> Server::unknown_required(const Message& message) {
  return stun::unknown_required(message, kUnderstood);
}

}  // namespace rtclab::turn
