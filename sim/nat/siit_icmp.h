// Which ICMP message of one family says what one of the other says.
//
// Spec: RFC 7915 §4.2 (from IPv4) and §5.2 (from IPv6): the tables, figures 3 and 6 among them.
#pragma once

#include <cstdint>
#include <optional>

namespace rtclab::nat::siit {

// The first two octets of an ICMP message, and what the second word of an error says.
struct IcmpForm {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  // What stands in the second word: nothing, an MTU to be adjusted, or a pointer.
  enum class Word { Unused, Mtu, Pointer } word = Word::Unused;
  std::uint8_t pointer = 0;  // to begin with; see below
  friend bool operator==(const IcmpForm&, const IcmpForm&) = default;
};

// An error of the other family; nullopt when it says nothing there, and is dropped. `pointer` is
// the one of a Parameter Problem; that of the answer may be fixed (a protocol that nobody speaks).
[[nodiscard]] std::optional<IcmpForm> error_to_v6(std::uint8_t type, std::uint8_t code,
                                                  std::uint32_t pointer);
[[nodiscard]] std::optional<IcmpForm> error_to_v4(std::uint8_t type, std::uint8_t code,
                                                  std::uint32_t pointer);

// Echo request and reply; nullopt for all else.
[[nodiscard]] std::optional<std::uint8_t> echo_to_v6(std::uint8_t type);
[[nodiscard]] std::optional<std::uint8_t> echo_to_v4(std::uint8_t type);

}  // namespace rtclab::nat::siit
