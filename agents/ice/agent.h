// An ICE agent, full or lite, with trickle, for any number of data streams of one component each
// (rtcp-mux).
//
// Spec: RFC 8445 (ICE), RFC 8838 (trickle), RFC 6544 (TCP), RFC 7675 (consent), RFC 8863 (patience
// before failure), RFC 8421 (both families), draft-ietf-mmusic-mdns-ice-candidates.
//
// The owner: feeds inputs and timeouts, drains poll_output() after every call, then poll_event().
//   InterfaceUp inputs come before gather(). set_role(), add_stream() and gather() may come in any
//   order; checks start when a stream has local candidates, remote candidates and remote
//   credentials. A check that arrives before the remote credentials is answered at once and acted
//   on when they are there. Data can be sent from StateChanged{Connected} on.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/ice/candidate.h"
#include "agents/ice/credentials.h"
#include "agents/ice/event.h"
#include "agents/ice/options.h"
#include "agents/ice/pair_state.h"
#include "agents/ice/state.h"
#include "agents/ice/traffic.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice {

using namespace std::chrono_literals;

// A pair as the owner, a report or a test sees it.
struct PairInfo {
  PairId id;
  Candidate local;
  Candidate remote;
  PairPriority priority;
  PairState state;
  bool valid;
  bool nominated;
  bool selected;
  PairTraffic traffic;
};

class Agent {
 public:
  // `rng` outlives the agent. The role is Controlling until set_role() says otherwise.
  Agent(Configuration configuration, Rng& rng);
  ~Agent();
  Agent(Agent&&) noexcept;
  Agent& operator=(Agent&&) noexcept;

  // With credentials that the owner drew before, or with fresh ones. An owner that may have to take
  // a restart back (RFC 9429 §5.7) adds a stream for the new session beside that of the old one, in
  // place of restart(), and calls supersede() for the old one when the restart is agreed upon.
  [[nodiscard]] StreamId add_stream(Instant now,
                                    std::optional<Credentials> credentials = std::nullopt);
  void remove_stream(Instant now, StreamId stream);
  // RFC 8445 §9: all but the pairs that work is flushed. Its checks end and hold back no check of
  // other streams; its selected pair carries data, with consent, until remove_stream().
  void supersede(Instant now, StreamId stream);
  [[nodiscard]] const Credentials& local_credentials(StreamId stream) const;

  // What the peer's description says of it, before its credentials. RFC 8445 §6.1.1: a full agent
  // controls a lite one, whatever set_role() says.
  void set_remote_options(Instant now, StreamId stream, const RemoteOptions& options);

  // Gathers for every stream (and generation) that has not been gathered for. Servers may be
  // replaced before.
  void set_servers(std::vector<Endpoint> stun_servers, std::vector<TurnServer> turn_servers);
  void set_policy(CandidatePolicy policy);
  // An address that comes later (InterfaceUp) is gathered for if gathering goes on or is continual.
  void gather(Instant now);
  [[nodiscard]] GatheringState gathering_state() const;
  // Those told to the owner so far, for a description that carries them.
  [[nodiscard]] std::vector<Candidate> local_candidates(StreamId stream) const;

  [[nodiscard]] Role role() const;
  void set_role(Instant now, Role role);

  // The credentials of the peer; other ones than before begin a new generation of remote candidates
  // (§9).
  void set_remote_credentials(Instant now, StreamId stream, const Credentials& credentials);
  // Candidates may come before the credentials. `base`, `foundation`… are as the peer told them;
  // base is ignored. A host_name is resolved by mDNS first.
  void add_remote_candidate(Instant now, StreamId stream, const Candidate& candidate);
  // Inferred: a candidate that comes all the same proves it wrong and is used; after Said, RFC 8838
  // §14, it is ignored.
  void end_of_remote_candidates(Instant now, StreamId stream, RemoteEnd end = RemoteEnd::Said);

  // RFC 8445 §9: new local credentials and an empty check list; the selected pair carries data
  // until a new one is selected. gather() and set_remote_credentials() then begin the new
  // generation.
  void restart(Instant now, StreamId stream);

  // Sends on the selected pair. False, and nothing sent, when there is none (yet) or consent has
  // expired.
  bool send(Instant now, StreamId stream, ByteView datagram);
  // The short way in for data, in place of handle_input(): the stream whose selected pair it came
  // on, counted, and nothing else changes. nullopt, and nothing done, when it is not so simple:
  // then handle_input() has to see it.
  [[nodiscard]] std::optional<StreamId> take_data(Instant now, const Received& received);

  [[nodiscard]] State state(StreamId stream) const;
  [[nodiscard]] std::optional<PairInfo> selected_pair(StreamId stream) const;
  [[nodiscard]] std::vector<PairInfo> pairs(StreamId stream) const;

  void close(Instant now);

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<AgentEvent> poll_event();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

 private:
  class Conductor;
  // For every call that may move a deadline.
  Conductor& changing();

  std::unique_ptr<Conductor> conductor_;
};

static_assert(rtclab::Agent<Agent>);

}  // namespace rtclab::ice
