// What a packet costs on a link of ours, beside ns-3's bare scheduler and its point-to-point
// device, in one run.
//
//   rtclab_link_bench [PACKETS]      500000 unless said otherwise
#include "agents/base/ip_packet.h"
#include "sim/link/link.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"
#include "tests/bench/cpu_time.h"

// point-to-point-channel.h of ns-3 3.37 does not stand alone: the device comes first.
// clang-format off
#include <ns3/point-to-point-net-device.h>
#include <ns3/point-to-point-channel.h>
// clang-format on
#include <fmt/format.h>
#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/mac48-address.h>
#include <ns3/node.h>
#include <ns3/nstime.h>
#include <ns3/packet.h>
#include <ns3/simulator.h>

#include <cstdlib>
#include <functional>
#include <vector>

namespace {

using namespace rtclab;
using namespace std::chrono_literals;

constexpr Duration kInterval = 100us;  // 200 packets on their way at once
constexpr Duration kDelay = 20ms;
constexpr std::uint64_t kRate = 1'000'000'000;

// Calls `send` once each interval, from events of its own; nanoseconds of CPU for each call.
double each(std::size_t packets, const std::function<void()>& send) {
  struct Pace {
    std::size_t left;
    const std::function<void()>& send;
    void operator()() {
      send();
      if (--left > 0)
        ns3::Simulator::Schedule(ns3::NanoSeconds(kInterval.count()), &Pace::operator(), this);
    }
  } pace{packets, send};
  const auto begin = bench::cpu_seconds();
  ns3::Simulator::ScheduleNow(&Pace::operator(), &pace);
  ns3::Simulator::Run();
  return (bench::cpu_seconds() - begin) * 1e9 / static_cast<double>(packets);
}

// One event that each packet needs, to arrive.
double scheduler_alone(std::size_t packets) {
  const sim::Simulation simulation;
  std::size_t arrived = 0;
  return each(packets, [&] {
    ns3::Simulator::Schedule(ns3::NanoSeconds(kDelay.count()), [&arrived] { ++arrived; });
  });
}

class Ns3Device {
 public:
  Ns3Device() {
    auto channel = ns3::CreateObject<ns3::PointToPointChannel>();
    channel->SetAttribute("Delay", ns3::TimeValue(ns3::NanoSeconds(kDelay.count())));
    for (auto* const device : {&near_, &far_}) {
      auto node = ns3::CreateObject<ns3::Node>();
      *device = ns3::CreateObject<ns3::PointToPointNetDevice>();
      (*device)->SetAddress(ns3::Mac48Address::Allocate());
      (*device)->SetDataRate(ns3::DataRate(kRate));
      (*device)->SetQueue(ns3::CreateObject<ns3::DropTailQueue<ns3::Packet>>());
      node->AddDevice(*device);
      (*device)->Attach(channel);
      nodes_.push_back(node);
    }
    far_->SetReceiveCallback(ns3::MakeCallback(&Ns3Device::receive, this));
  }
  void send(const Bytes& packet) {
    near_->Send(ns3::Create<ns3::Packet>(reinterpret_cast<const std::uint8_t*>(packet.data()),
                                         static_cast<std::uint32_t>(packet.size())),
                near_->GetBroadcast(), 0x0800);
  }

 private:
  // As octets, which is what a host wants.
  bool receive(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet> packet, std::uint16_t,
               const ns3::Address&) {
    Bytes octets(packet->GetSize());
    packet->CopyData(reinterpret_cast<std::uint8_t*>(octets.data()), packet->GetSize());
    return true;
  }
  std::vector<ns3::Ptr<ns3::Node>> nodes_;
  ns3::Ptr<ns3::PointToPointNetDevice> near_;
  ns3::Ptr<ns3::PointToPointNetDevice> far_;
};

double ns3s_device(std::size_t packets, const Bytes& packet) {
  const sim::Simulation simulation;
  Ns3Device device;
  return each(packets, [&] { device.send(packet); });
}

double ours(std::size_t packets, const Bytes& packet, const topology::LinkQuality& quality) {
  const sim::Simulation simulation;
  sim::Network network{1, nullptr};
  const sim::Link link{network,
                       {{}, quality, quality},
                       {"a", "eth0", {*Prefix::parse("10.0.0.1/24")}},
                       {"b", "eth0", {*Prefix::parse("10.0.0.2/24")}}};
  return each(packets, [&] { link.a().send_new(packet); });
}

struct Kind {
  const char* name;
  topology::LinkQuality quality;
};
const std::vector<Kind> kKinds{
    {"ours, a delay", {.delay = kDelay}},
    {"ours, a delay and a rate", {.delay = kDelay, .rate = kRate}},
    {"ours, FQ-CoDel",
     {.delay = kDelay, .rate = kRate, .discipline = topology::QueueDiscipline::FqCoDel}},
    {"ours, jitter and burst loss",
     {.delay = kDelay,
      .jitter = {.spread = 5ms,
                 .distribution = topology::JitterDistribution::Normal,
                 .correlation = 0.5},
      .rate = kRate,
      .burst_loss = topology::BurstLoss{0.002, 0.038}}},
    {"ours, every effect",
     {.delay = kDelay,
      .jitter = {.spread = 5ms,
                 .distribution = topology::JitterDistribution::Pareto,
                 .correlation = 0.5},
      .rate = kRate,
      .loss = 0.01,
      .burst_loss = topology::BurstLoss{0.002, 0.038},
      .duplication = 0.01,
      .corruption = 0.01,
      .reordering = 0.01,
      .reordering_delay = 5ms,
      .outages = {{1h, 2h}},
      .drops = {{topology::Drop::What::DtlsFlight, 2}}}},
};

}  // namespace

int main(int argc, char** argv) {
  const auto packets = argc > 1 ? static_cast<std::size_t>(std::atoll(argv[1])) : 500'000u;
  for (const std::size_t octets : {172u, 1200u}) {
    const auto packet = ip::build_udp(*Endpoint::parse("10.0.0.1:1000"),
                                      *Endpoint::parse("10.0.0.2:2000"), Bytes(octets - 28), 0);
    scheduler_alone(packets / 10);  // warms up
    const auto bare = scheduler_alone(packets);
    const auto device = ns3s_device(packets, packet);
    const auto print = [&](const char* name, double cost) {
      fmt::print("{:5} octets  {:32} {:6.0f} ns a packet, {:5.2f} x ns-3's device\n", octets, name,
                 cost, cost / device);
    };
    print("ns-3's scheduler alone", bare);
    print("ns-3's point-to-point device", device);
    for (const auto& [name, quality] : kKinds) print(name, ours(packets, packet, quality));
  }
}
