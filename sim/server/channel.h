// How the text messages of a call get from one person to the other: offers, answers, candidates.
//
// WebRTC leaves this open (RFC 8825 §3), so it is a seam: the scenario runner knows a Channel and
// not what carries it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace rtclab::signalling {

struct Message {
  std::string id;  // "alice-3": unique in a run, the same at both ends
  std::string from;
  std::string to;
  std::string text;  // what was sent, octet for octet
  friend bool operator==(const Message&, const Message&) = default;
};

class Channel {
 public:
  using Handler = std::function<void(const Message&)>;

  virtual ~Channel() = default;
  // Sends `text` (UTF-8) to the person `to` and returns the message's id. Order is kept; a message
  // to somebody who is not there yet waits.
  virtual std::string send(std::string_view to, std::string_view text) = 0;
  // Who gets what arrives. Messages that arrive before this call wait for it.
  virtual void on_message(Handler handler) = 0;
};

}  // namespace rtclab::signalling
