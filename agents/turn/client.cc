#include "agents/turn/client.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "agents/turn/allocation.h"
#include "agents/turn/channel_data.h"
#include "agents/turn/client_requests.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace rtclab::turn {
namespace {

using std::chrono::seconds;
using stun::Class;
using stun::Message;
using stun::Method;
namespace error = stun::error;

// Early enough that a renewal may need all of its 39.5 s (RFC 8489 §6.2.1) and still be in time.
constexpr Duration kRenewBefore = seconds{60};
// Datagrams that wait for one permission.
constexpr std::size_t kHeldDatagrams = 16;

std::uint32_t whole_seconds(Duration duration) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(duration).count());
}

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// RFC 8656 §8: "roughly 1 minute before it expires"; halfway where that is too short a life for it.
Duration renewal_after(Duration lifetime) {
  return std::max<Duration>(seconds{1},
                            lifetime > 2 * kRenewBefore ? lifetime - kRenewBefore : lifetime / 2);
}

}  // namespace

Event Allocated::describe() const {
  return {.name = kName,
          .fields = {{"relayed", relayed.to_string()},
                     {"mapped", mapped.to_string()},
                     {"lifetime_s", in_seconds(lifetime)}},
          .rule = Rule{8656, "7.3"}};
}

Event AllocationFailed::describe() const {
  Event event{.name = kName,
              .fields = {{"code", std::int64_t{code}}, {"reason", reason}},
              .rule = Rule{8656, "7.4"}};
  if (alternate) event.fields.push_back({"alternate", alternate->to_string()});
  return event;
}

Event PermissionGranted::describe() const {
  return {.name = kName, .fields = {{"peer", ip.to_string()}}, .rule = Rule{8656, "10.3"}};
}

Event PermissionRefused::describe() const {
  return {.name = kName,
          .fields = {{"peer", ip.to_string()}, {"code", std::int64_t{code}}},
          .rule = Rule{8656, "10.3"}};
}

Event ChannelBound::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()}, {"channel", std::uint64_t{channel}}},
          .rule = Rule{8656, "12.3"}};
}

Event ChannelRefused::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()}, {"code", std::int64_t{code}}},
          .rule = Rule{8656, "12.3"}};
}

Event PeerUnreachable::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()},
                     {"icmp_type", std::uint64_t{icmp_type}},
                     {"icmp_code", std::uint64_t{icmp_code}}},
          .rule = Rule{8656, "11.6"}};
}

Event Closed::describe() const {
  return {.name = kName, .fields = {}, .rule = Rule{8656, "8"}};
}

// The client's own picture of the allocation.
class Client::Impl {
 public:
  Impl(Config config, Rng& rng)
      : config_{std::move(config)},
        rng_{&rng},
        requests_{{config_.software, config_.rto, config_.deviations},
                  {config_.username, config_.password, config_.deviations},
                  rng} {}

  void allocate(Instant now) {
    assert(state_ == State::Idle);
    state_ = State::Allocating;
    requests_.start(now, Allocate{asked_lifetime()});
    settle(now);
  }

  void create_permission(Instant now, const Ip& peer) {
    if (is_over()) return;
    auto& permission = permissions_[peer];
    if (permission.state == Permission::State::Refused)
      permission.state = Permission::State::Wanted;
    ask_for_permissions(now);
    settle(now);
  }

  void bind_channel(Instant now, const Endpoint& peer) {
    if (is_over()) return;
    create_permission(now, peer.ip);
    const bool is_new = !channels_.contains(peer);
    if (is_new && next_channel_ > kLastChannel) return announce(ChannelRefused{peer, 0});
    // A peer keeps its number for good, and a number its peer: RFC 8656 §12's wait before reuse
    // never arises.
    if (is_new) channels_.emplace(peer, Channel{.number = next_channel_++, .renew_at = now});
    ask_for_channels(now);
    settle(now);
  }

