#include "agents/turn/client.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/turn/allocation.h"
#include "agents/turn/channel_data.h"

#include <algorithm>
#include <cassert>
#include <variant>

namespace rtclab::turn {
namespace {

using std::chrono::seconds;
using stun::Class;
using stun::Message;
using stun::Method;
namespace error = stun::error;

// Datagrams that wait for one permission.
constexpr std::size_t kHeldDatagrams = 16;

}  // namespace

Client::Client(Config config, Rng& rng)
    : config_{std::move(config)},
      rng_{&rng},
      requests_{{config_.software, config_.rto, config_.deviations},
                {config_.username, config_.password, config_.deviations},
                rng},
      next_channel_{kFirstChannel} {}

// --- what the owner asks for ---

void Client::allocate(Instant now) {
  assert(state_ == State::Idle);
  state_ = State::Allocating;
  requests_.start(now, Allocate{asked_lifetime()});
  settle(now);
}

void Client::create_permission(Instant now, const Ip& peer) {
  if (is_closed()) return;
  permissions_[peer].grant.want_again();
  settle(now);
}

void Client::bind_channel(Instant now, const Endpoint& peer) {
  if (is_closed()) return;
  if (!channels_.contains(peer)) {
    if (next_channel_ > kLastChannel) return announce(ChannelRefused{peer, 0});
    // A peer keeps its number for good, and a number its peer: the wait of RFC 8656 §12 before
    // reuse never arises.
    channels_.emplace(peer, Channel{next_channel_++, {}});
  }
  channels_.at(peer).grant.want_again();
  permissions_[peer.ip].grant.want_again();
  settle(now);
}

void Client::send(Instant now, const Endpoint& peer, ByteView bytes) {
  if (is_closed()) return;
  const bool careless = config_.deviations.has(Deviation::TurnSendWithoutPermission);
  if (state_ == State::Allocated && (careless || is_permitted(now, peer.ip))) {
    transmit_data(now, peer, bytes);
    return settle(now);
  }
  auto& permission = permissions_[peer.ip];
  if (permission.grant.state() == Grant::State::Refused) return settle(now);
  if (permission.held.size() < kHeldDatagrams)
    permission.held.push_back({peer, {bytes.begin(), bytes.end()}});
  settle(now);
}

void Client::close(Instant now) {
  if (is_closed()) return;
  const auto before = std::exchange(state_, State::Closing);
  if (before == State::Idle) finish();
  if (before == State::Allocated) delete_allocation(now);
  settle(now);  // an Allocate under way is waited for: what it makes has to be deleted
}

std::optional<std::uint32_t> Client::asked_lifetime() const {
  if (!config_.lifetime) return std::nullopt;
  return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(*config_.lifetime).count());
}

// --- what arrives ---

bool Client::handle_datagram(Instant now, ByteView bytes) {
  const bool is_ours = receive(now, bytes);
  settle(now);
  return is_ours;
}

bool Client::receive(Instant now, ByteView bytes) {
  if (looks_like_channel_data(bytes)) {
    handle_channel_data(now, bytes);
    return true;
  }
  if (!stun::looks_like_stun(bytes)) return false;
  const auto message = Message::parse(bytes);
  if (!message) {
    emit(PacketDiscarded{message.error()}.describe());
    return true;
  }
  if (stun::check_fingerprint(bytes) == stun::Check::Bad) {
    emit(PacketDiscarded{{Flaw::BadChecksum, bytes.size() - 8, {8489, "7"}}}.describe());
    return true;
  }
  if (message->cls == Class::Indication && message->method == Method::Data) {
    handle_data_indication(now, *message);
    return true;
  }
  return requests_.handle_response(now, *message, bytes);
}

void Client::handle_timeout(Instant now) {
  settle(now);
}

// --- what leaves ---

std::optional<Output> Client::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

std::optional<ClientEvent> Client::poll_event() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<Wakeup> Client::next_wakeup() const {
  std::optional<Wakeup> next;
  const auto consider = [&](const std::optional<Instant>& at, std::string_view reason) {
    if (at) next = Wakeup::earliest(next, Wakeup{*at, reason});
  };
  consider(requests_.next_wakeup(), "turn: a request is due again");
  if (state_ != State::Allocated) return next;
  consider(refresh_at_, "turn: refresh of the allocation");
  for (const auto& [ip, permission] : permissions_) {
    consider(permission.grant.next_wakeup(), "turn: renewal of a permission");
  }
  for (const auto& [peer, channel] : channels_) {
    consider(channel.grant.next_wakeup(), "turn: renewal of a channel");
  }
  return next;
}

bool Client::has_permission(const Ip& peer) const {
  const auto found = permissions_.find(peer);
  return found != permissions_.end() && found->second.grant.stands();
}

