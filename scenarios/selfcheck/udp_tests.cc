#include "scenarios/selfcheck/udp_tests.h"

#include "scenarios/selfcheck/sockets.h"
#include "sim/host/agent_host.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rtclab::selfcheck {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestLifetime = 1h;
constexpr Duration kPrecision = 1s;
constexpr unsigned kPorts = 16;
// Of the tests' own sockets on the server; nobody else's there.
constexpr Port kFirstSink{7001};
constexpr Port kSecondSink{7002};
constexpr Port kClosed{7009};

class Tests {
 public:
  Tests(const Stand& stand, const UdpPlan& plan) : stand_{stand}, plan_{plan} {}

  UdpSeen run() {
    seen_.rfc5780 = discover(stand_.world, stand_.probe, client_config(), stand_.record);
    if (!seen_.rfc5780.mapped.value || !plan_.any_port) return seen_;
    if (plan_.translates) look_at_ports();
    if (judge_pooling(seen_.ports) == topology::Pooling::Arbitrary) look_at_answered();
    look_at_unanswered();
    look_at_refreshing();
    look_at_icmp_errors();
    return seen_;
  }

 private:
  [[nodiscard]] stun::BehaviourDiscovery::Config client_config() const {
    return {.server = {far(0), plan_.server_ports[0]},
            .local = stand_.bench.inside[0],
            .schedule = {},
            .lifetime = {{.longest = kLongestLifetime,
                          .precision = kPrecision,
                          .settling = plan_.settling}},
            .deviations = {},
            .reaches = plan_.reaches};
  }

  [[nodiscard]] Ip far(std::size_t which) const {
    return seen_from_inside(plan_, stand_.bench, which);
  }

  // A socket of the probe at a port that the machine chooses.
  [[nodiscard]] UdpEnd fresh() const { return {stand_.probe, {stand_.bench.inside[0], Port{0}}}; }

  // Ports that differ in parity, far apart, all of which the NAT could keep.
  [[nodiscard]] std::vector<Port> inside_ports() const {
    const unsigned first = plan_.inside_ports.first.value();
    const unsigned size = plan_.inside_ports.last.value() - first + 1u;
    std::vector<Port> ports;
    for (unsigned i = 0; i < kPorts; ++i) {
      const auto port = first + (size * (i + 1)) / (kPorts + 2) / 2 * 2 + i % 2;
      const Port wanted{static_cast<std::uint16_t>(std::min(port, first + size - 1))};
      // A NAT with few ports shows few.
      if (std::ranges::find(ports, wanted) == ports.end()) ports.push_back(wanted);
    }
    return ports;
  }

  void look_at_ports() {
    UdpEnd first{stand_.server, {stand_.bench.outside[0], kFirstSink}};
    UdpEnd second{stand_.server, {stand_.bench.outside[1], kFirstSink}};
    const auto ports = inside_ports();
    std::vector<std::unique_ptr<UdpEnd>> senders;
    for (const auto port : ports) {
      senders.push_back(
          std::make_unique<UdpEnd>(stand_.probe, Endpoint{stand_.bench.inside[0], port}));
      first.forget();
      senders.back()->send({far(0), kFirstSink});
      stand_.wait(kLongEnough);
      if (!first.heard().empty()) seen_.ports.ports.push_back({port, first.heard().front()});
    }
    UdpEnd another{stand_.probe, {stand_.bench.inside[1], ports.front()}};
    another.send({far(1), kFirstSink});
    stand_.wait(kLongEnough);
    if (!second.heard().empty()) seen_.ports.same_port_of_another = second.heard().front();
  }

  void look_at_answered() {
    UdpEnd sink{stand_.server, {stand_.bench.outside[0], kFirstSink}};
    seen_.answered = search_lifetime(kLongestLifetime, kPrecision, [&](Duration time) {
      auto sender = fresh();
      const auto outside = settle(sender, sink);
      if (!outside) return false;
      stand_.wait(time);
      return arrives(sink, *outside, sender);
    });
  }

