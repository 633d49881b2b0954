#include "agents/sctp/receive_tracker.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace rtclab::sctp {
namespace {

// Gap blocks are offsets of 16 bits from the cumulative TSN (RFC 9260 §3.3.4).
constexpr LongTsn kReach = 0xffff;
// A SACK names at most so many duplicates; they are for statistics alone (RFC 9260 §6.2).
constexpr std::size_t kMaxDuplicates = 32;
constexpr std::size_t kSackHeaderSize = 16;

}  // namespace

ReceiveTracker::Arrival ReceiveTracker::classify(LongTsn tsn) const {
  if (tsn <= cumulative_) return Arrival::Duplicate;
  if (tsn > cumulative_ + kReach) return Arrival::OutOfWindow;
  const auto after = blocks_.upper_bound(tsn);
  if (after == blocks_.begin()) return Arrival::New;
  return std::prev(after)->second >= tsn ? Arrival::Duplicate : Arrival::New;
}

void ReceiveTracker::note_duplicate(LongTsn tsn) {
  new_duplicate_ = true;
  if (duplicates_.size() < kMaxDuplicates) duplicates_.push_back(wrap(tsn));
}

void ReceiveTracker::accept(LongTsn tsn) {
  assert(classify(tsn) == Arrival::New);
  if (blocks_.empty() && tsn == cumulative_ + 1) {
    ++cumulative_;
    return;
  }
  auto block = blocks_.emplace(tsn, tsn).first;
  if (const auto after = std::next(block); after != blocks_.end() && after->first == tsn + 1) {
    block->second = after->second;
    blocks_.erase(after);
  }
  if (block != blocks_.begin()) {
    const auto before = std::prev(block);
    if (before->second + 1 == tsn) {
      before->second = block->second;
      blocks_.erase(block);
    }
  }
  absorb();
}

bool ReceiveTracker::forward(LongTsn tsn) {
  if (tsn <= cumulative_) return false;
  cumulative_ = tsn;
  absorb();
  return true;
}

// Moves the cumulative TSN over the blocks that it has reached.
void ReceiveTracker::absorb() {
  while (!blocks_.empty() && blocks_.begin()->first <= cumulative_ + 1) {
    cumulative_ = std::max(cumulative_, blocks_.begin()->second);
    blocks_.erase(blocks_.begin());
  }
}

// RFC 9260 §6.2: at once for the first DATA (§5.1), duplicates, while there is a gap and when it
// closes; otherwise for every second packet.
void ReceiveTracker::note_packet(bool immediate) {
  const bool now = immediate || !anything_yet_ || new_duplicate_ || had_gaps_ || has_gaps() ||
                   due_ != Due::Never;
  due_ = now ? Due::Now : Due::Delayed;
  anything_yet_ = true;
  had_gaps_ = has_gaps();
  new_duplicate_ = false;
}

SackChunk ReceiveTracker::take_sack(std::uint32_t receiver_window, std::size_t max_size) {
  assert(max_size >= kSackHeaderSize);
  SackChunk sack{.cumulative_tsn = wrap(cumulative_),
                 .receiver_window = receiver_window,
                 .gaps = {},
                 .duplicates = {}};
  auto items = (max_size - kSackHeaderSize) / 4;
  // RFC 9260 §6.7: from the lowest; what does not fit stays unacknowledged for now.
  for (const auto& [first, last] : blocks_) {
    if (items == 0) break;
    --items;
    sack.gaps.push_back({.start = static_cast<std::uint16_t>(first - cumulative_),
                         .end = static_cast<std::uint16_t>(last - cumulative_)});
  }
  duplicates_.resize(std::min(duplicates_.size(), items), Tsn{0});
  sack.duplicates.swap(duplicates_);
  duplicates_.clear();
  due_ = Due::Never;
  return sack;
}

}  // namespace rtclab::sctp