  void send(Instant now, const Endpoint& peer, ByteView bytes) {
    if (is_over()) return;
    const bool may_send = state_ == State::Allocated && (has_permission(now, peer.ip) ||
                                                         has(Deviation::TurnSendWithoutPermission));
    if (may_send) return transmit_data(now, peer, bytes);
    auto& permission = permissions_[peer.ip];
    if (permission.state == Permission::State::Refused) return;
    if (permission.held.size() < kHeldDatagrams)
      permission.held.push_back({peer, {bytes.begin(), bytes.end()}});
    ask_for_permissions(now);
    settle(now);
  }

  void close(Instant now) {
    if (is_over()) return;
    requests_.forget_waiting();
    renew_allocation_at_.reset();
    const auto before = std::exchange(state_, State::Closing);
    if (before == State::Idle) finish();
    if (before == State::Allocated) requests_.start(now, Refresh{0});
    settle(now);  // an Allocate under way is waited for: what it makes must be deleted
  }

  bool handle_datagram(Instant now, ByteView bytes) {
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
    if (!requests_.handle_response(now, *message, bytes)) return false;
    settle(now);
    return true;
  }

  void handle_timeout(Instant now) {
    requests_.handle_timeout(now);
    if (state_ == State::Allocated && renew_allocation_at_ && now >= *renew_allocation_at_) {
      renew_allocation_at_.reset();
      requests_.start(now, Refresh{asked_lifetime()});
    }
    ask_for_permissions(now);
    ask_for_channels(now);
    settle(now);
  }

  std::optional<Output> poll_output() {
    if (outbox_.empty()) return std::nullopt;
    auto output = std::move(outbox_.front());
    outbox_.pop_front();
    return output;
  }

  std::optional<ClientEvent> poll_event() {
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  [[nodiscard]] std::optional<Wakeup> next_wakeup() const {
    std::optional<Wakeup> next;
    const auto consider = [&](const std::optional<Instant>& at, std::string_view reason) {
      if (at) next = Wakeup::earliest(next, Wakeup{*at, reason});
    };
    consider(requests_.next_wakeup(), "turn: a request is due again");
    if (state_ != State::Allocated) return next;
    consider(renew_allocation_at_, "turn: refresh of the allocation");
    for (const auto& [ip, permission] : permissions_) {
      if (permission.state == Permission::State::Granted) {
        consider(permission.renew_at, "turn: renewal of a permission");
      }
    }
    for (const auto& [peer, channel] : channels_) {
      if (!channel.asking) consider(channel.renew_at, "turn: renewal of a channel");
    }
    return next;
  }

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] std::optional<Endpoint> relayed() const { return relayed_; }
  [[nodiscard]] std::optional<Endpoint> mapped() const { return mapped_; }
  [[nodiscard]] bool is_permitted(const Ip& peer) const {
    const auto found = permissions_.find(peer);
    return found != permissions_.end() && found->second.stands();
  }
  [[nodiscard]] std::optional<std::uint16_t> channel(const Endpoint& peer) const {
    const auto found = channels_.find(peer);
    if (found == channels_.end() || !found->second.expires) return std::nullopt;
    return found->second.number;
  }

 private:
  enum class State { Idle, Allocating, Allocated, Closing, Over };

  struct Permission {
    enum class State { Wanted, Asked, Granted, Renewing, Refused };
    State state = State::Wanted;
    Instant renew_at{};
    Instant expires{};
    struct Held {
      Endpoint peer;
      Bytes bytes;
    };
    std::deque<Held> held;

    [[nodiscard]] bool stands() const {
      return state == State::Granted || state == State::Renewing;
    }
  };
  struct Channel {
    std::uint16_t number;
    Instant renew_at;
    std::optional<Instant> expires = std::nullopt;  // set while bound
    bool asking = false;
  };

  [[nodiscard]] bool has(Deviation deviation) const { return config_.deviations.has(deviation); }
  [[nodiscard]] bool is_over() const { return state_ == State::Closing || state_ == State::Over; }
  [[nodiscard]] std::optional<std::uint32_t> asked_lifetime() const {
    if (!config_.lifetime) return std::nullopt;
    return whole_seconds(*config_.lifetime);
  }
  [[nodiscard]] bool has_permission(Instant now, const Ip& peer) const {
    const auto found = permissions_.find(peer);
    return found != permissions_.end() && found->second.stands() && now < found->second.expires;
  }

