#include "agents/sctp/send_queue.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::sctp {
namespace {

// Octets at a weight of 1 in the unit of virtual time, so that the division loses little.
constexpr std::uint64_t kScale = 1u << 16u;

std::size_t counted(const OutgoingMessage& message, std::size_t octets) {
  return message.accounting == Accounting::Counted ? octets : 0;
}

}  // namespace

void SendQueue::set_weight(StreamId id, std::uint16_t weight) {
  streams_[id].weight = std::max<std::uint16_t>(weight, 1);
}

void SendQueue::add(Instant now, StreamId id, OutgoingMessage message) {
  assert(!message.bytes.empty());
  assert(!resetting(id));
  auto& stream = streams_[id];
  const bool was_idle = stream.messages.empty();
  stream.buffered += counted(message, message.bytes.size());
  total_ += message.bytes.size();
  std::optional<Instant> expires_at;
  if (const auto* limited = std::get_if<LimitedLifetime>(&message.reliability)) {
    expires_at = now + limited->lifetime;
  }
  stream.messages.push_back({.number = MessageNumber{next_number_++},
                             .message = std::move(message),
                             .expires_at = expires_at});
  if (was_idle) enqueue(id, stream);
}

// A stream that was idle saves nothing up: it begins now at the earliest.
void SendQueue::enqueue(StreamId id, Stream& stream) {
  stream.start = std::max(stream.start, virtual_time_);
  stream.turn = {stream.start, next_turn_++};
  turns_.emplace(stream.turn, id);
}

std::optional<std::size_t> SendQueue::next_size(Instant now, std::size_t max_payload) {
  choose(now);
  if (turns_.empty()) return std::nullopt;
  const auto& next = streams_.at(turns_.begin()->second).messages.front();
  return std::min(max_payload, next.message.bytes.size() - next.taken);
}

Fragment SendQueue::take(std::size_t max_payload) {
  assert(!turns_.empty() && max_payload > 0);
  return take_from(turns_.begin()->second, max_payload, true);
}

Fragment SendQueue::take_from(StreamId id, std::size_t max_payload, bool charge) {
  auto& stream = streams_.at(id);
  auto fragment = cut(id, stream, max_payload);
  const auto octets = fragment.payload.size();
  const auto left = counted(stream.messages.front().message, octets);
  if (charge) {
    virtual_time_ = std::max(virtual_time_, stream.turn.first);
    stream.start += octets * kScale / stream.weight;
  }
  if (fragment.header.end) stream.messages.pop_front();
  if (fragment.header.end || kind_ == DataKind::IData) {
    turns_.erase(stream.turn);
    if (!stream.messages.empty()) enqueue(id, stream);
  }
  total_ -= octets;
  note_left(id, stream, left);
  return fragment;
}

Fragment SendQueue::cut(StreamId id, Stream& stream, std::size_t max_payload) {
  auto& queued = stream.messages.front();
  auto& message = queued.message;
  const bool unordered = message.order == Order::Unordered;
  const auto size = std::min(max_payload, message.bytes.size() - queued.taken);
  if (queued.taken == 0) {
    queued.mid = Mid{unordered ? stream.next_unordered++ : stream.next_ordered++};
  }
  Fragment fragment;
  fragment.message = queued.number;
  fragment.header.stream = id;
  fragment.header.ppid = message.ppid;
  fragment.header.unordered = unordered;
  fragment.header.beginning = queued.taken == 0;
  fragment.header.end = queued.taken + size == message.bytes.size();
  // RFC 9260 §6.5: SSNs count ordered messages; the field of an unordered one has no meaning.
  if (!unordered) fragment.header.ssn = wrap_ssn(queued.mid.value());
  fragment.header.mid = queued.mid;
  fragment.header.fsn = queued.fragments++;
  if (const auto* limited = std::get_if<LimitedRetransmissions>(&message.reliability)) {
    fragment.max_retransmissions = limited->count;
  }
  fragment.expires_at = queued.expires_at;
  if (size == message.bytes.size()) {
    fragment.payload = std::move(message.bytes);
  } else {
    const auto part = ByteView{message.bytes}.subspan(queued.taken, size);
    fragment.payload.assign(part.begin(), part.end());
  }
  queued.taken += size;
  return fragment;
}

