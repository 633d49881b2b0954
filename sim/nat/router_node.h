// A router: forwards between its interfaces by the longest prefix, and says so when it cannot.
//
// Spec: RFC 1812. It has no address of its own; its ICMP errors come from a dummy address.
#pragma once

#include "sim/link/interface.h"
#include "sim/nat/routes.h"

#include <string>

namespace rtclab::sim {

class RouterNode {
 public:
  explicit RouterNode(std::string name) : name_{std::move(name)} {}
  RouterNode(const RouterNode&) = delete;
  RouterNode& operator=(const RouterNode&) = delete;

  // Takes the interface over. It outlives this object's traffic.
  void attach(Interface& interface);
  [[nodiscard]] const std::string& name() const { return name_; }
  void forget_routes() { routes_ = {}; }
  void set_route(const Prefix& prefix, Interface& way) { routes_.set(prefix, way); }

 private:
  void handle(Interface& in, const Arrival& arrival);

  std::string name_;
  Routes routes_;
};

}  // namespace rtclab::sim
