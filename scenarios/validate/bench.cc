#include "scenarios/validate/bench.h"

#include <string>
#include <utility>

namespace rtclab::validate {
namespace {

topology::Interface eth0(std::string_view address) {
  return {"eth0", {Prefix{*Ip::parse(address), 24}}};
}

topology::Topology joined(topology::Topology topology, const topology::LinkQuality& there,
                          const topology::LinkQuality& back) {
  topology.name = "two-machines";
  topology.links = {{{std::string{kClient}, "eth0"}, {std::string{kServer}, "eth0"}, there, back}};
  return topology;
}

}  // namespace

topology::Topology two_machines(const topology::LinkQuality& client_to_server,
                                const topology::LinkQuality& server_to_client) {
  topology::Topology topology;
  topology.hosts = {{std::string{kClient}, {eth0(kClientAddress)}},
                    {std::string{kServer}, {eth0(kServerAddress)}}};
  return joined(std::move(topology), client_to_server, server_to_client);
}

topology::Topology client_and_stun_server(const topology::LinkQuality& both_ways) {
  topology::Topology topology;
  topology.hosts = {{std::string{kClient}, {eth0(kClientAddress)}}};
  topology.stun_servers = {{std::string{kServer}, eth0(kServerAddress)}};
  return joined(std::move(topology), both_ways, both_ways);
}

topology::LinkQuality losing(double share) {
  topology::LinkQuality quality;
  quality.delay = kOneWay;
  quality.loss = share;
  return quality;
}

}  // namespace rtclab::validate
