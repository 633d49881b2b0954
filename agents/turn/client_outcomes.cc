// What becomes of the client's requests.
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/turn/allocation.h"
#include "agents/turn/client.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace rtclab::turn {
namespace {

using std::chrono::seconds;
namespace error = stun::error;

// RFC 8489 §10.
constexpr Duration kRedirectionMemory = std::chrono::minutes{5};
// Even a client that follows every redirection comes to an end.
constexpr unsigned kMostRounds = 8;

}  // namespace

void Client::handle_outcome(Instant now, const ClientRequests::Succeeded& success) {
  std::visit([&](const auto& wish) { succeed(now, wish, success); }, success.wish);
}

void Client::handle_outcome(Instant now, const ClientRequests::Failed& failure) {
  // RFC 8656 §5: 437 on anything but Allocate means that the allocation is gone.
  const bool is_gone =
      failure.code == error::kAllocationMismatch && !std::holds_alternative<Allocate>(failure.wish);
  if (is_gone && state_ == State::Closing) return finish();
  if (is_gone) return lose(failure, {});
  std::visit([&](const auto& wish) { fail(now, wish, failure); }, failure.wish);
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
  std::vector<Endpoint> relays;
  for (const auto& relayed : success.response.find_all<stun::XorRelayedAddress>())
    relays.push_back(relayed.endpoint);
  const auto mapped = success.response.find<stun::XorMappedAddress>();
  const auto lifetime = success.response.find<stun::Lifetime>();
  // RFC 8656 §7.3: an address of a family that was not asked for is given back.
  const bool is_usable = are_wanted(relays) && mapped && lifetime && lifetime->value != 0;
  if (!is_usable) {
    state_ = State::Closing;
    announce(AllocationFailed{0, "the server granted something that cannot be used", std::nullopt});
    return delete_allocation(now);
  }
  state_ = State::Allocated;
  relays_ = std::move(relays);
  mapped_ = mapped->endpoint;
  const Duration granted = seconds{lifetime->value};
  if (!config_.deviations.has(Deviation::TurnNeverRefresh))
    refresh_at_ = success.asked_at + renewal_after(granted);
  announce(Allocated{.relayed = relays_.front(),
                     .mapped = *mapped_,
                     .lifetime = granted,
                     .additional = relays_.size() > 1 ? std::optional{relays_[1]} : std::nullopt,
                     .refused = success.response.find<stun::AddressErrorCode>(),
                     .reservation = success.response.find<stun::ReservationToken>()});
}

bool Client::are_wanted(const std::vector<Endpoint>& relays) const {
  const auto is_v4 = [](const Endpoint& relay) { return relay.ip.is_v4(); };
  const auto v4 = std::ranges::count_if(relays, is_v4);
  const auto v6 = static_cast<std::ptrdiff_t>(relays.size()) - v4;
  switch (config_.families) {
    case RelayFamilies::V4: return v4 == 1 && v6 == 0;
    case RelayFamilies::V6: return v4 == 0 && v6 == 1;
    case RelayFamilies::Both: return v4 <= 1 && v6 <= 1 && v4 + v6 > 0;
  }
  return false;
}

void Client::succeed(Instant, const Refresh& wish, const ClientRequests::Succeeded& success) {
  if (wish.lifetime == 0u && !wish.family) return finish();
  if (state_ != State::Allocated) return;
  if (wish.family) return forget_family(*wish.family);
  const auto lifetime = success.response.find<stun::Lifetime>();
  if (!lifetime || lifetime->value == 0)
    return lose({wish, 0, std::nullopt}, "the server ended the allocation");
  refresh_at_ = success.asked_at + renewal_after(seconds{lifetime->value});
  emit({.name = "turn:allocation_refreshed",
        .fields = {{"lifetime_s", std::uint64_t{lifetime->value}}},
        .rule = Rule{8656, "8.3"}});
}

