// The machines of a topology by their names: what Topology's own look-ups say, without going
// through all of them each time. For who asks often; a topology of 10,000 machines takes seconds
// otherwise.
#pragma once

#include "topologies/topology.h"

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rtclab::topology {

class Directory {
 public:
  // `topology` outlives this and stays as it is.
  explicit Directory(const Topology& topology);

  [[nodiscard]] std::optional<MachineKind> kind_of(std::string_view machine) const;
  // In the order of Topology::interfaces_of(); empty for what has none, and for what there is not.
  [[nodiscard]] const std::vector<const Interface*>& interfaces_of(std::string_view machine) const;
  // nullptr when there is none.
  [[nodiscard]] const Interface* find(std::string_view machine, std::string_view interface) const;

 private:
  struct Entry {
    MachineKind kind;
    std::vector<const Interface*> interfaces;
  };
  [[nodiscard]] const Entry* entry_of(std::string_view machine) const;
  std::unordered_map<std::string_view, Entry> entries_;  // looked up, never iterated
};

}  // namespace rtclab::topology
