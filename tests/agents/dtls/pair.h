// Two DTLS endpoints joined in memory: virtual time, and a network that does with each datagram
// what a test says.
#pragma once

#include "agents/base/rng.h"
#include "agents/dtls/endpoint.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rtclab::dtls::test {

using namespace std::chrono_literals;

inline constexpr Duration kOneWay = 20ms;

struct Sent {
  Instant at;
  Role from;
  Bytes bytes;
};

// The fate of datagram number `index` (from 0, both directions counted together): when copies of it
// arrive.
using Network = std::function<std::vector<Duration>(std::size_t index, const Sent& sent)>;

inline Network lossless() {
  return [](std::size_t, const Sent&) { return std::vector<Duration>{kOneWay}; };
}
inline Network losing(std::vector<std::size_t> lost) {
  return [lost = std::move(lost)](std::size_t index, const Sent&) {
    return std::ranges::find(lost, index) == lost.end() ? std::vector<Duration>{kOneWay}
                                                        : std::vector<Duration>{};
  };
}

struct Side {
  SeededRng rng;
  Certificate certificate;
  Endpoint endpoint;
  std::vector<Event> events;
  std::vector<rtclab::Event> trace;
  std::vector<Instant> resent;

  Side(Role role, std::uint64_t seed, const Options& options)
      : rng{seed},
        certificate{Certificate::generate(rng)},
        endpoint{role, certificate, options, rng} {}

  template <class E>
  const E* first() const {
    for (const auto& event : events) {
      if (const auto* typed = std::get_if<E>(&event)) return typed;
    }
    return nullptr;
  }
  std::vector<std::string> messages() const {
    std::vector<std::string> texts;
    for (const auto& event : events) {
      if (const auto* data = std::get_if<ApplicationData>(&event))
        texts.emplace_back(as_text(data->bytes));
    }
    return texts;
  }
};

class Pair {
 public:
  explicit Pair(std::uint64_t seed = 1, Network network = lossless(), const Options& options = {})
      : Pair{seed, std::move(network), options, options} {}
  Pair(std::uint64_t seed, Network network, const Options& of_client, const Options& of_server)
      : client{Role::Client, 2 * seed, of_client},
        server{Role::Server, 2 * seed + 1, of_server},
        network_{std::move(network)} {}

  void exchange_fingerprints() {
    client.endpoint.set_remote_fingerprints(now, {server.certificate.fingerprint()});
    server.endpoint.set_remote_fingerprints(now, {client.certificate.fingerprint()});
    drain();
  }
  void start() {
    server.endpoint.start(now);
    client.endpoint.start(now);
    drain();
  }
  void send(Side& from, std::string_view text) {
    from.endpoint.send(now, as_octets(text));
    drain();
  }
  // A datagram out of nowhere.
  void inject(Side& to, Bytes bytes) { in_flight_.emplace(now, std::pair{&to, std::move(bytes)}); }

  bool connected() const {
    return client.endpoint.state() == State::Connected &&
           server.endpoint.state() == State::Connected;
  }
  // To the next thing that happens; false when nothing will.
  bool step() {
    std::optional<Instant> next;
    const auto consider = [&](Instant at) { next = next ? std::min(*next, at) : at; };
    if (!in_flight_.empty()) consider(in_flight_.begin()->first);
    for (auto* side : {&client, &server}) {
      if (const auto wakeup = side->endpoint.next_wakeup()) consider(wakeup->at);
    }
    if (!next) return false;
    now = std::max(now, *next);
    while (!in_flight_.empty() && in_flight_.begin()->first <= now) {
      auto node = in_flight_.extract(in_flight_.begin());
      node.mapped().first->endpoint.handle_datagram(now, node.mapped().second);
      drain();
    }
    for (auto* side : {&client, &server}) side->endpoint.handle_timeout(now);
    drain();
    return true;
  }
  template <class Predicate>
  bool run_until(Predicate done, Duration limit = 600s) {
    const auto end = now + limit;
    while (!done()) {
      if (now > end || !step()) return done();
    }
    return true;
  }
  bool run_until_connected(Duration limit = 600s) {
    return run_until([this] { return connected(); }, limit);
  }
  void run_until_quiet() {
    while (step()) continue;
  }
  void drain() {
    drain(client, server);
    drain(server, client);
  }

  Instant now{};
  Side client;
  Side server;
  std::vector<Sent> sent;

 private:
  void drain(Side& from, Side& to) {
    while (auto output = from.endpoint.poll_output()) {
      if (auto* bytes = std::get_if<Bytes>(&*output)) {
        const auto index = sent.size();
        sent.push_back({now, from.endpoint.role(), std::move(*bytes)});
        for (const auto delay : network_(index, sent.back())) {
          in_flight_.emplace(now + delay, std::pair{&to, sent.back().bytes});
        }
      } else {
        auto& event = std::get<rtclab::Event>(*output);
        if (event.name == "dtls:retransmitted") from.resent.push_back(now);
        from.trace.push_back(std::move(event));
      }
    }
    while (auto event = from.endpoint.poll_event()) from.events.push_back(std::move(*event));
  }

  Network network_;
  std::multimap<Instant, std::pair<Side*, Bytes>>
      in_flight_;  // of one instant: in the order of sending
};

// The records of a datagram, in words: "ClientHello", "Finished", "alert bad_certificate" as far as
// it can be read.
std::string records(ByteView datagram);

// The same handshake messages in fragments of at most `size` octets, one datagram each (RFC 6347
// §4.2.3). Only for unencrypted handshake records.
std::vector<Bytes> refragment(ByteView datagram, std::size_t size);

// Whatever makes one run what it is: every datagram and when it left.
Bytes history(const Pair& pair);

}  // namespace rtclab::dtls::test
