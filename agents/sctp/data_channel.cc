#include "agents/sctp/data_channel.h"

#include "agents/sctp/dcep.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace rtclab::sctp {
namespace {

// RFC 8831 §6.2: of the 65536 streams the last one cannot exist, because a count of 65536 cannot be
// sent.
constexpr std::uint16_t kNoStream = 65535;
// Of a peer that uses streams again without ever telling that ours are reset.
constexpr std::size_t kMostHeldMessages = 256;
constexpr std::size_t kMostHeldOctets = std::size_t{1} << 20u;

ChannelError error_of(SendStatus status) {
  switch (status) {
    case SendStatus::TooLarge: return ChannelError::MessageTooLarge;
    case SendStatus::BufferFull: return ChannelError::BufferFull;
    case SendStatus::NoSuchStream: return ChannelError::StreamOutOfRange;
    case SendStatus::Queued:
    case SendStatus::Empty:
    case SendStatus::StreamResetting:
    case SendStatus::Closing: break;
  }
  return ChannelError::NotOpen;
}

// RFC 8832 §6: reliably and in order, whatever the channel is.
OutgoingMessage dcep(const DcepMessage& message) {
  return {kPpidDcep, encode(message), Order::Ordered, Reliable{}, Accounting::Uncounted};
}

// RFC 8831 §6.6: SCTP has no empty messages, so an empty one is a zero octet with a PPID of its
// own.
OutgoingMessage to_message(ChannelData data) {
  const Bytes nothing{std::byte{0}};
  if (auto* text = std::get_if<std::string>(&data)) {
    return text->empty() ? OutgoingMessage{kPpidStringEmpty, nothing, {}, {}, Accounting::Uncounted}
                         : OutgoingMessage{kPpidString, to_octets(*text), {}, {}};
  }
  auto& octets = std::get<Bytes>(data);
  return octets.empty() ? OutgoingMessage{kPpidBinaryEmpty, nothing, {}, {}, Accounting::Uncounted}
                        : OutgoingMessage{kPpidBinary, std::move(octets), {}, {}};
}

std::optional<ChannelData> to_data(Ppid ppid, Bytes octets) {
  if (ppid == kPpidString) return std::string{as_text(octets)};
  if (ppid == kPpidBinary) return octets;
  if (ppid == kPpidStringEmpty) return std::string{};
  if (ppid == kPpidBinaryEmpty) return Bytes{};
  return std::nullopt;
}

}  // namespace

DataChannels::DataChannels(const Options& options, Rng& rng) : options_{options}, rng_{&rng} {}

// --- the association below ---

void DataChannels::connect(Instant now, const Remote& remote) {
  if (association_ || ended_) return;
  role_ = remote.local_role;
  options_.remote_port = remote.port;
  options_.remote_max_message_size = remote.max_message_size;
  association_.emplace(options_, *rng_);
  // Before INIT: what waits now leaves with COOKIE ECHO, which is as early as a channel can open.
  for (auto& [id, channel] : channels_) {
    if (channel.state != ChannelState::Connecting) continue;
    if (!start(now, channel, id)) closed(id, "no stream left");
  }
  if (!options_.deviations.has(Deviation::SctpWaitForInit)) association_->connect(now);
  pump(now);
}

void DataChannels::handle_packet(Instant now, ByteView packet) {
  if (!association_) return;
  association_->handle_packet(now, packet);
  pump(now);
}

void DataChannels::handle_timeout(Instant now) {
  if (!association_) return;
  association_->handle_timeout(now);
  pump(now);
}

std::optional<Wakeup> DataChannels::next_wakeup() const {
  return association_ ? association_->next_wakeup() : std::nullopt;
}

std::optional<Output> DataChannels::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  std::optional<Output> output{std::move(outbox_.front())};
  outbox_.pop_front();
  return output;
}

std::optional<ChannelEvent> DataChannels::poll_event() {
  if (events_.empty()) return std::nullopt;
  std::optional<ChannelEvent> event{std::move(events_.front())};
  events_.pop_front();
  return event;
}

void DataChannels::abort(Instant now, std::string_view reason) {
  if (ended_) return;
  if (association_) {
    association_->abort(now, reason);
    return pump(now);
  }
  ended_ = true;
  all_closed("");
}