std::optional<MessageNumber> SendQueue::expired_in_progress(Instant now) const {
  if (turns_.empty()) return std::nullopt;
  const auto& next = streams_.at(turns_.begin()->second).messages.front();
  if (next.taken == 0 || !next.expires_at || *next.expires_at > now) return std::nullopt;
  return next.number;
}

std::optional<Fragment> SendQueue::drop_rest(MessageNumber message) {
  const auto found = std::ranges::find_if(turns_, [&](const auto& turn) {
    const auto& next = streams_.at(turn.second).messages.front();
    return next.number == message && next.taken != 0;
  });
  if (found == turns_.end()) return std::nullopt;
  const auto id = found->second;
  auto rest = take_from(id, streams_.at(id).messages.front().message.bytes.size(), false);
  rest.payload.clear();
  return rest;
}

// A message that was begun keeps its turn. One whose time has run out before it was begun leaves no
// trace: it has neither a TSN nor an SSN.
void SendQueue::choose(Instant now) {
  while (!turns_.empty()) {
    const auto id = turns_.begin()->second;
    auto& stream = streams_.at(id);
    if (stream.messages.front().taken != 0) return;
    drop_expired(now, id, stream);
    if (!stream.messages.empty()) return;
    turns_.erase(turns_.begin());
  }
}

void SendQueue::drop_expired(Instant now, StreamId id, Stream& stream) {
  while (!stream.messages.empty()) {
    const auto& next = stream.messages.front();
    if (!next.expires_at || *next.expires_at > now) return;
    const auto octets = next.message.bytes.size();
    const auto left = counted(next.message, octets);
    stream.messages.pop_front();
    dropped_.push_back(id);
    total_ -= octets;
    note_left(id, stream, left);
  }
}

void SendQueue::note_left(StreamId id, Stream& stream, std::size_t octets) {
  const bool was_above = stream.buffered > stream.low_threshold;
  stream.buffered -= octets;
  if (was_above && stream.buffered <= stream.low_threshold) low_.push_back(id);
}

std::size_t SendQueue::buffered(StreamId id) const {
  const auto stream = streams_.find(id);
  return stream == streams_.end() ? 0 : stream->second.buffered;
}

void SendQueue::set_low_threshold(StreamId id, std::size_t octets) {
  streams_[id].low_threshold = octets;
}

std::vector<StreamId> SendQueue::take_low() {
  return std::exchange(low_, {});
}

std::vector<StreamId> SendQueue::take_dropped() {
  return std::exchange(dropped_, {});
}

bool SendQueue::resetting(StreamId id) const {
  return resetting_.contains(id);
}

void SendQueue::begin_reset(StreamId id) {
  resetting_.insert(id);
}

std::vector<StreamId> SendQueue::ready_to_reset(std::size_t limit) const {
  std::vector<StreamId> ready;
  for (const auto id : resetting_) {
    if (ready.size() == limit) break;
    const auto stream = streams_.find(id);
    if (stream == streams_.end() || stream->second.messages.empty()) ready.push_back(id);
  }
  return ready;
}

void SendQueue::end_reset(StreamId id, bool performed) {
  resetting_.erase(id);
  const auto stream = streams_.find(id);
  if (performed && stream != streams_.end()) count_anew(stream->second);
}

// RFC 6525 §5.2.2, RFC 8260 §2.3.2.
void SendQueue::count_anew(Stream& stream) {
  stream.next_ordered = stream.next_unordered = 0;
}

void SendQueue::restart() {
  std::vector<MessageNumber> begun;
  for (const auto& [turn, id] : turns_) {
    const auto& next = streams_.at(id).messages.front();
    if (next.taken != 0) begun.push_back(next.number);
  }
  for (const auto message : begun) drop_rest(message);
  for (auto& [id, stream] : streams_) count_anew(stream);
}

}  // namespace rtclab::sctp
