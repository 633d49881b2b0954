// A postal service without its network: takes pieces in, carries them on the agreed terms, and puts
// them into mailboxes. Sans-I/O, as an agent is: the owner drains poll_delivery() and poll_event()
// after each call and wakes it at next_wakeup().
//
// What happens to a piece is drawn when its trip begins, for each from a stream of its own: one
// message more changes the fate of no other.
#pragma once

#include "agents/base/event.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "sim/courier/letter.h"
#include "sim/courier/terms.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::signalling {

class Post {
 public:
  // An event at one of the two ends.
  struct Report {
    std::string vantage;
    Event event;
  };

  Post(CourierTerms terms, const SeededRng& rng) : terms_{std::move(terms)}, rng_{rng} {}

  // The way of pieces that are handed in from now on.
  void set(CourierTerms terms) { terms_ = std::move(terms); }
  void hand_in(Instant now, Piece piece);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  // What its receiver has taken out of the mailbox.
  [[nodiscard]] std::optional<Piece> poll_delivery();
  [[nodiscard]] std::optional<Report> poll_report();

 private:
  enum class Stage : std::uint8_t { Departure, Loss, Arrival, Reading };
  struct Due {
    Stage stage;
    Piece piece;
    bool is_copy = false;
  };
  using Way = std::pair<std::string, std::string>;  // from, to
  struct Trip {
    Instant at = Instant::min();
    std::size_t pieces = 0;
  };

  [[nodiscard]] Instant departure(Instant now, const Way& way);
  void depart(Instant now, const Piece& piece);
  void fly(Instant now, const Piece& piece, SeededRng& rng, bool is_copy);
  void arrive(Instant now, Due due);
  void act(Instant now, Due due);
  void report(std::string_view name, const Due& due, std::vector<Field> more = {});

  CourierTerms terms_;
  SeededRng rng_;
  std::map<Way, Trip> trips_;  // the last one that is planned
  std::map<Way, Instant> last_arrival_;
  std::multimap<Instant, Due> due_;  // those of one instant in the order in which they were planned
  std::deque<Piece> deliveries_;
  std::deque<Report> reports_;
};

// The first multiple of `interval` from `now` on; `now` itself without one.
[[nodiscard]] Instant next_multiple(Instant now, Duration interval);

}  // namespace rtclab::signalling
