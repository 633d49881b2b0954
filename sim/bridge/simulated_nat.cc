#include "sim/bridge/nat_box.h"
#include "sim/host/host.h"
#include "sim/link/interface.h"
#include "sim/world.h"

#include <utility>

namespace rtclab::bridge {
namespace {

topology::Topology net_around(topology::NatBehaviour behaviour, std::size_t outside_mtu) {
  const auto interface = [](std::string name, const char* address) {
    return topology::Interface{std::move(name), {*Prefix::parse(address)}};
  };
  topology::Topology net;
  net.name = "nat-box";
  net.hosts.push_back({"in", {interface("eth0", "192.168.1.10/24")}});
  net.hosts.push_back({"out", {interface("eth0", "198.51.100.10/24")}});
  net.nats.push_back({"nat", interface("inside", "192.168.1.1/24"),
                      interface("outside", "198.51.100.1/24"), std::move(behaviour)});
  topology::LinkQuality narrow;
  narrow.mtu = outside_mtu;
  net.links.push_back({.a = {"in", "eth0"}, .b = {"nat", "inside"}});
  net.links.push_back(
      {.a = {"nat", "outside"}, .b = {"out", "eth0"}, .a_to_b = narrow, .b_to_a = narrow});
  return net;
}

class SimulatedNat final : public NatBox {
 public:
  SimulatedNat(topology::NatBehaviour behaviour, std::size_t outside_mtu)
      : net_{net_around(std::move(behaviour), outside_mtu)}, world_{net_} {
    for (const auto side : {Side::Inside, Side::Outside}) {
      interface_at(side).on_receive([this, side](ByteView packet, auto) {
        found_.push_back({side, {packet.begin(), packet.end()}});
      });
    }
  }

  void put(Side side, Bytes packet) override { interface_at(side).send_new(std::move(packet)); }

  std::vector<Packet> wait(Duration time) override {
    world_.run_until(world_.now() + time);
    return std::exchange(found_, {});
  }

 private:
  [[nodiscard]] sim::Interface& interface_at(Side side) {
    return *world_.host(side == Side::Inside ? "in" : "out").interfaces().front();
  }

  topology::Topology net_;
  sim::World world_;
  std::vector<Packet> found_;
};

}  // namespace

std::unique_ptr<NatBox> make_simulated_nat(topology::NatBehaviour behaviour,
                                           const ShortLifetimes& lifetimes,
                                           std::size_t outside_mtu) {
  auto& kept = behaviour.lifetimes;
  kept.udp = lifetimes.udp;
  if (kept.udp_answered) kept.udp_answered = lifetimes.udp_answered;
  kept.icmp = lifetimes.icmp;
  kept.tcp_opening = lifetimes.tcp_opening;
  kept.tcp_established = lifetimes.tcp_established;
  kept.tcp_closing = lifetimes.tcp_closing;
  if (kept.tcp_half_closed) kept.tcp_half_closed = lifetimes.tcp_closing;
  kept.tcp_reset = lifetimes.tcp_reset;
  return std::make_unique<SimulatedNat>(std::move(behaviour), outside_mtu);
}

}  // namespace rtclab::bridge
