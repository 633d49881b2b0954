// What an agent has to say, in the order in which it happened: the parts of one agent share it.
#pragma once

#include "agents/base/io.h"
#include "agents/ice/event.h"

#include <deque>
#include <optional>
#include <utility>

namespace rtclab::ice {

class Outbox {
 public:
  // For the trace only.
  void trace(Event event) { outputs_.emplace_back(std::move(event)); }
  // For the owner and the trace.
  template <class Typed>
  void emit(Typed event) {
    outputs_.emplace_back(event.describe());
    events_.emplace_back(std::move(event));
  }
  // For the owner only.
  void deliver(DataReceived data) { events_.emplace_back(std::move(data)); }
  void put(Output output) { outputs_.push_back(std::move(output)); }
  void transmit(const Endpoint& local, const Endpoint& remote, Bytes bytes) {
    outputs_.emplace_back(Transmit{{Transport::Udp, local, remote}, std::move(bytes)});
  }

  [[nodiscard]] std::optional<Output> poll_output() { return pop(outputs_); }
  [[nodiscard]] std::optional<AgentEvent> poll_event() { return pop(events_); }

 private:
  template <class T>
  static std::optional<T> pop(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> front{std::move(queue.front())};
    queue.pop_front();
    return front;
  }

  std::deque<Output> outputs_;
  std::deque<AgentEvent> events_;
};

}  // namespace rtclab::ice
