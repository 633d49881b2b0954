// What must hold whatever is sent: random packets both ways through NATs of every kind.
#include "tests/sim/nat/bench.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

template <class E>
E any(SeededRng& rng, int values) {
  return E{static_cast<int>(rng.below(static_cast<std::uint64_t>(values)))};
}

// A NAT with whatever the seed says, small enough that everything runs out.
topology::Nat any_nat(SeededRng& rng) {
  auto nat = a_nat();
  auto& is = nat.behaviour;
  is = {};
  is.mapping = any<topology::Mapping>(rng, 3);
  is.filtering = any<topology::Filtering>(rng, 3);
  if (rng.below(2) == 0) is.tcp_mapping = any<topology::Mapping>(rng, 3);
  if (rng.below(2) == 0) is.tcp_filtering = any<topology::Filtering>(rng, 3);
  is.pooling = any<topology::Pooling>(rng, 2);
  is.port_allocation = any<topology::PortAllocation>(rng, 4);
  is.collision = any<topology::Collision>(rng, 2);
  is.ports = {Port{1000}, Port{static_cast<std::uint16_t>(1000 + rng.below(60))}};
  is.port_parity = rng.below(4) == 0;
  is.port_contiguity = rng.below(4) == 0;
  if (rng.below(3) == 0) is.port_block = static_cast<std::uint16_t>(1 + rng.below(16));
  if (rng.below(4) == 0) is.port_reuse_after = 10s;
  if (rng.below(3) == 0) is.mappings_per_host = 1 + rng.below(20);
  if (rng.below(3) == 0) is.most_mappings = 1 + rng.below(40);
  is.exhaustion = any<topology::Exhaustion>(rng, 4);
  is.lifetimes = {30s, 60s, 2s, 20s, 25s, 90s, 15s, 10s, 40s};
  if (rng.below(2) == 0) is.lifetimes.udp_answered.reset();
  is.refresh = any<topology::Refresh>(rng, 3);
  is.hairpinning = any<topology::Hairpinning>(rng, 3);
  is.unsolicited_syn = any<topology::UnsolicitedSyn>(rng, 3);
  nat.outside.addresses.clear();
  for (unsigned i = 1 + static_cast<unsigned>(rng.below(3)); i > 0; --i) {
    nat.outside.addresses.push_back({Ip::v4(0xc6336400u + i), 24});
  }
  return nat;
}

