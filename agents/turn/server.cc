#include "agents/turn/server.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/stun/server.h"
#include "agents/turn/channel_data.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

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
                                 stun::AttributeType::PasswordAlgorithm};

bool is_known(Method method) {
  switch (method) {
    case Method::Binding:
    case Method::Allocate:
    case Method::Refresh:
    case Method::CreatePermission:
    case Method::ChannelBind: return true;
    case Method::Send:
    case Method::Data:
    case Method::Connect:
    case Method::ConnectionBind:
    case Method::ConnectionAttempt: return false;
  }
  return false;
}

}  // namespace

std::vector<Prefix> Server::default_forbidden_peers() {
  std::vector<Prefix> prefixes;
  for (const auto* const text : {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "::/128", "::1/128",
                                 "ff00::/8", "2001::/32", "2002::/16"}) {
    prefixes.push_back(*Prefix::parse(text));
  }
  return prefixes;
}

Server::Server(Config config, Rng& rng)
    : config_{std::move(config)},
      rng_{&rng},
      credentials_{{config_.realm, config_.users, config_.nonce_lifetime, config_.features}, rng},
      ports_{config_.first_relay_port, config_.last_relay_port, rng} {}

void Server::handle_input(Instant now, const Input& input) {
  expire(now);
  if (const auto* const received = std::get_if<Received>(&input)) {
    if (is_listening_at(received->path.local)) return handle_from_client(now, *received);
    return handle_from_peer(now, *received);
  }
  if (const auto* const opened = std::get_if<SocketOpened>(&input))
    return handle_socket_opened(now, opened->request);
  if (const auto* const failed = std::get_if<SocketFailed>(&input))
    return handle_socket_failed(now, failed->request);
  if (const auto* const unreachable = std::get_if<Unreachable>(&input)) {
    return handle_unreachable(now, unreachable->path);
  }
  if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    addresses_.push_back(up->address);
    outbox_.emplace_back(
        OpenSocket{sockets_asked_for_++, Transport::Udp, {up->address, config_.port}});
  }
  if (const auto* const down = std::get_if<InterfaceDown>(&input))
    handle_interface_down(down->address);
}

void Server::handle_timeout(Instant now) {
  expire(now);
}

std::optional<Output> Server::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

std::optional<Wakeup> Server::next_wakeup() const {
  std::optional<Wakeup> next;
  for (const auto& [path, allocation] : allocations_) {
    next = Wakeup::earliest(next, Wakeup{allocation.next_end(),
                                         "turn: the end of an allocation, permission or channel"});
  }
  return next;
}

bool Server::is_listening_at(const Endpoint& local) const {
  return local.port == config_.port && std::ranges::find(addresses_, local.ip) != addresses_.end();
}

void Server::handle_interface_down(const Ip& address) {
  std::erase(addresses_, address);
  outbox_.emplace_back(CloseSocket{Transport::Udp, {address, config_.port}});
  std::vector<Path> orphans;
  for (const auto& [path, allocation] : allocations_) {
    if (path.local.ip == address || allocation.relayed.ip == address) orphans.push_back(path);
  }
  for (const auto& path : orphans) remove(allocations_.at(path), "interface down");
}

// --- what comes from clients ---

void Server::handle_from_client(Instant now, const Received& received) {
  if (looks_like_channel_data(received.bytes)) return handle_channel_data(now, received);
  auto reading = Message::parse_structure(received.bytes);
  // RFC 8489 §6.3: what is not a STUN message through and through is dropped without a word.
  if (!reading.framed) return emit(PacketDiscarded{reading.flaws.front()}.describe());
  if (stun::check_fingerprint(received.bytes) == stun::Check::Bad) {
    return emit(
        PacketDiscarded{{Flaw::BadChecksum, received.bytes.size() - 8, {8489, "7"}}}.describe());
  }
  auto& message = *reading.message;
  const bool well_formed = reading.flaws.empty();
  if (message.cls == Class::Request && is_known(message.method)) {
    handle_request(now, {received.path, std::move(message), received.bytes, well_formed, {}});
  } else if (message.method == Method::Binding && stun::wants_answer(message, config_.deviations)) {
    handle_binding({received.path, std::move(message), received.bytes, well_formed, {}});
  } else if (message.cls == Class::Indication) {
    if (stun::wants_answer(message, config_.deviations)) {
      respond(received.path, message, {}, Message::response_to(message, Class::Success));
    }
    handle_indication(now, received.path, message, well_formed);
  }
}

void Server::handle_request(Instant now, Request request) {
  if (request.message.method == Method::Binding) return handle_binding(request);

  const auto found = allocations_.find(request.path);
  auto* const allocation = found == allocations_.end() ? nullptr : &found->second;
  const bool needs_allocation = request.message.method != Method::Allocate;
  const bool is_signed = request.message.has<stun::MessageIntegrity>() ||
                         request.message.has<stun::MessageIntegritySha256>();
  // RFC 8656 §5: nothing to log in to. A signed request is authenticated first, for its answer has
  // to be signed too.
  if (needs_allocation && allocation == nullptr && !is_signed) {
    return refuse(request, error::kAllocationMismatch, {8656, "5"});
  }

  auto verdict =
      credentials_.authenticate(now, request.message, request.datagram, request.path.remote);
  if (auto* const response = std::get_if<Message>(&verdict)) {
    return refuse(request, std::move(*response), {8489, "9.2.4"});
  }
  request.who = std::get<stun::LongTermServer::Accepted>(std::move(verdict));

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
  switch (request.message.method) {
    case Method::Allocate: return handle_allocate(now, request);
    case Method::Refresh: return handle_refresh(now, request, *allocation);
    case Method::CreatePermission: return handle_create_permission(now, request, *allocation);
    case Method::ChannelBind: return handle_channel_bind(now, request, *allocation);
    case Method::Binding:
    case Method::Send:
    case Method::Data:
    case Method::Connect:
    case Method::ConnectionBind:
    case Method::ConnectionAttempt: break;  // is_known() let none of them through
  }
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
  outbox_.emplace_back(Transmit{
      path, stun::seal(response, {who.key, who.integrity, fingerprint, config_.deviations})});
}

void Server::indicate(const Allocation& allocation, Message indication) {
  outbox_.emplace_back(Transmit{
      allocation.client,
      stun::seal(indication, {.key = {}, .fingerprint = false, .deviations = config_.deviations})});
}

void Server::drop(std::string_view from, const Endpoint& endpoint, std::string_view reason,
                  Rule rule) {
  emit({.name = "turn:datagram_dropped",
        .fields = {{"from", std::string{from}},
                   {"endpoint", endpoint.to_string()},
                   {"reason", std::string{reason}}},
        .rule = rule});
}

std::vector<stun::AttributeType> Server::unknown_required(const Message& message) {
  return stun::unknown_required(message, kUnderstood);
}

}  // namespace rtclab::turn
