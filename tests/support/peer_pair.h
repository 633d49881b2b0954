// Two peer connections joined in memory: a network and a signalling path, both with a delay, in
// virtual time.
//
// Each peer has one host address on the same network. Loss is drawn by seed; the signalling path
// loses nothing and keeps its order. A test calls the peers itself, or lets negotiate() play the
// usual exchange.
#pragma once

#include "agents/base/rng.h"
#include "agents/peer/peer_connection.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::test {

using namespace std::chrono_literals;

struct PairOptions {
  std::uint64_t seed = 1;
  Duration one_way = 25ms;     // of the network
  Duration signalling = 25ms;  // one way, too
  double loss = 0.0;           // of each datagram
  peer::Configuration alice{};
  peer::Configuration bob{};
  bool trickle = true;  // candidates are forwarded as they come
};

// One peer, its host, and all that it said.
struct Party {
  Party(std::string who, const peer::Configuration& configuration, std::uint64_t seed, Ip ip)
      : name{std::move(who)}, address{ip}, rng{seed}, connection{configuration, rng} {}

  std::string name;
  Ip address;
  SeededRng rng;
  peer::PeerConnection connection;
  std::uint16_t next_port = 40000;
  std::vector<std::pair<Instant, peer::Event>> events;
  std::vector<std::pair<Instant, Event>> trace;
  std::vector<std::pair<Instant, Bytes>> sent;

  template <class E>
  [[nodiscard]] std::vector<E> all() const {
    std::vector<E> found;
    for (const auto& [at, event] : events) {
      if (const auto* typed = std::get_if<E>(&event)) found.push_back(*typed);
    }
    return found;
  }
  template <class E>
  [[nodiscard]] std::optional<Instant> first() const {
    for (const auto& [at, event] : events) {
      if (std::holds_alternative<E>(event)) return at;
    }
    return std::nullopt;
  }
  // The first time the trace has an event of this name with this value in the field; nullopt when
  // never.
  [[nodiscard]] std::optional<Instant> traced(std::string_view event_name,
                                              std::string_view key = {},
                                              std::string_view value = {}) const;
  [[nodiscard]] std::vector<std::string> texts() const;
  // How the operation ended. Precondition: it is settled.
  [[nodiscard]] const peer::Settlement& outcome(peer::OperationId id) const;
  // "fulfilled", or the name of the error, or "pending".
  [[nodiscard]] std::string result(peer::OperationId id) const;
};

class PeerPair {
 public:
  explicit PeerPair(PairOptions options = {});
  // What is on its way refers to both parties.
  PeerPair(const PeerPair&) = delete;
  PeerPair& operator=(const PeerPair&) = delete;

  // --- calls that read aloud; each drains ---
  peer::Description offer(Party& from);   // createOffer, fulfilled
  peer::Description answer(Party& from);  // createAnswer, fulfilled
  void set_local(Party& party,
                 std::optional<peer::Description> description = std::nullopt);  // must be fulfilled
  void set_remote(Party& party, peer::Description description);                 // must be fulfilled
  // createOffer, setLocalDescription, and so on until both are stable, over the signalling path.
  void call(Party& offerer);
  // Hands the text to the other peer's setRemoteDescription after the signalling delay, and answers
  // an offer.
  void signal(Party& from, peer::Description description);

  [[nodiscard]] Party& other(const Party& party) { return &party == &alice ? bob : alice; }
  void drain();
  bool step();
  template <class Predicate>
  bool run_until(Predicate done, Duration limit = 120s) {
    const auto end = now + limit;
    while (!done()) {
      if (now > end || !step()) return done();
    }
    return true;
  }
  void run_for(Duration duration);
  // From now on the network loses everything, or nothing that the options do not say.
  void cut(bool everything) { cut_ = everything; }
  // Does it later, in the order of making among what is due at one instant.
  void after(Duration delay, std::function<void()> action) { at(now + delay, std::move(action)); }

  // Sees each event at the moment when it is polled, and may call the party's connection.
  std::function<void(Party& party, const peer::Event& event)> on_event;

  Instant now{};
  Party alice;
  Party bob;

 private:
  void drain(Party& party);
  void carry(Party& from, Output output);
  void at(Instant when, std::function<void()> action) { agenda_.emplace(when, std::move(action)); }
  void react(Party& party, const peer::Event& event);

  PairOptions options_;
  SeededRng dice_;
  bool cut_ = false;
  std::multimap<Instant, std::function<void()>> agenda_;  // of one instant: in the order of making
};

// All that left a peer and when, and all its events: what makes one run what it is.
[[nodiscard]] std::string history(const Party& party);

}  // namespace rtclab::test
