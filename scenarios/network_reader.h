// Reads the steps that change the network. Private to this folder.
//
// Steps run in the order of the file, so the state of each link and NAT at each step is known when
// the file is read: a step says what changes, and its value all that holds.
#pragma once

#include "scenarios/action.h"
#include "scenarios/reading.h"
#include "topologies/nets.h"
#include "topologies/topology.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace rtclab::scenario::reading {

class NetworkReader {
 public:
  // `topology` outlives this object. Files that steps name are looked for beside `file`.
  NetworkReader(const topology::Topology& topology, std::filesystem::path file);

  [[nodiscard]] Action set_interface(const xml::Element& element) const;
  [[nodiscard]] Action set_link(const xml::Element& element);
  [[nodiscard]] Action link_up_or_down(const xml::Element& element);
  [[nodiscard]] Action restart_nat(const xml::Element& element) const;
  [[nodiscard]] Action set_nat(const xml::Element& element);
  [[nodiscard]] Action set_address(const xml::Element& element);
  [[nodiscard]] Action set_server(const xml::Element& element) const;

 private:
  // The topology's own, as it is by now; complains when there is none between the two ends.
  topology::Link* find_link(const xml::Element& element, SetLink& action);
  [[nodiscard]] std::string read_nat(const xml::Element& element) const;
  void check_address(const xml::Element& element, const SetAddress& action) const;
  // Of an interface, as they are by now.
  [[nodiscard]] const std::vector<Prefix>& addresses_of(const topology::LinkEnd& interface) const;
  void check_is_free(const xml::Element& element, const SetAddress& action) const;
  void check_gateway(const xml::Element& element, const SetAddress& action) const;
  void check_prefixes(const xml::Element& element, const SetAddress& action) const;

  const topology::Topology& topology_;
  std::filesystem::path file_;
  std::vector<topology::Link> links_;
  std::map<std::string, topology::NatBehaviour> nats_;
  topology::Nets nets_;
  std::map<std::string, std::vector<Prefix>> addresses_;  // by LinkEnd::to_string()
};

}  // namespace rtclab::scenario::reading
