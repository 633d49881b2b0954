#include "sim/nat/fragment_tracker.h"

#include "agents/base/ip_packet.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::nat {

std::string_view FragmentTracker::refusal_of(const ip::Fragment& fragment) const {
  if (policy_ == topology::Fragments::Dropped) return "fragments do not pass";
  // RFC 3128: a second part that begins at octet 8 could change the flags the first one showed.
  constexpr std::size_t kTcpFlagsEnd = 16;
  const bool is_tcp = fragment.protocol == static_cast<std::uint8_t>(ip::Protocol::Tcp);
  if (is_tcp && !fragment.is_first() && fragment.offset < kTcpFlagsEnd) {
    return "a fragment that reaches into the TCP header (RFC 3128)";
  }
  return {};
}

const FragmentFate* FragmentTracker::fate_of(Instant now, Side from, const ip::Fragment& fragment) {
  const auto found = known_.find({from, fragment.key});
  return found == known_.end() || found->second.until <= now ? nullptr : &found->second.fate;
}

std::optional<std::string> FragmentTracker::hold(Instant now, Held part,
                                                 const ip::Fragment& fragment) {
  if (policy_ == topology::Fragments::InOrder) {
    return "a fragment that comes before the first one of its packet";
  }
  if (waiting_.size() >= limits_.waiting) {  // RFC 4787 §11, REQ-14a
    return fmt::format("{} fragments wait for their first one already", waiting_.size());
  }
  const Key key{part.from, fragment.key};
  waiting_.push_back({key, std::move(part), now + limits_.patience});
  return std::nullopt;
}

std::vector<FragmentTracker::Held> FragmentTracker::decide(Instant now, Side from,
                                                           const ip::Fragment& first,
                                                           FragmentFate fate) {
  const Key key{from, first.key};
  std::erase(order_, key);
  order_.push_back(key);
  known_.insert_or_assign(key, Known{std::move(fate), now + limits_.memory});
  if (order_.size() > limits_.packets) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  std::vector<Held> freed;
  std::deque<Waiting> others;
  for (auto& waiting : waiting_) {
    if (waiting.key == key) {
      freed.push_back(std::move(waiting.held));
    } else {
      others.push_back(std::move(waiting));
    }
  }
  waiting_ = std::move(others);
  return freed;
}

std::vector<FragmentTracker::Late> FragmentTracker::expire(Instant now) {
  std::vector<Late> late;
  while (!waiting_.empty() && waiting_.front().until <= now) {
    late.push_back({std::move(waiting_.front().held),
                    fmt::format("the first fragment did not come within {} s",
                                std::chrono::duration<double>{limits_.patience}.count())});
    waiting_.pop_front();
  }
  while (!order_.empty() && known_.at(order_.front()).until <= now) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return late;
}

// Of those that wait: what is merely known ends unseen.
std::optional<Instant> FragmentTracker::next_expiry() const {
  return waiting_.empty() ? std::nullopt : std::optional{waiting_.front().until};
}

void FragmentTracker::clear() {
  known_.clear();
  order_.clear();
  waiting_.clear();
}

}  // namespace rtclab::nat
