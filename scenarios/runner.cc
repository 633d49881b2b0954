#include "scenarios/runner.h"

#include "agents/base/rng.h"
#include "reports/evidence/trace_writer.h"
#include "scenarios/carrier.h"
#include "scenarios/evidence_keeper.h"
#include "scenarios/participant.h"
#include "scenarios/vantage_point.h"
#include "sim/link/simulation.h"
#include "sim/world.h"
#include "topologies/resolve.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace rtclab::scenario {
namespace {

// One server for each address of the name that the peer's machine can use.
std::vector<peer::IceServer> servers_of(const IceServer& server, const topology::Topology& topology,
                                        const topology::Nets& nets, std::string_view machine) {
  std::vector<peer::IceServer> servers;
  for (const auto& ip : topology::resolve(topology, nets, machine, server.machine())) {
    servers.push_back(peer::to_ice_server(server.url, ip, server.username, server.credential));
  }
  return servers;
}

// A peer's configuration as its machine sees the network.
class Configurator {
 public:
  Configurator(const topology::Topology& topology, const sim::World& world)
      : topology_{topology}, world_{world}, nets_{topology} {}

  [[nodiscard]] peer::Configuration operator()(const Peer& peer,
                                               const PeerConfiguration& wished) const {
    peer::Configuration configuration;
    for (const auto& server : wished.ice_servers) {
      std::ranges::move(servers_of(server, topology_, nets_, peer.machine),
                        std::back_inserter(configuration.ice_servers));
    }
    configuration.ice_transport_policy = wished.ice_transport_policy;
    configuration.bundle_policy = wished.bundle_policy;
    configuration.ice_lite = peer.ice_lite;
    configuration.ice_tcp = peer.tcp_candidates;
    configuration.ice_keepalive = peer.keepalive;
    configuration.ice_patience = peer.patience;
    configuration.hides_host_addresses = peer.mdns;
    configuration.renomination = peer.renomination;
    configuration.video.simulcast_receipt = peer.simulcast;
    configuration.audio.receive_bandwidth = peer.receive_bandwidth;
    configuration.video.receive_bandwidth = peer.receive_bandwidth;
    configuration.gathering =
        peer.continual_gathering ? ice::GatheringPolicy::Continually : ice::GatheringPolicy::Once;
    if (const auto* const authority = world_.tls_authority()) {
      configuration.trust.authorities = {*authority};
    }
    configuration.deviations = peer.deviations;
    return configuration;
  }

 private:
  const topology::Topology& topology_;
  const sim::World& world_;
  topology::Nets nets_;
};

bool waits_for_packets(const Scenario& scenario) {
  return std::ranges::any_of(
      scenario.steps, [](const Step& step) { return awaited<PacketTrigger>(step) != nullptr; });
}

// The other peer of two.
std::string partner_of(const Peer& peer, const Scenario& scenario) {
  const auto other = std::ranges::find_if(
      scenario.peers, [&](const Peer& candidate) { return candidate.name != peer.name; });
  return other == scenario.peers.end() ? std::string{} : other->name;
}

// Those that an interface has, and those that it is to have later, so that whoever reads knows
// whose they are.
evidence::VantagePoint point_of(const Scenario& scenario, const topology::Topology& topology,
                                const std::string& machine) {
  auto point = vantage_point_of(topology, machine);
  for (const auto& step : scenario.steps) {
    const auto* const change = std::get_if<SetAddress>(&step.action);
    if (change == nullptr || change->machine != machine) continue;
    for (const auto& address : change->addresses)
      point.interfaces.emplace_back(change->interface, address.ip.to_string());
  }
  return point;
}

// A machine that a peer lives on is called by the peer's name. Where several live there, each is a
// point of its own with the same addresses, as programs of one machine are.
evidence::TraceHeader header_of(const Scenario& scenario, const topology::Topology& topology) {
  evidence::TraceHeader header{
      .title = scenario.title, .description = scenario.description, .vantage_points = {}};
  for (const auto& machine : topology.machine_names()) {
    auto point = point_of(scenario, topology, machine);
    bool is_of_peers = false;
    for (const auto& peer : scenario.peers) {
      if (peer.machine != machine) continue;
      is_of_peers = true;
      point.name = peer.name;
      point.type = "peer";
      header.vantage_points.push_back(point);
    }
    if (!is_of_peers) header.vantage_points.push_back(std::move(point));
  }
  return header;
}

void judge_evidence(const EvidenceKeeper& keeper, Account& account) {
  if (auto judgements = keeper.judge())
    account.judgements = *std::move(judgements);
  else
    account.no_judgements = judgements.error().to_string();
}

}  // namespace

