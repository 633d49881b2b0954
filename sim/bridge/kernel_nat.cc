#include "sim/bridge/nat_box.h"
#include "sim/bridge/network_namespace.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

namespace rtclab::bridge {
namespace {

using Side = NatBox::Side;
using Clock = std::chrono::steady_clock;

constexpr std::array kSides{Side::Inside, Side::Outside};

class KernelNat final : public NatBox {
 public:
  explicit KernelNat(NetworkNamespace space) : space_{std::move(space)} {}

  void put(Side side, Bytes packet) override {
    [[maybe_unused]] const auto written = write(device(side), packet.data(), packet.size());
  }

  std::vector<Packet> wait(Duration time) override {
    std::vector<Packet> found;
    const auto end = Clock::now() + time;
    while (true) {
      take(found);
      const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - Clock::now());
      if (left.count() <= 0) return found;
      std::array<pollfd, 2> polled{pollfd{device(Side::Inside), POLLIN, 0},
                                   pollfd{device(Side::Outside), POLLIN, 0}};
      const timespec patience{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
      ppoll(polled.data(), polled.size(), &patience, nullptr);
    }
  }

 private:
  [[nodiscard]] int device(Side side) const {
    return space_.devices()[side == Side::Inside ? 0 : 1].number();
  }

  void take(std::vector<Packet>& found) const {
    std::array<std::byte, 65536> buffer;
    for (const auto side : kSides) {
      while (true) {
        const auto size = read(device(side), buffer.data(), buffer.size());
        if (size <= 0) break;
        const auto packet = ByteView{buffer}.first(static_cast<std::size_t>(size));
        found.push_back({side, {packet.begin(), packet.end()}});
      }
    }
  }

  NetworkNamespace space_;
};

std::string setup(const std::string& rule, const ShortLifetimes& lifetimes) {
  const auto seconds = [](Duration time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time).count();
  };
  std::string script = "iptables -w -t nat -A POSTROUTING -o outside -j " + rule +
                       "\n"
                       "iptables -w -A INPUT -i outside -j DROP\n"
                       // Connections are tracked from the first rule on that looks at them.
                       "iptables -w -A FORWARD -m conntrack --ctstate INVALID -j ACCEPT\n"
                       "echo 1 > /proc/sys/net/ipv4/ip_forward\n";
  const auto set = [&](std::string_view name, Duration time) {
    script +=
        fmt::format("echo {} > /proc/sys/net/netfilter/nf_conntrack_{}\n", seconds(time), name);
  };
  set("udp_timeout", lifetimes.udp);
  set("udp_timeout_stream", lifetimes.udp_answered);
  set("icmp_timeout", lifetimes.icmp);
  for (const auto* const state : {"syn_sent", "syn_recv"}) {
    set(fmt::format("tcp_timeout_{}", state), lifetimes.tcp_opening);
  }
  set("tcp_timeout_established", lifetimes.tcp_established);
  for (const auto* const state : {"fin_wait", "close_wait", "last_ack", "time_wait"}) {
    set(fmt::format("tcp_timeout_{}", state), lifetimes.tcp_closing);
  }
  set("tcp_timeout_close", lifetimes.tcp_reset);
  return script;
}

}  // namespace

tl::expected<std::unique_ptr<NatBox>, std::string> make_kernel_nat(const std::string& rule,
                                                                   const ShortLifetimes& lifetimes,
                                                                   std::size_t outside_mtu) {
  NamespaceSpec spec;
  spec.devices.push_back(
      {.name = "inside", .addresses = {*Prefix::parse("192.168.1.1/24")}, .default_route = false});
  spec.devices.push_back({.name = "outside",
                          .addresses = {*Prefix::parse("198.51.100.1/24")},
                          .default_route = true,
                          .mtu = outside_mtu});
  spec.setup = setup(rule, lifetimes);
  auto space = NetworkNamespace::make(spec);
  if (!space) return tl::make_unexpected(space.error());
  return std::make_unique<KernelNat>(*std::move(space));
}

}  // namespace rtclab::bridge
