// The translators without state in the network: CLAT (RFC 6877) and NPTv6 (RFC 6296). Each part of
// a packet in fragments passes for itself.
#pragma once

#include "sim/nat/clat.h"
#include "sim/nat/gate_node.h"
#include "sim/nat/npt.h"
#include "topologies/topology.h"

namespace rtclab::sim {

class ClatNode final : public GateNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic. `host` is the one it serves.
  ClatNode(const topology::Clat& clat, const Ip& host, Interface& inside, Interface& outside)
      : GateNode{clat.name, inside, outside, std::nullopt},
        clat_{clat.name,
              {*clat.inside.address(Family::V4), host, clat.outside.address(Family::V6)->ip,
               clat.prefix}} {}

 private:
  nat::Verdict judge(Instant /*now*/, Side from, Bytes& packet) override {
    clat_.set_mtus(inside().mtu(), outside().mtu());
    return from == Side::Inside ? clat_.from_inside(packet) : clat_.from_outside(packet);
  }

  nat::Clat clat_;
};

class NptNode final : public GateNode {
 public:
  // The same.
  NptNode(const topology::Npt& npt, Interface& inside, Interface& outside)
      : GateNode{npt.name, inside, outside, std::nullopt},
        npt_{npt.name, *npt.inside.address(Family::V6), *npt.outside.address(Family::V6)} {}

 private:
  nat::Verdict judge(Instant /*now*/, Side from, Bytes& packet) override {
    return from == Side::Inside ? npt_.from_inside(packet) : npt_.from_outside(packet);
  }

  nat::Npt npt_;
};

}  // namespace rtclab::sim
