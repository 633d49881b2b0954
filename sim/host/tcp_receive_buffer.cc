#include "sim/host/tcp_receive_buffer.h"

#include <algorithm>
#include <iterator>

namespace rtclab::tcp {

void ReceiveBuffer::start(Sequence first) {
  next_ = first;
  edge_ = first + capacity_;
}

bool ReceiveBuffer::insert(Sequence seq, ByteView payload) {
  if (seq < next_) {
    payload = payload.subspan(std::min<std::size_t>(octets_between(seq, next_), payload.size()));
    seq = next_;
  }
  if (seq > edge_) return false;
  payload = payload.first(std::min<std::size_t>(octets_between(seq, edge_), payload.size()));
  if (payload.empty()) return false;

  auto& slot = waiting_[taken_ + octets_between(next_, seq)];
  if (slot.size() < payload.size()) slot.assign(payload.begin(), payload.end());

  const auto before = taken_;
  while (!waiting_.empty() && waiting_.begin()->first <= taken_) {
    const auto [position, octets] = std::move(*waiting_.begin());
    waiting_.erase(waiting_.begin());
    const auto known = static_cast<std::size_t>(taken_ - position);
    if (known >= octets.size()) continue;
    ready_.insert(ready_.end(), octets.begin() + static_cast<std::ptrdiff_t>(known), octets.end());
    taken_ += octets.size() - known;
  }
  next_ = next_ + static_cast<std::uint32_t>(taken_ - before);
  return taken_ != before;
}

Bytes ReceiveBuffer::read(std::size_t most) {
  const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(std::min(most, ready_.size()));
  Bytes octets{ready_.begin(), end};
  ready_.erase(ready_.begin(), end);
  return octets;
}

std::uint32_t ReceiveBuffer::growth() const {
  const auto free = capacity_ - static_cast<std::uint32_t>(ready_.size());
  return free - window();
}

void ReceiveBuffer::advance_edge() {
  // Small steps would invite small segments: the silly window syndrome.
  if (growth() >= std::min(capacity_ / 2, mss_)) edge_ = edge_ + growth();
}

bool ReceiveBuffer::owes_update() const {
  return growth() != 0 && growth() >= std::min(capacity_ / 2, 2 * mss_);
}

}  // namespace rtclab::tcp
