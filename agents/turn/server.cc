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

// A relay port can belong to another program of the machine; then the next one is tried.
constexpr unsigned kSocketAttempts = 8;

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

std::uint32_t whole_seconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

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

RelayPorts::Want wanted_port(const Message& request) {
  const auto even = request.find<stun::EvenPort>();
  if (!even) return RelayPorts::Want::Any;
  return even->reserve_next ? RelayPorts::Want::EvenAndNext : RelayPorts::Want::Even;
}

Event about(std::string_view name, const Allocation& allocation, Rule rule) {
  return {.name = name,
          .fields = {{"client", allocation.client.remote.to_string()},
                     {"relayed", allocation.relayed.to_string()}},
          .rule = rule};
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
  auto unknown = stun::unknown_required(request.message, kUnderstood);
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

  auto created = about("turn:allocation_created", allocation, {8656, "7.2"});
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
    auto event = about("turn:permission_installed", allocation, {8656, "9"});
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
  auto event = about("turn:channel_bound", allocation, {8656, "12"});
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

// --- data ---

void Server::handle_indication(Instant now, const Path& path, const Message& message,
                               bool well_formed) {
  if (message.method != Method::Send) return;  // a Binding indication keeps a NAT open, no more
  const auto found = allocations_.find(path);
  if (found == allocations_.end()) return drop("client", path.remote, "no allocation", {8656, "5"});
  const auto peer = message.find<stun::XorPeerAddress>();
  const auto data = message.find<stun::Data>();
  if (!well_formed || !peer || !data || !stun::unknown_required(message, kUnderstood).empty()) {
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
  if (peer_refusal(allocation, peer.ip) != 0 || !allocation.permits(now, peer.ip)) {
    return drop("client", allocation.client.remote, "no permission for " + peer.ip.to_string(),
                {8656, "9"});
  }
  outbox_.emplace_back(
      Transmit{{Transport::Udp, allocation.relayed, peer}, Bytes{data.begin(), data.end()}});
}

void Server::handle_from_peer(Instant now, const Received& received) {
  const auto relay = relays_.find(received.path.local);
  if (relay == relays_.end()) return;
  const auto& allocation = allocations_.at(relay->second);
  const auto& peer = received.path.remote;
  if (!allocation.permits(now, peer.ip)) return drop("peer", peer, "no permission", {8656, "9"});
  relay_to_client(now, allocation, peer, received.bytes);
}

void Server::relay_to_client(Instant now, const Allocation& allocation, const Endpoint& peer,
                             ByteView data) {
  if (const auto channel = allocation.channel_of(now, peer)) {
    outbox_.emplace_back(Transmit{allocation.client, ChannelData{*channel, data}.serialize()});
    return;
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

// --- the end of things ---

void Server::expire(Instant now) {
  std::vector<Path> ended;
  for (auto& [path, allocation] : allocations_) {
    if (now >= allocation.expires) {
      ended.push_back(path);
      continue;
    }
    const auto gone = allocation.forget_ended(now);
    for (const auto& peer : gone.permissions) {
      auto event = about("turn:permission_expired", allocation, {8656, "9"});
      event.fields.push_back({"peer", peer.to_string()});
      emit(std::move(event));
    }
    for (const auto& [number, peer] : gone.channels) {
      auto event = about("turn:channel_expired", allocation, {8656, "12"});
      event.fields.push_back({"peer", peer.to_string()});
      event.fields.push_back({"channel", std::uint64_t{number}});
      emit(std::move(event));
    }
  }
  for (const auto& path : ended) remove(allocations_.at(path), "expired");
}

void Server::remove(Allocation& allocation, std::string_view reason) {
  auto event = about("turn:allocation_deleted", allocation, {8656, "8"});
  event.fields.push_back({"reason", std::string{reason}});
  emit(std::move(event));
  outbox_.emplace_back(CloseSocket{Transport::Udp, allocation.relayed});
  ports_.release(allocation.relayed);
  relays_.erase(allocation.relayed);
  const auto path = allocation.client;
  allocations_.erase(path);
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

}  // namespace rtclab::turn
