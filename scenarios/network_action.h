// What steps do to the network, as plain values: whole new values for sim::World, worked out when
// the file is read, so that each says all that holds from then on.
#pragma once

#include "agents/base/address.h"
#include "topologies/link_quality.h"
#include "topologies/nat.h"

#include <optional>
#include <string>
#include <vector>

namespace rtclab::scenario {

// An interface of a machine goes down or comes back.
struct SetInterface {
  std::string machine;
  std::string interface;
  bool up = true;
};
// A link carries packets otherwise from now on, in one direction or both.
struct SetLink {
  std::string a;  // ends as topologies write them: "home-a.outside"
  std::string b;
  std::optional<topology::LinkQuality> a_to_b;
  std::optional<topology::LinkQuality> b_to_a;
  std::string what;  // for readers: "is down", "has loss=\"30%\""
};
// A NAT forgets all its mappings.
struct RestartNat {
  std::string nat;
};
// A NAT behaves otherwise from now on.
struct SetNat {
  std::string nat;
  topology::NatBehaviour behaviour;
  std::string what;  // for readers: "preset=\"symmetric\""
};
// An interface of a host or a NAT has these addresses and no others.
struct SetAddress {
  std::string machine;
  std::string interface;
  std::vector<Prefix> addresses;
};
// A server's program ends and forgets everything, or begins anew. Its machine stays.
struct SetServer {
  std::string machine;
  bool runs = true;
};

}  // namespace rtclab::scenario
