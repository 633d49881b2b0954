#include "sim/nat/behaviour.h"

#include <algorithm>

namespace rtclab::nat {
namespace {

// RFC 7857 §3: where a port has several mappings, the remote endpoint tells them apart, so that
// nobody gets in but whom the mapping is for.
Filtering strictest(Filtering filtering, Mapping mapping) {
  return std::max(filtering, Filtering{static_cast<int>(mapping)});
}

bool shifts(const Behaviour& nat) {
  return nat.mapping != Mapping::EndpointIndependent;
}

void add(std::string& text, std::string_view reason) {
  if (!text.empty()) text += "; ";
  text += reason;
}

}  // namespace

Appearance appears(const topology::NatBehaviour& nat, std::size_t addresses, Transport transport) {
  const auto mapping = nat.mapping_of(transport);
  const auto filtering = nat.filtering_of(transport);
  Appearance seen{mapping, filtering, false, false, {}};
  const bool overloads = nat.port_allocation == topology::PortAllocation::Overloading;
  const bool depends = mapping != Mapping::EndpointIndependent;
  const bool moves = depends && nat.pooling == topology::Pooling::Arbitrary && addresses > 1;
  if (overloads && depends) {
    seen.filtering = strictest(filtering, mapping);
    if (seen.filtering != filtering) {
      add(seen.reason,
          "a port is shared by mappings, and only their own destinations tell them "
          "apart, so that the filter looks stricter");
    }
    if (moves) {
      add(seen.reason, "the port is the same for all destinations, the outside address is drawn");
      seen.by_chance = true;
    } else {
      seen.mapping = Mapping::EndpointIndependent;
      add(seen.reason, "one host's mappings share a port, because their destinations differ");
    }
  }
  // The client has sent nothing to its own outside address, so only EIF admits that.
  seen.hairpins = nat.hairpinning != topology::Hairpinning::None &&
                  seen.filtering == Filtering::EndpointIndependent;
  if (nat.hairpinning != topology::Hairpinning::None && !seen.hairpins) {
    add(seen.reason, "it hairpins, but its filter drops what comes from another mapping");
  }
  return seen;
}

Behaviour effective(const topology::NatBehaviour& nat, std::size_t addresses) {
  const auto seen = appears(nat, addresses);
  const bool moves = seen.mapping != Mapping::EndpointIndependent &&
                     nat.pooling == topology::Pooling::Arbitrary && addresses > 1;
  return {seen.mapping, seen.filtering, moves};
}

bool direct_path_exists(const Behaviour& a, const Behaviour& b) {
  const auto moves = [](const Behaviour& nat) { return shifts(nat) && nat.moves; };
  // Whether it refuses a check that comes from elsewhere than was advertised. ADF looks at the
  // address alone, which is another one when the peer moves.
  const auto refuses = [&](const Behaviour& nat, const Behaviour& peer) {
    return nat.filtering == Filtering::AddressAndPortDependent ||
           (nat.filtering == Filtering::AddressDependent && moves(peer));
  };
  // Both advertise the endpoint they will use: each opens the way for the other.
  if (!shifts(a) && !shifts(b)) return true;
  // One shows an endpoint that was never advertised. If the other admits it, it answers there.
  if (!shifts(a)) return !refuses(a, b);
  if (!shifts(b)) return !refuses(b, a);
  // Both shift. Somebody must get in at the advertised endpoint without having been asked (EIF),
  // both must admit answers from new endpoints, and the chase ends only at a mapping that depends
  // on the address alone, because it stays when the peer's port changes but not its address.
  const auto open = [](const Behaviour& nat) {
    return nat.filtering == Filtering::EndpointIndependent;
  };
  const auto settles = [&](const Behaviour& nat, const Behaviour& peer) {
    return nat.mapping == Mapping::AddressDependent && !moves(peer);
  };
  return !refuses(a, b) && !refuses(b, a) && (open(a) || open(b)) &&
         (settles(a, b) || settles(b, a));
}

}  // namespace rtclab::nat
