// This machine's addresses, and the sockets that reach the mDNS group from them.
//
// Spec: RFC 6762 §5 (group and port), §14 (interfaces are links of their own), §15.1 (the port is
// shared). One socket for each interface and family, at the first address announced for it.
#pragma once

#include "agents/base/address.h"
#include "agents/base/io.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::mdns {

inline constexpr Port kPort{5353};
// 224.0.0.251 or ff02::fb, with the port.
[[nodiscard]] Endpoint group(Family family);

// Whether `source` may be a neighbour of `local` (RFC 6762 §11: anything else that answers is to be
// ignored, since such messages cross no router). An agent is told addresses without their prefix
// lengths, so a block is taken for granted: the private block or /16 of an IPv4 address, the /64 of
// an IPv6 address (RFC 4291 §2.5.1), and link-local addresses always.
[[nodiscard]] bool may_be_on_link(const Ip& source, const Ip& local);

class Interfaces {
 public:
  explicit Interfaces(std::uint32_t first_request) : next_request_{first_request} {}

  void add(std::string interface, const Ip& address);
  // The socket at this address, to be closed, if there was one.
  std::optional<CloseSocket> remove(const Ip& address);

  // The sockets that are missing; each interface and family is tried once at an address.
  [[nodiscard]] std::vector<OpenSocket> open_missing();
  [[nodiscard]] bool asked_for(std::uint32_t request) const;
  // The address that got its socket.
  std::optional<Ip> handle_opened(std::uint32_t request);
  void handle_failed(std::uint32_t request);

  // Local addresses of the open sockets, in the order of announcement.
  [[nodiscard]] std::vector<Ip> sockets() const;
  // Those on the interface that has `address`; none when no interface has it.
  [[nodiscard]] std::vector<Ip> sockets_beside(const Ip& address) const;
  [[nodiscard]] bool is_open(const Ip& local) const;

 private:
  enum class Socket { None, Asked, Open, Failed };
  struct Address {
    std::string interface;
    Ip ip;
    Socket socket = Socket::None;
    std::uint32_t request = 0;
  };
  [[nodiscard]] bool has_socket(std::string_view interface, Family family) const;
  [[nodiscard]] Address* find_asked(std::uint32_t request);

  std::vector<Address> addresses_;
  std::uint32_t next_request_;
};

}  // namespace rtclab::mdns
