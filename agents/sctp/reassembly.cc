#include "agents/sctp/reassembly.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rtclab::sctp {

bool Reassembly::Partial::complete() const {
  const auto& [first_tsn, first] = *fragments.begin();
  const auto& [last_tsn, last] = *fragments.rbegin();
  return first.header.beginning && last.header.end && last_tsn - first_tsn + 1 == fragments.size();
}

void Reassembly::add(LongTsn tsn, DataChunk chunk) {
  auto& stream = streams_[chunk.header.stream];
  buffered_ += chunk.payload.size();
  ++fragments_;
  if (chunk.header.unordered) {
    add_unordered(tsn, stream, std::move(chunk));
  } else {
    const auto number = unwrap(chunk.header.ssn, stream.next);
    add_ordered(tsn, number, stream, std::move(chunk));
  }
}

void Reassembly::add(LongTsn /*tsn*/, IDataChunk chunk) {
  auto& stream = streams_[chunk.header.stream];
  buffered_ += chunk.payload.size();
  ++fragments_;
  const auto& header = chunk.header;
  if (header.unordered) {
    const auto number = unwrap(header.mid, stream.highest);
    add_interleaved(stream, number, {header, std::move(chunk.payload)});
  } else {
    const auto number = unwrap(header.mid, stream.next);
    add_ordered(header.fsn, number, stream, {header, std::move(chunk.payload)});
  }
}

void Reassembly::forget(const DataChunk& chunk) {
  buffered_ -= chunk.payload.size();
  --fragments_;
}

bool Reassembly::add_to(Partial& partial, LongTsn key, DataChunk chunk) {
  const auto size = chunk.payload.size();
  // Not moved from when nothing is inserted.
  const auto [place, is_new] = partial.fragments.try_emplace(key, std::move(chunk));
  if (!is_new) {
    forget(chunk);  // NOLINT(bugprone-use-after-move)
    return false;
  }
  partial.octets += size;
  if (partial.octets > max_message_size_) overflowed_ = true;
  return true;
}

void Reassembly::add_ordered(LongTsn key, LongSsn number, Stream& stream, DataChunk chunk) {
  // Already skipped by a FORWARD TSN, or delivered: a sender that keeps to its numbers does not do
  // this.
  if (number < stream.next) return forget(chunk);
  if (add_to(stream.ordered[number], key, std::move(chunk)) && number == stream.next) {
    deliver_in_order(stream);
  }
}

void Reassembly::add_interleaved(Stream& stream, LongSsn number, DataChunk chunk) {
  if (number < stream.passed) return forget(chunk);
  stream.highest = std::max(stream.highest, number);
  auto& partial = stream.interleaved[number];
  const LongTsn key = chunk.header.fsn;
  if (!add_to(partial, key, std::move(chunk)) || !partial.complete()) return;
  deliver(partial.fragments.begin(), partial.fragments.end());
  stream.interleaved.erase(number);
}

void Reassembly::deliver_in_order(Stream& stream) {
  while (!stream.ordered.empty()) {
    const auto next = stream.ordered.begin();
    if (next->first != stream.next || !next->second.complete()) return;
    deliver(next->second.fragments.begin(), next->second.fragments.end());
    stream.ordered.erase(next);
    ++stream.next;
  }
}

// The fragments of an unordered message are known by their neighbourhood alone: B, consecutive
// TSNs, E.
void Reassembly::add_unordered(LongTsn tsn, Stream& stream, DataChunk chunk) {
  auto& fragments = stream.unordered;
  auto first = fragments.emplace(tsn, std::move(chunk)).first;
  auto last = first;
  auto octets = first->second.payload.size();
  while (!first->second.header.beginning && first != fragments.begin()) {
    const auto before = std::prev(first);
    if (before->first + 1 != first->first || before->second.header.end) break;
    first = before;
    octets += first->second.payload.size();
  }
  while (!last->second.header.end) {
    const auto after = std::next(last);
    if (after == fragments.end() || after->first != last->first + 1 ||
        after->second.header.beginning)
      break;
    last = after;
    octets += last->second.payload.size();
  }
  if (octets > max_message_size_) overflowed_ = true;
  if (!first->second.header.beginning || !last->second.header.end) return;
  const auto end = std::next(last);
  deliver(first, end);
  fragments.erase(first, end);
}

