#include "sim/service.h"

#include "agents/stun/server.h"
#include "agents/turn/server.h"
#include "sim/host/agent_host.h"
#include "sim/server/server.h"

#include <utility>

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
        agent_{host,
               {.record = std::move(options.record)},
               config_of(server, options.deviations),
               rng_} {}

 private:
  static turn::Server::Config config_of(const topology::TurnServer& server,
                                        const Deviations& deviations) {
    turn::Server::Config config;
    config.port = server.port;
    config.realm = server.realm;
    for (const auto& user : server.users) config.users.push_back({user.name, user.password});
    config.first_relay_port = server.relay_ports.first;
    config.last_relay_port = server.relay_ports.last;
    config.deviations = deviations;
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