  void ask_for_permissions(Instant now) {
    if (state_ != State::Allocated) return;
    for (auto& [ip, permission] : permissions_) {
      using S = Permission::State;
      const bool renew = permission.state == S::Granted && now >= permission.renew_at;
      if (permission.state != S::Wanted && !renew) continue;
      permission.state = renew ? S::Renewing : S::Asked;
      requests_.start(now, CreatePermission{ip});
    }
  }

  void ask_for_channels(Instant now) {
    if (state_ != State::Allocated) return;
    for (auto& [peer, channel] : channels_) {
      if (channel.asking || now < channel.renew_at) continue;
      channel.asking = true;
      requests_.start(now, ChannelBind{peer, channel.number});
    }
  }

  // Hands on what the requests produced. Each outcome may start further requests.
  void settle(Instant now) {
    while (auto outcome = requests_.poll_outcome()) {
      std::visit([&](const auto& what) { handle_outcome(now, what); }, *outcome);
    }
    while (auto datagram = requests_.poll_datagram()) transmit(std::move(*datagram));
  }

  void handle_outcome(Instant now, const ClientRequests::Succeeded& success) {
    std::visit([&](const auto& wish) { succeed(now, wish, success); }, success.wish);
  }
  void handle_outcome(Instant now, const ClientRequests::Failed& failure) {
    // RFC 8656 §5: 437 on anything but Allocate means that the allocation is gone.
    const bool is_gone = failure.code == error::kAllocationMismatch &&
                         !std::holds_alternative<Allocate>(failure.wish);
    if (is_gone && state_ == State::Closing) return finish();
    if (is_gone) return lose(failure, "the server has no allocation for us");
    std::visit([&](const auto& wish) { fail(now, wish, failure); }, failure.wish);
  }
  void handle_outcome(Instant, const ClientRequests::Retried& retried) {
    const auto method = form(retried.wish, {}, config_.software).method;
    emit({.name = "turn:request_retried",
          .fields = {{"method", stun::to_string(method)}, {"code", std::int64_t{retried.code}}},
          .rule = Rule{8489, "9.2.5"}});
  }

  void succeed(Instant now, const Allocate&, const ClientRequests::Succeeded& success) {
    const auto relayed = success.response.find<stun::XorRelayedAddress>();
    const auto mapped = success.response.find<stun::XorMappedAddress>();
    const auto lifetime = success.response.find<stun::Lifetime>();
    if (state_ == State::Closing) return requests_.start(now, Refresh{0});
    // RFC 8656 §7.3: an address of a family that was not asked for is given back.
    const bool is_usable =
        relayed && mapped && lifetime && lifetime->value != 0 && relayed->endpoint.ip.is_v4();
    if (!is_usable) {
      announce(
          AllocationFailed{0, "the server granted something that cannot be used", std::nullopt});
      return close_after_failure(now);
    }
    state_ = State::Allocated;
    relayed_ = relayed->endpoint;
    mapped_ = mapped->endpoint;
    const Duration granted = seconds{lifetime->value};
    renew_allocation_at_ = success.asked_at + renewal_after(granted);
    announce(Allocated{*relayed_, *mapped_, granted});
    ask_for_permissions(now);
    ask_for_channels(now);
  }
  void succeed(Instant, const Refresh& wish, const ClientRequests::Succeeded& success) {
    if (wish.lifetime == 0u) return finish();
    const auto lifetime = success.response.find<stun::Lifetime>();
    const Duration granted = seconds{lifetime ? lifetime->value : 0};
    if (state_ != State::Allocated) return;
    if (granted == Duration::zero())
      return lose({wish, 0, std::nullopt}, "the server ended the allocation");
    renew_allocation_at_ = success.asked_at + renewal_after(granted);
    emit({.name = "turn:allocation_refreshed",
          .fields = {{"lifetime_s", in_seconds(granted)}},
          .rule = Rule{8656, "8.3"}});
  }
  void succeed(Instant now, const CreatePermission& wish,
               const ClientRequests::Succeeded& success) {
    grant(now, wish.peer, success.asked_at);
  }
  void succeed(Instant now, const ChannelBind& wish, const ClientRequests::Succeeded& success) {
    if (state_ != State::Allocated) return;
    auto& channel = channels_.at(wish.peer);
    const bool is_new = !channel.expires;
    channel.asking = false;
    channel.expires = success.asked_at + kChannelLifetime;
    channel.renew_at = success.asked_at + renewal_after(kChannelLifetime);
    grant(now, wish.peer.ip, success.asked_at);  // RFC 8656 §12.3: the permission came with it
    if (is_new) announce(ChannelBound{wish.peer, wish.channel});
  }

