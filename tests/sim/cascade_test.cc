// NAT behind NAT: a home's behind a carrier's, over the shared address space of RFC 6598.
#include "sim/host/host.h"
#include "sim/world.h"
#include "topologies/loader.h"

#include <boost/test/unit_test.hpp>

#include <filesystem>

namespace rtclab::sim {
namespace {

using namespace std::chrono_literals;

Endpoint at(std::string_view text) {
  return *Endpoint::parse(text);
}

struct Carrier {
  // A socket that remembers from where it was sent to last.
  Endpoint* open(std::string_view machine, const Endpoint& local) {
    auto& seen = *seen_.emplace_back(std::make_unique<Endpoint>());
    BOOST_REQUIRE(world.host(machine).udp().bind(local, [&seen](const Input& input) {
      if (const auto* received = std::get_if<Received>(&input)) seen = received->path.remote;
    }));
    return &seen;
  }
  void send(std::string_view machine, const Endpoint& from, const Endpoint& to) {
    world.host(machine).udp().send({Transport::Udp, from, to}, as_octets("hello"));
    world.run_until(world.now() + 200ms);
  }

  topology::Topology topology = *topology::load(std::filesystem::path{RTCLAB_SOURCE_DIR} /
                                                "topologies" / "library" / "carrier-grade.xml");
  std::vector<std::string> events;
  World world{topology, {.record = [this](Instant, std::string_view machine, const Event& event) {
                const auto* const inside = event.find("inside");
                const auto* const outside = event.find("outside");
                if (event.name != "nat:mapping_created") return;
                events.push_back(std::string{machine} + " " + std::get<std::string>(*inside) +
                                 " as " +
                                 Endpoint::parse(std::get<std::string>(*outside))->ip.to_string());
              }}};

 private:
  std::vector<std::unique_ptr<Endpoint>> seen_;
};

const auto kAlice = at("192.168.1.10:5000");
const auto kBob = at("192.168.2.20:6000");
const auto kCarol = at("192.168.3.30:7000");
const auto kServer = at("192.0.2.10:9");

BOOST_AUTO_TEST_SUITE(cascade)

BOOST_FIXTURE_TEST_CASE(a_packet_is_translated_twice_and_its_answer_finds_back, Carrier) {
  auto* const alice = open("alice-laptop", kAlice);
  auto* const server = open("stun", kServer);

  send("alice-laptop", kAlice, kServer);

  const std::vector<std::string> expected{"home-a 192.168.1.10:5000 as 100.64.0.10",
                                          "carrier 100.64.0.10:5000 as 198.51.100.1"};
  BOOST_TEST(events == expected, boost::test_tools::per_element());
  BOOST_TEST(server->ip.to_string() == "198.51.100.1");
  send("stun", kServer, *server);
  BOOST_TEST((*alice == kServer));
}

BOOST_FIXTURE_TEST_CASE(two_customers_of_one_carrier_meet_by_its_hairpinning, Carrier) {
  auto* const alice = open("alice-laptop", kAlice);
  auto* const bob = open("bob-laptop", kBob);
  auto* const server = open("stun", kServer);
  send("alice-laptop", kAlice, kServer);
  const auto outside_alice = *server;
  send("bob-laptop", kBob, kServer);
  const auto outside_bob = *server;

  send("alice-laptop", kAlice, outside_bob);  // home-b drops it, but home-a is open now
  send("bob-laptop", kBob, outside_alice);
  send("alice-laptop", kAlice, outside_bob);

  BOOST_TEST((*alice == outside_bob));
  BOOST_TEST((*bob == outside_alice));
}

BOOST_FIXTURE_TEST_CASE(a_customer_meets_somebody_of_another_provider, Carrier) {
  auto* const alice = open("alice-laptop", kAlice);
  auto* const carol = open("carol-laptop", kCarol);
  auto* const server = open("stun", kServer);
  send("alice-laptop", kAlice, kServer);
  const auto outside_alice = *server;
  send("carol-laptop", kCarol, kServer);
  const auto outside_carol = *server;

  send("carol-laptop", kCarol, outside_alice);
  send("alice-laptop", kAlice, outside_carol);
  send("carol-laptop", kCarol, outside_alice);

  BOOST_TEST((*alice == outside_carol));
  BOOST_TEST((*carol == outside_alice));
}

BOOST_FIXTURE_TEST_CASE(when_the_carriers_nat_restarts_the_homes_know_nothing_of_it, Carrier) {
  auto* const alice = open("alice-laptop", kAlice);
  auto* const server = open("stun", kServer);
  send("alice-laptop", kAlice, kServer);
  const auto before = *server;

  world.restart_nat("carrier");
  send("stun", kServer, before);
  BOOST_TEST((*alice == Endpoint{}));
  send("alice-laptop", kAlice, kServer);

  BOOST_TEST(events.size() == 3u);  // the home's mapping is the old one
  send("stun", kServer, *server);
  BOOST_TEST((*alice == kServer));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
