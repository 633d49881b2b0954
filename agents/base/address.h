// Transport addresses, and the path a packet takes between two of them.
//
// Text forms: "192.0.2.1", "2001:db8::1" (RFC 5952), "192.0.2.1:3478", "[2001:db8::1]:3478".
#pragma once

#include "agents/base/result.h"
#include "agents/base/strong.h"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab {

enum class Transport : std::uint8_t { Udp, Tcp };
enum class Family : std::uint8_t { V4, V6 };

using Port = Strong<struct PortTag, std::uint16_t>;

// IPv4 is held as ::ffff:a.b.c.d, so that one type serves both families.
struct Ip {
  std::array<std::uint8_t, 16> octets{};

  [[nodiscard]] static Ip v4(std::uint32_t host_order);
  // Either family; nullopt when `text` is not an address literal.
  [[nodiscard]] static std::optional<Ip> parse(std::string_view text);

  [[nodiscard]] Family family() const;
  [[nodiscard]] bool is_v4() const { return family() == Family::V4; }
  // The address as a number in host order. Precondition: is_v4().
  [[nodiscard]] std::uint32_t v4_number() const;
  [[nodiscard]] bool is_unspecified() const;  // 0.0.0.0 or ::
  [[nodiscard]] bool is_link_local() const;   // 169.254/16 or fe80::/10
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_multicast() const;  // 224/4 or ff00::/8
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const Ip&, const Ip&) = default;
};

struct Endpoint {
  Ip ip;
  Port port{0};

  [[nodiscard]] static std::optional<Endpoint> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// An address block: "192.168.1.0/24".
struct Prefix {
  Ip ip;
  unsigned bits = 0;  // counted in the address's own family: 24 for a v4 /24

  [[nodiscard]] static std::optional<Prefix> parse(std::string_view text);
  [[nodiscard]] bool contains(const Ip& address) const;
  [[nodiscard]] std::string to_string() const;
  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

struct Path {
  Transport transport = Transport::Udp;
  Endpoint local;
  Endpoint remote;
  friend auto operator<=>(const Path&, const Path&) = default;
};

[[nodiscard]] std::string_view to_string(Transport transport);  // "udp", "tcp"
[[nodiscard]] std::string_view to_string(Family family);        // "IPv4", "IPv6"

}  // namespace rtclab

// Only for look-up tables; never iterate one of those into a result (the order is the library's).
template <>
struct std::hash<rtclab::Endpoint> {
  std::size_t operator()(const rtclab::Endpoint& endpoint) const noexcept;
};