  void fail(Instant, const Allocate&, const ClientRequests::Failed& failure) {
    if (state_ == State::Closing) return finish();
    lose(failure, "the server did not answer");
  }
  void fail(Instant, const Refresh& wish, const ClientRequests::Failed& failure) {
    if (wish.lifetime == 0u) return finish();
    if (state_ != State::Allocated) return;
    lose(failure, "the server did not answer the Refresh");
  }
  void fail(Instant, const CreatePermission& wish, const ClientRequests::Failed& failure) {
    if (state_ != State::Allocated) return;
    auto& permission = permissions_.at(wish.peer);
    // A ChannelBind to the same address can have installed it meanwhile.
    if (permission.state == Permission::State::Granted) return;
    permission.state = Permission::State::Refused;
    permission.held.clear();
    announce(PermissionRefused{wish.peer, failure.code});
  }
  void fail(Instant, const ChannelBind& wish, const ClientRequests::Failed& failure) {
    if (state_ != State::Allocated) return;
    // Data goes on in Send indications; the number stays with the peer.
    auto& channel = channels_.at(wish.peer);
    channel.asking = true;
    channel.expires.reset();
    announce(ChannelRefused{wish.peer, failure.code});
  }

  void grant(Instant now, const Ip& peer, Instant asked_at) {
    if (state_ != State::Allocated) return;
    auto& permission = permissions_[peer];
    const bool is_new = !permission.stands();
    permission.state = Permission::State::Granted;
    permission.expires = asked_at + kPermissionLifetime;
    permission.renew_at = asked_at + renewal_after(kPermissionLifetime);
    if (is_new) announce(PermissionGranted{peer});
    for (const auto& held : std::exchange(permission.held, {}))
      transmit_data(now, held.peer, held.bytes);
  }

  // The allocation was not to be had, or is no more.
  void lose(const ClientRequests::Failed& failure, std::string_view silence) {
    const auto said = failure.response ? failure.response->find<stun::ErrorCode>() : std::nullopt;
    const auto alternate = failure.response && failure.code == error::kTryAlternate
                               ? failure.response->find<stun::AlternateServer>()
                               : std::nullopt;
    AllocationFailed failed{failure.code, said ? said->reason : std::string{silence}, std::nullopt};
    if (failed.reason.empty()) failed.reason = error::reason_phrase(failure.code);
    if (alternate) failed.alternate = alternate->endpoint;
    end();
    announce(std::move(failed));
  }
  void close_after_failure(Instant now) {
    state_ = State::Closing;
    requests_.forget_waiting();
    requests_.start(now, Refresh{0});
  }
  void finish() {
    if (state_ == State::Over) return;
    end();
    announce(Closed{});
  }
  void end() {
    state_ = State::Over;
    requests_.forget_waiting();
    relayed_.reset();
    renew_allocation_at_.reset();
    permissions_.clear();
    channels_.clear();
  }

  // --- data ---

  void transmit_data(Instant now, const Endpoint& peer, ByteView bytes) {
    const auto channel = channels_.find(peer);
    if (channel != channels_.end() && channel->second.expires && now < *channel->second.expires) {
      return transmit(ChannelData{channel->second.number, bytes}.serialize());
    }
    Message indication{Class::Indication, Method::Send, stun::TransactionId::draw(*rng_), {}};
    indication.add(stun::XorPeerAddress{peer}).add(stun::Data{{bytes.begin(), bytes.end()}});
    transmit(stun::seal(indication, {.key = {}, .deviations = config_.deviations}));
  }

