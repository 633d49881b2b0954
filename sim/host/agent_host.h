// Runs an agent on a simulated machine: the ns-3 half of what agents/live does for real sockets.
//
// The driver's part of the contract in agents/base/io.h: announce the interfaces, drain after every
// call, answer each OpenSocket after the drain that asked for it, and wake the agent when it asked
// to be.
#pragma once

#include "agents/base/io.h"
#include "sim/host/agent_streams.h"
#include "sim/host/host.h"
#include "sim/host/timer.h"
#include "sim/link/simulation.h"

#include <deque>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace rtclab::sim {

// Throws std::logic_error: an agent of ours wants to be woken at `wakeup` although it was just
// drained.
[[noreturn]] void report_busy_loop(const std::string& machine, Instant now, const Wakeup& wakeup);

template <Agent A>
class AgentHost {
 public:
  using Record = std::function<void(Instant, const Event&)>;
  // Called after each drain, for an owner that polls the agent's typed events and calls it in
  // answer. It returns whether it took or called anything; then the agent is drained again, and so
  // is it. It is never entered twice: what it does with call() waits for it to return.
  using OnDrained = std::function<bool(Instant, A&)>;
  struct Hooks {
    Record record;
    OnDrained on_drained = [](Instant, A&) { return false; };
  };

  // Makes the agent from `arguments`, and tells it the machine's addresses before anything else.
  template <class... Arguments>
  explicit AgentHost(Host& host, Hooks hooks, Arguments&&... arguments)
      : host_{host}, hooks_{std::move(hooks)}, agent_(std::forward<Arguments>(arguments)...) {
    for (const auto* interface : host_.interfaces()) {
      agent_.handle_input(Simulation::now(),
                          InterfaceUp{interface->name(), interface->address().ip});
      drain();
    }
    settle();
  }
  AgentHost(const AgentHost&) = delete;
  AgentHost& operator=(const AgentHost&) = delete;
  ~AgentHost() {
    for (const auto& local : sockets_) host_.udp().close(local);
  }

  [[nodiscard]] const A& agent() const { return agent_; }
  [[nodiscard]] Host& host() { return host_; }

  // Runs f(now, agent), the agent's own interface, and then all that follows from it at this
  // instant.
  template <class F>
  auto call(F&& f) {
    if constexpr (std::is_void_v<std::invoke_result_t<F, Instant, A&>>) {
      std::forward<F>(f)(Simulation::now(), agent_);
      settle();
    } else {
      auto result = std::forward<F>(f)(Simulation::now(), agent_);
      settle();
      return result;
    }
  }

 private:
  void handle(const Input& input) {
    agent_.handle_input(Simulation::now(), input);
    settle();
  }

  void settle() {
    if (settling_) return;  // the settle() that is under way comes to it
    settling_ = true;
    do {
      drain();
    } while (hooks_.on_drained(Simulation::now(), agent_));
    settling_ = false;
    const auto wakeup = agent_.next_wakeup();
    if (wakeup && wakeup->at <= Simulation::now()) {
      report_busy_loop(host_.name(), Simulation::now(), *wakeup);
    }
    timer_.arm(wakeup ? std::optional{wakeup->at} : std::nullopt);
  }

  void drain() {
    do {
      while (auto output = agent_.poll_output()) {
        std::visit([this](auto& asked) { act(asked); }, *output);
      }
    } while (answer());
  }

  bool answer() {
    if (answers_.empty()) return false;
    const auto answer = std::move(answers_.front());
    answers_.pop_front();
    agent_.handle_input(Simulation::now(), answer);
    return true;
  }

  void act(const Transmit& transmit) {
    if (transmit.path.transport == Transport::Tcp) {
      streams_.send(transmit.path, transmit.bytes);
    } else {
      host_.udp().send(transmit.path, transmit.bytes);
    }
  }
  void act(const Event& event) { hooks_.record(Simulation::now(), event); }
  void act(const OpenSocket& open) {
    const auto local = open.transport == Transport::Tcp
                           ? streams_.listen(open.local)
                           : host_.udp().bind(open.local, [this](const Input& in) { handle(in); });
    if (!local) {
      answers_.emplace_back(SocketFailed{open.request, local.error()});
      return;
    }
    if (open.transport == Transport::Udp) sockets_.insert(*local);
    answers_.emplace_back(SocketOpened{open.request, *local});
  }
  void act(const OpenStream& open) {
    if (auto why = streams_.open(open)) {
      answers_.emplace_back(SocketFailed{open.request, *std::move(why)});
    }
  }
  void act(const CloseStream& close) { streams_.close(close.path); }
  void act(const CloseSocket& close) {
    if (close.transport == Transport::Tcp) {
      streams_.stop_listening(close.local);
    } else if (sockets_.erase(close.local) != 0) {
      host_.udp().close(close.local);
    }
  }

  Host& host_;
  Hooks hooks_;
  A agent_;
  Timer timer_{[this] {
    agent_.handle_timeout(Simulation::now());
    settle();
  }};
  std::deque<Input> answers_;   // to what the agent asked for, in order
  std::set<Endpoint> sockets_;  // UDP
  AgentStreams streams_{host_, [this](const Input& input) { handle(input); }};
  bool settling_ = false;
};

}  // namespace rtclab::sim
