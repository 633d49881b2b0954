#include "scenarios/selfcheck/selfcheck.h"

#include "agents/stun/server.h"
#include "reports/evidence/trace_writer.h"
#include "scenarios/selfcheck/bench.h"
#include "scenarios/selfcheck/tcp_tests.h"
#include "scenarios/selfcheck/udp_tests.h"
#include "scenarios/vantage_point.h"
#include "sim/host/agent_host.h"
#include "sim/world.h"
#include "topologies/embedded_address.h"
#include "topologies/nets.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace rtclab::selfcheck {
namespace {

using topology::LinkEnd;
using topology::MachineKind;
using topology::Topology;

Declared declared_of(const Topology& topology, const Bench& bench) {
  if (const auto* const firewall = topology.find_firewall(bench.gate)) {
    return {.behaviour = {.filtering = firewall->rules.filtering,
                          .tcp_filtering = firewall->rules.tcp_filtering,
                          .lifetimes = firewall->rules.lifetimes,
                          .refresh = topology::Refresh::Both,
                          .unsolicited_syn = firewall->rules.unsolicited_syn,
                          .policy = firewall->rules.policy},
            .translates = false};
  }
  const auto* const nat = topology.find_nat(bench.gate);
  const auto* const nat64 = topology.find_nat64(bench.gate);
  const auto& behaviour = nat != nullptr ? nat->behaviour : nat64->behaviour;
  const auto& outside = nat != nullptr ? nat->outside : nat64->outside;
  // RFC 6092 §2.2: to IPv6 a NAT is a firewall.
  if (bench.outside_family == Family::V6) {
    const auto rules = topology::firewall_rules_of(behaviour);
    return {.behaviour = {.filtering = rules.filtering,
                          .tcp_filtering = rules.tcp_filtering,
                          .lifetimes = rules.lifetimes,
                          .refresh = topology::Refresh::Both,
                          .unsolicited_syn = rules.unsolicited_syn,
                          .policy = rules.policy},
            .translates = false};
  }
  const auto pool = std::ranges::count_if(outside.addresses,
                                          [](const Prefix& address) { return address.ip.is_v4(); });
  Declared declared{
      .behaviour = behaviour, .translates = true, .pool = static_cast<std::size_t>(pool)};
  // RFC 6052 §2.2: how an IPv4 address is called on the inside of a NAT64.
  if (nat64 != nullptr)
    declared.reaches = [prefix = nat64->prefix](const Ip& v4) { return topology::embed(prefix, v4); };
  return declared;
}

// The server's two ports as far as the file lets them be reached; a second one that is not reached
// does no harm.
std::array<Port, 2> server_ports(const Declared& declared, Transport transport) {
  const auto ports = ports_out(declared.behaviour.policy, transport);
  return {ports.empty() ? Port{3478} : ports[0], ports.size() < 2 ? Port{3479} : ports[1]};
}

UdpPlan plan_of(const Declared& declared, Transport transport) {
  const auto& nat = declared.behaviour;
  UdpPlan plan;
  plan.server_ports = server_ports(declared, transport);
  plan.inside_ports = nat.ports;
  plan.settling = std::max(plan.settling, nat.lifetimes.udp_answered_after + kLongEnough);
  plan.translates = declared.translates;
  plan.any_port = lets_out(nat.policy, transport, Port{7001});
  plan.reaches = declared.reaches;
  return plan;
}

// What a host passes on its way out, innermost first.
std::vector<std::string> gates_outward(const Topology& topology, const std::string& host) {
  const topology::Nets nets{topology};
  std::vector<std::string> gates;
  const auto interfaces = topology.interfaces_of(host);
  if (interfaces.empty()) return gates;
  LinkEnd at{host, interfaces.front().name};
  // No way passes a gate twice.
  while (gates.size() < topology.nats.size() + topology.firewalls.size()) {
    const auto* const net = nets.net_of(at);
    const auto gate =
        net == nullptr || net->gates.empty() ? std::nullopt : std::optional{net->gates.front()};
    if (!gate || std::ranges::find(gates, *gate) != gates.end()) break;
    gates.push_back(*gate);
    at = {*gate, topology.interfaces_of(*gate).back().name};
  }
  return gates;
}

evidence::TraceHeader header_of(const Topology& topology) {
  evidence::TraceHeader header{.title = "Self-check of " + topology.name,
                               .description = "Every NAT and firewall, classified from outside",
                               .vantage_points = {}};
  for (const auto& machine : topology.machine_names())
    header.vantage_points.push_back(scenario::vantage_point_of(topology, machine));
  return header;
}

class Run {
 public:
  Run(const Topology& topology, const Topology& declared, const Options& options)
      : declared_{declared},
        laboratory_{equip(topology)},
        recorder_{options.trace, laboratory_.topology},
        world_{laboratory_.topology,
               {.seed = options.seed,
                .sink = options.capture,
                .record = [this](Instant at, std::string_view machine,
                                 const Event& event) { recorder_.write(at, machine, event); },
                .server_deviations = {}}} {
    for (const auto& bench : laboratory_.benches) start_servers(bench);
  }