void DataChannels::pump(Instant now) {
  while (true) {
    while (auto output = association_->poll_output()) outbox_.push_back(*std::move(output));
    auto event = association_->poll_event();
    if (!event) return;
    std::visit([&](auto& typed) { react(now, typed); }, *event);
    take_held(now);
  }
}

// --- what the application asks for ---

tl::expected<ChannelId, ChannelError> DataChannels::open(Instant now, std::string_view label,
                                                         ChannelInit init) {
  if (ended_) return tl::make_unexpected(ChannelError::AssociationClosed);
  if (label.size() > kMaxDcepText || init.protocol.size() > kMaxDcepText) {
    return tl::make_unexpected(ChannelError::LabelTooLong);
  }
  if (init.negotiated) {
    if (init.negotiated->value() == kNoStream) {
      return tl::make_unexpected(ChannelError::StreamOutOfRange);
    }
    if (by_stream_.contains(*init.negotiated))
      return tl::make_unexpected(ChannelError::StreamInUse);
  }
  const ChannelId id{static_cast<std::uint32_t>(channels_.size())};
  auto& channel = channels_[id];
  channel.label = label;
  channel.stream = init.negotiated;
  channel.init = std::move(init);
  if (channel.stream) by_stream_.emplace(*channel.stream, id);
  if (!association_) return id;
  if (!start(now, channel, id)) {
    if (channel.stream) by_stream_.erase(*channel.stream);
    const auto why =
        channel.init.negotiated ? ChannelError::StreamOutOfRange : ChannelError::NoStreamLeft;
    channels_.erase(id);
    return tl::make_unexpected(why);
  }
  if (association_->state() == State::Established) {
    set_state(id, ChannelState::Open, "association is up");
    events_.emplace_back(ChannelOpened{id, *channel.stream});
  }
  pump(now);
  return id;
}

tl::expected<void, ChannelError> DataChannels::send(Instant now, ChannelId id, ChannelData data) {
  const auto found = channels_.find(id);
  if (found == channels_.end() || found->second.state != ChannelState::Open) {
    return tl::make_unexpected(ChannelError::NotOpen);
  }
  const auto& channel = found->second;
  auto message = to_message(std::move(data));
  // RFC 8832 §6: a message that overtakes OPEN would find no channel.
  const bool may_overtake =
      channel.peer_knows || options_.deviations.has(Deviation::DataUnorderedAtOnce);
  message.order = may_overtake ? channel.init.order : Order::Ordered;
  if (options_.deviations.has(Deviation::DataAlwaysOrdered)) message.order = Order::Ordered;
  message.reliability = channel.init.reliability;
  const auto status = association_->send(now, *channel.stream, std::move(message));
  pump(now);
  if (status != SendStatus::Queued) return tl::make_unexpected(error_of(status));
  return {};
}

void DataChannels::close(Instant now, ChannelId id) {
  const auto found = channels_.find(id);
  if (found == channels_.end()) return;
  const auto state = found->second.state;
  if (state == ChannelState::Closing || state == ChannelState::Closed) return;
  if (!association_) return closed(id, "");
  begin_close(now, id, "close");
  pump(now);
}

const DataChannels::Channel* DataChannels::find(ChannelId id) const {
  const auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : &found->second;
}

std::size_t DataChannels::buffered_amount(ChannelId id) const {
  const auto* channel = find(id);
  if (channel != nullptr && channel->state == ChannelState::Closed) return channel->buffered_at_end;
  const bool counts = channel != nullptr && association_ && channel->stream;
  return counts ? association_->buffered_amount(*channel->stream) : 0;
}

void DataChannels::set_buffered_amount_low_threshold(ChannelId id, std::size_t octets) {
  const auto found = channels_.find(id);
  if (found == channels_.end()) return;
  auto& channel = found->second;
  channel.low_threshold = octets;
  if (association_ && channel.stream) {
    association_->set_buffered_amount_low_threshold(*channel.stream, octets);
  }
}

// --- opening ---

