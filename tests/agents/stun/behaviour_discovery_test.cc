// The client of RFC 5780 against our server, through NATs of every kind.
#include "agents/stun/behaviour_discovery.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/server.h"
#include "tests/agents/stun/nat.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

namespace rtclab::stun {

std::ostream& operator<<(std::ostream& out, Dependence dependence) {
  return out << to_string(dependence);
}

namespace {

static_assert(Agent<BehaviourDiscovery>);

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using test::Nat;

constexpr Duration kDelay = 10ms;
const Ip kInside = *Ip::parse("192.168.1.2");
const Ip kOutside = *Ip::parse("203.0.113.7");
const Endpoint kPrimary = *Endpoint::parse("198.51.100.1:3478");
const Ip kOtherIp = *Ip::parse("198.51.100.2");

BehaviourDiscovery::Config a_config() {
  return {.server = kPrimary, .local = kInside, .schedule = {}, .lifetime = std::nullopt};
}

// The client, the NAT, the server, and the time between them.
class World {
 public:
  explicit World(Nat::Kind kind, BehaviourDiscovery::Config config = a_config(),
                 std::vector<Ip> addresses = {kPrimary.ip, kOtherIp})
      : nat{kind, kOutside},
        server{{.alternate_port = Port{3479}}},
        client{std::move(config), rng_} {
    for (const auto& address : addresses) server.handle_input(now, InterfaceUp{"eth0", address});
    drain_server();
  }

  const NatBehaviour& discover(Duration limit = 2h) {
    client.start(now);
    drain_client();
    const auto end = now + limit;
    while (!client.is_done()) {
      auto next = client.next_wakeup();
      if (!wire_.empty()) next = Wakeup::earliest(next, Wakeup{wire_.begin()->first, "wire"});
      BOOST_TEST_REQUIRE((next && next->at <= end), "it does not come to an end");
      now = next->at;
      while (!wire_.empty() && wire_.begin()->first <= now) {
        const auto arriving = wire_.extract(wire_.begin());
        deliver(arriving.mapped());
      }
      client.handle_timeout(now);
      drain_client();
    }
    return client.behaviour();
  }

  Instant now{1s};
  Nat nat;
  std::function<bool(const Message&)> lost = [](const Message&) { return false; };
  std::vector<std::pair<Instant, TransactionId>> starts;  // of transactions of the client

 private:
  struct Datagram {
    Endpoint from;
    Endpoint to;
    Bytes bytes;
  };

  void deliver(const Datagram& arriving) {
    if (arriving.to.ip == kPrimary.ip || arriving.to.ip == kOtherIp) {
      server.handle_input(now,
                          Received{{Transport::Udp, arriving.to, arriving.from}, arriving.bytes});
      return drain_server();
    }
    const bool loops = arriving.from.ip == nat.outside();
    if (loops && !nat.hairpins()) return;
    if (const auto inside = nat.inbound(now, arriving.to, arriving.from)) {
      const auto source = loops ? nat.hairpinned(arriving.from) : arriving.from;
      client.handle_input(now, Received{{Transport::Udp, *inside, source}, arriving.bytes});
      drain_client();
    }
  }
  void drain_server() {
    while (auto output = server.poll_output()) {
      if (auto* const transmit = std::get_if<Transmit>(&*output))
        wire_.emplace(now + kDelay, Datagram{transmit->path.local, transmit->path.remote,
                                             std::move(transmit->bytes)});
    }
  }
  void drain_client() {
    while (auto output = client.poll_output()) {
      if (const auto* const open = std::get_if<OpenSocket>(&*output)) {
        const Endpoint local{open->local.ip,
                             Port{static_cast<std::uint16_t>(5000 + open->request)}};
        client.handle_input(now, SocketOpened{open->request, local});
      } else if (auto* const transmit = std::get_if<Transmit>(&*output)) {
        take(*transmit);
      }
    }
    if (const auto wakeup = client.next_wakeup()) BOOST_TEST_REQUIRE((wakeup->at > now));
  }
  void take(Transmit& transmit) {
    const auto message = *Message::parse(transmit.bytes);
    if (starts.empty() || starts.back().second != message.transaction)
      starts.emplace_back(now, message.transaction);
    const auto& path = transmit.path;
    const auto outside = nat.outbound(now, path.local, path.remote);
    if (!lost(message))
      wire_.emplace(now + kDelay, Datagram{outside, path.remote, std::move(transmit.bytes)});
  }

