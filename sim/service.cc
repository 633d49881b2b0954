#include "sim/service.h"

#include "agents/stun/server.h"
#include "agents/turn/server.h"
#include "sim/host/agent_host.h"
#include "sim/server/server.h"

#include <string>
#include <utility>
#include <vector>

namespace rtclab::sim {
namespace {

class StunService final : public Service {
 public:
  StunService(const topology::StunServer& server, Host& host, ServiceOptions options)
      : agent_{host, {.record = std::move(options.record)}, config_of(server, options.deviations)} {
  }

 private:
  static stun::Server::Config config_of(const topology::StunServer& server,
                                        const Deviations& deviations) {
    stun::Server::Config config;
    config.port = server.port;
    config.alternate_port = server.alternate_port;
    config.deviations = deviations;
    return config;
  }

  AgentHost<stun::Server> agent_;
};

class TurnService final : public Service {
 public:
  TurnService(const topology::TurnServer& server, Host& host, ServiceOptions options)
      : rng_{options.rng},
        agent_{
            host, {.record = std::move(options.record)}, config_of(server, options, rng_), rng_} {}

 private:
  static turn::ServerTransport to_turn(topology::ServerTransport transport) {
    switch (transport) {
      case topology::ServerTransport::Udp: return turn::ServerTransport::Udp;
      case topology::ServerTransport::Tcp: return turn::ServerTransport::Tcp;
      case topology::ServerTransport::Tls: return turn::ServerTransport::Tls;
    }
    __builtin_unreachable();
  }

  // A certificate for the machine's name and each of its addresses.
  static tls::Identity identity_of(const topology::TurnServer& server,
                                   const tls::Authority& authority, SeededRng& rng) {
    std::vector<std::string> names{server.name};
    for (const auto& address : server.interface.addresses) names.push_back(address.ip.to_string());
    auto own = rng.fork("tls identity");
    return authority.issue(own, names);
  }

  static turn::Server::Config config_of(const topology::TurnServer& server,
                                        const ServiceOptions& options, SeededRng& rng) {
    turn::Server::Config config;
    config.port = server.port;
    config.tls_port = server.tls_port;
    config.transports.clear();
    for (const auto transport : server.transports) config.transports.push_back(to_turn(transport));
    if (options.authority != nullptr) {
      config.identity = identity_of(server, *options.authority, rng);
    }
    config.nonce_lifetime = server.nonce_lifetime;
    config.allocations_per_user = server.allocations_per_user;
    if (const auto* const other = options.topology.find_turn_server(server.alternate)) {
      config.alternate = other->endpoint();
      config.alternate_domain = other->name;
    }
    config.realm = server.realm;
    for (const auto& user : server.users) config.users.push_back({user.name, user.password});
    config.first_relay_port = server.relay_ports.first;
    config.last_relay_port = server.relay_ports.last;
    config.deviations = options.deviations;
    return config;
  }

  SeededRng rng_;
  AgentHost<turn::Server> agent_;
};

class SignallingService final : public Service {
 public:
  SignallingService(const topology::SignallingServer& server, Host& host,
                    const ServiceOptions& options)
      : server_{host, server.endpoint(), options.rng} {}

 private:
  signalling::Server server_;
};

}  // namespace

std::unique_ptr<Service> start(const topology::StunServer& server, Host& host,
                               ServiceOptions options) {
  return std::make_unique<StunService>(server, host, std::move(options));
}

std::unique_ptr<Service> start(const topology::TurnServer& server, Host& host,
                               ServiceOptions options) {
  return std::make_unique<TurnService>(server, host, std::move(options));
}

std::unique_ptr<Service> start(const topology::SignallingServer& server, Host& host,
                               ServiceOptions options) {
  return std::make_unique<SignallingService>(server, host, options);
}

}  // namespace rtclab::sim