// RFC 8832 §6: the lowest free stream of our parity.
std::optional<StreamId> DataChannels::free_stream() const {
  const bool is_even =
      (role_ == DtlsRole::Client) != options_.deviations.has(Deviation::DcepWrongParity);
  for (std::uint32_t stream = is_even ? 0 : 1; stream < options_.outbound_streams; stream += 2) {
    const StreamId id{static_cast<std::uint16_t>(stream)};
    if (!by_stream_.contains(id)) return id;
  }
  return std::nullopt;
}

bool DataChannels::start(Instant now, Channel& channel, ChannelId id) {
  if (!channel.stream) {
    channel.stream = free_stream();
    if (!channel.stream) return false;
    by_stream_.emplace(*channel.stream, id);
  }
  association_->set_buffered_amount_low_threshold(*channel.stream, channel.low_threshold);
  association_->set_priority(*channel.stream, channel.init.priority);
  if (channel.init.negotiated) {
    channel.peer_knows = true;
    return channel.init.negotiated->value() < options_.outbound_streams;
  }
  const DcepOpen open{channel.init.order, channel.init.reliability, channel.init.priority,
                      channel.label, channel.init.protocol};
  trace("datachannel:open_sent", *channel.stream, channel.label);
  const auto status = association_->send(now, *channel.stream, dcep(open));
  if (status == SendStatus::Queued) return true;
  by_stream_.erase(*channel.stream);
  channel.stream.reset();
  return false;
}

void DataChannels::react(Instant /*now*/, const Established& event) {
  events_.emplace_back(TransportConnected{std::min(event.outbound_streams, event.inbound_streams)});
  for (auto& [id, channel] : channels_) {
    if (channel.state != ChannelState::Connecting) continue;
    if (channel.stream->value() >= std::min(event.outbound_streams, event.inbound_streams)) {
      closed(id, "the peer has fewer streams");
      continue;
    }
    set_state(id, ChannelState::Open, "association is up");
    events_.emplace_back(ChannelOpened{id, *channel.stream});
  }
}

void DataChannels::react(Instant /*now*/, const Restarted& /*event*/) {
  // The peer knows none of the channels any more, and will announce its own.
  all_closed("the peer restarted the association");
}

void DataChannels::react(Instant now, MessageReceived& event) {
  if (is_early(event.stream)) return hold(event.stream, std::move(event));
  if (event.ppid == kPpidDcep) return handle_dcep(now, event.stream, event.bytes);
  const auto id = channel_on(event.stream);
  if (!id) {
    // RFC 8832 §6: user data on an unused stream is an error, and closes what the peer takes for a
    // channel.
    trace("datachannel:message_discarded", event.stream, "no such channel");
    return refuse(now, event.stream);
  }
  handle_data(now, *id, event);
}

void DataChannels::handle_dcep(Instant now, StreamId stream, ByteView octets) {
  const auto message = decode_dcep(octets);
  if (message && std::holds_alternative<DcepAck>(*message)) {
    trace("datachannel:ack_received", stream, "");
    if (const auto id = channel_on(stream)) channels_.at(*id).peer_knows = true;
    return;
  }
  handle_open(now, stream, octets);
}

void DataChannels::handle_open(Instant now, StreamId stream, ByteView octets) {
  auto message = decode_dcep(octets);
  const bool ours = stream.value() % 2 == (role_ == DtlsRole::Client ? 0 : 1);
  if (!message || ours || by_stream_.contains(stream)) {
    // RFC 8832 §6: an OPEN that cannot be is answered by closing the stream.
    trace("datachannel:open_refused", stream,
          !message ? "malformed"
          : ours   ? "stream of our parity"
                   : "stream in use");
    if (const auto id = channel_on(stream))
      return begin_close(now, *id, "OPEN on a channel in use");
    return refuse(now, stream);
  }
  auto& open = std::get<DcepOpen>(*message);
  const ChannelId id{static_cast<std::uint32_t>(channels_.size())};
  auto& channel = channels_[id];
  channel.label = std::move(open.label);
  channel.init = {.order = open.order,
                  .reliability = open.reliability,
                  .protocol = std::move(open.protocol),
                  .negotiated = std::nullopt,
                  .priority = open.priority};
  channel.stream = stream;
  channel.peer_knows = true;
  by_stream_.emplace(stream, id);
  association_->set_priority(stream, channel.init.priority);
  association_->set_buffered_amount_low_threshold(stream, 0);
  trace("datachannel:open_received", stream, channel.label);
  events_.emplace_back(ChannelAnnounced{id, stream, channel.label, channel.init});
  // RFC 8832 §6: ACK goes reliably and in order.
  if (!options_.deviations.has(Deviation::DcepNoAck)) {
    [[maybe_unused]] const auto status = association_->send(now, stream, dcep(DcepAck{}));
  }
  trace("datachannel:ack_sent", stream, "");
  set_state(id, ChannelState::Open, "OPEN");
  events_.emplace_back(ChannelOpened{id, stream});
}

