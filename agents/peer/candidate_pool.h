// Streams of the ICE agent that gather before anybody needs them.
//
// Spec: RFC 9429 §3.5.4, §4.1.1 (ice candidate pool size), §5.11 (what an answer discards).
#pragma once

#include "agents/ice/agent.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace rtclab::peer {

class CandidatePool {
 public:
  // `ice` outlives this object.
  explicit CandidatePool(ice::Agent& ice) : ice_{&ice} {}

  struct Member {
    ice::StreamId stream;
    bool ended = false;  // gathering is complete
  };

  // Grows or shrinks; what is new begins to gather.
  void resize(Instant now, std::size_t size) {
    while (members_.size() > size) {
      ice_->remove_stream(now, members_.back().stream);
      members_.pop_back();
    }
    const bool grows = members_.size() < size;
    while (members_.size() < size) members_.push_back({ice_->add_stream(now)});
    if (grows) ice_->gather(now);
  }
  // True when the stream is one of the pool.
  bool note_end(ice::StreamId stream) {
    for (auto& member : members_) {
      if (member.stream == stream) member.ended = true;
    }
    return has(stream);
  }
  [[nodiscard]] bool has(ice::StreamId stream) const {
    return std::ranges::find(members_, stream, &Member::stream) != members_.end();
  }
  // The n-th that is free, to be planned with; nullopt when the pool is that small.
  [[nodiscard]] std::optional<ice::StreamId> peek(std::size_t n) const {
    if (n >= members_.size()) return std::nullopt;
    return members_[n].stream;
  }
  // Hands it over; nullopt when it has gone since it was planned with.
  std::optional<Member> take(ice::StreamId stream) {
    const auto found = std::ranges::find(members_, stream, &Member::stream);
    if (found == members_.end()) return std::nullopt;
    const auto member = *found;
    members_.erase(found);
    return member;
  }
  [[nodiscard]] std::size_t size() const { return members_.size(); }

 private:
  ice::Agent* ice_;
  std::vector<Member> members_;
};

}  // namespace rtclab::peer
