// The asynchronous calls that wait for their turn: one at a time, in the order in which they were
// made.
//
// Spec: W3C webrtc-pc §4.4.1.2 ("chain an operation").
#pragma once

#include "agents/peer/error.h"
#include "agents/peer/event.h"

#include <deque>
#include <functional>
#include <string>
#include <utility>

namespace rtclab::peer {

struct Operation {
  OperationId id;
  std::string method;
  std::function<Settlement()> run;
};

class OperationsChain {
 public:
  // For a call that settles without waiting for its turn.
  [[nodiscard]] OperationId draw_id() { return OperationId{next_++}; }
  OperationId append(std::string method, std::function<Settlement()> run) {
    const auto id = draw_id();
    waiting_.push_back({id, std::move(method), std::move(run)});
    return id;
  }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] const Operation& front() const { return waiting_.front(); }
  void pop() { waiting_.pop_front(); }
  // Closed connections settle nothing any more.
  void clear() { waiting_.clear(); }

 private:
  std::deque<Operation> waiting_;
  std::uint32_t next_ = 1;
};

}  // namespace rtclab::peer
