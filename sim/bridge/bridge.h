// Real programs on the simulated network: what they send enters the simulation at an interface of a
// host, in step with the wall clock, and what arrives there they receive.
//
// The one place of the simulator that looks at a clock. A run is therefore not repeatable; its
// capture is as true as any.
#pragma once

#include "agents/base/time.h"
#include "sim/bridge/network_namespace.h"
#include "sim/world.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rtclab::bridge {

// A host of the world that a namespace stands for: device i is the host's interface i.
struct Attachment {
  std::string machine;
  NetworkNamespace* space;
};

// The namespace of a host as the topology has it: a device for each of its interfaces, and the
// addresses of all machines in /etc/hosts, so that programs may call them by name.
[[nodiscard]] NamespaceSpec namespace_for(const topology::Topology& topology,
                                          const topology::Host& host);

class Bridge {
 public:
  // The world's hosts of these names do nothing of their own from now on.
  Bridge(sim::World& world, std::vector<Attachment> attachments);
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;
  ~Bridge();

  // Runs the world in step with the clock until `done`, which is asked now and then, or until
  // `at_most` is over. Events are late by half a millisecond at most, as long as the machine keeps
  // up.
  void run(const std::function<bool()>& done, Duration at_most);

 private:
  struct Way;
  [[nodiscard]] bool take_packets();

  sim::World& world_;
  std::vector<std::unique_ptr<Way>> ways_;
};

}  // namespace rtclab::bridge
