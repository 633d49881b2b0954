// The translators without state in the network: CLAT (RFC 6877) and NPTv6 (RFC 6296). Each part of
// a packet in fragments passes for itself.
#pragma once

#include "sim/nat/clat.h"
#include "sim/nat/gate_node.h"
#include "sim/nat/npt.h"
#include "topologies/topology.h"

#include <algorithm>
#include <optional>

namespace rtclab::sim {

// The first address of that family, with its net. Precondition: there is one.
[[nodiscard]] inline Prefix prefix_of(const Interface& interface, Family family) {
  return *std::ranges::find(interface.addresses(), family,
                            [](const Prefix& address) { return address.ip.family(); });
}

class ClatNode final : public GateNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic. `host` is the one it serves.
  ClatNode(const topology::Clat& clat, const Ip& host, Interface& inside, Interface& outside)
      : GateNode{clat.name, inside, outside, std::nullopt},
        prefix_{clat.prefix},
        clat_{translator(host)} {}

  // The interfaces, its own and the host's, have their new addresses already.
  void note_addresses_changed(const Ip& host) { clat_ = translator(host); }

 private:
  [[nodiscard]] nat::Clat translator(const Ip& host) const {
    return {name(),
            {prefix_of(inside(), Family::V4), host, *outside().address(Family::V6), prefix_}};
  }
  nat::Verdict judge(Instant /*now*/, Side from, Bytes& packet) override {
    clat_.set_mtus(inside().mtu(), outside().mtu());
    return from == Side::Inside ? clat_.from_inside(packet) : clat_.from_outside(packet);
  }

  Prefix prefix_;
  nat::Clat clat_;
};

class NptNode final : public GateNode {
 public:
  // The same.
  NptNode(const topology::Npt& npt, Interface& inside, Interface& outside)
      : GateNode{npt.name, inside, outside, std::nullopt}, npt_{translator()} {}

  // The interfaces have their new addresses already.
  void note_addresses_changed() { npt_ = translator(); }

 private:
  [[nodiscard]] nat::Npt translator() const {
    return {name(), prefix_of(inside(), Family::V6), prefix_of(outside(), Family::V6)};
  }
  nat::Verdict judge(Instant /*now*/, Side from, Bytes& packet) override {
    return from == Side::Inside ? npt_.from_inside(packet) : npt_.from_outside(packet);
  }

  nat::Npt npt_;
};

}  // namespace rtclab::sim
