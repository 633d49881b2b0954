// Our link beside ns-3's point-to-point device with its error model: the same packets at the same
// times, the same shares of losses.
#include "tests/sim/link/pair.h"
#include "tests/sim/link/statistics.h"

// point-to-point-channel.h of ns-3 3.37 does not stand alone: the device comes first.
// clang-format off
#include <ns3/point-to-point-net-device.h>
#include <ns3/point-to-point-channel.h>
// clang-format on
#include <boost/test/unit_test.hpp>
#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/error-model.h>
#include <ns3/mac48-address.h>
#include <ns3/node.h>
#include <ns3/nstime.h>
#include <ns3/packet.h>
#include <ns3/simulator.h>

#include <cmath>

namespace rtclab::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRate = 3'000'000;
constexpr std::uint32_t kPpp = 2;  // octets that ns-3's device adds

struct Sent {
  Duration at;
  std::size_t octets;
};

// Sizes and gaps without a pattern, with bursts that fill the queue.
std::vector<Sent> a_load() {
  SeededRng rng{11};
  std::vector<Sent> load;
  Duration at{0};
  for (int i = 0; i < 5000; ++i) {
    at +=
        Duration{static_cast<std::int64_t>(rng.below(rng.below(10) == 0 ? 20'000'000 : 2'000'000))};
    load.push_back({at, 60 + rng.below(1440)});
  }
  return load;
}

std::vector<Duration> ours(const std::vector<Sent>& load) {
  Pair pair{with({.delay = 17ms, .rate = kRate, .queue = 20})};
  for (const auto& sent : load) {
    pair.run_until(sent.at);
    pair.link.a().send_new(a_packet(sent.octets));
  }
  pair.run_until(60s);
  std::vector<Duration> arrivals;
  for (const auto& got : pair.got) arrivals.push_back(got.at.time_since_epoch());
  return arrivals;
}

// A device with its queue, and the other end of its channel.
struct Ns3Link {
  Ns3Link() {
    auto channel = ns3::CreateObject<ns3::PointToPointChannel>();
    channel->SetAttribute("Delay", ns3::TimeValue(ns3::MilliSeconds(17)));
    for (auto* const device : {&near, &far}) {
      auto node = ns3::CreateObject<ns3::Node>();
      *device = ns3::CreateObject<ns3::PointToPointNetDevice>();
      (*device)->SetAddress(ns3::Mac48Address::Allocate());
      (*device)->SetDataRate(ns3::DataRate(kRate));
      auto queue = ns3::CreateObject<ns3::DropTailQueue<ns3::Packet>>();
      queue->SetMaxSize(ns3::QueueSize(ns3::QueueSizeUnit::PACKETS, 20));
      (*device)->SetQueue(queue);
      node->AddDevice(*device);
      (*device)->Attach(channel);
    }
    far->SetReceiveCallback(ns3::MakeCallback(&Ns3Link::receive, this));
  }
  void send(std::size_t octets) {
    near->Send(ns3::Create<ns3::Packet>(static_cast<std::uint32_t>(octets) - kPpp),
               near->GetBroadcast(), 0x0800);
  }
  bool receive(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet>, std::uint16_t,
               const ns3::Address&) {
    arrivals.push_back(Simulation::now().time_since_epoch());
    return true;
  }

  ns3::Ptr<ns3::PointToPointNetDevice> near;
  ns3::Ptr<ns3::PointToPointNetDevice> far;
  std::vector<Duration> arrivals;
};

BOOST_AUTO_TEST_SUITE(beside_ns3)

BOOST_AUTO_TEST_CASE(every_packet_arrives_when_ns3s_does) {
  const auto load = a_load();
  const auto mine = ours(load);
  Simulation simulation;
  Ns3Link link;
  for (const auto& sent : load) {
    simulation.run_until(Instant{sent.at});
    link.send(sent.octets);
  }
  simulation.run_until(Instant{60s});

  BOOST_TEST(mine.size() < load.size());  // the queue was full at times
  BOOST_REQUIRE(mine.size() == link.arrivals.size());
  // Each packet's time to send is rounded to a nanosecond, by us to the nearest.
  Duration farthest{0};
  for (std::size_t i = 0; i < mine.size(); ++i) {
    farthest = std::max(farthest, std::chrono::abs(mine[i] - link.arrivals[i]));
  }
  BOOST_TEST(farthest.count() <= 100);
}

BOOST_AUTO_TEST_CASE(losses_are_as_frequent_as_those_of_ns3s_error_model) {
  constexpr int kPackets = 20'000;
  constexpr double kLoss = 0.07;
  Pair pair{with({.loss = kLoss})};
  for (int i = 0; i < kPackets; ++i) pair.link.a().send_new(a_packet(100));
  pair.run_until(1s);
  const auto mine = static_cast<double>(kPackets) - static_cast<double>(pair.got.size());

  auto model = ns3::CreateObject<ns3::RateErrorModel>();
  model->SetUnit(ns3::RateErrorModel::ERROR_UNIT_PACKET);
  model->SetRate(kLoss);
  model->AssignStreams(1);
  auto packet = ns3::Create<ns3::Packet>(100);
  double theirs = 0;
  for (int i = 0; i < kPackets; ++i) theirs += model->IsCorrupt(packet->Copy()) ? 1 : 0;

  // Two draws of one binomial: their difference has twice its variance.
  BOOST_TEST(std::abs(mine - theirs) < std::sqrt(2.0) * three_deviations(kPackets, kLoss));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
