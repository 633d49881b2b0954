// Answers for our names: announces them, answers queries, says goodbye.
//
// Spec: RFC 6762 §5.4 (unicast responses), §6 (responding; §6.1 negative answers, §6.7 legacy
// queriers), §7.1 (known answers), §8.3 (announcing), §10 (TTL, goodbye), §11 (source addresses),
// §14 (an address is told on its own interface only).
// Decisions: each name has one record that is ours alone, so answers do not wait (§6). The first
// announcement waits a second, for the draft allows it (§3.1.2.1): the peer's question is often
// faster, its multicast answer serves as the announcement, and a record just announced could not be
// multicast again for a second. Deviation from §7.2: the TC bit is not waited out; a querier with
// more known answers than fit into a datagram gets one answer too many.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/time.h"
#include "agents/mdns/departure.h"
#include "agents/mdns/interfaces.h"

#include <deque>
#include <optional>
#include <vector>

namespace rtclab::mdns {

class Responder {
 public:
  // `interfaces` outlives the object.
  Responder(const Interfaces& interfaces, Deviations deviations)
      : interfaces_{&interfaces}, deviations_{deviations} {}

  void add(Instant now, const Name& name, const Ip& address);
  // With a goodbye on every socket where the name was told.
  void remove(const Ip& address);
  // A socket opened or closed: names are announced there, or no more.
  void handle_socket_opened(Instant now, const Ip& local);
  void handle_socket_closed(const Ip& local);

  void handle_query(Instant now, const Ip& local, const Endpoint& querier, const Message& query);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Departure> poll();
  [[nodiscard]] std::optional<Instant> next_wakeup() const;

 private:
  // A name on one socket: what was multicast there, and what is due.
  struct Publication {
    Ip local;
    unsigned announcements_left;
    std::optional<Instant> due;
    std::optional<RecordType> asked;  // what the message that is due answers, if anything
    std::optional<Instant> multicast_at;
    bool told = false;  // somebody may have it in a cache
  };
  struct Registration {
    Name name;
    Ip address;
    std::vector<Publication> publications;
  };

  void publish(Instant now, Registration& registration, const Ip& local);
  void answer(Instant now, const Registration& registration, Publication& publication,
              const Question& question, const Endpoint& querier, const Message& query);
  void multicast(Instant now, const Registration& registration, Publication& publication);
  [[nodiscard]] Message response(const Registration& registration, RecordType asked) const;

  const Interfaces* interfaces_;
  Deviations deviations_;
  std::vector<Registration> registrations_;
  std::deque<Departure> departures_;
};

}  // namespace rtclab::mdns