class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : rng_{seed}, nat_{any_nat(rng_)}, bench_{nat_} {}

  void step() {
    bench_.now += Duration{static_cast<std::int64_t>(rng_.below(3'000'000'000))};
    const auto before = bench_.events.size();
    const bool out = rng_.below(2) == 0;
    auto packet = out ? outbound() : inbound();
    const auto whole = packet.size();
    const auto outcome = out ? bench_.out(std::move(packet)) : bench_.in(std::move(packet));
    check_events(before);
    if (outcome == Outcome::Dropped) return;
    BOOST_REQUIRE(bench_.packet.size() == whole);
    const auto flow = bench_.seen();  // every checksum is right
    BOOST_REQUIRE(
        (outcome == Outcome::ToOutside ? is_own(flow.source.ip) : is_inside(flow.destination.ip)));
    if (outcome == Outcome::ToOutside) outside_.push_back(flow);
    BOOST_REQUIRE((!out || outcome == Outcome::ToOutside ||
                   nat_.behaviour.hairpinning != topology::Hairpinning::None));
  }

  // Nobody says anything any more: everything ends, and says so.
  void end() {
    while (const auto at = bench_.translator.next_wakeup()) {
      bench_.now = *at;
      const auto before = bench_.events.size();
      bench_.translator.handle_timeout(bench_.now);
      check_events(before);
    }
    BOOST_TEST(bench_.translator.mappings() == 0u);
    BOOST_TEST(made_.empty());
  }

  [[nodiscard]] const std::vector<Event>& events() const { return bench_.events; }
  [[nodiscard]] std::size_t passed() const { return outside_.size(); }

 private:
  [[nodiscard]] static bool is_inside(const Ip& ip) {
    return Prefix::parse("192.168.1.0/24")->contains(ip);
  }
  [[nodiscard]] bool is_own(const Ip& ip) const {
    return std::ranges::any_of(nat_.outside.addresses,
                               [&](const Prefix& own) { return own.ip == ip; });
  }

  Endpoint inside() {
    return {Ip::v4(0xc0a80102u + static_cast<std::uint32_t>(rng_.below(5))),
            Port{static_cast<std::uint16_t>(5000 + rng_.below(12))}};
  }
  Endpoint remote() {
    return {Ip::v4(0xcb007101u + static_cast<std::uint32_t>(rng_.below(3))),
            Port{static_cast<std::uint16_t>(3478 + rng_.below(3))}};
  }

  Bytes outbound() {
    const auto from = inside();
    // Now and then to a mapping of the NAT's own.
    const bool hairpin = !outside_.empty() && rng_.below(5) == 0;
    const auto to = hairpin ? outside_[rng_.below(outside_.size())].source : remote();
    return packet(from, to, 8);
  }
  Bytes inbound() {
    if (outside_.empty()) return packet(remote(), ep("198.51.100.1:1000"), 0);
    const auto& known = outside_[rng_.below(outside_.size())];
    return packet(rng_.below(3) == 0 ? remote() : known.destination, known.source, 0);
  }
  Bytes packet(const Endpoint& from, const Endpoint& to, std::uint8_t icmp_type) {
    constexpr std::array kFlags{kSyn, kSyn | kAck, kAck, kFin | kAck, kRst};
    switch (rng_.below(3)) {
      case 0: return ip::build_udp(from, to, as_octets("datagram"), 1);
      case 1: return tcp(from, to, kFlags[rng_.below(kFlags.size())]);
      default:
        return echo(icmp_type, from.ip, to.ip,
                    icmp_type == 8 ? from.port.value() : to.port.value());
    }
  }

  static std::string text(const Event& event, std::string_view key) {
    return std::get<std::string>(*event.find(key));
  }

  // What names a mapping to the outside: where ports are shared, with as much of the destination as
  // the NAT looks at when it maps.
  std::string name_of(const Event& event) {
    const auto protocol = text(event, "protocol");
    const auto name = protocol + " " + text(event, "outside");
    const auto& nat = nat_.behaviour;
    if (nat.port_allocation != topology::PortAllocation::Overloading) return name;
    const auto destination = *Endpoint::parse(text(event, "destination"));
    switch (nat.mapping_of(protocol == "tcp" ? Transport::Tcp : Transport::Udp)) {
      case topology::Mapping::EndpointIndependent: return name;
      case topology::Mapping::AddressDependent: return name + " " + destination.ip.to_string();
      case topology::Mapping::AddressAndPortDependent: return name + " " + destination.to_string();
    }
    return {};
  }

  void check_events(std::size_t from) {
    for (std::size_t i = from; i < bench_.events.size(); ++i) {
      const auto& event = bench_.events[i];
      if (event.name == "nat:mapping_created") {
        const auto name = name_of(event);
        // No two mappings share an outside endpoint, unless it is towards different destinations.
        BOOST_REQUIRE_MESSAGE(made_.emplace(name, bench_.times[i]).second, name);
        const auto port = Endpoint::parse(text(event, "outside"))->port;
        BOOST_REQUIRE((port >= nat_.behaviour.ports.first && port <= nat_.behaviour.ports.last));
        check_limits();
      }
      if (event.name == "nat:mapping_expired") {
        const auto name = name_of(event);
        BOOST_REQUIRE_MESSAGE(made_.erase(name) == 1, name);
      }
    }
    // A mapping never outlives its lifetime: none is left whose end has come.
    const auto next = bench_.translator.next_wakeup();
    BOOST_REQUIRE((!next || *next > bench_.now));
    BOOST_REQUIRE(bench_.translator.mappings() == made_.size());
  }

  void check_limits() {
    const auto& most = nat_.behaviour.most_mappings;
    if (most) BOOST_REQUIRE(made_.size() <= *most);
  }

  SeededRng rng_;
  topology::Nat nat_;
  Bench bench_;
  std::map<std::string, Instant> made_;
  std::vector<Flow> outside_;  // what has left
};

BOOST_AUTO_TEST_SUITE(traffic)

BOOST_DATA_TEST_CASE(whatever_is_sent_no_two_mappings_collide_and_all_checksums_are_right,
                     data::xrange(200), seed) {
  Traffic traffic{static_cast<std::uint64_t>(seed)};
  for (int i = 0; i < 600; ++i) traffic.step();
  BOOST_TEST(traffic.passed() > 0u);
  traffic.end();
}

BOOST_DATA_TEST_CASE(the_same_packets_are_the_same_history, data::xrange(20), seed) {
  Traffic first{static_cast<std::uint64_t>(seed)};
  Traffic second{static_cast<std::uint64_t>(seed)};
  for (int i = 0; i < 300; ++i) {
    first.step();
    second.step();
  }

  BOOST_TEST((first.events() == second.events()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
