// What a courier carries: messages, cut into pieces that he can hold.
//
// A piece says on it which message it is of, which part of how many, and how many messages the
// sender had written to this receiver before; so pieces may come in any order, and messages too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::signalling {

struct Piece {
  enum class Kind : std::uint8_t { Part, Acknowledgement };
  Kind kind = Kind::Part;
  std::string id;  // of the message that it is of, or that it acknowledges: "alice-3"
  std::string from;
  std::string to;
  std::uint64_t number =
      0;                 // of the message, among those from this sender to this receiver, from 1
  std::size_t part = 1;  // of the parts of the message
  std::size_t parts = 1;
  unsigned attempt = 1;  // how often it was sent, this time included
  std::string text;      // this part's
  friend bool operator==(const Piece&, const Piece&) = default;

  // The same for no two that were sent: "alice-3.2#1".
  [[nodiscard]] std::string item() const;
};

// `text` in parts of at most `size` octets, none of which begins inside a character (UTF-8); one
// part when there is no limit. Precondition: `size` is 4 or more.
[[nodiscard]] std::vector<std::string> cut(std::string_view text, std::optional<std::size_t> size);

// The parts of one message that have come so far.
class Assembly {
 public:
  // False when this part is there already.
  bool add(const Piece& piece);
  // The whole; nullopt while a part is missing.
  [[nodiscard]] std::optional<std::string> whole() const;

 private:
  std::size_t parts_ = 0;
  std::map<std::size_t, std::string> texts_;
};

}  // namespace rtclab::signalling
