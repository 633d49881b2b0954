// Two peers on two machines of a simulated world. What they signal arrives at the other one a
// millisecond later, in order and always: bulk transfers, loss sweeps and benches measure what is
// below it.
#pragma once

#include "agents/peer/peer_connection.h"
#include "sim/host/agent_host.h"
#include "sim/world.h"
#include "topologies/topology.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace rtclab::test {

// Links side by side, link N between "alice-N" and "bob-N", N from 0 up, each of this quality in
// both directions. Precondition: count <= 65536.
[[nodiscard]] topology::Topology side_by_side(std::size_t count,
                                              const topology::LinkQuality& quality);

// All that a peer has sent but STUN.
struct SentDatagrams {
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;  // without UDP and IP headers
};
[[nodiscard]] SentDatagrams sent_by(const peer::PeerConnection& peer);

class SimulatedCall {
 public:
  // Sees each event of either peer, which is in the middle of its drain and may be called.
  using OnEvent =
      std::function<void(Instant now, peer::PeerConnection& peer, const peer::Event& event)>;
  struct Options {
    std::uint64_t seed = 1;
    peer::Configuration configuration{};  // of both
    OnEvent on_event = [](Instant, peer::PeerConnection&, const peer::Event&) {};
  };

  // The peers of link N of side_by_side(). `world` outlives this object.
  SimulatedCall(sim::World& world, std::size_t link, Options options);
  // What is scheduled in the world refers to both peers.
  SimulatedCall(const SimulatedCall&) = delete;
  SimulatedCall& operator=(const SimulatedCall&) = delete;

  // Each peer's own interface: f(now, connection).
  template <class F>
  auto alice(F&& f) {
    return alice_.host.call(std::forward<F>(f));
  }
  template <class F>
  auto bob(F&& f) {
    return bob_.host.call(std::forward<F>(f));
  }
  [[nodiscard]] const peer::PeerConnection& alice() const { return alice_.host.agent(); }
  [[nodiscard]] const peer::PeerConnection& bob() const { return bob_.host.agent(); }
  // Alice offers what she has, and Bob answers.
  void begin();

 private:
  struct Peer {
    Peer(SimulatedCall& call, sim::World& world, const std::string& machine, std::uint64_t seed);

    SeededRng rng;
    bool described = false;  // its offer, or its answer, is on its way
    bool answering = false;
    sim::AgentHost<peer::PeerConnection> host;
  };

  bool take(Instant now, peer::PeerConnection& agent);
  void signal(Instant now, peer::PeerConnection& agent);
  template <class F>
  void later(Instant now, Peer& whom, F action);
  [[nodiscard]] bool is_alice(const peer::PeerConnection& agent) const {
    return &agent == &alice();
  }

  sim::World& world_;
  Options options_;
  Peer alice_;
  Peer bob_;
};

}  // namespace rtclab::test
