// Which outside endpoint a new mapping gets: RFC 4787 §4.1 (pooling) and §4.2 (ports).
//
// Spec: RFC 4787 REQ-2 to REQ-4; RFC 6888 REQ-2, REQ-8, RFC 7422 §2 (blocks of ports); RFC 7857 §3
// (one port for several destinations), §4 (a host whose address has no port left gets none).
#pragma once

#include "agents/base/address.h"
#include "agents/base/ip_packet.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "topologies/nat.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace rtclab::nat {

// UDP ports, TCP ports and ICMP identifiers are counted apart, and each for each address. The order
// of nothing here depends on anything but the calls and the seed.
class PortAllocator {
 public:
  struct Request {
    ip::Protocol protocol;
    Endpoint inside;
    // As far as the mapping looks at it: where overloading is on, two mappings share a port if
    // these differ.
    Endpoint destination;
    // Where the mapping of the even port below this one shows (RFC 4787 §4.2.3).
    std::optional<Endpoint> beside{};
  };

  // `addresses` is not empty.
  PortAllocator(const topology::NatBehaviour& behaviour, std::vector<Ip> addresses, SeededRng rng);

  // An endpoint that is free, and is taken from now on; nullopt when none is left for this host.
  [[nodiscard]] std::optional<Endpoint> allocate(const Request& request, Instant now);
  // Takes this very endpoint, if a request could get it.
  [[nodiscard]] bool reserve(const Request& request, const Endpoint& outside);
  // At an instant that is not before that of an earlier call.
  void release(const Request& request, const Endpoint& outside, Instant now);

  // How many endpoints an inside host holds.
  [[nodiscard]] std::size_t held_by(const Ip& host) const;
  // The only outside address that the host can get a port of; nullopt when it may be any.
  [[nodiscard]] std::optional<Ip> address_of(const Ip& host) const;

 private:
  struct Pool {
    std::bitset<0x10000> taken;
    std::size_t count = 0;
    std::uint16_t next = 0;  // Sequential: where the search begins
    // Overloading: how many mappings have a port, and towards whom.
    std::map<std::uint16_t, std::size_t> users;
    std::set<std::pair<std::uint16_t, Endpoint>> used;
  };
  struct Block {
    Ip address;
    std::uint16_t first;
    std::size_t held = 0;  // of all protocols
  };
  struct Inside {
    std::optional<Ip> address{};  // Paired: from the first mapping to the last one
    std::size_t held = 0;
    std::vector<Block> blocks{};
  };
  struct Window {  // of ports, both inclusive
    std::uint16_t first;
    std::uint16_t last;
  };

  struct Choices;

  [[nodiscard]] Pool& pool(const Ip& address, ip::Protocol protocol);
  [[nodiscard]] bool overloads() const;
  [[nodiscard]] bool is_free(const Request& request, const Endpoint& outside);
  void take(const Request& request, const Endpoint& outside);
  void free_port(ip::Protocol protocol, const Endpoint& outside);

  [[nodiscard]] std::vector<Ip> addresses_for(const Ip& host);
  [[nodiscard]] std::vector<Window> windows(const Request& request) const;
  [[nodiscard]] std::optional<Endpoint> find(const Request& request);
  [[nodiscard]] std::optional<Endpoint> find_beside(const Request& request);
  [[nodiscard]] std::optional<Endpoint> find_in_blocks(const Request& request);
  [[nodiscard]] std::optional<Endpoint> find_in(const Request& request, const Ip& address,
                                                Window window);
  [[nodiscard]] std::optional<Endpoint> find_shown(const Request& request, const Ip& address);
  [[nodiscard]] bool draws_on_collision() const;
  [[nodiscard]] std::uint64_t wanted(const Request& request, const Ip& address, Window window,
                                     const Choices& choices);

  [[nodiscard]] Window window_of(const Block& block) const;
  [[nodiscard]] std::uint16_t block_begin(std::uint16_t port) const;
  [[nodiscard]] Block* block_at(Inside& inside, const Endpoint& outside) const;
  [[nodiscard]] bool add_block(const Request& request);
  [[nodiscard]] std::vector<std::uint16_t> free_blocks(const Ip& address) const;

  topology::NatBehaviour behaviour_;
  std::vector<Ip> addresses_;
  SeededRng rng_;
  std::map<Ip, std::array<std::unique_ptr<Pool>, 3>> pools_;  // made when first needed
  std::map<Ip, Inside> insides_;
  std::map<Ip, std::size_t> hosts_at_;             // Paired: by outside address
  std::set<std::pair<Ip, std::uint16_t>> blocks_;  // that somebody has, by their first port
  // Overloading: where an inside endpoint shows to which destinations, the oldest mapping first.
  std::map<std::pair<ip::Protocol, Endpoint>, std::vector<std::pair<Endpoint, Endpoint>>> shown_;
  std::deque<std::tuple<Instant, ip::Protocol, Endpoint>> resting_;  // released, not yet free
};

}  // namespace rtclab::nat
