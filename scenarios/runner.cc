#include "scenarios/runner.h"

#include "agents/base/rng.h"
#include "reports/evidence/trace_writer.h"
#include "scenarios/participant.h"
#include "sim/link/simulation.h"
#include "sim/world.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

namespace rtclab::scenario {
namespace {

peer::Configuration configuration_of(const Peer& peer, const topology::Topology& topology) {
  peer::Configuration configuration;
  for (const auto& server : peer.ice_servers) {
    const auto* const turn = topology.find_turn_server(server.machine);
    const auto* const stun = topology.find_stun_server(server.machine);
    assert(turn != nullptr || stun != nullptr);
    configuration.ice_servers.push_back(
        {.kind = server.scheme == IceServer::Scheme::Turn ? peer::IceServerKind::Turn
                                                          : peer::IceServerKind::Stun,
         .server = turn != nullptr ? turn->endpoint() : stun->endpoint(),
         .username = server.username,
         .credential = server.credential});
  }
  if (peer.relay_only) configuration.ice_transport_policy = peer::IceTransportPolicy::Relay;
  configuration.deviations = peer.deviations;
  return configuration;
}

Endpoint signalling_endpoint(const Scenario& scenario, const topology::Topology& topology) {
  const auto* const server = scenario.signalling
                                 ? topology.find_signalling_server(*scenario.signalling)
                                 : &topology.signalling_servers.front();
  assert(server != nullptr);
  return server->endpoint();
}

// A machine that a peer lives on is called by the peer's name.
evidence::TraceHeader header_of(const Scenario& scenario, const topology::Topology& topology) {
  evidence::TraceHeader header{
      .title = scenario.title, .description = scenario.description, .vantage_points = {}};
  for (const auto& machine : topology.machine_names()) {
    const auto peer = std::ranges::find(scenario.peers, machine, &Peer::machine);
    const bool is_peer = peer != scenario.peers.end();
    evidence::VantagePoint point{
        .name = is_peer ? peer->name : machine,
        .type = is_peer ? "peer" : std::string{to_string(*topology.kind_of(machine))},
        .machine = machine,
        .interfaces = {}};
    for (const auto& interface : topology.interfaces_of(machine)) {
      for (const auto& address : interface.addresses) {
        point.interfaces.emplace_back(interface.name, address.ip.to_string());
      }
    }
    header.vantage_points.push_back(std::move(point));
  }
  return header;
}

}  // namespace

bool RunResult::as_expected() const {
  return std::ranges::all_of(steps,
                             [](const auto& s) { return s.state == StepOutcome::State::Done; }) &&
         std::ranges::all_of(expectations, &ExpectationOutcome::met);
}

RunResult run(const Scenario& scenario, const topology::Topology& topology, std::uint64_t seed,
              const EvidenceSinks& sinks) {
  std::optional<evidence::TraceWriter> trace;
  if (sinks.trace != nullptr) trace.emplace(*sinks.trace, header_of(scenario, topology));
  const auto record = [&trace](Instant at, std::string_view vantage, const Event& event) {
    if (trace) trace->write(at, vantage, event);
  };

  sim::WorldOptions options{
      .seed = seed, .sink = sinks.capture, .record = record, .server_deviations = {}};
  for (const auto& server : scenario.faulty_servers)
    options.server_deviations[server.machine] = server.deviations;
  sim::World world{topology, std::move(options)};

  Participants participants;
  std::optional<Timeline> timeline;
  for (const auto& peer : scenario.peers) {
    participants[peer.name] = std::make_unique<Participant>(Participant::Setting{
        .peer = peer,
        .host = world.host(peer.machine),
        .signalling = signalling_endpoint(scenario, topology),
        .configuration = configuration_of(peer, topology),
        .rng = world.fork("peer " + peer.name),
        .sink = sinks.capture,
        .record = [&record, &peer](Instant at,
                                   const Event& event) { record(at, peer.name, event); },
        .on_change =
            [&timeline] {
              if (timeline) timeline->wake();
            }});
  }
  timeline.emplace(scenario, participants, record);
  world.run_until(Instant{scenario.duration});
  world.end_capture();

  RunResult result{
      .seed = seed, .steps = timeline->outcomes(), .expectations = {}, .chronicles = {}};
  for (const auto& [name, participant] : participants)
    result.chronicles.emplace(name, participant->chronicle());
  result.expectations = judge(scenario, result.chronicles);
  result.simulator_events = sim::Simulation::events_executed();
  return result;
}

}  // namespace rtclab::scenario