void DataChannels::handle_data(Instant now, ChannelId id, MessageReceived& message) {
  auto& channel = channels_.at(id);
  channel.peer_knows = true;
  // W3C webrtc-pc §6.2: only an open channel delivers.
  if (channel.state != ChannelState::Open) {
    return trace("datachannel:message_discarded", message.stream, "channel is not open");
  }
  auto data = to_data(message.ppid, std::move(message.bytes));
  if (!data) {
    // RFC 8831 §6.6: a PPID that is not supported closes the channel.
    trace("datachannel:message_discarded", message.stream, "unknown PPID");
    events_.emplace_back(ChannelClosing{id});
    return begin_close(now, id, "unknown PPID");
  }
  events_.emplace_back(ChannelMessage{id, *std::move(data)});
}

std::optional<ChannelId> DataChannels::channel_on(StreamId stream) const {
  const auto found = by_stream_.find(stream);
  if (found == by_stream_.end()) return std::nullopt;
  return found->second;
}

// --- closing ---

void DataChannels::begin_close(Instant now, ChannelId id, std::string_view reason) {
  auto& channel = channels_.at(id);
  set_state(id, ChannelState::Closing, reason);
  association_->reset_streams(now, std::array{*channel.stream});
}

// Closes what the peer takes for a channel; it will reset the other direction.
void DataChannels::refuse(Instant now, StreamId stream) {
  refused_.insert(stream);
  association_->reset_streams(now, std::array{stream});
}

// RFC 8831 §6.7: who sees an incoming stream reset resets the outgoing one. Also where there is no
// channel on it: one that is negotiated may have been made by the peer alone, and would be closing
// for ever. But a reset that answers ours is not answered in turn.
void DataChannels::react(Instant now, const IncomingStreamsReset& event) {
  auto streams = event.streams;
  if (streams.empty()) {
    for (const auto& [stream, id] : by_stream_) streams.push_back(stream);
  }
  for (const auto stream : streams) {
    const auto id = channel_on(stream);
    const bool is_answer = refused_.erase(stream) > 0;
    if (!id) {
      if (!is_answer && !options_.deviations.has(Deviation::DataKeepsStream))
        association_->reset_streams(now, std::array{stream});
      continue;
    }
    if (is_early(stream)) {
      hold(stream, std::nullopt);
      continue;
    }
    auto& channel = channels_.at(*id);
    channel.reset_incoming = true;
    if (channel.state != ChannelState::Closing) {
      events_.emplace_back(ChannelClosing{*id});
      if (options_.deviations.has(Deviation::DataKeepsStream)) continue;
      begin_close(now, *id, "the peer closes");
    }
    finish_close(*id);
  }
}

void DataChannels::react(Instant /*now*/, const OutgoingStreamsReset& event) {
  for (const auto stream : event.streams) {
    const auto id = channel_on(stream);
    if (!id) continue;
    if (!event.performed) {
      refused_.insert(stream);  // its own reset may come yet
      closed(*id, "the peer refuses to reset the stream");
      continue;
    }
    channels_.at(*id).reset_outgoing = true;
    finish_close(*id);
  }
}

void DataChannels::finish_close(ChannelId id) {
  const auto& channel = channels_.at(id);
  if (channel.reset_incoming && channel.reset_outgoing) closed(id, "");
}

// Both directions of the stream have been reset as far as the peer knows: it has seen our request,
// or it would not have made its own, but its answer is still on the way. It may use the stream
// again, and we cannot yet (RFC 8831 §6.7, RFC 6525 §5.2.7).
bool DataChannels::is_early(StreamId stream) const {
  if (held_.contains(stream)) return true;
  const auto id = channel_on(stream);
  return id && channels_.at(*id).state == ChannelState::Closing && channels_.at(*id).reset_incoming;
}

