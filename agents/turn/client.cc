#include "agents/turn/client.h"

#include "agents/stun/integrity.h"
#include "agents/turn/channel_data.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <variant>

namespace rtclab::turn {
namespace {

using std::chrono::seconds;
using stun::Class;
using stun::Message;
using stun::Method;

// RFC 7443 §3.
constexpr std::string_view kAlpn = "stun.turn";

// Datagrams that wait for one permission.
constexpr std::size_t kHeldDatagrams = 16;

}  // namespace

Client::Client(Config config, Rng& rng)
    : config_{std::move(config)},
      rng_{&rng},
      link_{link_settings(), rng},
      requests_{fresh_requests()},
      connections_{rng},
      channel_numbers_{config_.deviations.has(Deviation::TurnChannelOutOfRange)
                           ? static_cast<std::uint16_t>(kLastChannel + 1)
                           : kFirstChannel} {}

ServerLink::Settings Client::link_settings() {
  return {.transport = config_.transport,
          .local = config_.local,
          .server = config_.server,
          .request = next_request_++,
          .tls = {.host = server_name(), .alpn = {std::string{kAlpn}}, .trust = config_.trust},
          .padding = config_.deviations.has(Deviation::TurnChannelDataUnpadded)
                         ? FramedStream::Padding::None
                         : FramedStream::Padding::ToFourOctets};
}

// Without a name the address stands in for it, in the certificate too.
std::string Client::server_name() const {
  return config_.host.empty() ? config_.server.ip.to_string() : config_.host;
}

ClientRequests Client::fresh_requests() {
  return {{.software = config_.software,
           .rto = config_.rto,
           .over_stream = is_stream(config_.transport),
           .deviations = config_.deviations},
          {config_.username, config_.password, config_.deviations},
          *rng_};
}

// --- what the owner asks for ---

void Client::allocate(Instant now) {
  assert(state_ == State::Idle);
  asked_servers_.emplace(config_.server, now);
  state_ = State::Connecting;
  link_.open(now);
  settle(now);
}

void Client::create_permission(Instant now, const Ip& peer) {
  if (is_closed()) return;
  permissions_[peer].grant.want_again();
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

void Client::release(Instant now, Family family) {
  if (state_ != State::Allocated || relays_.size() < 2) return;
  requests_.start(now, Refresh{0, family});
  settle(now);
}

void Client::close(Instant now) {
  if (is_closed()) return;
  const auto before = std::exchange(state_, State::Closing);
  if (before == State::Idle || before == State::Connecting) finish();
  if (before == State::Allocated) delete_allocation(now);
  settle(now);  // an Allocate under way is waited for: what it makes has to be deleted
}

Allocate Client::allocate_wish() const {
  return {.lifetime = asked_lifetime(),
          .relays_over = config_.relays_over,
          .families = config_.families,
          .even_port = config_.even_port,
          .token = config_.token};
}

std::optional<std::uint32_t> Client::asked_lifetime() const {
  if (!config_.lifetime) return std::nullopt;
  return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(*config_.lifetime).count());
}

// --- what arrives ---

bool Client::handle_input(Instant now, const Input& input) {
  if (connections_.handle_input(now, input)) {
    settle(now);
    return true;
  }
  const bool is_on_link = link_.handle_input(now, input);
  bool is_understood = false;
  while (const auto message = link_.poll_message()) is_understood |= receive(now, *message);
  settle(now);
  // The stream is the client's alone; the socket of UDP is the owner's.
  return is_on_link && (is_stream(config_.transport) || is_understood);
}

bool Client::handle_datagram(Instant now, ByteView bytes) {
  assert(!is_stream(config_.transport));
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
  if (message->cls == Class::Indication && message->method == Method::ConnectionAttempt) {
    handle_connection_attempt(now, *message);
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
  consider(link_.next_wakeup(), "turn: the end of the patience with a connection");
  consider(connections_.next_wakeup(), "turn: a data connection is to be bound");
  if (state_ != State::Allocated) return next;
  consider(refresh_at_, "turn: refresh of the allocation");
  for (const auto& [ip, permission] : permissions_) {
    consider(permission.grant.next_wakeup(), "turn: renewal of a permission");
  }
  for (const auto& [peer, channel] : channels_) {
    consider(channel.grant.next_wakeup(), "turn: renewal of a channel");
    if (channel.grant.state() == Grant::State::Wanted)
      consider(channel.loan.from, "turn: a channel may be given to another peer");
  }
  return next;
}

std::optional<Endpoint> Client::relayed() const {
  return relays_.empty() ? std::nullopt : std::optional{relays_.front()};
}

std::optional<Endpoint> Client::relayed(Family family) const {
  const auto found = std::ranges::find_if(
      relays_, [&](const Endpoint& relay) { return relay.ip.family() == family; });
  return found == relays_.end() ? std::nullopt : std::optional{*found};
}

bool Client::has_permission(const Ip& peer) const {
  const auto found = permissions_.find(peer);
  return found != permissions_.end() && found->second.grant.stands();
}

bool Client::is_permitted(Instant now, const Ip& peer) const {
  const auto found = permissions_.find(peer);
  return found != permissions_.end() && found->second.grant.stands(now);
}

// --- requests and what becomes of them ---

void Client::settle(Instant now) {
  link_.handle_timeout(now);
  if (state_ == State::Connecting && link_.state() == ServerLink::State::Open) {
    state_ = State::Allocating;
    requests_.start(now, allocate_wish());
  }
  requests_.handle_timeout(now);
  connections_.handle_timeout(now);
  ask_for_what_is_due(now);
  while (const auto outcome = requests_.poll_outcome()) {
    std::visit([&](const auto& what) { handle_outcome(now, what); }, *outcome);
    ask_for_what_is_due(now);
  }
  while (auto message = requests_.poll_message()) transmit(std::move(*message));
  notice_lost_link();
  flush_link();
}

// RFC 8489 §6.2.2: with the stream the requests under way have failed; and an allocation is one
// with its 5-tuple (RFC 8656 §6).
void Client::notice_lost_link() {
  if (link_.state() != ServerLink::State::Closed || state_ == State::Over) return;
  if (state_ == State::Closing) return finish();
  const std::string why = link_.why_closed();
  end();
  announce(AllocationFailed{0, why, std::nullopt});
}

void Client::ask_for_what_is_due(Instant now) {
  if (state_ != State::Allocated) return;
  if (refresh_at_ && now >= *refresh_at_) {
    refresh_at_.reset();
    requests_.start(now, Refresh{asked_lifetime(), std::nullopt});
  }
  for (auto& [ip, permission] : permissions_) {
    if (!permission.grant.is_due(now)) continue;
    permission.grant.note_asked();
    requests_.start(now, CreatePermission{ip});
  }
  ask_for_channels(now);
}

void Client::transmit(Bytes message) {
  link_.send(std::move(message));
  flush_link();
}

void Client::flush_link() {
  while (auto output = link_.poll_output()) outbox_.push_back(std::move(*output));
  while (auto output = connections_.poll_output()) outbox_.push_back(std::move(*output));
  while (auto event = connections_.poll_event()) events_.push_back(std::move(*event));
}

}  // namespace rtclab::turn