  Report run() {
    Report report{.subjects = {}, .left_out = laboratory_.left_out};
    for (const auto& bench : laboratory_.benches) check_bench(bench, report);
    for (const auto& host : declared_.hosts) check_path(host.name, report);
    world_.end_capture();
    return report;
  }

 private:
  class Recorder {
   public:
    Recorder(std::ostream* out, const Topology& topology) {
      if (out != nullptr) writer_.emplace(*out, header_of(topology));
    }
    void write(Instant at, std::string_view machine, const Event& event) {
      if (writer_) writer_->write(at, machine, event);
    }

   private:
    std::optional<evidence::TraceWriter> writer_;
  };
  using Server = sim::AgentHost<stun::Server>;

  [[nodiscard]] std::function<void(Instant, const Event&)> recorder_of(std::string machine) {
    return [this, machine = std::move(machine)](Instant at, const Event& event) {
      recorder_.write(at, machine, event);
    };
  }

  // One for each pair of ports: what UDP reaches may be another than what TCP does.
  void start_servers(const Bench& bench) {
    const auto declared = declared_of(declared_, bench);
    const auto udp = server_ports(declared, Transport::Udp);
    const auto tcp = server_ports(declared, Transport::Tcp);
    if (servers_.contains(bench.server)) return;
    auto& servers = servers_[bench.server];
    const auto start = [&](const std::array<Port, 2>& ports, bool over_tcp) {
      stun::Server::Config config;
      config.port = ports[0];
      config.alternate_port = ports[1];
      config.over_tcp = over_tcp;
      servers.push_back(std::make_unique<Server>(world_.host(bench.server),
                                                 Server::Hooks{recorder_of(bench.server)}, config));
    };
    start(udp, udp == tcp);
    if (udp != tcp) start(tcp, true);
  }

  void check_bench(const Bench& bench, Report& report) {
    const auto declared = declared_of(declared_, bench);
    const Stand stand{world_, bench, world_.host(bench.probe), world_.host(bench.server),
                      recorder_of(bench.probe)};
    const auto kind = std::string{to_string(bench.kind)};
    report.subjects.push_back(
        {bench.name(), kind, Transport::Udp,
         compare(test_udp(stand, plan_of(declared, Transport::Udp)), declared)});
    report.subjects.push_back(
        {bench.name(), kind, Transport::Tcp,
         compare(test_tcp(stand, plan_of(declared, Transport::Tcp)), declared)});
  }

  [[nodiscard]] const Bench* bench_of(std::string_view gate) const {
    const auto found = std::ranges::find_if(laboratory_.benches, [&](const Bench& bench) {
      return bench.gate == gate && bench.outside_family == Family::V4 &&
             bench.inside_family == Family::V4;
    });
    return found == laboratory_.benches.end() ? nullptr : &*found;
  }

  // Behind several gates: from the host itself to the server beyond the last of them.
  void check_path(const std::string& host, Report& report) {
    const auto gates = gates_outward(declared_, host);
    auto& machine = world_.host(host);
    const auto local = machine.address(Family::V4);
    if (gates.size() < 2 || !local) return;
    std::vector<Declared> parts;
    auto name = host + " through ";
    for (const auto& gate : gates) {
      const auto* const bench = bench_of(gate);
      if (bench == nullptr) return;
      parts.push_back(declared_of(declared_, *bench));
      name += (parts.size() == 1 ? "" : ", ") + gate;
    }
    const auto& far = *bench_of(gates.back());
    const auto whole = chain(parts);
    const auto plan = plan_of(whole, Transport::Udp);
    UdpSeen seen;
    seen.rfc5780 = discover(world_, machine,
                            {.server = {far.outside[0], plan.server_ports[0]},
                             .local = *local,
                             .schedule = {},
                             .lifetime = {{.longest = std::chrono::hours{1},
                                           .precision = std::chrono::seconds{1},
                                           .settling = plan.settling}},
                             .deviations = {},
                             .reaches = {}},
                            recorder_of(host));
    auto findings = compare(seen, whole);
    std::erase_if(findings, [](const Finding& finding) {
      return finding.term != "passes" && finding.term != "mapping" && finding.term != "filtering" &&
             finding.term != "lifetime";
    });
    report.subjects.push_back({std::move(name), "path", Transport::Udp, std::move(findings)});
  }

  const Topology& declared_;
  Laboratory laboratory_;
  Recorder recorder_;
  sim::World world_;
  std::map<std::string, std::vector<std::unique_ptr<Server>>> servers_;
};

}  // namespace

bool Subject::agrees() const {
  return std::ranges::none_of(
      findings, [](const Finding& each) { return each.agreement == Agreement::Differs; });
}

bool Report::agrees() const {
  return std::ranges::all_of(subjects, &Subject::agrees);
}

Report check(const Topology& topology, const Topology& declared, const Options& options) {
  return Run{topology, declared, options}.run();
}

}  // namespace rtclab::selfcheck