  // Nothing comes back before the one packet that tells whether the mapping is still there.
  void look_at_unanswered() {
    UdpEnd sink{stand_.server, {stand_.bench.outside[0], kFirstSink}};
    seen_.unanswered = search_lifetime(kLongestLifetime, kPrecision, [&](Duration time) {
      auto sender = fresh();
      const auto outside = open(sender, sink);
      if (!outside) return false;
      stand_.wait(std::max(time - kLongEnough, Duration{}));
      return arrives(sink, *outside, sender);
    });
  }

  // Sends from the probe and tells where the server saw it come from.
  [[nodiscard]] std::optional<Endpoint> open(UdpEnd& sender, UdpEnd& sink) const {
    sink.forget();
    sender.send({far(0), sink.local().port});
    stand_.wait(kLongEnough);
    return sink.heard().empty() ? std::nullopt : std::optional{sink.heard().front()};
  }

  // The same for a mapping that has been in use on both ways for a while, up to now.
  [[nodiscard]] std::optional<Endpoint> settle(UdpEnd& sender, UdpEnd& sink) const {
    std::optional<Endpoint> outside;
    for (const auto time : {plan_.settling, Duration{}}) {
      outside = open(sender, sink);
      if (!outside) return std::nullopt;
      sink.send(*outside);
      stand_.wait(time);
    }
    return outside;
  }

  [[nodiscard]] bool arrives(UdpEnd& from, const Endpoint& to, const UdpEnd& receiver) const {
    const auto before = receiver.heard().size();
    from.send(to);
    stand_.wait(kLongEnough);
    return receiver.heard().size() > before;
  }

  // A mapping in use is left alone but for one packet after three fifths of its life. Whether it is
  // there after six fifths tells whether that packet counted.
  void look_at_refreshing() {
    const auto& lifetime = seen_.answered ? seen_.answered : seen_.rfc5780.lifetime.value;
    if (!lifetime || !lifetime->less_than || lifetime->at_least < 5s) return;
    const auto part = *lifetime->less_than * 3 / 5;
    seen_.outbound_refreshes = survives(part, [&](UdpEnd& sender, UdpEnd& sink, const Endpoint&) {
      sender.send({far(0), sink.local().port});
    });
    seen_.inbound_refreshes =
        survives(part, [](UdpEnd&, UdpEnd& sink, const Endpoint& outside) { sink.send(outside); });
  }

  template <class F>
  [[nodiscard]] std::optional<bool> survives(Duration part, F refresh) const {
    UdpEnd sink{stand_.server, {stand_.bench.outside[0], kFirstSink}};
    auto sender = fresh();
    const auto outside = settle(sender, sink);
    if (!outside) return std::nullopt;
    stand_.wait(part);
    refresh(sender, sink, *outside);
    stand_.wait(part);
    return arrives(sink, *outside, sender);
  }

  void look_at_icmp_errors() {
    auto sender = fresh();
    sender.send({far(0), kClosed});
    stand_.wait(kLongEnough);
    seen_.icmp_errors = sender.refused();
  }

  const Stand& stand_;
  const UdpPlan& plan_;
  UdpSeen seen_;
};

}  // namespace

Ip seen_from_inside(const UdpPlan& plan, const Bench& bench, std::size_t which) {
  const auto& ip = bench.outside.at(which);
  return bench.inside_family != bench.outside_family && plan.reaches ? plan.reaches(ip) : ip;
}

UdpSeen test_udp(const Stand& stand, const UdpPlan& plan) {
  return Tests{stand, plan}.run();
}

stun::NatBehaviour discover(sim::World& world, sim::Host& host,
                            stun::BehaviourDiscovery::Config config,
                            std::function<void(Instant, const Event&)> record) {
  auto rng = world.fork("self-check on " + host.name() + " of " + config.server.to_string());
  using Client = sim::AgentHost<stun::BehaviourDiscovery>;
  const auto on_drained = [&world](Instant, stun::BehaviourDiscovery& client) {
    if (client.is_done()) world.stop();
    return false;
  };
  Client client{host, {std::move(record), on_drained}, std::move(config), rng};
  client.call([](Instant now, auto& agent) { agent.start(now); });
  while (!client.agent().is_done()) world.run_until(world.now() + 24h);
  return client.agent().behaviour();
}

}  // namespace rtclab::selfcheck
