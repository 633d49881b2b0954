// How the client binds channels, and lets them go.
//
// Spec: RFC 8656 §12, §12.1 and §12.3.
#include "agents/turn/allocation.h"
#include "agents/turn/channel_data.h"
#include "agents/turn/client.h"

#include <algorithm>

namespace rtclab::turn {

void Client::bind_channel(Instant now, const Endpoint& peer) {
  if (is_closed()) return;
  if (!channels_.contains(peer)) {
    const bool is_careless = config_.deviations.has(Deviation::TurnChannelOutOfRange);
    const auto loan = is_careless ? std::optional{ChannelNumbers::Loan{channel_numbers_.next()}}
                                  : channel_numbers_.lend(peer);
    if (!loan) return announce(ChannelRefused{peer, 0});
    auto& channel = channels_.emplace(peer, Channel{.loan = *loan, .grant = {}}).first->second;
    const auto fading = fading_.find(loan->number);
    if (fading != fading_.end() && fading->second.peer == peer)
      channel.bound_until = fading->second.until;
  }
  channels_.at(peer).let_go = false;
  channels_.at(peer).grant.want_again();
  permissions_[peer.ip].grant.want_again();
  settle(now);
}

void Client::unbind_channel(Instant now, const Endpoint& peer) {
  const auto found = channels_.find(peer);
  if (found == channels_.end()) return;
  auto& channel = found->second;
  const auto state = channel.grant.state();
  channel.let_go = true;
  // A request that is under way may bind it yet.
  if (state != Grant::State::Asked && state != Grant::State::Renewing) let_go(peer);
  settle(now);
}

void Client::let_go(const Endpoint& peer) {
  const auto channel = channels_.extract(peer).mapped();
  if (!channel.bound_until) return channel_numbers_.give_back(channel.loan);
  channel_numbers_.give_back(channel.loan.number, peer, *channel.bound_until);
  fading_[channel.loan.number] = {peer, *channel.bound_until};
}

std::optional<std::uint16_t> Client::channel(const Endpoint& peer) const {
  const auto found = channels_.find(peer);
  if (found == channels_.end() || !found->second.grant.stands()) return std::nullopt;
  return found->second.loan.number;
}

std::optional<Endpoint> Client::peer_on(Instant now, std::uint16_t channel) const {
  const auto fading = fading_.find(channel);
  if (fading != fading_.end() && now < fading->second.until) return fading->second.peer;
  const auto found = std::ranges::find_if(
      channels_, [&](const auto& entry) { return entry.second.loan.number == channel; });
  return found == channels_.end() ? std::nullopt : std::optional{found->first};
}

void Client::ask_for_channels(Instant now) {
  for (auto& [peer, channel] : channels_) {
    if (!channel.grant.is_due(now) || now < channel.loan.from) continue;
    if (channel.grant.stands() && config_.deviations.has(Deviation::TurnChannelMoves))
      channel.loan.number = channel_numbers_.next();
    channel.grant.note_asked();
    requests_.start(now, ChannelBind{peer, channel.loan.number});
  }
}

void Client::note_bound(Instant now, const Endpoint& peer) {
  auto& channel = channels_.at(peer);
  channel.bound_until = now + kChannelLifetime;
  fading_.erase(channel.loan.number);
  if (channel.let_go) let_go(peer);
}

void Client::succeed(Instant now, const ChannelBind& wish,
                     const ClientRequests::Succeeded& success) {
  if (state_ != State::Allocated || !channels_.contains(wish.peer)) return;
  auto& channel = channels_.at(wish.peer);
  const bool is_new = !channel.grant.stands();
  const bool rebinds = !config_.deviations.has(Deviation::TurnNeverRebind);
  channel.grant.note_granted(success.asked_at, rebinds ? Duration{kChannelLifetime} : kForEver);
  if (is_new) announce(ChannelBound{wish.peer, wish.channel});
  grant_permission(now, wish.peer.ip,
                   success.asked_at);  // RFC 8656 §12.3: the permission came with it
  note_bound(now, wish.peer);
}

void Client::fail(Instant now, const ChannelBind& wish, const ClientRequests::Failed& failure) {
  if (state_ != State::Allocated || !channels_.contains(wish.peer)) return;
  channels_.at(wish.peer).grant.note_refused();  // data goes on in Send indications
  announce(ChannelRefused{wish.peer, failure.code});
  // A server that was not heard may have bound it.
  if (failure.code == 0) return note_bound(now, wish.peer);
  if (channels_.at(wish.peer).let_go) let_go(wish.peer);
}

}  // namespace rtclab::turn
