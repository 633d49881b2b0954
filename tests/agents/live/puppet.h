// An agent that does what a test tells it and keeps what it hears, on a driver with a loop of its
// own.
#pragma once

#include "agents/live/driver.h"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rtclab::live {

inline const Ip kLoopback = *Ip::parse("127.0.0.1");
inline const Ip kLoopback6 = *Ip::parse("::1");

// Received borrows its octets; what is kept must own them.
struct Heard {
  Path path;
  std::string text;
};

class Puppet {
 public:
  void handle_input(Instant now, const Input& input) {
    BOOST_TEST((now >= last_));
    last_ = now;
    if (const auto* const received = std::get_if<Received>(&input))
      heard.push_back({received->path, std::string{as_text(received->bytes)}});
    else
      inputs.push_back(input);
  }
  void handle_timeout(Instant now) {
    last_ = now;
    if (wakeup && wakeup->at <= now) {
      woken.push_back(now);
      wakeup.reset();
    }
  }
  std::optional<Output> poll_output() {
    if (outputs.empty()) return std::nullopt;
    auto output = std::move(outputs.front());
    outputs.pop_front();
    return output;
  }
  std::optional<Wakeup> next_wakeup() const { return wakeup; }

  // The latest input of this kind; the test fails when there is none.
  template <class T>
  T latest() const {
    for (auto each = inputs.rbegin(); each != inputs.rend(); ++each) {
      if (const auto* const found = std::get_if<T>(&*each)) return *found;
    }
    BOOST_FAIL("no such input");
    __builtin_unreachable();
  }
  template <class T>
  std::size_t count() const {
    std::size_t sum = 0;
    for (const auto& each : inputs) sum += std::holds_alternative<T>(each) ? 1 : 0;
    return sum;
  }

  std::vector<Input> inputs;
  std::vector<Heard> heard;
  std::vector<Instant> woken;
  std::deque<Output> outputs;
  std::optional<Wakeup> wakeup;

 private:
  Instant last_{};
};

struct Stage {
  boost::asio::io_context context;
  Clock clock;
  Driver<Puppet> first{{.context = context, .clock = clock, .loopback = Loopback::Shown}};
  Driver<Puppet> second{{.context = context, .clock = clock, .loopback = Loopback::Shown}};

  static void ask(Driver<Puppet>& driver, Output output) {
    driver.call([&](Instant, Puppet& puppet) { puppet.outputs.push_back(std::move(output)); });
  }
  static Endpoint open(Driver<Puppet>& driver, OpenSocket what) {
    ask(driver, what);
    return driver.agent().latest<SocketOpened>().local;
  }
  // Runs the loop until `holds`, for five seconds at most: nothing here takes long on loopback.
  template <class Predicate>
  void run_until(Predicate holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline)
        BOOST_FAIL("it did not come in five seconds");
      context.restart();
      context.run_one_for(std::chrono::milliseconds{200});
    }
  }
};

}  // namespace rtclab::live
