// One person's end of a correspondence by courier: cuts messages up, puts them together again,
// repeats them until they are acknowledged, and hands them on as the agreed receipt wants it.
//
// Spec: RFC 8838 §15 (what trickle ICE asks of signalling). Sans-I/O: the owner drains
// poll_piece(), poll_message() and poll_event() after each call and wakes it at next_wakeup().
#pragma once

#include "agents/base/event.h"
#include "agents/base/time.h"
#include "sim/courier/letter.h"
#include "sim/courier/terms.h"
#include "sim/server/channel.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::signalling {

class Correspondent {
 public:
  Correspondent(std::string name, const CourierTerms& terms)
      : name_{std::move(name)}, terms_{terms} {}

  // Returns the message's id.
  std::string send(Instant now, std::string_view to, std::string_view text);
  void handle_piece(Instant now, const Piece& piece);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;

  [[nodiscard]] std::optional<Piece> poll_piece();      // for the courier
  [[nodiscard]] std::optional<Message> poll_message();  // for the application
  [[nodiscard]] std::optional<Event> poll_event();

 private:
  // A message that is not acknowledged yet.
  struct Outstanding {
    std::vector<Piece> pieces;
    Instant again;
    Duration pause;
    std::optional<Instant> give_up;
  };
  struct Sender {
    std::set<std::uint64_t> seen;
    std::uint64_t next = 1;
    std::map<std::uint64_t, Message> early;  // InOrder: what came before its turn
  };

  void acknowledge(const Piece& piece);
  void take(std::uint64_t number, Message message);
  void take_in_order(Sender& sender, std::uint64_t number, Message message);
  void discard(const Piece& piece, std::string_view why);
  void report(std::string_view name, const std::string& id, std::vector<Field> more = {});

  std::string name_;
  CourierTerms terms_;
  std::uint64_t sent_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> numbers_;  // by receiver: the last one given
  std::map<std::string, Outstanding> outstanding_;             // by id
  std::map<std::string, Assembly> assemblies_;                 // by id
  std::map<std::string, unsigned> acknowledged_;               // by id: how often
  std::map<std::string, Sender> senders_;
  std::deque<Piece> pieces_;
  std::deque<Message> messages_;
  std::deque<Event> events_;
};

}  // namespace rtclab::signalling
