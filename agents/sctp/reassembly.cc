#include "agents/sctp/reassembly.h"

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
    add_ordered(tsn, stream, std::move(chunk));
  }
}

void Reassembly::add_ordered(LongTsn tsn, Stream& stream, DataChunk chunk) {
  const auto ssn = unwrap(chunk.header.ssn, stream.next_ssn);
  // Already skipped by a FORWARD TSN, or delivered: a sender that keeps to its numbers does not do
  // this.
  if (ssn < stream.next_ssn) {
    buffered_ -= chunk.payload.size();
    --fragments_;
    return;
  }
  auto& partial = stream.ordered[ssn];
  partial.octets += chunk.payload.size();
  if (partial.octets > max_message_size_) overflowed_ = true;
  partial.fragments.emplace(tsn, std::move(chunk));
  if (ssn == stream.next_ssn) deliver_in_order(stream);
}

void Reassembly::deliver_in_order(Stream& stream) {
  while (!stream.ordered.empty()) {
    const auto next = stream.ordered.begin();
    if (next->first != stream.next_ssn || !next->second.complete()) return;
    deliver(next->second.fragments.begin(), next->second.fragments.end());
    stream.ordered.erase(next);
    ++stream.next_ssn;
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
    skip(stream, unwrap(ssn, stream.next_ssn));
  }
}

void Reassembly::drop(const Partial& partial) {
  buffered_ -= partial.octets;
  fragments_ -= partial.fragments.size();
}

// All up to `ssn` is over: what is whole is delivered now, what is not is dropped.
void Reassembly::skip(Stream& stream, LongSsn ssn) {
  if (ssn < stream.next_ssn) return;
  while (!stream.ordered.empty() && stream.ordered.begin()->first <= ssn) {
    const auto next = stream.ordered.begin();
    if (next->second.complete()) {
      deliver(next->second.fragments.begin(), next->second.fragments.end());
    } else {
      drop(next->second);
    }
    stream.ordered.erase(next);
  }
  stream.next_ssn = ssn + 1;
  deliver_in_order(stream);
}

void Reassembly::reset(std::span<const StreamId> streams) {
  const auto begin_anew = [this](Stream& stream) {
    for (const auto& [ssn, partial] : stream.ordered) drop(partial);
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
