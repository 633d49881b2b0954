// A LAN switch: passes frames on to the port behind which their destination is, and changes nothing
// in them.
//
// It learns no addresses from traffic: the world tells it who is where. What is for a multicast
// group goes to every other port: it does not snoop (RFC 4541), as simple switches do not.
#pragma once

#include "sim/link/interface.h"

#include <map>
#include <string>
#include <vector>

namespace rtclab::sim {

class SwitchNode {
 public:
  explicit SwitchNode(std::string name) : name_{std::move(name)} {}
  SwitchNode(const SwitchNode&) = delete;
  SwitchNode& operator=(const SwitchNode&) = delete;

  // Takes the port over. It outlives this object's traffic.
  void attach(Interface& port);
  void add_station(capture::InterfaceId station, Interface& port) { stations_[station] = &port; }

 private:
  void handle(Interface& in, const Arrival& arrival);
  void flood(Interface& in, const Arrival& arrival);

  std::string name_;
  std::vector<Interface*> ports_;
  std::map<capture::InterfaceId, Interface*> stations_;
};

}  // namespace rtclab::sim
