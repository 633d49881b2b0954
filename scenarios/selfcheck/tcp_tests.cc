#include "scenarios/selfcheck/tcp_tests.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "scenarios/selfcheck/sockets.h"

#include <chrono>
#include <utility>

namespace rtclab::selfcheck {
namespace {

using namespace std::chrono_literals;
using stun::Dependence;

constexpr Duration kLongestLifetime = 7 * 24h;
constexpr Duration kPrecision = 10s;
constexpr Port kSink{7001};       // where connections are left alone
constexpr Port kUninvited{7003};  // where SYNs come from that nobody asked for
// RFC 5382 REQ-4: six seconds; a SYN is sent again after one, three and seven.
constexpr Duration kSynAnswered = 10s;

class Tests {
 public:
  Tests(const Stand& stand, const UdpPlan& plan)
      : stand_{stand},
        plan_{plan},
        rng_{stand.world.fork("self-check over TCP of " + stand.bench.name())} {}

  TcpSeen run() {
    look_at_mapping();
    if (!seen_.passes) return seen_;
    look_at_filtering();
    look_at_unsolicited();
    if (plan_.any_port) look_at_lifetime();
    return seen_;
  }

 private:
  [[nodiscard]] Endpoint far(std::size_t address, std::size_t port) const {
    return {seen_from_inside(plan_, stand_.bench, address), plan_.server_ports.at(port)};
  }

  // How the server sees a connection from `local`; nullopt when it does not come about.
  [[nodiscard]] std::optional<Endpoint> mapped(TcpEnd& probe, const Endpoint& local,
                                               const Endpoint& server) {
    const auto connection = probe.connect(local, server);
    stand_.wait(kLongEnough);
    if (!connection->open) return std::nullopt;
    const stun::Message request{
        stun::Class::Request, stun::Method::Binding, stun::TransactionId::draw(rng_), {}};
    probe.send(*connection,
               stun::seal(request, {.key = {}, .fingerprint = true, .deviations = {}}));
    stand_.wait(kLongEnough);
    const auto response = stun::Message::parse(connection->received);
    if (!response || response->transaction != request.transaction) return std::nullopt;
    const auto address = response->find<stun::XorMappedAddress>();
    return address ? std::optional{address->endpoint} : std::nullopt;
  }

  void look_at_mapping() {
    TcpEnd probe{stand_.probe};
    const auto local = probe.listen({stand_.bench.inside[0], Port{0}});
    const auto first = mapped(probe, local, far(0, 0));
    seen_.passes = first.has_value();
    if (!first) {
      seen_.mapping.reason = "no connection to the server comes about";
      return;
    }
    seen_.local = local;
    seen_.mapped = first;
    const stun::Observation second{mapped(probe, local, far(1, 0)), far(1, 0), 0};
    std::optional<stun::Observation> third;
    if (second.is_answered() && *second.mapped != *first && plan_.any_port)
      third = {mapped(probe, local, far(1, 1)), far(1, 1), 0};
    seen_.mapping = stun::judge_mapping(local, *first, second, third);
  }

  // SYNs to a port that has a connection, first from another address, then from another port.
  void look_at_filtering() {
    TcpEnd probe{stand_.probe};
    TcpEnd server{stand_.server};
    const auto local = probe.listen({stand_.bench.inside[0], Port{0}});
    const auto outside = mapped(probe, local, far(0, 0));
    if (!outside) {
      seen_.filtering.reason = "no second connection comes about";
      return;
    }
    const auto comes_in = [&](std::size_t address) {
      const auto before = probe.accepted().size();
      const auto syn = server.connect({stand_.bench.outside.at(address), kUninvited}, *outside);
      stand_.wait(kLongEnough);
      server.drop(*syn);
      stand_.wait(kLongEnough);
      return probe.accepted().size() > before;
    };
    if (comes_in(1)) {
      seen_.filtering = {Dependence::EndpointIndependent,
                         "a SYN from an address that was never written to came through"};
    } else if (comes_in(0)) {
      seen_.filtering = {Dependence::AddressDependent,
                         "a SYN came through from another port, not from another address"};
    } else {
      seen_.filtering = {Dependence::AddressAndPortDependent,
                         "a SYN from another port did not come through"};
    }
  }

  // A SYN to a port of the NAT, or to a machine behind the firewall, that nobody has ever used.
  void look_at_unsolicited() {
    TcpEnd server{stand_.server};
    // A machine of our own would answer for itself where nothing filters.
    if (seen_.mapped == seen_.local && seen_.filtering.value == Dependence::EndpointIndependent)
      return;
    const Endpoint target{seen_.mapped->ip,
                          Port{static_cast<std::uint16_t>(seen_.mapped->port.value() ^ 0x0100u)}};
    const auto sent = stand_.world.now();
    const auto syn = server.connect({stand_.bench.outside[1], Port{0}}, target);
    stand_.wait(kSynAnswered);
    using topology::UnsolicitedSyn;
    if (!syn->closed)
      seen_.unsolicited_syn = UnsolicitedSyn::Silent;
    else
      seen_.unsolicited_syn =
          *syn->closed - sent < 3s ? UnsolicitedSyn::Reset : UnsolicitedSyn::Icmp;
  }

  // Connections that say nothing for a while, until the server says something.
  void look_at_lifetime() {
    TcpEnd sink{stand_.server};
    sink.listen({stand_.bench.outside[0], kSink});
    seen_.established = search_lifetime(kLongestLifetime, kPrecision, [&](Duration time) {
      TcpEnd probe{stand_.probe};
      const auto before = sink.accepted().size();
      const auto connection = probe.connect({stand_.bench.inside[0], Port{0}},
                                            {seen_from_inside(plan_, stand_.bench, 0), kSink});
      stand_.wait(kLongEnough);
      if (!connection->open || sink.accepted().size() == before) return false;
      auto& other = *sink.accepted().back();
      stand_.wait(std::max(time - kLongEnough, Duration{}));
      sink.send(other, as_octets("are you still there?"));
      stand_.wait(kLongEnough);
      const bool arrived = !connection->received.empty();
      sink.drop(other);
      return arrived;
    });
  }

  const Stand& stand_;
  const UdpPlan& plan_;
  SeededRng rng_;
  TcpSeen seen_;
};

}  // namespace

TcpSeen test_tcp(const Stand& stand, const UdpPlan& plan) {
  return Tests{stand, plan}.run();
}

}  // namespace rtclab::selfcheck