bool Client::is_permitted(Instant now, const Ip& peer) const {
  const auto found = permissions_.find(peer);
  return found != permissions_.end() && found->second.grant.stands(now);
}

std::optional<std::uint16_t> Client::channel(const Endpoint& peer) const {
  const auto found = channels_.find(peer);
  if (found == channels_.end() || !found->second.grant.stands()) return std::nullopt;
  return found->second.number;
}

// --- requests and what becomes of them ---

void Client::settle(Instant now) {
  requests_.handle_timeout(now);
  ask_for_what_is_due(now);
  while (const auto outcome = requests_.poll_outcome()) {
    std::visit([&](const auto& what) { handle_outcome(now, what); }, *outcome);
    ask_for_what_is_due(now);
  }
  while (auto datagram = requests_.poll_datagram()) transmit(std::move(*datagram));
}

void Client::ask_for_what_is_due(Instant now) {
  if (state_ != State::Allocated) return;
  if (refresh_at_ && now >= *refresh_at_) {
    refresh_at_.reset();
    requests_.start(now, Refresh{asked_lifetime()});
  }
  for (auto& [ip, permission] : permissions_) {
    if (!permission.grant.is_due(now)) continue;
    permission.grant.note_asked();
    requests_.start(now, CreatePermission{ip});
  }
  for (auto& [peer, channel] : channels_) {
    if (!channel.grant.is_due(now)) continue;
    channel.grant.note_asked();
    requests_.start(now, ChannelBind{peer, channel.number});
  }
}

void Client::handle_outcome(Instant now, const ClientRequests::Succeeded& success) {
  std::visit([&](const auto& wish) { succeed(now, wish, success); }, success.wish);
}

void Client::handle_outcome(Instant, const ClientRequests::Failed& failure) {
  // RFC 8656 §5: 437 on anything but Allocate means that the allocation is gone.
  const bool is_gone =
      failure.code == error::kAllocationMismatch && !std::holds_alternative<Allocate>(failure.wish);
  if (is_gone && state_ == State::Closing) return finish();
  if (is_gone) return lose(failure, {});
  std::visit([&](const auto& wish) { fail(wish, failure); }, failure.wish);
}

void Client::handle_outcome(Instant, const ClientRequests::Retried& retried) {
  // Closed before the server knew us: there is nothing to delete, and no need to make it.
  if (state_ == State::Closing && std::holds_alternative<Allocate>(retried.wish)) return finish();
  emit({.name = "turn:request_retried",
        .fields = {{"method", stun::to_string(form(retried.wish, {}, {}).method)},
                   {"code", std::int64_t{retried.code}}},
        .rule = Rule{8489, "9.2.5"}});
}

void Client::succeed(Instant now, const Allocate&, const ClientRequests::Succeeded& success) {
  if (state_ == State::Closing) return delete_allocation(now);
  const auto relayed = success.response.find<stun::XorRelayedAddress>();
  const auto mapped = success.response.find<stun::XorMappedAddress>();
  const auto lifetime = success.response.find<stun::Lifetime>();
  // RFC 8656 §7.3: an address of a family that was not asked for is given back. Without
  // REQUESTED-ADDRESS-FAMILY that is all but IPv4.
  const bool is_usable =
      relayed && mapped && lifetime && lifetime->value != 0 && relayed->endpoint.ip.is_v4();
  if (!is_usable) {
    state_ = State::Closing;
    announce(AllocationFailed{0, "the server granted something that cannot be used", std::nullopt});
    return delete_allocation(now);
  }
  state_ = State::Allocated;
  relayed_ = relayed->endpoint;
  mapped_ = mapped->endpoint;
  const Duration granted = seconds{lifetime->value};
  refresh_at_ = success.asked_at + renewal_after(granted);
  announce(Allocated{*relayed_, *mapped_, granted});
}

void Client::succeed(Instant, const Refresh& wish, const ClientRequests::Succeeded& success) {
  if (wish.lifetime == 0u) return finish();
  if (state_ != State::Allocated) return;
  const auto lifetime = success.response.find<stun::Lifetime>();
  if (!lifetime || lifetime->value == 0)
    return lose({wish, 0, std::nullopt}, "the server ended the allocation");
  refresh_at_ = success.asked_at + renewal_after(seconds{lifetime->value});
  emit({.name = "turn:allocation_refreshed",
        .fields = {{"lifetime_s", std::uint64_t{lifetime->value}}},
        .rule = Rule{8656, "8.3"}});
}

void Client::succeed(Instant now, const CreatePermission& wish,
                     const ClientRequests::Succeeded& success) {
  grant_permission(now, wish.peer, success.asked_at);
}

