#include "agents/sctp/send_queue.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::sctp {
namespace {

std::size_t counted(const OutgoingMessage& message, std::size_t octets) {
  return message.accounting == Accounting::Counted ? octets : 0;
}

}  // namespace

void SendQueue::add(Instant now, StreamId id, OutgoingMessage message) {
  assert(!message.bytes.empty());
  auto& stream = streams_[id];
  assert(!stream.resetting);
  if (stream.messages.empty()) turns_.push_back(id);
  stream.buffered += counted(message, message.bytes.size());
  total_ += message.bytes.size();
  std::optional<Instant> expires_at;
  if (const auto* limited = std::get_if<LimitedLifetime>(&message.reliability)) {
    expires_at = now + limited->lifetime;
  }
  stream.messages.push_back({MessageNumber{next_number_++}, std::move(message), 0, expires_at});
}

std::optional<std::size_t> SendQueue::next_size(Instant now, std::size_t max_payload) {
  choose(now);
  if (turns_.empty()) return std::nullopt;
  const auto& next = streams_.at(turns_.front()).messages.front();
  return std::min(max_payload, next.message.bytes.size() - next.taken);
}

Fragment SendQueue::take(std::size_t max_payload) {
  assert(!turns_.empty() && max_payload > 0);
  const auto id = turns_.front();
  auto& stream = streams_.at(id);
  auto fragment = cut(id, stream, max_payload);
  const auto octets = fragment.payload.size();
  const auto left = counted(stream.messages.front().message, octets);
  if (fragment.header.end) {
    stream.messages.pop_front();
    turns_.pop_front();
    if (!stream.messages.empty()) turns_.push_back(id);
  }
  total_ -= octets;
  note_left(id, stream, left);
  return fragment;
}

Fragment SendQueue::cut(StreamId id, Stream& stream, std::size_t max_payload) {
  auto& queued = stream.messages.front();
  auto& message = queued.message;
  const auto size = std::min(max_payload, message.bytes.size() - queued.taken);
  Fragment fragment;
  fragment.message = queued.number;
  fragment.header.stream = id;
  fragment.header.ppid = message.ppid;
  fragment.header.unordered = message.order == Order::Unordered;
  fragment.header.beginning = queued.taken == 0;
  fragment.header.end = queued.taken + size == message.bytes.size();
  // RFC 9260 §6.5: SSNs count ordered messages; the field of an unordered one has no meaning.
  if (message.order == Order::Ordered) {
    fragment.header.ssn = stream.next_ssn;
    if (fragment.header.end) stream.next_ssn = wrap_ssn(stream.next_ssn.value() + LongSsn{1});
  }
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
  const auto& next = streams_.at(turns_.front()).messages.front();
  if (next.taken == 0 || !next.expires_at || *next.expires_at > now) return std::nullopt;
  return next.number;
}

std::optional<Fragment> SendQueue::drop_rest(MessageNumber message) {
  if (turns_.empty()) return std::nullopt;
  const auto& stream = streams_.at(turns_.front());
  const auto& next = stream.messages.front();
  if (next.number != message || next.taken == 0) return std::nullopt;
  auto rest = take(next.message.bytes.size());
  rest.payload.clear();
  return rest;
}

// A message that was begun keeps its turn. One whose time has run out before it was begun leaves no
// trace: it has neither a TSN nor an SSN.
void SendQueue::choose(Instant now) {
  while (!turns_.empty()) {
    const auto id = turns_.front();
    auto& stream = streams_.at(id);
    if (stream.messages.front().taken != 0) return;
    drop_expired(now, id, stream);
    if (!stream.messages.empty()) return;
    turns_.pop_front();
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
  const auto stream = streams_.find(id);
  return stream != streams_.end() && stream->second.resetting;
}

void SendQueue::begin_reset(StreamId id) {
  streams_[id].resetting = true;
}

std::vector<StreamId> SendQueue::ready_to_reset(std::size_t limit) const {
  std::vector<StreamId> ready;
  for (const auto& [id, stream] : streams_) {
    if (ready.size() == limit) break;
    if (stream.resetting && stream.messages.empty()) ready.push_back(id);
  }
  return ready;
}

void SendQueue::end_reset(StreamId id, bool performed) {
  auto& stream = streams_.at(id);
  stream.resetting = false;
  if (performed) stream.next_ssn = Ssn{0};
}

void SendQueue::restart() {
  if (!turns_.empty()) {
    const auto& next = streams_.at(turns_.front()).messages.front();
    drop_rest(next.number);
  }
  for (auto& [id, stream] : streams_) stream.next_ssn = Ssn{0};
}

}  // namespace rtclab::sctp
