// Finds the addresses behind a peer's names.
//
// Spec: RFC 6762 §5.2 (asking again), §5.4 (unicast responses first), §6 (answers come from port
// 5353), §10 (cache), §11 (source addresses); draft-ietf-mmusic-mdns-ice-candidates §3.2.
// Decisions: a question is a message of its own, because Chromium's responder reads no other (nor
// one with the unicast-response bit, so it answers the second, a second later); no wait before the
// first, since names come one by one from signalling and not to all hosts at once (§5.2 fears
// that); a negative answer (NSEC) ends nothing, for anyone could send it (draft §5); nothing is
// asked again to keep the cache warm (§5.2), because ICE needs an address once.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/time.h"
#include "agents/mdns/departure.h"
#include "agents/mdns/event.h"
#include "agents/mdns/interfaces.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::mdns {

class Resolver {
 public:
  static constexpr Duration kPatience = std::chrono::seconds{10};
  static constexpr std::size_t kMostQueries = 64;  // at a time; more fail at once
  static constexpr std::size_t kMostCached = 256;  // names; the first to expire makes room

  // `interfaces` outlives the object.
  Resolver(const Interfaces& interfaces, Deviations deviations)
      : interfaces_{&interfaces}, deviations_{deviations} {}

  void resolve(Instant now, const std::string& name);
  // A socket opened: what is being asked for is asked there too.
  void handle_socket_opened(Instant now);
  void handle_response(Instant now, const Ip& local, const Endpoint& responder,
                       const Message& response);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Departure> poll();
  [[nodiscard]] std::optional<AgentEvent> poll_event();
  [[nodiscard]] std::optional<Instant> next_wakeup() const;

 private:
  struct Query {
    std::string asked_as;
    Instant deadline;
    std::optional<Instant> next_send;
    Duration interval = kLeastInterval;
    unsigned sends = 0;
  };
  struct CachedAddress {
    Ip ip;
    Instant received;
    Instant expires;
  };

  void ask(Instant now, const Name& name, Query& query);
  void note(Instant now, const Record& record);
  // Ends the query for `name` if the cache can answer it.
  void conclude(const Name& name);
  void expire(Instant now);
  void make_room();

  const Interfaces* interfaces_;
  Deviations deviations_;
  std::map<Name, Query> queries_;
  std::map<Name, std::vector<CachedAddress>> cache_;
  std::deque<Departure> departures_;
  std::deque<AgentEvent> events_;
};

}  // namespace rtclab::mdns