  void handle_channel_data(Instant now, ByteView bytes) {
    const auto message = ChannelData::parse(bytes);
    if (!message) return emit(PacketDiscarded{message.error()}.describe());
    // RFC 8656 §12: data may overtake the answer to the ChannelBind, so a number that was only
    // asked for counts.
    const auto found = std::ranges::find_if(
        channels_, [&](const auto& entry) { return entry.second.number == message->channel; });
    if (found == channels_.end()) return;
    deliver(now, found->first, message->data, MustHavePermission::No);
  }

  void handle_data_indication(Instant now, const Message& indication) {
    const auto peer = indication.find<stun::XorPeerAddress>();
    if (!peer || !stun::unknown_required(indication).empty()) return;
    if (const auto data = indication.find<stun::Data>()) {
      return deliver(now, peer->endpoint, data->value, MustHavePermission::Yes);
    }
    const auto icmp = indication.find<stun::Icmp>();
    if (icmp && has_permission(now, peer->endpoint.ip)) {
      announce(PeerUnreachable{peer->endpoint, icmp->type, icmp->code});
    }
  }

  enum class MustHavePermission { No, Yes };
  void deliver(Instant now, const Endpoint& peer, ByteView data, MustHavePermission must) {
    if (state_ != State::Allocated) return;
    // RFC 8656 §11.4: not what somebody made the server send us. One that is being asked for
    // counts: the first datagram of a peer can overtake the answer.
    const auto permission = permissions_.find(peer.ip);
    const bool asked =
        permission != permissions_.end() && permission->second.state == Permission::State::Asked;
    if (must == MustHavePermission::Yes && !asked && !has_permission(now, peer.ip)) return;
    events_.emplace_back(Data{peer, {data.begin(), data.end()}});
  }

  void transmit(Bytes bytes) {
    outbox_.emplace_back(
        Transmit{{Transport::Udp, config_.local, config_.server}, std::move(bytes)});
  }
  void emit(Event event) { outbox_.emplace_back(std::move(event)); }
  template <class E>
  void announce(E event) {
    emit(event.describe());
    events_.emplace_back(std::move(event));
  }

  Config config_;
  Rng* rng_;
  ClientRequests requests_;
  State state_ = State::Idle;
  std::optional<Endpoint> relayed_;
  std::optional<Endpoint> mapped_;
  std::optional<Instant> renew_allocation_at_;
  std::map<Ip, Permission> permissions_;
  std::map<Endpoint, Channel> channels_;
  std::uint16_t next_channel_ = kFirstChannel;
  std::deque<Output> outbox_;
  std::deque<ClientEvent> events_;
};

Client::Client(Config config, Rng& rng) : impl_{std::make_unique<Impl>(std::move(config), rng)} {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

void Client::allocate(Instant now) {
  impl_->allocate(now);
}
void Client::create_permission(Instant now, const Ip& peer) {
  impl_->create_permission(now, peer);
}
void Client::bind_channel(Instant now, const Endpoint& peer) {
  impl_->bind_channel(now, peer);
}
void Client::send(Instant now, const Endpoint& peer, ByteView bytes) {
  impl_->send(now, peer, bytes);
}
void Client::close(Instant now) {
  impl_->close(now);
}
bool Client::handle_datagram(Instant now, ByteView bytes) {
  return impl_->handle_datagram(now, bytes);
}
void Client::handle_timeout(Instant now) {
  impl_->handle_timeout(now);
}
std::optional<Output> Client::poll_output() {
  return impl_->poll_output();
}
std::optional<ClientEvent> Client::poll_event() {
  return impl_->poll_event();
}
std::optional<Wakeup> Client::next_wakeup() const {
  return impl_->next_wakeup();
}
const Config& Client::config() const {
  return impl_->config();
}
std::optional<Endpoint> Client::relayed() const {
  return impl_->relayed();
}
std::optional<Endpoint> Client::mapped() const {
  return impl_->mapped();
}
bool Client::has_permission(const Ip& peer) const {
  return impl_->is_permitted(peer);
}
std::optional<std::uint16_t> Client::channel(const Endpoint& peer) const {
  return impl_->channel(peer);
}

}  // namespace rtclab::turn