bool RunResult::as_expected() const {
  return !cut_short && std::ranges::all_of(steps, [](const auto& s) {
    return s.state == StepOutcome::State::Done;
  }) && std::ranges::all_of(expectations, &ExpectationOutcome::met);
}

RunResult run(const Scenario& scenario, const topology::Topology& topology, std::uint64_t seed,
              const EvidenceSinks& sinks, const RunLimits& limits) {
  const auto demands = demands_of(scenario);
  Account account{.places = Places{topology, scenario}, .duration = scenario.duration};
  for (const auto& watched : demands.records) account.records.watch(watched);
  StampSequence stamps;

  std::optional<evidence::TraceWriter> trace;
  if (sinks.trace != nullptr) trace.emplace(*sinks.trace, header_of(scenario, topology));
  std::optional<EvidenceKeeper> keeper;
  if (demands.verdicts) keeper.emplace(sinks.capture, header_of(scenario, topology));
  capture::Sink* sink = keeper ? &*keeper : sinks.capture;
  std::optional<PacketWatch> packets;
  if (waits_for_packets(scenario)) sink = &packets.emplace(sink);
  std::optional<Timeline> timeline;
  const auto record = [&](Instant at, std::string_view vantage, const Event& event) {
    account.records.note(vantage, event.name, at, stamps);
    if (timeline) timeline->note_report(vantage, event.name);
    if (trace) trace->write(at, vantage, event);
    if (keeper) keeper->record(at, vantage, event);
  };

  sim::WorldOptions options{.seed = seed, .sink = sink, .record = record, .server_deviations = {}};
  for (const auto& server : scenario.faulty_servers)
    options.server_deviations[server.machine] = server.deviations;
  sim::World world{topology, std::move(options)};

  const Configurator configure{topology, world};
  Carrier carrier{scenario, world, record};
  Participants participants;
  for (const auto& peer : scenario.peers) {
    participants[peer.name] = std::make_unique<Participant>(Participant::Setting{
        .peer = peer,
        .host = world.host(peer.machine),
        .channel = carrier.channel(peer),
        .receipt = carrier.receipt(),
        .partner = partner_of(peer, scenario),
        .configuration = configure(peer, peer.configuration),
        .rng = world.fork("peer " + peer.name),
        .sink = sink,
        .record = [&record, &peer](Instant at,
                                   const Event& event) { record(at, peer.name, event); },
        .on_change =
            [&timeline] {
              if (timeline) timeline->wake();
            },
        .stamps = stamps,
        .notes_descriptions = demands.descriptions.contains(peer.name)});
  }
  timeline.emplace(Timeline::Stage{.scenario = scenario,
                                   .participants = participants,
                                   .world = world,
                                   .carrier = carrier,
                                   .packets = packets ? &*packets : nullptr},
                   configure, record, [&](const std::string& step, StepEdge::Edge edge) {
                     account.steps.note(step, edge, stamps.next(sim::Simulation::now()));
                   });
  sim::Simulation::limit_events(limits.simulator_events);
  world.run_until(Instant{scenario.duration});
  world.end_capture();

  RunResult result{
      .seed = seed, .steps = timeline->outcomes(), .expectations = {}, .chronicles = {}};
  for (const auto& [name, participant] : participants) {
    participant->conclude();
    account.chronicles.emplace(name, participant->chronicle());
  }
  if (keeper) judge_evidence(*keeper, account);
  result.expectations = judge(scenario, account);
  result.chronicles = std::move(account.chronicles);
  result.judgements = std::move(account.judgements);
  result.records = std::move(account.records);
  result.simulator_events = sim::Simulation::events_executed();
  result.cut_short = sim::Simulation::limit_reached();
  return result;
}

}  // namespace rtclab::scenario
