// Two ICE agents, a STUN and a TURN server, and signalling that takes its time: the stage of most
// agent tests.
#pragma once

#include "agents/ice/agent.h"
#include "agents/stun/server.h"
#include "agents/tls/identity.h"
#include "agents/turn/server.h"
#include "tests/agents/ice/world.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice::test {

template <class A>
class ActorFor : public Actor {
 public:
  template <class... Arguments>
  explicit ActorFor(Arguments&&... arguments) : agent(std::forward<Arguments>(arguments)...) {}
  void handle_input(Instant now, const Input& input) override { agent.handle_input(now, input); }
  void handle_timeout(Instant now) override { agent.handle_timeout(now); }
  std::optional<Output> poll_output() override { return agent.poll_output(); }
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const override { return agent.next_wakeup(); }
  A agent;
};

struct TracedEvent {
  Instant at;
  Event event;
};

// One peer: its agent with one stream, and all that it said.
class Side : public ActorFor<ice::Agent> {
 public:
  Side(const Configuration& configuration, Rng& rng)
      : ActorFor{configuration, rng}, options{configuration.level, configuration.renomination} {
    stream = agent.add_stream(Instant{});
  }
  void note_event(Instant now, const Event& event) override { trace.push_back({now, event}); }
  void after_drain(Instant now) override;

  [[nodiscard]] State state() const { return agent.state(stream); }
  // Those with this name, oldest first.
  [[nodiscard]] std::vector<TracedEvent> traced(std::string_view name) const;
  [[nodiscard]] std::optional<Instant> first(std::string_view name, std::string_view key,
                                             std::string_view value) const;
  // When the state was entered first.
  [[nodiscard]] std::optional<Instant> entered(State wanted) const;

  RemoteOptions options;  // as its description tells them
  StreamId stream{0};
  Machine* machine = nullptr;
  std::vector<TracedEvent> trace;
  std::vector<Bytes> data;
  std::vector<Candidate> candidates;
  // Set by the Call: what the signalling carries.
  std::function<void(const AgentEvent&)> tell;
};

// What stands between a peer and the core.
struct Home {
  std::optional<NatKind> nat;               // none: a public address
  std::vector<std::string_view> also = {};  // further addresses
};

struct CallOptions {
  std::uint64_t seed = 1;
  Home a;
  Home b;
  bool same_lan = false;  // both behind a's NAT
  bool has_stun = true;
  bool has_turn = false;
  std::vector<turn::ServerTransport> turn_transports = {turn::ServerTransport::Udp};
  Duration signalling = 25ms;
  Configuration agent_a;  // the servers are filled in
  Configuration agent_b;
  bool sends_end_of_candidates = true;
};

class Call {
 public:
  explicit Call(CallOptions options = {});

  // a offers, b answers; candidates trickle. Both begin to gather when they speak.
  void start();
  // Only the sockets and candidates: nothing is signalled yet.
  void gather(Side& side);
  void give_credentials(Side& from, Side& to);
  [[nodiscard]] bool run_until_completed(Duration limit = 60s);
  // Whether a datagram of `from` comes to `to` within a second.
  [[nodiscard]] bool passes(Side& from, Side& to);
  [[nodiscard]] bool both(State wanted) const {
    return a->state() == wanted && b->state() == wanted;
  }

  [[nodiscard]] std::size_t allocations() const { return turn_->agent.allocations().size(); }
  [[nodiscard]] Machine& turn_machine() { return *turn_machine_; }

  World world;
  std::unique_ptr<Side> a;
  std::unique_ptr<Side> b;
  bool trickles = true;  // candidates are signalled as they come

 private:
  std::unique_ptr<Side> make_side(const std::string& name, Configuration configuration);
  void connect(Side& from, Side& to);

  CallOptions options_;
  SeededRng rng_a_;
  SeededRng rng_b_;
  SeededRng rng_turn_;
  std::unique_ptr<ActorFor<stun::Server>> stun_;
  std::unique_ptr<ActorFor<turn::Server>> turn_;
  Machine* turn_machine_ = nullptr;
};

[[nodiscard]] inline Endpoint endpoint(std::string_view text) {
  return *Endpoint::parse(text);
}
[[nodiscard]] std::string text_of(const Event& event, std::string_view key);

inline constexpr NatKind kSymmetric{Dependence::AddressAndPortDependent,
                                    Dependence::AddressAndPortDependent};
inline constexpr NatKind kPortRestricted{Dependence::EndpointIndependent,
                                         Dependence::AddressAndPortDependent};

}  // namespace rtclab::ice::test
