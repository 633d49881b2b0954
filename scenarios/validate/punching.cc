#include "scenarios/validate/punching.h"

#include "scenarios/selfcheck/sockets.h"
#include "scenarios/validate/access.h"
#include "scenarios/validate/access_kinds.h"
#include "sim/world.h"

#include <chrono>
#include <optional>
#include <string>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;
using selfcheck::TcpEnd;
using selfcheck::UdpEnd;

constexpr std::string_view kMeetingPlace = "rendezvous";
constexpr Port kMeetingPort{4000};
constexpr Duration kLongEnough = 1s;        // for a packet's way and back
constexpr Duration kTcpLongEnough = 10s;    // for the first resends of a SYN
constexpr std::size_t kRegistrations = 20;  // until one is not lost

topology::Topology with_meeting_place(const Access& a, const Access& b) {
  auto topology = two_sides(a, b);
  topology.hosts.push_back(
      {std::string{kMeetingPlace}, {{"eth0", {*Prefix::parse("192.0.2.130/26")}}}});
  topology::Link link{{std::string{kMeetingPlace}, "eth0"}, {"internet"}};
  link.a_to_b.delay = link.b_to_a.delay = 5ms;
  topology.links.push_back(std::move(link));
  return topology;
}

class Network {
 public:
  Network(const topology::Topology& topology, std::uint64_t seed)
      : world_{topology, {.seed = seed, .sink = nullptr, .record = {}, .server_deviations = {}}} {}

  sim::World& world() { return world_; }
  sim::Host& a() { return world_.host(kA); }
  sim::Host& b() { return world_.host(kB); }
  sim::Host& meeting_place() { return world_.host(kMeetingPlace); }
  Endpoint meeting_point() { return {*meeting_place().address(Family::V4), kMeetingPort}; }
  void wait(Duration time) { world_.run_until(world_.now() + time); }

 private:
  sim::World world_;
};

Endpoint fresh_port(sim::Host& host) {
  return {*host.address(Family::V4), Port{0}};
}

// How the socket looks from the meeting place.
std::optional<Endpoint> registered(Network& net, UdpEnd& end, UdpEnd& meeting) {
  for (std::size_t n = 0; n < kRegistrations; ++n) {
    meeting.forget();
    end.send(meeting.local());
    net.wait(kLongEnough);
    if (!meeting.heard().empty()) return meeting.heard().front();
  }
  return std::nullopt;
}

// Which attempt came through, from 0.
std::optional<std::size_t> call_over_udp(Network& net, UdpEnd& meeting) {
  UdpEnd a{net.a(), fresh_port(net.a())};
  UdpEnd b{net.b(), fresh_port(net.b())};
  const auto outside_a = registered(net, a, meeting);
  const auto outside_b = registered(net, b, meeting);
  if (!outside_a || !outside_b) return std::nullopt;
  for (std::size_t attempt = 0; attempt < kAttempts; ++attempt) {
    b.send(*outside_a);  // opens B's NAT, and may arrive or not
    a.send(*outside_b);
    net.wait(kLongEnough);
    if (!b.has_heard(*outside_a)) continue;
    a.forget();
    b.forget();
    b.send(*outside_a);
    net.wait(kLongEnough);
    if (a.has_heard(*outside_b)) return attempt;
  }
  return std::nullopt;
}

std::optional<Endpoint> registered(Network& net, TcpEnd& end, const Endpoint& local,
                                   TcpEnd& meeting) {
  const auto before = meeting.accepted().size();
  (void)end.connect(local, net.meeting_point());
  net.wait(kLongEnough);
  if (meeting.accepted().size() == before) return std::nullopt;
  return meeting.accepted().back()->path.remote;
}

bool call_over_tcp(Network& net) {
  TcpEnd meeting{net.meeting_place()};
  meeting.listen(net.meeting_point());
  TcpEnd a{net.a()};
  TcpEnd b{net.b()};
  const auto local_a = a.listen(fresh_port(net.a()));
  const auto local_b = b.listen(fresh_port(net.b()));
  const auto outside_a = registered(net, a, local_a, meeting);
  const auto outside_b = registered(net, b, local_b, meeting);
  if (!outside_a || !outside_b) return false;
  const auto from_a = a.connect(local_a, *outside_b);
  const auto from_b = b.connect(local_b, *outside_a);
  net.wait(kTcpLongEnough);
  return from_a->open && from_b->open;
}

}  // namespace

std::array<std::size_t, kAttempts> punch_udp(double loss, std::size_t calls, std::uint64_t seed) {
  const auto& easy = access_kind("EIM/APDF").access;
  auto topology = with_meeting_place(easy, easy);
  for (auto& link : topology.links) {
    if (link.a.machine == "gate-a" && link.b.machine == "internet")
      link.a_to_b.loss = link.b_to_a.loss = loss;
  }
  Network net{topology, seed};
  UdpEnd meeting{net.meeting_place(), net.meeting_point()};
  std::array<std::size_t, kAttempts> succeeded{};
  for (std::size_t n = 0; n < calls; ++n) {
    if (const auto attempt = call_over_udp(net, meeting)) ++succeeded.at(*attempt);
  }
  return succeeded;
}

Counted punch_tcp(double easy, std::size_t calls, std::uint64_t seed) {
  auto rng = SeededRng{seed}.fork("hole punching over TCP");
  std::array<std::array<std::size_t, 2>, 2> drawn{};  // [a is hard][b is hard]
  for (std::size_t n = 0; n < calls; ++n) {
    const bool a_is_hard = rng.uniform() >= easy;
    const bool b_is_hard = rng.uniform() >= easy;
    ++drawn.at(a_is_hard).at(b_is_hard);
  }
  const auto kind = [](std::size_t is_hard) {
    return access_kind(is_hard == 0 ? "EIM/APDF" : "APDM/APDF").access;
  };
  Counted connected{0, calls};
  for (std::size_t a = 0; a < 2; ++a) {
    for (std::size_t b = 0; b < 2; ++b) {
      Network net{with_meeting_place(kind(a), kind(b)), seed};
      for (std::size_t n = 0; n < drawn.at(a).at(b); ++n) {
        if (call_over_tcp(net)) ++connected.hits;
      }
    }
  }
  return connected;
}

}  // namespace rtclab::validate
