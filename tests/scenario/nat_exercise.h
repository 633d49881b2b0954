// A NAT put through everything that the judge's clauses speak of: scripted hosts on both sides, in
// one run, whose evidence is read back.
//
// alice (192.168.1.10), bob (192.168.1.11) - lan - home (two outside addresses) - core - near
// (198.51.100.10), far (198.51.100.20). Links take no time and lose nothing.
#pragma once

#include "reports/evidence/evidence.h"
#include "sim/nat/fault.h"
#include "topologies/topology.h"

#include <cstdint>
#include <set>

namespace rtclab::test {

struct NatExercise {
  topology::NatBehaviour behaviour;
  std::set<nat::Fault> faults{};
  bool one_address = false;      // outside; else two
  bool privileged_port = false;  // alice sends from port 500, too
  std::uint64_t seed = 1;
};

[[nodiscard]] evidence::Evidence perform(const NatExercise& exercise);
// The same as somebody would record it who stands on both sides of the NAT: two capture files of
// classic form, no identities, no directions, no trace.
[[nodiscard]] evidence::Evidence record(const NatExercise& exercise);

}  // namespace rtclab::test