  SeededRng rng_{11};
  std::multimap<Instant, Datagram> wire_;

 public:
  Server server;
  BehaviourDiscovery client;
};

using enum Dependence;
const auto kEach = data::make({EndpointIndependent, AddressDependent, AddressAndPortDependent});

BOOST_AUTO_TEST_SUITE(stun_behaviour_discovery)

BOOST_DATA_TEST_CASE(tells_each_mapping_and_each_filtering_apart, kEach* kEach, mapping,
                     filtering) {
  World world{{.mapping = mapping, .filtering = filtering}};
  const auto& found = world.discover();
  BOOST_TEST((found.mapped.value->ip == kOutside));
  BOOST_TEST(found.translated.value.value());
  BOOST_TEST(found.mapping.value.value() == mapping, found.mapping.reason);
  BOOST_TEST(found.filtering.value.value() == filtering, found.filtering.reason);
}

BOOST_DATA_TEST_CASE(tells_whether_it_hairpins, kEach* data::make({false, true}), filtering,
                     hairpins) {
  World world{{.filtering = filtering, .hairpins = hairpins}};
  BOOST_TEST(world.discover().hairpinning.value.value() == hairpins);
}

BOOST_DATA_TEST_CASE(tells_which_source_a_hairpinned_packet_has, data::make({false, true}), bare) {
  World world{{.hairpins = true, .hairpins_bare = bare}};
  const auto source = world.discover().hairpin_source.value.value();
  BOOST_TEST((source == (bare ? HairpinSource::Internal : HairpinSource::External)));
}

BOOST_AUTO_TEST_CASE(without_a_nat_mapping_is_endpoint_independent_and_nothing_filters) {
  World world{{.translates = false}};
  const auto& found = world.discover();
  BOOST_TEST(!found.translated.value.value());
  BOOST_TEST(found.mapping.value.value() == EndpointIndependent);
  BOOST_TEST(found.filtering.value.value() == EndpointIndependent);
  BOOST_TEST(!found.hairpinning.value.has_value());
}

BOOST_AUTO_TEST_CASE(a_firewall_filters_without_translating) {
  World world{{.filtering = AddressAndPortDependent, .translates = false}};
  const auto& found = world.discover();
  BOOST_TEST(!found.translated.value.value());
  BOOST_TEST(found.filtering.value.value() == AddressAndPortDependent);
}

BOOST_AUTO_TEST_CASE(where_udp_is_blocked_it_says_so_after_39_5_s) {
  World world{{}};
  world.lost = [](const Message&) { return true; };
  const auto start = world.now;
  const auto& found = world.discover();
  BOOST_TEST(!found.mapped.value.has_value());
  BOOST_TEST(found.mapped.reason == "no answer: UDP does not reach the server, or not back");
  BOOST_TEST(!found.mapping.value.has_value());
  BOOST_TEST((world.now - start == Duration{39500ms}));
}

BOOST_AUTO_TEST_CASE(of_a_server_with_one_address_it_learns_the_mapping_alone) {
  World world{{}, a_config(), {kPrimary.ip}};
  const auto& found = world.discover();
  BOOST_TEST(found.mapped.value.has_value());
  BOOST_TEST(!found.mapping.value.has_value());
  BOOST_TEST(found.filtering.reason == "the server has no OTHER-ADDRESS");
}

BOOST_AUTO_TEST_CASE(survives_the_loss_of_each_first_request) {
  World world{{.mapping = AddressDependent, .filtering = AddressDependent, .hairpins = true}};
  std::map<TransactionId, int> seen;
  world.lost = [&](const Message& message) { return seen[message.transaction]++ == 0; };
  const auto& found = world.discover();
  BOOST_TEST(found.mapping.value.value() == AddressDependent);
  BOOST_TEST(found.filtering.value.value() == AddressDependent);
}

BOOST_AUTO_TEST_CASE(begins_no_more_than_ten_transactions_in_a_second) {
  World world{{}};
  (void)world.discover();
  for (std::size_t i = 1; i < world.starts.size(); ++i)
    BOOST_TEST((world.starts[i].first - world.starts[i - 1].first >= Duration{100ms}));
}

BOOST_DATA_TEST_CASE(finds_how_long_a_mapping_lasts, data::make({30, 60, 125, 300}), seconds) {
  auto config = a_config();
  config.lifetime = {.longest = 10min, .precision = 5s};
  World world{{.lifetime = seconds * 1s}, config};
  const auto& lifetime = world.discover().lifetime;
  BOOST_TEST_REQUIRE(lifetime.value.has_value(), lifetime.reason);
  // The watch begins with the answer, a round trip after what prolonged the mapping.
  const Duration from_the_answer = seconds * 1s - 2 * kDelay;
  BOOST_TEST((lifetime.value->at_least <= from_the_answer));
  BOOST_TEST((lifetime.value->less_than.value() >= from_the_answer - kDelay));
  BOOST_TEST((*lifetime.value->less_than - lifetime.value->at_least <= Duration{5s}));
}

// Linux: 30 s for what is new, more for what has been in use for two seconds.
BOOST_AUTO_TEST_CASE(a_mapping_that_has_settled_is_the_one_that_is_watched) {
  auto config = a_config();
  config.lifetime = {.longest = 10min, .precision = 1s, .settling = 5s};
  World world{{.lifetime = 30s, .settled_lifetime = 120s}, config};
  const auto lifetime = world.discover().lifetime.value.value();
  BOOST_TEST((lifetime.at_least < Duration{120s}));
  BOOST_TEST((lifetime.at_least >= Duration{118s}));
}

BOOST_AUTO_TEST_CASE(a_mapping_that_outlives_the_search_has_no_upper_bound) {
  auto config = a_config();
  config.lifetime = {.longest = 10min, .precision = 5s};
  World world{{.lifetime = 24h}, config};
  const auto lifetime = world.discover().lifetime.value.value();
  BOOST_TEST((lifetime == LifetimeBounds{10min, std::nullopt}));
}

BOOST_AUTO_TEST_CASE(fills_its_requests_with_padding_when_told_to) {
  auto config = a_config();
  config.padding = 1500;
  World world{{}, config};
  int padded = 0;
  world.lost = [&](const Message& message) {
    padded += message.has<Padding>() ? 1 : 0;
    return false;
  };
  BOOST_TEST(world.discover().mapping.value.value() == EndpointIndependent);
  BOOST_TEST(padded >= 4);
}

// --- the verdicts alone ---

BOOST_AUTO_TEST_CASE(an_answer_from_the_wrong_address_proves_nothing) {
  const Endpoint asked{kOtherIp, Port{3479}};
  const auto found =
      judge_filtering({{Endpoint{kOutside, Port{1}}, kPrimary, 0}, asked}, std::nullopt);
  BOOST_TEST(!found.value.has_value());
  BOOST_TEST(found.reason ==
             "the server answered from 198.51.100.1:3478 and not, as asked, from "
             "198.51.100.2:3479");
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_change_request_leaves_filtering_unknown) {
  const auto found = judge_filtering({{std::nullopt, kPrimary, 420}, kPrimary}, std::nullopt);
  BOOST_TEST(!found.value.has_value());
  BOOST_TEST(found.reason == "the server answered CHANGE-REQUEST with 420");
}

BOOST_AUTO_TEST_CASE(a_silent_other_address_leaves_mapping_unknown) {
  const Endpoint local{kInside, Port{5000}};
  const Endpoint first{kOutside, Port{1}};
  BOOST_TEST(!judge_mapping(local, first, {}, std::nullopt).value.has_value());
  BOOST_TEST(!judge_mapping(local, first, {Endpoint{kOutside, Port{2}}, {}, 0}, Observation{})
                  .value.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