void Reassembly::deliver(Fragments::iterator first, Fragments::iterator last) {
  auto& front = first->second;
  Message message{front.header.stream, front.header.ppid,
                  front.header.unordered ? Order::Unordered : Order::Ordered,
                  std::move(front.payload)};
  --fragments_;
  for (auto fragment = std::next(first); fragment != last; ++fragment) {
    const auto& payload = fragment->second.payload;
    message.bytes.insert(message.bytes.end(), payload.begin(), payload.end());
    --fragments_;
  }
  ready_.push_back(std::move(message));
}

void Reassembly::forward(LongTsn tsn, std::span<const ForwardTsnChunk::Skipped> skipped) {
  // Whole unordered messages have gone up already: what is left below the new point never
  // completes.
  for (auto& [id, stream] : streams_) {
    auto& fragments = stream.unordered;
    while (!fragments.empty() && fragments.begin()->first <= tsn) {
      buffered_ -= fragments.begin()->second.payload.size();
      --fragments_;
      fragments.erase(fragments.begin());
    }
  }
  for (const auto& [id, ssn] : skipped) {
    auto& stream = streams_[id];
    skip(stream, unwrap(ssn, stream.next));
  }
}

// RFC 8260 §2.3.1: here unordered messages are named too, so the TSN tells nothing more. Messages
// of a stream are sent one after the other: all up to the one that is named have arrived or never
// will.
void Reassembly::forward(std::span<const IForwardTsnChunk::Skipped> skipped) {
  for (const auto& [id, unordered, mid] : skipped) {
    auto& stream = streams_[id];
    if (!unordered) {
      skip(stream, unwrap(mid, stream.next));
      continue;
    }
    const auto last = unwrap(mid, stream.highest);
    stream.passed = std::max(stream.passed, last + 1);
    stream.highest = std::max(stream.highest, last);
    auto& partials = stream.interleaved;
    while (!partials.empty() && partials.begin()->first <= last) {
      drop(partials.begin()->second);
      partials.erase(partials.begin());
    }
  }
}

void Reassembly::drop(const Partial& partial) {
  buffered_ -= partial.octets;
  fragments_ -= partial.fragments.size();
}

// All up to `ssn` is over: what is whole is delivered now, what is not is dropped.
void Reassembly::skip(Stream& stream, LongSsn ssn) {
  if (ssn < stream.next) return;
  while (!stream.ordered.empty() && stream.ordered.begin()->first <= ssn) {
    const auto next = stream.ordered.begin();
    if (next->second.complete()) {
      deliver(next->second.fragments.begin(), next->second.fragments.end());
    } else {
      drop(next->second);
    }
    stream.ordered.erase(next);
  }
  stream.next = ssn + 1;
  deliver_in_order(stream);
}

void Reassembly::reset(std::span<const StreamId> streams) {
  const auto begin_anew = [this](Stream& stream) {
    for (const auto& [ssn, partial] : stream.ordered) drop(partial);
    for (const auto& [mid, partial] : stream.interleaved) drop(partial);
    for (const auto& [tsn, chunk] : stream.unordered) buffered_ -= chunk.payload.size();
    fragments_ -= stream.unordered.size();
    stream = Stream{};
  };
  if (streams.empty()) {
    for (auto& [id, stream] : streams_) begin_anew(stream);
    return;
  }
  for (const auto id : streams) {
    if (const auto stream = streams_.find(id); stream != streams_.end()) begin_anew(stream->second);
  }
}

std::optional<Reassembly::Message> Reassembly::take() {
  if (ready_.empty()) return std::nullopt;
  std::optional<Message> message{std::move(ready_.front())};
  ready_.pop_front();
  buffered_ -= message->bytes.size();
  return message;
}

}  // namespace rtclab::sctp
