// Runs an agent on this machine: the real half of what sim/host does in virtual time.
//
// The driver's part of the contract in agents/base/io.h: announce the interfaces, drain after every
// call, answer each OpenSocket after the drain that asked for it, and wake the agent when it asked
// to be. One thread: everything happens inside context.run().
#pragma once

#include "agents/base/io.h"
#include "agents/live/clock.h"
#include "agents/live/interface_watch.h"
#include "agents/live/sockets.h"
#include "agents/live/tap.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace rtclab::live {

template <Agent A>
class Driver {
 public:
  struct Setting {
    boost::asio::io_context& context;
    const Clock& clock;
    Loopback loopback = Loopback::Hidden;
    Tap* tap = nullptr;
    std::function<void(Instant, const Event&)> record;
    // Called after each drain, for an owner that polls the agent's typed events and calls it in
    // answer. It returns whether it took or called anything; then the agent is drained again, and
    // so is it. It is never entered twice: what it does with call() waits for it to return.
    std::function<bool(Instant, A&)> on_drained = [](Instant, A&) { return false; };
  };

  template <class... Arguments>
  explicit Driver(Setting setting, Arguments&&... arguments)
      : setting_{std::move(setting)},
        agent_(std::forward<Arguments>(arguments)...),
        watch_{setting_.context, setting_.loopback, [this](const Input& input) { handle(input); }},
        sockets_{setting_.context, [this] { return instant(); }, setting_.tap,
                 [this](const Input& input) { handle(input); }},
        timer_{setting_.context} {
    for (const auto& each : watch_.addresses())
      agent_.handle_input(now_, InterfaceUp{each.interface, each.address});
    settle();
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  [[nodiscard]] const A& agent() const { return agent_; }
  [[nodiscard]] const std::vector<InterfaceAddress>& addresses() const {
    return watch_.addresses();
  }

  // When what happens now happens, for the agent and for whoever writes it down: the machine may be
  // slow to carry a step out, and a gap between two packets must not come out shorter for it than
  // the agent made it.
  [[nodiscard]] Instant instant() {
    step();
    return now_;
  }

  // Runs f(now, agent), the agent's own interface, and then all that follows from it at once.
  template <class F>
  auto call(F&& f) {
    step();
    if constexpr (std::is_void_v<std::invoke_result_t<F, Instant, A&>>) {
      std::forward<F>(f)(now_, agent_);
      settle();
    } else {
      auto result = std::forward<F>(f)(now_, agent_);
      settle();
      return result;
    }
  }

 private:
  // All that follows from one cause happens at one instant, as in the simulator.
  void step() {
    if (!settling_) now_ = setting_.clock.now();
  }

  void handle(const Input& input) {
    step();
    agent_.handle_input(now_, input);
    settle();
  }

  void settle() {
    if (settling_) return;  // the settle() that is under way comes to it
    settling_ = true;
    do {
      drain();
    } while (setting_.on_drained(now_, agent_));
    settling_ = false;
    arm();
  }

  void drain() {
    do {
      while (auto output = agent_.poll_output()) {
        std::visit([this](const auto& asked) { act(asked); }, *output);
      }
    } while (answer());
  }

  bool answer() {
    if (answers_.empty()) return false;
    const auto answer = std::move(answers_.front());
    answers_.pop_front();
    agent_.handle_input(now_, answer);
    return true;
  }

  void act(const Event& event) {
    if (setting_.record) setting_.record(now_, event);
  }
  void act(const auto& asked) {
    if (auto answer = sockets_.act(asked)) answers_.push_back(*std::move(answer));
  }

  void arm() {
    timer_.cancel();
    const auto wakeup = agent_.next_wakeup();
    if (!wakeup) return;
    timer_.expires_at(setting_.clock.when(wakeup->at));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;  // armed anew meanwhile
      step();
      agent_.handle_timeout(now_);
      settle();
    });
  }

  Setting setting_;
  Instant now_ = setting_.clock.now();
  A agent_;
  std::deque<Input> answers_;  // to what the agent asked for, in order
  InterfaceWatch watch_;
  Sockets sockets_;
  boost::asio::steady_timer timer_;
  bool settling_ = false;
};

}  // namespace rtclab::live