void Client::succeed(Instant now, const ChannelBind& wish,
                     const ClientRequests::Succeeded& success) {
  if (state_ != State::Allocated) return;
  auto& channel = channels_.at(wish.peer);
  const bool is_new = !channel.grant.stands();
  channel.grant.note_granted(success.asked_at, kChannelLifetime);
  if (is_new) announce(ChannelBound{wish.peer, wish.channel});
  grant_permission(now, wish.peer.ip,
                   success.asked_at);  // RFC 8656 §12.3: the permission came with it
}

void Client::grant_permission(Instant now, const Ip& peer, Instant asked_at) {
  if (state_ != State::Allocated) return;
  auto& permission = permissions_[peer];
  const bool is_new = !permission.grant.stands();
  permission.grant.note_granted(asked_at, kPermissionLifetime);
  if (is_new) announce(PermissionGranted{peer});
  for (const auto& held : std::exchange(permission.held, {}))
    transmit_data(now, held.peer, held.bytes);
}

void Client::fail(const Allocate&, const ClientRequests::Failed& failure) {
  if (state_ == State::Closing) return finish();
  lose(failure, "the server did not answer");
}

void Client::fail(const Refresh& wish, const ClientRequests::Failed& failure) {
  if (wish.lifetime == 0u) return finish();
  if (state_ == State::Allocated) lose(failure, "the server did not answer the Refresh");
}

void Client::fail(const CreatePermission& wish, const ClientRequests::Failed& failure) {
  if (state_ != State::Allocated) return;
  auto& permission = permissions_.at(wish.peer);
  // A ChannelBind to the same address can have installed it meanwhile.
  if (permission.grant.state() == Grant::State::Granted) return;
  permission.grant.note_refused();
  permission.held.clear();
  announce(PermissionRefused{wish.peer, failure.code});
}

void Client::fail(const ChannelBind& wish, const ClientRequests::Failed& failure) {
  if (state_ != State::Allocated) return;
  channels_.at(wish.peer).grant.note_refused();  // data goes on in Send indications
  announce(ChannelRefused{wish.peer, failure.code});
}

void Client::lose(const ClientRequests::Failed& failure, std::string_view silence) {
  AllocationFailed failed{failure.code, std::string{silence}, std::nullopt};
  if (failure.response) {
    if (const auto said = failure.response->find<stun::ErrorCode>()) failed.reason = said->reason;
    const auto alternate = failure.response->find<stun::AlternateServer>();
    if (failure.code == error::kTryAlternate && alternate) failed.alternate = alternate->endpoint;
  }
  if (failed.reason.empty()) failed.reason = error::reason_phrase(failure.code);
  end();
  announce(std::move(failed));
}

void Client::delete_allocation(Instant now) {
  requests_.abandon();
  refresh_at_.reset();
  requests_.start(now, Refresh{0});
}

void Client::finish() {
  if (state_ == State::Over) return;
  end();
  announce(Closed{});
}

// RFC 8656 §5: nothing more is sent on a 5-tuple without an allocation, not even a resend.
void Client::end() {
  state_ = State::Over;
  requests_.abandon();
  relayed_.reset();
  refresh_at_.reset();
  permissions_.clear();
  channels_.clear();
}

// --- data ---

void Client::transmit_data(Instant now, const Endpoint& peer, ByteView bytes) {
  const auto channel = channels_.find(peer);
  if (channel != channels_.end() && channel->second.grant.stands(now)) {
    return transmit(ChannelData{channel->second.number, bytes}.serialize());
  }
  Message indication{Class::Indication, Method::Send, stun::TransactionId::draw(*rng_), {}};
  indication.add(stun::XorPeerAddress{peer}).add(stun::Data{{bytes.begin(), bytes.end()}});
  transmit(stun::seal(indication, {.key = {}, .deviations = config_.deviations}));
}

void Client::handle_channel_data(Instant now, ByteView bytes) {
  const auto message = ChannelData::parse(bytes);
  if (!message) return emit(PacketDiscarded{message.error()}.describe());
  const auto found = std::ranges::find_if(
      channels_, [&](const auto& entry) { return entry.second.number == message->channel; });
  if (found == channels_.end()) return;
  // RFC 8656 §12: data may overtake the answer to the ChannelBind, so a channel that was only asked
  // for will do.
  const bool is_asked = found->second.grant.state() == Grant::State::Asked;
  deliver(now, found->first, message->data, is_asked ? Proof::NotNeeded : Proof::Permission);
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

void Client::transmit(Bytes bytes) {
  outbox_.emplace_back(Transmit{{Transport::Udp, config_.local, config_.server}, std::move(bytes)});
}

}  // namespace rtclab::turn