void DataChannels::hold(StreamId stream, std::optional<MessageReceived> message) {
  if (held_messages_ >= kMostHeldMessages || held_octets_ >= kMostHeldOctets) {
    return trace("datachannel:message_discarded", stream, "too many before the reset");
  }
  ++held_messages_;
  if (message) held_octets_ += message->bytes.size();
  held_[stream].push_back(std::move(message));
}

void DataChannels::take_held(Instant now) {
  for (auto stream = held_.begin(); stream != held_.end();) {
    if (!ended_ && by_stream_.contains(stream->first)) {
      ++stream;
      continue;
    }
    const auto id = stream->first;
    auto messages = std::move(stream->second);
    stream = held_.erase(stream);
    for (auto& message : messages) {
      --held_messages_;
      if (message) held_octets_ -= message->bytes.size();
      if (ended_) continue;
      if (message) {
        react(now, *message);
      } else {
        react(now, IncomingStreamsReset{{id}});
      }
    }
  }
}

void DataChannels::closed(ChannelId id, std::string_view error) {
  auto& channel = channels_.at(id);
  channel.buffered_at_end = buffered_amount(id);
  if (channel.stream) by_stream_.erase(*channel.stream);
  set_state(id, ChannelState::Closed, error.empty() ? "closed on both sides" : error);
  events_.emplace_back(ChannelClosed{id, std::string{error}});
}

void DataChannels::all_closed(std::string_view error) {
  for (const auto& [id, channel] : channels_) {
    if (channel.state != ChannelState::Closed) closed(id, error);
  }
}

void DataChannels::react(Instant /*now*/, const BufferedAmountLow& event) {
  const auto id = channel_on(event.stream);
  if (id && channels_.at(*id).state == ChannelState::Open) {
    events_.emplace_back(ChannelBufferedAmountLow{*id});
  }
}

void DataChannels::react(Instant /*now*/, const Closed& event) {
  ended_ = true;
  const bool orderly = event.cause == CloseCause::Shutdown || event.cause == CloseCause::LocalAbort;
  all_closed(orderly ? "" : event.reason);
  events_.emplace_back(TransportClosed{event.cause, event.reason});
}

// --- what is told ---

void DataChannels::set_state(ChannelId id, ChannelState next, std::string_view reason) {
  auto& channel = channels_.at(id);
  if (channel.state == next) return;
  Event event{.name = "datachannel:state_changed",
              .fields = {{"channel", std::uint64_t{id.value()}},
                         {"label", channel.label},
                         {"from", std::string{to_string(channel.state)}},
                         {"to", std::string{to_string(next)}},
                         {"reason", std::string{reason}}},
              .rule = std::nullopt};
  if (channel.stream) event.fields.push_back({"stream", std::uint64_t{channel.stream->value()}});
  outbox_.emplace_back(std::move(event));
  channel.state = next;
}

void DataChannels::trace(std::string_view name, StreamId stream, std::string_view detail) {
  Event event{
      .name = name, .fields = {{"stream", std::uint64_t{stream.value()}}}, .rule = Rule{8832, "6"}};
  if (!detail.empty()) event.fields.push_back({"detail", std::string{detail}});
  outbox_.emplace_back(std::move(event));
}

std::string_view to_string(ChannelState state) {
  switch (state) {
    case ChannelState::Connecting: return "connecting";
    case ChannelState::Open: return "open";
    case ChannelState::Closing: return "closing";
    case ChannelState::Closed: return "closed";
  }
  __builtin_unreachable();
}

std::string_view to_string(ChannelError error) {
  switch (error) {
    case ChannelError::LabelTooLong: return "label or protocol too long";
    case ChannelError::StreamInUse: return "stream in use";
    case ChannelError::StreamOutOfRange: return "stream out of range";
    case ChannelError::NoStreamLeft: return "no stream left";
    case ChannelError::NotOpen: return "channel is not open";
    case ChannelError::MessageTooLarge: return "message too large";
    case ChannelError::BufferFull: return "send buffer full";
    case ChannelError::AssociationClosed: return "association is closed";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::sctp
