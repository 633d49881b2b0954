// A topology come to life inside ns-3: machines, links, routes, NATs and servers.
//
// A world is a pure function of its topology and its seed. One world lives at a time (see
// Simulation); several after each other in one process give the same bytes as each alone.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/base/event.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "sim/capture/sink.h"
#include "topologies/topology.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::nat {
enum class Fault : std::uint8_t;
}

namespace rtclab::sim {

class Host;
class Network;

struct WorldOptions {
  // What NATs and servers report; `machine` is the vantage point.
  using Record = std::function<void(Instant, std::string_view machine, const Event&)>;

  std::uint64_t seed = 1;
  capture::Sink* sink = nullptr;  // nothing is captured without one
  Record record;                  // may be empty
  std::map<std::string, Deviations, std::less<>> server_deviations;       // by the server's name
  std::map<std::string, std::set<nat::Fault>, std::less<>> nat_faults{};  // by the NAT's name
};

class World {
 public:
  // The topology must outlive the world.
  explicit World(const topology::Topology& topology, WorldOptions options = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // Any machine that is a host or runs a server. Precondition: the topology has it.
  [[nodiscard]] Host& host(std::string_view machine);
  [[nodiscard]] const topology::Topology& topology() const;
  // Takes an interface of such a machine down, or up again. Precondition: the machine has it.
  void set_up(std::string_view machine, std::string_view interface, bool up);
  // One direction of a link: what goes from the one end to the other. Ends are given as topologies
  // write them, "home-a.outside" or the machine alone; where two machines have several links, the
  // first that fits. Precondition: the topology has the link, and it does not go over the air.
  [[nodiscard]] const topology::LinkQuality& quality(std::string_view from,
                                                     std::string_view to) const;
  // From now on. What waits for the link stays in its queue, and what is on its way arrives as it
  // would have. The list of drops counts from now when it is another than before.
  void set_quality(std::string_view from, std::string_view to,
                   const topology::LinkQuality& quality);

  // Ends a server's program, which forgets everything, or starts it anew; without effect when it is
  // so already. Its machine stays, and refuses what comes for the program. Precondition: the
  // topology has the server.
  void set_running(std::string_view server, bool runs);

  // What happens to NATs and to addresses during the run. Precondition: the topology has them.
  // A NAT or NAT64 that restarts forgets every mapping, and as a firewall to IPv6 every session.
  void restart_nat(std::string_view nat);
  // From now on it behaves so. Mappings stay where the new behaviour could have made them; the rest
  // is reported as nat:mapping_expired with its reason.
  void set_nat(std::string_view nat, const topology::NatBehaviour& behaviour);
  // An interface has these addresses and no others from now on, and routers and neighbours know of
  // it. Mappings of a NAT on addresses that it has lost end. `addresses` is not empty, has all
  // families that the interface had, and for a NAT's sides IPv4.
  void set_addresses(std::string_view machine, std::string_view interface,
                     std::vector<Prefix> addresses);

  // The certificate of the authority that issued those of the world's TLS servers; nullptr when it
  // has none.
  [[nodiscard]] const Bytes* tls_authority() const;
  // A stream of random numbers of its own, for what is put into this world.
  [[nodiscard]] SeededRng fork(std::string_view name) const;
  [[nodiscard]] capture::Sink* sink() const;

  [[nodiscard]] Instant now() const;
  // Precondition: `at` is not in the past.
  void schedule(Instant at, std::function<void()> action);
  // Runs all that happens up to and including `until`. Returns false when stop() ended it earlier.
  bool run_until(Instant until);
  void stop();
  // The run is over: what machines still send while they are taken down is no evidence.
  void end_capture();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rtclab::sim
