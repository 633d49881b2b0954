// What a NAT costs a packet: its translator alone, and as a hop beside a router's hop and beside
// the bare hop of ns-3, all in turn in one process.
//
//   build/release/rtclab_nat_bench [PACKETS]
//
// Prints CPU time of this process; the ratios are the figures to keep.
#include "agents/base/ip_packet.h"
#include "sim/link/link.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"
#include "sim/nat/nat_node.h"
#include "sim/nat/router_node.h"
#include "tests/bench/cpu_time.h"
#include "topologies/nat_presets.h"

#include <fmt/format.h>
#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/mac48-address.h>
#include <ns3/node.h>
#include <ns3/packet.h>
#include <ns3/point-to-point-channel.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/simulator.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kRounds = 9;
constexpr std::size_t kPayload = 172;  // 20 ms of PCMU in RTP: an IP packet of 200 octets
const Endpoint kServer = *Endpoint::parse("192.0.2.10:3478");

void must(bool held) {
  if (!held) std::abort();
}

// One of so many flows: 250 hosts, each with as many ports as it takes.
Bytes packet_of(std::size_t flow) {
  const auto host = static_cast<std::uint32_t>(2 + flow % 250);
  const auto port = static_cast<std::uint16_t>(5000 + flow / 250);
  return ip::build_udp({Ip::v4(0xc0a80100u + host), Port{port}}, kServer, Bytes(kPayload), 1);
}

topology::Nat a_nat(std::string_view preset) {
  topology::Nat nat;
  nat.name = "nat";
  nat.inside = {"inside", {*Prefix::parse("192.168.1.1/24")}};
  nat.outside = {"outside", {*Prefix::parse("198.51.100.1/24")}};
  nat.behaviour = topology::find_nat_preset(preset)->behaviour;
  return nat;
}

double per_packet(std::size_t packets, const std::function<void()>& run) {
  const auto before = cpu_seconds();
  run();
  return (cpu_seconds() - before) * 1e9 / static_cast<double>(packets);
}

// Out and in again through a translator that has so many mappings; of one packet.
double translator(std::size_t packets, std::size_t flows, std::string_view preset) {
  nat::Translator nat{a_nat(preset), SeededRng{1}, [](Instant, const Event&) {}};
  Instant now{};
  std::vector<Bytes> out;
  std::vector<Bytes> in;
  for (std::size_t flow = 0; flow < flows; ++flow) {
    out.push_back(packet_of(flow));
    auto packet = out.back();
    must(nat.from_inside(now, packet).outcome == nat::Verdict::Outcome::ToOutside);
    const auto seen = nat::Flow::of(packet)->source;
    in.push_back(ip::build_udp(kServer, seen, Bytes(kPayload), 1));
  }
  // A walk through all of them that no cache foresees.
  std::size_t at = 0;
  Bytes packet;
  const auto passed = [&](bool outward) {
    at = (at + 7919) % flows;
    packet = outward ? out[at] : in[at];
    const auto verdict = outward ? nat.from_inside(now, packet) : nat.from_outside(now, packet);
    must(verdict.outcome != nat::Verdict::Outcome::Dropped);
  };
  return per_packet(packets, [&] {
    for (std::size_t i = 0; i < packets; ++i) {
      now += 1us;
      passed(i % 2 == 0);
    }
  });
}

enum class Middle { None, Router, Nat };

// From one end to the other: over one link, or over two with a machine between.
double path(std::size_t packets, Middle middle) {
  sim::Simulation simulation;
  sim::Network network{1, nullptr};
  const auto end = [](std::string machine, std::string_view address) {
    return sim::InterfaceSpec{std::move(machine), "eth0", {*Prefix::parse(address)}};
  };
  sim::Link first{network, {}, end("host", "192.168.1.2/24"), end("middle", "192.168.1.1/24")};
  sim::Link second{network, {}, end("middle", "198.51.100.1/24"), end("server", "192.0.2.10/24")};
  std::size_t arrived = 0;
  const auto count = [&](ByteView, sim::PacketId) { ++arrived; };
  sim::RouterNode router{"middle"};
  std::optional<sim::NatNode> nat;
  switch (middle) {
    case Middle::None: first.b().on_receive(count); break;
    case Middle::Router:
      router.attach(first.b());
      router.attach(second.a());
      router.set_route({kServer.ip, 32}, second.a());
      break;
    case Middle::Nat:
      nat.emplace(a_nat("port-restricted"), first.b(), second.a(), SeededRng{1},
                  [](Instant, const Event&) {});
  }
  second.b().on_receive(count);
  std::vector<Bytes> flows;
  for (std::size_t flow = 0; flow < 1000; ++flow) flows.push_back(packet_of(flow));
  std::size_t sent = 0;
  std::function<void()> send = [&] {
    first.a().send_new(flows[sent % flows.size()]);
    if (++sent < packets) sim::Simulation::schedule(sim::Simulation::now() + 1us, send);
  };
  sim::Simulation::schedule(Instant{1us}, send);
  const auto spent = per_packet(
      packets, [&] { simulation.run_until(Instant{1us * static_cast<long>(packets) + 1s}); });
  must(arrived == packets);
  return spent;
}

