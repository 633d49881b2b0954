// Runs an agent on a simulated machine: the ns-3 half of what agents/live does for real sockets.
//
// The driver's part of the contract in agents/base/io.h: announce the interfaces, also those that
// come and go, drain after every call, answer each OpenSocket after the drain that asked for it,
// and wake the agent when it asked to be.
#pragma once

#include "agents/base/io.h"
#include "sim/host/agent_streams.h"
#include "sim/host/host.h"
#include "sim/link/simulation.h"
#include "sim/link/timer.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

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
      if (!host_.is_up(*interface)) continue;
      for (const auto& address : interface->addresses()) {
        agent_.handle_input(Simulation::now(), InterfaceUp{interface->name(), address.ip});
        drain();
      }
    }
    settle();
    watcher_ = host_.watch_interfaces([this](const Interface& interface,
                                             const std::vector<Prefix>& addresses,
                                             bool up) { announce(interface, addresses, up); });
  }
  AgentHost(const AgentHost&) = delete;
  AgentHost& operator=(const AgentHost&) = delete;
  ~AgentHost() {
    host_.forget_watcher(watcher_);
    for (const auto& local : sockets_) host_.udp().close(local);
    for (const auto& [local, number] : groups_) host_.udp().leave(number);
  }

  [[nodiscard]] const A& agent() const { return agent_; }
  [[nodiscard]] Host& host() { return host_; }

  // Runs f(now, agent), the agent's own interface, and then all that follows from it at this
  // instant.
  template <class F>
  auto call(F&& f) {
    const bool was_due = is_due();
    if constexpr (std::is_void_v<std::invoke_result_t<F, Instant, A&>>) {
      std::forward<F>(f)(Simulation::now(), agent_);
      settle(was_due);
    } else {
      auto result = std::forward<F>(f)(Simulation::now(), agent_);
      settle(was_due);
      return result;
    }
  }

 private:
  void handle(const Input& input) {
    agent_.handle_input(Simulation::now(), input);
    settle();
  }

  // All addresses of the interface at once: the agent must not answer to the first as if it were
  // the only one.
  void announce(const Interface& interface, const std::vector<Prefix>& addresses, bool up) {
    for (const auto& address : addresses) {
      if (up) {
        answers_.emplace_back(InterfaceUp{interface.name(), address.ip});
      } else {
        answers_.emplace_back(InterfaceDown{interface.name(), address.ip});
      }
    }
    settle();
  }

  // `was_due`: before a call of the owner, which may have left the agent alone, as an impolite peer
  // does with an offer that it ignores. The deadline of this very instant is then still to be kept.
  void settle(bool was_due = false) {
    if (settling_) return;  // the settle() that is under way comes to it
    drain_all();
    if (was_due && is_due()) {
      agent_.handle_timeout(Simulation::now());
      drain_all();
    }
    const auto wakeup = agent_.next_wakeup();
    if (wakeup && wakeup->at <= Simulation::now()) {
      report_busy_loop(host_.name(), Simulation::now(), *wakeup);
    }
    timer_.arm(wakeup ? std::optional{wakeup->at} : std::nullopt);
  }

  [[nodiscard]] bool is_due() const {
    const auto wakeup = agent_.next_wakeup();
    return wakeup && wakeup->at <= Simulation::now();
  }

  void drain_all() {
    settling_ = true;
    do {
      drain();
    } while (hooks_.on_drained(Simulation::now(), agent_));
    settling_ = false;
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
    if (const auto local = socket_for(open)) {
      answers_.emplace_back(SocketOpened{open.request, *local});
    } else {
      answers_.emplace_back(SocketFailed{open.request, local.error()});
    }
  }
  tl::expected<Endpoint, std::string> socket_for(const OpenSocket& open) {
    if (open.transport == Transport::Tcp) return streams_.listen(open.local);
    const auto hand_in = [this](const Input& input) { handle(input); };
    if (open.group) {
      const auto joined = host_.udp().join(open.local, *open.group, hand_in);
      if (!joined) return tl::make_unexpected(joined.error());
      groups_.emplace(joined->local, joined->number);
      return joined->local;
    }
    auto bound = host_.udp().bind(open.local, hand_in);
    if (bound) sockets_.insert(*bound);
    return bound;
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
    } else if (const auto group = groups_.find(close.local); group != groups_.end()) {
      host_.udp().leave(group->second);
      groups_.erase(group);
    }
  }

  Host& host_;
  Hooks hooks_;
  A agent_;
  Timer timer_{[this] {
    agent_.handle_timeout(Simulation::now());
    settle();
  }};
  std::deque<Input> answers_;                      // to what the agent asked for, in order
  std::set<Endpoint> sockets_;                     // UDP
  std::multimap<Endpoint, std::uint64_t> groups_;  // the same, members of groups
  AgentStreams streams_{host_, [this](const Input& input) { handle(input); }};
  bool settling_ = false;
  std::uint64_t watcher_ = 0;
};

}  // namespace rtclab::sim