void Client::forget_family(Family family) {
  std::erase_if(relays_, [&](const Endpoint& relay) { return relay.ip.family() == family; });
  std::erase_if(permissions_, [&](const auto& entry) { return entry.first.family() == family; });
  std::erase_if(channels_, [&](const auto& entry) { return entry.first.ip.family() == family; });
  std::erase_if(fading_,
                [&](const auto& entry) { return entry.second.peer.ip.family() == family; });
  emit({.name = "turn:family_released",
        .fields = {{"family", std::string{to_string(family)}}},
        .rule = Rule{8656, "8.1"}});
}

void Client::succeed(Instant now, const CreatePermission& wish,
                     const ClientRequests::Succeeded& success) {
  grant_permission(now, wish.peer, success.asked_at);
}

void Client::grant_permission(Instant now, const Ip& peer, Instant asked_at) {
  if (state_ != State::Allocated) return;
  auto& permission = permissions_[peer];
  const bool is_new = !permission.grant.stands();
  const bool renews = !config_.deviations.has(Deviation::TurnNeverRenewPermission);
  permission.grant.note_granted(asked_at, renews ? Duration{kPermissionLifetime} : kForEver);
  if (is_new) announce(PermissionGranted{peer});
  for (const auto& held : std::exchange(permission.held, {}))
    transmit_data(now, held.peer, held.bytes);
}

void Client::fail(Instant now, const Allocate&, const ClientRequests::Failed& failure) {
  if (state_ == State::Closing) return finish();
  if (failure.code == error::kTryAlternate && redirect(now, *failure.response)) return;
  lose(failure, "the server did not answer");
}

void Client::fail(Instant, const Refresh& wish, const ClientRequests::Failed& failure) {
  if (wish.lifetime == 0u && !wish.family) return finish();
  if (wish.family) return;  // the address stays until its time is over
  if (state_ == State::Allocated) lose(failure, "the server did not answer the Refresh");
}

void Client::fail(Instant, const CreatePermission& wish, const ClientRequests::Failed& failure) {
  if (state_ != State::Allocated) return;
  if (!permissions_.contains(wish.peer)) return;  // its family was released meanwhile
  auto& permission = permissions_.at(wish.peer);
  // A ChannelBind to the same address can have installed it meanwhile.
  if (permission.grant.state() == Grant::State::Granted) return;
  permission.grant.note_refused();
  permission.held.clear();
  announce(PermissionRefused{wish.peer, failure.code});
}

// RFC 8489 §10: the same request goes to the other server over the same transport, with the same
// credentials; who has been asked within five minutes is not asked again, so that two servers
// cannot play ball with us.
bool Client::redirect(Instant now, const stun::Message& response) {
  const auto alternate = response.find<stun::AlternateServer>();
  if (!alternate || alternate->endpoint.ip.family() != config_.server.ip.family()) return false;
  const auto asked = asked_servers_.find(alternate->endpoint);
  const bool was_asked = asked != asked_servers_.end() && now - asked->second < kRedirectionMemory;
  const bool goes_round =
      config_.deviations.has(Deviation::TurnFollowRedirectLoop) && ++redirections_ <= kMostRounds;
  if (was_asked && !goes_round) return false;
  emit({.name = "turn:redirected",
        .fields = {{"from", config_.server.to_string()}, {"to", alternate->endpoint.to_string()}},
        .rule = Rule{8489, "10"}});
  asked_servers_[alternate->endpoint] = now;
  link_.close();
  flush_link();
  // Without another domain the certificate must bear the name of the first server.
  const auto domain = response.find<stun::AlternateDomain>();
  config_.host = domain ? domain->value : server_name();
  config_.server = alternate->endpoint;
  link_ = ServerLink{link_settings(), *rng_};
  requests_ = fresh_requests();
  state_ = State::Connecting;
  link_.open(now);
  return true;
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
  if (config_.deviations.has(Deviation::TurnKeepAllocation)) return finish();
  requests_.abandon();
  refresh_at_.reset();
  requests_.start(now, Refresh{0, std::nullopt});
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
  connections_.close_all();
  link_.close();
  flush_link();
  relays_.clear();
  refresh_at_.reset();
  permissions_.clear();
  channels_.clear();
  fading_.clear();
}

}  // namespace rtclab::turn
