// A NAT in a hundred lines, written for the ICE tests and independent of sim/nat: RFC 4787's
// mapping and filtering behaviours, random unused ports, one public address, no hairpinning. A
// firewall is one that filters and does not translate.
#pragma once

#include "agents/base/address.h"
#include "agents/base/rng.h"

#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice::test {

enum class Dependence { EndpointIndependent, AddressDependent, AddressAndPortDependent };

struct NatKind {
  Dependence mapping;
  Dependence filtering;
  bool translates = true;
  [[nodiscard]] std::string to_string() const;
};

class Nat {
 public:
  Nat(NatKind kind, Ip outside, SeededRng rng) : kind_{kind}, outside_{outside}, rng_{rng} {}

  [[nodiscard]] const Ip& outside() const { return outside_; }
  // The source that a datagram leaves with.
  Endpoint outbound(const Endpoint& inside, const Endpoint& remote);
  // Where a datagram to one of our ports goes, if the filter admits it.
  [[nodiscard]] std::optional<Endpoint> inbound(const Endpoint& to, const Endpoint& remote) const;

 private:
  struct Mapping {
    Endpoint inside;
    Endpoint outside;
    std::optional<Endpoint>
        remote;  // what the mapping depends on: port 0 where only the address counts
    std::vector<Endpoint> contacted;
  };

  NatKind kind_;
  Ip outside_;
  SeededRng rng_;
  std::vector<Mapping> mappings_;
};

}  // namespace rtclab::ice::test
