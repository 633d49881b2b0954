// Who is connected, and where a message goes: the signalling server without its network.
//
// See server.h for the messages.
#pragma once

#include "agents/base/strong.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::signalling {

using SessionId = Strong<struct SessionIdTag, std::uint64_t>;

// "/ws?name=alice" -> "alice"; nullopt when the target is another or the name is not one.
[[nodiscard]] std::optional<std::string> name_in_target(std::string_view target);
// 1 to 64 letters, digits, '.', '_' and '-'.
[[nodiscard]] bool is_name(std::string_view text);

class Switchboard {
 public:
  // Limits that no honest call meets, so that a dishonest one cannot fill the memory.
  struct Limits {
    std::size_t messages_per_name = 1000;  // that wait
    std::size_t octets = 16 << 20;         // that wait, of all together
  };
  struct Delivery {
    SessionId to;
    std::string text;
  };

  Switchboard() = default;
  explicit Switchboard(const Limits& limits) : limits_{limits} {}

  // Registers the session under `name` and delivers what waited for it. Returns the older session
  // of that name, if there was one; it is gone from here.
  std::optional<SessionId> join(SessionId session, std::string_view name);
  void leave(SessionId session);
  // A text message from a session that has joined. Whatever stands in it, the answer is a delivery.
  void handle(SessionId from, std::string_view text);
  [[nodiscard]] std::optional<Delivery> poll_delivery();

  [[nodiscard]] bool is_present(std::string_view name) const { return sessions_.contains(name); }
  [[nodiscard]] std::size_t waiting_for(std::string_view name) const;

 private:
  void complain(SessionId to, std::string_view what, const std::optional<std::string>& id);

  Limits limits_;
  std::map<std::string, SessionId, std::less<>> sessions_;
  std::map<SessionId, std::string> names_;
  std::map<std::string, std::deque<std::string>, std::less<>> waiting_;
  std::size_t waiting_octets_ = 0;
  std::deque<Delivery> deliveries_;
};

}  // namespace rtclab::signalling
