#include "scenarios/selfcheck/excuses.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>

namespace rtclab::selfcheck {
namespace {

using namespace std::chrono_literals;
using topology::NatBehaviour;

// How many mappings there are at a time: of RFC 5780's client up to the test of hairpinning, and
// of all the tests, whose mappings outlive them.
constexpr std::size_t kMappingsOfRfc5780 = 4;
constexpr std::size_t kMappingsOfAll = 32;
// A second for each port, and one for the other host's.
constexpr Duration kTestOfPorts = 17s;

// Why a NAT has no room for the tests: they are several mappings at a time, of one host or two, and
// those of the tests before have not ended.
std::string lack_of_room(const NatBehaviour& nat, std::size_t needed) {
  const std::size_t ports = nat.ports.last.value() - nat.ports.first.value() + 1u;
  const auto count = [](std::size_t n, std::string_view what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
  };
  std::string lack;
  if (nat.mappings_per_host && *nat.mappings_per_host < needed)
    lack = "a host may have " + count(*nat.mappings_per_host, "mapping");
  else if (nat.most_mappings && *nat.most_mappings < needed)
    lack = "there is room for " + count(*nat.most_mappings, "mapping");
  else if (ports < needed)
    lack = "the NAT has " + count(ports, "port");
  return lack.empty() ? "" : fmt::format("{}, and the tests need {} at a time", lack, needed);
}

// A mapping that ends while the test goes on shows the test nothing.
std::string lack_of_time(const NatBehaviour& nat, std::string_view term) {
  const bool is_of_ports = term == "ports" || term == "pooling";
  if (!is_of_ports || nat.lifetimes.udp > kTestOfPorts) return "";
  return fmt::format("a mapping lasts {}, and the test of the ports takes {}",
                     to_text(nat.lifetimes.udp), to_text(kTestOfPorts));
}

}  // namespace

std::string excuse_over_udp(const UdpSeen& seen, const NatBehaviour& nat, std::string_view term) {
  const bool is_rfc5780 = term == "mapping" || term == "filtering" || term == "hairpinning";
  const auto why = lack_of_room(nat, is_rfc5780 ? kMappingsOfRfc5780 : kMappingsOfAll);
  if (!why.empty()) return why;
  if (term != "refresh" || (seen.outbound_refreshes && seen.inbound_refreshes))
    return lack_of_time(nat, term);
  const auto& lifetime = seen.answered ? seen.answered : seen.rfc5780.lifetime.value;
  if (!lifetime) return "";
  return lifetime->less_than
             ? fmt::format("a mapping lasts {} without one, too short to send it in between",
                           to_text(*lifetime))
             : fmt::format("a mapping was still there after {}, the longest that is waited",
                           to_text(lifetime->at_least));
}

// Those of UDP count too, and have not ended.
std::string excuse_over_tcp(const NatBehaviour& nat) {
  const bool is_counted = nat.mappings_per_host || nat.most_mappings;
  return is_counted ? lack_of_room(nat, kMappingsOfAll) : "";
}

}  // namespace rtclab::selfcheck
