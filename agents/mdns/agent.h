// Multicast DNS for ICE: gives names to this machine's addresses, answers for them, and resolves
// the names that a peer sends in its candidates.
//
// Spec: draft-ietf-mmusic-mdns-ice-candidates §3, §5; RFC 6762. It does what these need and no
// service discovery. It joins the group on each interface when the first name is registered or
// asked for, so that an agent that is never used opens no socket.
// Decisions: names are announced and not probed for (draft §3.1.1 step 4), and are never given up
// in a conflict: 122 random bits do not collide by accident, and whoever claims our name otherwise
// wants us silent (draft §5). What is sent is limited to a rate over all names (draft §5: MUST).
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/mdns/event.h"
#include "agents/mdns/interfaces.h"
#include "agents/mdns/rate_limit.h"
#include "agents/mdns/resolver.h"
#include "agents/mdns/responder.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace rtclab::mdns {

// Driven like every agent: after each call drain poll_output() and poll_event(), then arm
// next_wakeup(). An owner with sockets of its own passes on the inputs for which concerns() is
// true.
class Agent {
 public:
  struct Config {
    // Its OpenSocket requests are numbered from here: owners keep their own below.
    std::uint32_t first_request = 0;
    Deviations deviations;
  };

  // `rng` outlives the object.
  Agent(Config config, Rng& rng);
  // Its parts refer to each other.
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // The name that stands in for `address`: the same one each time, another for each address (draft
  // §3.1.1). It may be told to the peer at once, also where no network knows it yet.
  std::string register_address(Instant now, const Ip& address);
  // Takes the name of `address` back, with a goodbye. Nothing when it has none.
  void remove_address(Instant now, const Ip& address);
  // Asks for the address behind a peer's name; ends in Resolved or ResolutionFailed, maybe at once.
  // A name that is being asked for already is not asked for twice and has one outcome.
  void resolve(Instant now, const std::string& name);
  // Goodbye for all names, then the sockets close. Nothing follows.
  void close(Instant now);

  // Whether handle_input() has a use for it: datagrams and sockets of ours, and all interfaces.
  [[nodiscard]] bool concerns(const Input& input) const;
  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<AgentEvent> poll_event();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

 private:
  void join();
  void handle_interface_down(Instant now, const Ip& address);
  void handle_datagram(Instant now, const Received& received);
  // Moves what the parts have to say to the outboxes, as the rate allows.
  void settle(Instant now);
  void transmit(const Departure& departure);

  Config config_;
  Rng* rng_;
  Interfaces interfaces_;
  Responder responder_;
  Resolver resolver_;
  RateLimit limit_;
  std::map<Ip, std::string> names_;
  std::deque<Departure> waiting_;
  std::deque<Output> outbox_;
  std::deque<AgentEvent> events_;
  bool in_use_ = false;
  bool closed_ = false;
};

}  // namespace rtclab::mdns
