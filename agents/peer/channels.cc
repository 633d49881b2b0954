#include "agents/peer/channels.h"

#include <chrono>
#include <limits>

namespace rtclab::peer {
namespace {

constexpr std::size_t kMaxText = 65535;     // §6.1: label and protocol, in octets
constexpr std::uint16_t kNoStream = 65535;  // RFC 8832 §6: does not exist

// RFC 8831 §6.4.
std::uint16_t weight_of(Priority priority) {
  switch (priority) {
    case Priority::VeryLow: return 128;
    case Priority::Low: return 256;
    case Priority::Medium: return 512;
    case Priority::High: return 1024;
  }
  __builtin_unreachable();
}

sctp::ChannelInit to_sctp(const DataChannelInit& init) {
  sctp::ChannelInit channel;
  channel.order = init.ordered ? sctp::Order::Ordered : sctp::Order::Unordered;
  if (init.max_retransmits)
    channel.reliability = sctp::LimitedRetransmissions{*init.max_retransmits};
  if (init.max_packet_life_time) {
    channel.reliability =
        sctp::LimitedLifetime{std::chrono::milliseconds{*init.max_packet_life_time}};
  }
  channel.protocol = init.protocol;
  channel.priority = weight_of(init.priority);
  if (init.negotiated && init.id) channel.negotiated = sctp::StreamId{*init.id};
  return channel;
}

Error to_error(sctp::ChannelError error) {
  const std::string message{to_string(error)};
  switch (error) {
    case sctp::ChannelError::LabelTooLong:
    case sctp::ChannelError::MessageTooLarge: return Error::type_error(message);
    case sctp::ChannelError::NotOpen:
    case sctp::ChannelError::AssociationClosed: return Error::invalid_state(message);
    case sctp::ChannelError::StreamInUse:
    case sctp::ChannelError::StreamOutOfRange:
    case sctp::ChannelError::NoStreamLeft:
    case sctp::ChannelError::BufferFull: return Error::operation(message);
  }
  __builtin_unreachable();
}

DataChannelState to_peer_state(sctp::ChannelState state) {
  switch (state) {
    case sctp::ChannelState::Connecting: return DataChannelState::Connecting;
    case sctp::ChannelState::Open: return DataChannelState::Open;
    case sctp::ChannelState::Closing: return DataChannelState::Closing;
    case sctp::ChannelState::Closed: return DataChannelState::Closed;
  }
  __builtin_unreachable();
}

// W3C webrtc-pc §6.1, createDataChannel, in the order of its steps.
std::optional<Error> flaw_of(const std::string& label, const DataChannelInit& init) {
  if (label.size() > kMaxText) return Error::type_error("the label has more than 65535 octets");
  if (init.protocol.size() > kMaxText)
    return Error::type_error("the protocol has more than 65535 octets");
  if (init.negotiated && !init.id) return Error::type_error("a negotiated channel needs an id");
  if (init.max_packet_life_time && init.max_retransmits) {
    return Error::type_error("maxPacketLifeTime and maxRetransmits exclude each other");
  }
  if (init.negotiated && init.id == kNoStream)
    return Error::type_error("the id 65535 does not exist");
  return std::nullopt;
}

}  // namespace

Channels::Channels(sctp::Options options, Rng& rng) : options_{std::move(options)}, rng_{&rng} {
  sets_.push_back({1, sctp::DataChannels{options_, rng}});
}

std::uint32_t Channels::count() const {
  std::uint32_t number = 0;
  while (find(ChannelId{number + 1}) != nullptr) ++number;
  return number;
}

void Channels::renew() {
  sets_.push_back({count() + 1, sctp::DataChannels{options_, *rng_}});
}

const Channels::Set* Channels::set_of(ChannelId channel) const {
  const Set* found = nullptr;
  for (const auto& set : sets_) {
    if (set.first <= channel.value()) found = &set;
  }
  return found;
}

Channels::Set* Channels::set_of(ChannelId channel) {
  return const_cast<Set*>(std::as_const(*this).set_of(channel));
}

const sctp::DataChannels::Channel* Channels::find(ChannelId channel) const {
  const auto* const set = set_of(channel);
  if (set == nullptr) return nullptr;
  return set->channels.find(sctp::ChannelId{channel.value() - set->first});
}

Outcome<ChannelId> Channels::open(Instant now, const std::string& label,
                                  const DataChannelInit& init) {
  if (auto error = flaw_of(label, init)) return reject(std::move(*error));
  const auto opened = current().open(now, label, to_sctp(init));
  if (!opened) return reject(to_error(opened.error()));
  return to_peer(*opened);
}

Outcome<void> Channels::send(Instant now, ChannelId channel, Message message) {
  if (find(channel) == nullptr) return reject(Error::invalid_state("there is no such channel"));
  auto& set = *set_of(channel);
  const auto size = size_of(message);
  const auto sent =
      set.channels.send(now, sctp::ChannelId{channel.value() - set.first}, std::move(message));
  if (!sent) return reject(to_error(sent.error()));
  auto& counters = counters_[channel];
  ++counters.messages_sent;
  counters.bytes_sent += size;
  return {};
}

void Channels::close(Instant now, ChannelId channel) {
  if (find(channel) == nullptr) return;
  auto& set = *set_of(channel);
  set.channels.close(now, sctp::ChannelId{channel.value() - set.first});
}

void Channels::set_buffered_amount_low_threshold(ChannelId channel, std::uint64_t octets) {
  if (find(channel) == nullptr) return;
  auto& set = *set_of(channel);
  set.channels.set_buffered_amount_low_threshold(sctp::ChannelId{channel.value() - set.first},
                                                 octets);
}

ChannelCounters Channels::counters(ChannelId channel) const {
  const auto found = counters_.find(channel);
  return found == counters_.end() ? ChannelCounters{} : found->second;
}

void Channels::note_received(ChannelId channel, const Message& message) {
  auto& counters = counters_[channel];
  ++counters.messages_received;
  counters.bytes_received += size_of(message);
}

std::string Channels::label_of(ChannelId channel) const {
  const auto* const found = find(channel);
  return found == nullptr ? std::string{} : found->label;
}

std::optional<DataChannelState> Channels::state(ChannelId channel) const {
  const auto* const found = find(channel);
  if (found == nullptr) return std::nullopt;
  return to_peer_state(found->state);
}

std::optional<std::uint16_t> Channels::stream(ChannelId channel) const {
  const auto* const found = find(channel);
  if (found == nullptr || !found->stream) return std::nullopt;
  return found->stream->value();
}

std::uint64_t Channels::buffered_amount(ChannelId channel) const {
  if (find(channel) == nullptr) return 0;
  const auto& set = *set_of(channel);
  return set.channels.buffered_amount(sctp::ChannelId{channel.value() - set.first});
}

}  // namespace rtclab::peer
