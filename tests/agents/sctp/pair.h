// Two endpoints and the wire between them, in virtual time: no network, no clock, one seed.
//
// The wire delays, and by seed it loses, duplicates and reorders; a test can also decide the fate
// of each packet. run() steps to the earliest of either side's wakeups and the wire's arrivals.
#pragma once

#include "agents/base/rng.h"
#include "agents/sctp/association.h"
#include "agents/sctp/data_channel.h"
#include "agents/sctp/packet.h"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::sctp {

using namespace std::chrono_literals;

struct Wire {
  Duration delay = 50ms;
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  unsigned reorder_percent = 0;  // delayed three times as long
  std::uint64_t seed = 1;
};

// What crossed the wire, for tests that look at it.
struct Crossing {
  Instant at;
  std::size_t from;  // 0 or 1
  Packet packet;
  std::size_t size;
  bool lost;
};

template <class Endpoint>
struct EventOf;
template <>
struct EventOf<Association> {
  using Type = AssociationEvent;
};
template <>
struct EventOf<DataChannels> {
  using Type = ChannelEvent;
};

template <class Endpoint>
class Pair {
 public:
  using OwnerEvent = typename EventOf<Endpoint>::Type;
  struct Side {
    SeededRng rng;
    Endpoint endpoint;
    std::vector<OwnerEvent> events;
    std::vector<std::pair<Instant, Event>> trace;

    Side(const Options& options, std::uint64_t seed) : rng{seed}, endpoint{options, rng} {}

    template <class E>
    [[nodiscard]] std::vector<E> all() const {
      std::vector<E> found;
      for (const auto& event : events) {
        if (const auto* typed = std::get_if<E>(&event)) found.push_back(*typed);
      }
      return found;
    }
    template <class E>
    [[nodiscard]] bool has() const {
      return !all<E>().empty();
    }
    [[nodiscard]] std::vector<std::pair<Instant, Event>> traced(std::string_view name) const {
      std::vector<std::pair<Instant, Event>> found;
      for (const auto& entry : trace) {
        if (entry.second.name == name) found.push_back(entry);
      }
      return found;
    }
  };

  explicit Pair(Wire wire = {}, Options a = {}, Options b = {})
      : wire_{wire},
        rng_{wire.seed * 1000},
        sides_{Side{a, wire.seed * 2 + 1}, Side{b, wire.seed * 2 + 2}} {}

  Side& a() { return sides_[0]; }
  Side& b() { return sides_[1]; }
  Side& side(std::size_t i) { return sides_[i]; }
  [[nodiscard]] Instant now() const { return now_; }

  // True: the packet is lost. `index` counts the packets of both directions.
  std::function<bool(const Crossing&, std::size_t index)> lose;
  std::vector<Crossing> crossings;
  // Every octet that left, in order: two runs with one seed must agree.
  std::uint64_t fingerprint = 0xcbf29ce484222325u;

  // Takes what both sides have to say. To be called after each call of an endpoint.
  void drain() {
    for (std::size_t i = 0; i < sides_.size(); ++i) drain(i);
  }

  // Until `done`, at most for `limit`. False when the limit came first.
  bool run(
      Duration limit, const std::function<bool()>& done = [] { return false; }) {
    drain();
    const auto end = now_ + limit;
    while (!done()) {
      std::optional<Instant> next;
      if (!flying_.empty()) next = flying_.begin()->first.first;
      for (const auto& side : sides_) {
        const auto wakeup = side.endpoint.next_wakeup();
        if (wakeup && (!next || wakeup->at < *next)) next = wakeup->at;
      }
      if (!next || *next > end) {
        now_ = end;
        return done();
      }
      now_ = std::max(now_, *next);
      step();
    }
    return true;
  }

  // Hands `octets` to a side as though they had crossed the wire.
  void inject(std::size_t to, ByteView octets) {
    sides_[to].endpoint.handle_packet(now_, octets);
    drain();
  }