// The same of ns-3 alone: point-to-point devices, and a node that passes packets on.
double bare_path(std::size_t packets, int hops) {
  std::vector<ns3::Ptr<ns3::Node>> nodes;
  std::vector<ns3::Ptr<ns3::PointToPointNetDevice>> devices;
  for (int i = 0; i <= hops; ++i) nodes.push_back(ns3::CreateObject<ns3::Node>());
  std::size_t arrived = 0;
  for (int hop = 0; hop < hops; ++hop) {
    auto channel = ns3::CreateObject<ns3::PointToPointChannel>();
    for (int side = 0; side < 2; ++side) {
      auto device = ns3::CreateObject<ns3::PointToPointNetDevice>();
      device->SetAddress(ns3::Mac48Address::Allocate());
      device->SetDataRate(ns3::DataRate("1000Gbps"));
      device->SetQueue(ns3::CreateObject<ns3::DropTailQueue<ns3::Packet>>());
      nodes[static_cast<std::size_t>(hop + side)]->AddDevice(device);
      device->Attach(channel);
      devices.push_back(device);
    }
  }
  struct Node {
    ns3::Ptr<ns3::PointToPointNetDevice> next;
    std::size_t* arrived;
    bool receive(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet> packet, std::uint16_t,
                 const ns3::Address&) {
      if (next == nullptr) {
        ++*arrived;
      } else {
        next->Send(packet->Copy(), next->GetBroadcast(), 0x0800);
      }
      return true;
    }
  };
  std::vector<Node> receivers(static_cast<std::size_t>(hops));
  for (std::size_t hop = 0; hop < receivers.size(); ++hop) {
    receivers[hop].next = hop + 1 < receivers.size() ? devices[2 * hop + 2] : nullptr;
    receivers[hop].arrived = &arrived;
    devices[2 * hop + 1]->SetReceiveCallback(ns3::MakeCallback(&Node::receive, &receivers[hop]));
  }
  const auto octets = packet_of(0);
  std::size_t sent = 0;
  std::function<void()> send = [&] {
    devices[0]->Send(ns3::Create<ns3::Packet>(reinterpret_cast<const std::uint8_t*>(octets.data()),
                                              static_cast<std::uint32_t>(octets.size())),
                     devices[0]->GetBroadcast(), 0x0800);
    if (++sent < packets) ns3::Simulator::Schedule(ns3::MicroSeconds(1), send);
  };
  ns3::Simulator::Schedule(ns3::MicroSeconds(1), send);
  const auto spent = per_packet(packets, [] { ns3::Simulator::Run(); });
  ns3::Simulator::Destroy();
  must(arrived == packets);
  return spent;
}

struct Samples {
  std::vector<double> of;
  [[nodiscard]] double median() {
    std::ranges::nth_element(of, of.begin() + kRounds / 2);
    return of[kRounds / 2];
  }
};

void bench(std::size_t packets) {
  Samples few, many, overloading, one_link, router, nat, bare_one, bare_two;
  for (int round = 0; round < kRounds; ++round) {
    few.of.push_back(translator(packets, 1000, "port-restricted"));
    many.of.push_back(translator(packets, 50000, "port-restricted"));
    overloading.of.push_back(translator(packets, 50000, "linux-masquerade"));
    one_link.of.push_back(path(packets, Middle::None));
    router.of.push_back(path(packets, Middle::Router));
    nat.of.push_back(path(packets, Middle::Nat));
    bare_one.of.push_back(bare_path(packets, 1));
    bare_two.of.push_back(bare_path(packets, 2));
  }
  const auto bare_hop = bare_two.median() - bare_one.median();
  const auto router_hop = router.median() - one_link.median();
  const auto nat_hop = nat.median() - one_link.median();
  const auto row = [&](std::string_view what, double cost) {
    fmt::print("{:<52} {:7.0f} ns  {:5.2f} x\n", what, cost, cost / bare_hop);
  };
  row("ns-3's bare hop (a node and a point-to-point link)", bare_hop);
  row("a router's hop (with our link)", router_hop);
  row("a NAT's hop (with our link, 1000 mappings)", nat_hop);
  row("the translator alone, 1000 mappings", few.median());
  row("the translator alone, 50000 mappings", many.median());
  row("the same with shared ports (linux-masquerade)", overloading.median());
}

}  // namespace
}  // namespace rtclab::bench

int main(int argc, char** argv) {
  const auto packets = argc > 1 ? std::atol(argv[1]) : 100'000;
  if (packets <= 0) return 2;
  rtclab::bench::bench(static_cast<std::size_t>(packets));
}
