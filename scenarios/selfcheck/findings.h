// What a file says of a NAT or firewall beside what was seen of it, term by term.
#pragma once

#include "scenarios/selfcheck/observation.h"
#include "topologies/nat.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace rtclab::selfcheck {

enum class Agreement : std::uint8_t {
  Agrees,
  Differs,
  Hidden,  // such a NAT does not show it, or what was seen is too little to tell
};
[[nodiscard]] std::string_view to_string(Agreement agreement);  // "agrees", "differs", "hidden"

struct Finding {
  std::string term;      // "mapping"
  std::string declared;  // as the file has it: "APDM"
  std::string expected;  // how that looks from outside: "EIM"; empty: it cannot be seen
  std::string seen;      // "EIM"; empty: nothing was
  Agreement agreement = Agreement::Hidden;
  std::string reason;  // what it was told by, and why `expected` is not `declared`
};
using Findings = std::vector<Finding>;

// nullptr when there is no such term.
[[nodiscard]] const Finding* find(const Findings& findings, std::string_view term);

// What a file says of a gate, in terms that NATs and firewalls share.
struct Declared {
  topology::NatBehaviour behaviour;
  bool translates = true;  // else a firewall
  std::size_t pool = 1;    // outside addresses
  // Of a NAT64: how its inside reaches an IPv4 address.
  std::function<Ip(const Ip&)> reaches{};
};

// "passes", "mapping", "filtering", "hairpinning", "lifetime", "lifetime unanswered", "ports",
// "pooling", "parity", "refresh", "ICMP errors".
[[nodiscard]] Findings compare(const UdpSeen& seen, const Declared& declared);
// "passes", "mapping", "filtering", "unsolicited SYN", "lifetime".
[[nodiscard]] Findings compare(const TcpSeen& seen, const Declared& declared);

// Whether the inside may begin something with that port at all.
[[nodiscard]] bool lets_out(const topology::Policy& policy, Transport transport, Port port);
// Ports that it lets out, two at most, the preferred ones where everything may leave.
[[nodiscard]] std::vector<Port> ports_out(const topology::Policy& policy, Transport transport);

// Several gates one behind the other, as one that lets pass what all do. The innermost first.
[[nodiscard]] Declared chain(const std::vector<Declared>& gates);

}  // namespace rtclab::selfcheck