 private:
  struct Flying {
    std::size_t to;
    Bytes octets;
  };

  void step() {
    if (!flying_.empty() && flying_.begin()->first.first <= now_) {
      const auto flying = std::move(flying_.begin()->second);
      flying_.erase(flying_.begin());
      sides_[flying.to].endpoint.handle_packet(now_, flying.octets);
      return drain();
    }
    for (auto& side : sides_) {
      const auto wakeup = side.endpoint.next_wakeup();
      if (wakeup && wakeup->at <= now_) side.endpoint.handle_timeout(now_);
    }
    drain();
  }

  void drain(std::size_t i) {
    auto& side = sides_[i];
    while (auto output = side.endpoint.poll_output()) {
      if (auto* octets = std::get_if<Bytes>(&*output)) {
        carry(i, std::move(*octets));
      } else {
        side.trace.emplace_back(now_, std::get<Event>(*output));
      }
    }
    while (auto event = side.endpoint.poll_event()) side.events.push_back(*std::move(event));
    // The contract of agents/base/io.h: once drained, the next wakeup is later than now.
    if (const auto wakeup = side.endpoint.next_wakeup(); wakeup && wakeup->at < now_) std::abort();
  }

  [[nodiscard]] bool chance(unsigned percent) { return percent != 0 && rng_.below(100) < percent; }

  void carry(std::size_t from, Bytes octets) {
    for (const auto octet : octets) {
      fingerprint = (fingerprint ^ std::to_integer<std::uint64_t>(octet)) * 0x100000001b3u;
    }
    fingerprint ^= static_cast<std::uint64_t>(now_.time_since_epoch().count());
    auto packet = Packet::parse(octets);
    if (!packet) std::abort();  // we never send what we would not take
    Crossing crossing{now_, from, *std::move(packet), octets.size(), false};
    crossing.lost = chance(wire_.loss_percent) || (lose && lose(crossing, crossings.size()));
    crossings.push_back(crossing);
    if (crossing.lost) return;
    const auto delay = chance(wire_.reorder_percent) ? 3 * wire_.delay : wire_.delay;
    if (chance(wire_.duplicate_percent)) fly(1 - from, delay + 1ms, octets);
    fly(1 - from, delay, std::move(octets));
  }
  void fly(std::size_t to, Duration delay, Bytes octets) {
    flying_.emplace(std::pair{now_ + delay, order_++}, Flying{to, std::move(octets)});
  }

  Wire wire_;
  SeededRng rng_;
  Instant now_{1s};
  std::array<Side, 2> sides_;
  std::map<std::pair<Instant, std::uint64_t>, Flying> flying_;
  std::uint64_t order_ = 0;
};

template <class T>
[[nodiscard]] const T* chunk_in(const Packet& packet) {
  for (const auto& chunk : packet.chunks) {
    if (const auto* found = std::get_if<T>(&chunk)) return found;
  }
  return nullptr;
}

[[nodiscard]] inline OutgoingMessage text(std::string_view words) {
  return {Ppid{51}, to_octets(words), Order::Ordered, Reliable{}};
}
// `size` octets that tell where they stand.
[[nodiscard]] inline Bytes pattern(std::size_t size, std::size_t seed = 0) {
  Bytes octets(size);
  for (std::size_t i = 0; i < size; ++i)
    octets[i] = static_cast<std::byte>((i * 7 + i / 251 + seed) & 0xffu);
  return octets;
}

using Associations = Pair<Association>;
using Channels = Pair<DataChannels>;

inline bool both_established(Associations& pair) {
  return pair.a().endpoint.state() == State::Established &&
         pair.b().endpoint.state() == State::Established;
}
// a has connected to b, without loss whatever the wire does later.
inline void connect(Associations& pair) {
  pair.a().endpoint.connect(pair.now());
  pair.run(60s, [&] { return both_established(pair); });
}

}  // namespace rtclab::sctp
