// An agent on the bench: it is fed from the input, its sockets and streams are granted or refused
// by the input, and the contract of agents/base/io.h is held against it after every step.
#pragma once

#include "agents/base/io.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/forge.h"
#include "tests/fuzz/target.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rtclab::fuzz {

template <class A>
class Bench {
 public:
  // `agent` and `feed` outlive it. `remotes`: where datagrams come from; not empty.
  Bench(A& agent, Feed& feed, Insider insider, std::vector<Endpoint> remotes)
      : agent_{agent}, feed_{feed}, forger_{std::move(insider)}, remotes_{std::move(remotes)} {}

  [[nodiscard]] Instant now() const { return now_; }

  void input(const Input& input) {
    agent_.handle_input(now_, input);
    drain();
  }
  void interface_up(const std::string& text) {
    if (const auto ip = Ip::parse(text)) input(InterfaceUp{"eth0", *ip});
  }
  // A socket that somebody else opened for the agent.
  void add_socket(const Endpoint& local) { sockets_.push_back(local); }

  // One thing that the network or the time does.
  void step() {
    switch (feed_.below(10)) {
      case 0: return datagram(raw());
      case 1:
      case 2:
      case 3: return datagram(forger_.forge(feed_));
      case 4: return wake();
      case 5: return pause();
      case 6:
        return input(feed_.flip() ? Input{InterfaceUp{"eth1", remotes_.front().ip}}
                                  : Input{InterfaceDown{"eth0", a_local().ip}});
      case 7: return input(Unreachable{a_path()});
      case 8: return stream();
      default: return on_stream();
    }
  }

  // All that the agent has to say; sockets are answered afterwards, as the contract has it.
  void drain() {
    do {
      std::size_t said = 0;
      while (auto output = agent_.poll_output()) {
        take(*output);
        require(++said < kMostOutputs, "an agent comes to the end of what it says");
      }
      if constexpr (requires { agent_.poll_event(); }) {
        while (agent_.poll_event())
          require(++said < kMostOutputs, "an agent comes to the end of what it tells");
      }
    } while (answer());
    const auto wakeup = agent_.next_wakeup();
    require(!wakeup || wakeup->at > now_, "a drained agent wakes later than now");
  }

 private:
  static constexpr std::size_t kMostOutputs = 20000;

  Bytes raw() {
    const auto chunk = feed_.chunk();
    return {chunk.begin(), chunk.end()};
  }
  Endpoint a_local() {
    return sockets_.empty() ? Endpoint{} : sockets_[feed_.below(sockets_.size())];
  }
  Path a_path() {
    const auto local = a_local();
    return {Transport::Udp, local, remotes_[feed_.below(remotes_.size())]};
  }
  void datagram(const Bytes& octets) { input(Received{a_path(), octets}); }
  void wake() {
    const auto wakeup = agent_.next_wakeup();
    if (!wakeup) return;
    now_ = wakeup->at;
    agent_.handle_timeout(now_);
    drain();
  }
  // Waking late costs quality, not correctness.
  void pause() {
    now_ += feed_.pause();
    agent_.handle_timeout(now_);
    drain();
  }

  // A stream is accepted, or ends.
  void stream() {
    if (feed_.flip() || streams_.empty()) {
      const auto path = a_path();
      const Path stream{Transport::Tcp, path.local, path.remote};
      streams_.push_back(stream);
      return input(StreamOpened{std::nullopt, stream});
    }
    const auto which = feed_.below(streams_.size());
    const auto path = streams_[which];
    streams_.erase(streams_.begin() + static_cast<std::ptrdiff_t>(which));
    input(StreamClosed{path, "reset by the input"});
  }
  void on_stream() {
    if (streams_.empty()) return;
    const auto path = streams_[feed_.below(streams_.size())];
    const auto octets = feed_.flip() ? forger_.forge(feed_) : raw();
    input(Received{path, octets});
  }

  void take(const Output& output) {
    if (const auto* const sent = std::get_if<Transmit>(&output)) {
      forger_.note_sent(sent->bytes);
      // RFC 4571: a length of two octets may stand before it.
      if (sent->path.transport == Transport::Tcp && sent->bytes.size() > 2)
        forger_.note_sent(ByteView{sent->bytes}.subspan(2));
    } else if (const auto* const close = std::get_if<CloseSocket>(&output)) {
      std::erase(sockets_, close->local);
    } else if (const auto* const gone = std::get_if<CloseStream>(&output)) {
      std::erase(streams_, gone->path);
    } else if (!std::holds_alternative<Event>(output)) {
      asked_.push_back(output);
    }
  }

  // Whether there was something to answer.
  bool answer() {
    const auto asked = std::exchange(asked_, {});
    for (const auto& each : asked) {
      const bool granted = feed_.u8() % 8 != 7;
      if (const auto* const socket = std::get_if<OpenSocket>(&each)) {
        answer(*socket, granted);
      } else if (const auto* const stream = std::get_if<OpenStream>(&each)) {
        answer(*stream, granted);
      }
    }
    return !asked.empty();
  }
  void answer(const OpenSocket& wanted, bool granted) {
    if (!granted) {
      agent_.handle_input(now_, SocketFailed{wanted.request, "as the input has it"});
      return;
    }
    auto local = wanted.local;
    if (local.port == Port{0}) local.port = Port{next_port_++};
    sockets_.push_back(local);
    agent_.handle_input(now_, SocketOpened{wanted.request, local});
  }
  void answer(const OpenStream& wanted, bool granted) {
    if (!granted) {
      agent_.handle_input(now_, SocketFailed{wanted.request, "as the input has it"});
      return;
    }
    Path path{Transport::Tcp, wanted.local, wanted.remote};
    if (path.local.port == Port{0}) path.local.port = Port{next_port_++};
    streams_.push_back(path);
    agent_.handle_input(now_, StreamOpened{wanted.request, path});
  }

  A& agent_;
  Feed& feed_;
  Forger forger_;
  std::vector<Endpoint> remotes_;
  std::vector<Endpoint> sockets_;
  std::vector<Path> streams_;
  std::vector<Output> asked_;
  std::uint16_t next_port_ = 50000;
  Instant now_{};
};

}  // namespace rtclab::fuzz
