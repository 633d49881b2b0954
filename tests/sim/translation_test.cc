// Networks whose machines translate between the families, or between prefixes: whole packets on
// whole ways.
#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "sim/capture/pcapng_writer.h"
#include "sim/host/host.h"
#include "sim/world.h"
#include "tests/sim/capture/sightings.h"
#include "tests/sim/capture/tshark.h"
#include "topologies/loader.h"

#include <boost/test/unit_test.hpp>

#include <sstream>

namespace rtclab::sim {
namespace {

using namespace std::chrono_literals;

Endpoint ep(std::string_view text) {
  return *Endpoint::parse(text);
}

topology::Topology from_library(const std::string& name) {
  auto loaded =
      topology::load(std::string{RTCLAB_SOURCE_DIR "/topologies/library/"} + name + ".xml");
  BOOST_REQUIRE_MESSAGE(loaded.has_value(), (loaded ? std::string{} : loaded.error().to_string()));
  return *std::move(loaded);
}

// A world from the library, and its capture.
struct Town {
  explicit Town(const std::string& name) : topology{from_library(name)} {}
  explicit Town(topology::Topology made) : topology{std::move(made)} {}

  void wait(Duration duration = 1s) { world.run_until(world.now() + duration); }
  void bind(std::string_view machine, const Endpoint& at) {
    BOOST_REQUIRE(world.host(machine)
                      .udp()
                      .bind(at,
                            [this](const Input& input) {
                              const auto* const received = std::get_if<Received>(&input);
                              if (received == nullptr) return;
                              heard = {received->bytes.begin(), received->bytes.end()};
                              from = received->path.remote;
                            })
                      .has_value());
  }
  // Whom the receiver sees; port 0 when nothing arrives.
  Endpoint send(std::string_view machine, const Endpoint& source, const Endpoint& destination,
                std::size_t size = 100) {
    from = {};
    heard.clear();
    Bytes payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::byte>(i * 5 + i / 256);
    world.host(machine).udp().send({Transport::Udp, source, destination}, payload);
    wait();
    if (from.port != Port{0}) BOOST_TEST((heard == payload));
    return from;
  }
  // What Wireshark finds wrong with anything that was on any link.
  [[nodiscard]] std::string complaints() const {
    return tshark(file.str(),
                  "-Y 'udp.checksum.status == Bad || tcp.checksum.status == Bad || "
                  "ip.checksum.status == Bad || icmp.checksum.status == Bad || "
                  "icmpv6.checksum.status == Bad || _ws.malformed'");
  }

  topology::Topology topology;
  std::ostringstream file;
  capture::PcapngWriter writer{file, "test"};
  World world{topology, {.sink = &writer}};
  Bytes heard;
  Endpoint from;
};

const auto kPhone = ep("[2001:db8:cafe::10]:5000");
const auto kServer = ep("192.0.2.10:9");
const auto kServer6 = ep("[64:ff9b::192.0.2.10]:9");

BOOST_AUTO_TEST_SUITE(translation)

BOOST_AUTO_TEST_CASE(a_phone_without_ipv4_and_a_server_without_ipv6_hear_each_other) {
  Town town{"ipv6-only-nat64"};
  town.bind("alice-phone", kPhone);
  town.bind("stun", kServer);
  for (const std::size_t size : {0, 100, 1232, 1400, 1452, 4000}) {
    const auto outside = town.send("alice-phone", kPhone, kServer6, size);
    BOOST_TEST(outside.ip.to_string() == "203.0.113.10");
    BOOST_TEST(town.send("stun", kServer, outside, size).to_string() == kServer6.to_string());
  }
  BOOST_TEST(town.complaints() == "");
}

BOOST_AUTO_TEST_CASE(no_packet_outside_shows_ipv6_and_none_inside_ipv4) {
  Sightings sightings;
  const auto topology = from_library("ipv6-only-nat64");
  World world{topology, {.sink = &sightings}};
  BOOST_REQUIRE(world.host("alice-phone").udp().bind(kPhone, [](const Input&) {}).has_value());
  world.host("alice-phone").udp().send({Transport::Udp, kPhone, kServer6}, as_octets("x"));
  world.run_until(Instant{1s});

  for (const auto& seen : sightings.seen) {
    const bool inside = seen.where == "alice-phone.wwan0" || seen.where == "carrier.inside";
    const auto header = *ip::Header::parse(seen.packet);
    BOOST_TEST(header.source.is_v4() != inside, seen.where);
    BOOST_TEST(!header.source.to_string().starts_with("240."));
  }
}

// RFC 6092: to IPv6 that is not for its prefix a NAT64 is a firewall on the way.
BOOST_AUTO_TEST_CASE(with_ipv6_outside_a_nat64_lets_other_ipv6_pass_untranslated) {
  auto plan = from_library("ipv6-only-nat64");
  plan.nat64s[0].outside.addresses.push_back(*Prefix::parse("2001:db8:f::10/64"));
  plan.stun_servers[0].interface.addresses.push_back(*Prefix::parse("2001:db8:5::10/64"));
  Town town{std::move(plan)};
  const auto server = ep("[2001:db8:5::10]:9");
  town.bind("alice-phone", kPhone);
  town.bind("stun", server);
  BOOST_TEST(town.send("stun", server, kPhone).port.value() == 0u);
  BOOST_TEST(town.send("alice-phone", kPhone, server, 4000).to_string() == kPhone.to_string());
  BOOST_TEST(town.send("stun", server, kPhone, 4000).to_string() == server.to_string());
}

BOOST_AUTO_TEST_CASE(a_nat64_that_restarts_forgets_and_one_that_changes_obeys) {
  Town town{"ipv6-only-nat64"};
  town.bind("alice-phone", kPhone);
  town.bind("stun", kServer);
  const auto outside = town.send("alice-phone", kPhone, kServer6);
  town.world.restart_nat("carrier");
  BOOST_TEST(town.send("stun", kServer, outside).port.value() == 0u);
  auto behaviour = town.topology.nat64s[0].behaviour;
  behaviour.policy.blocks = {Transport::Udp};
  town.world.set_nat("carrier", behaviour);
  BOOST_TEST(town.send("alice-phone", kPhone, kServer6).port.value() == 0u);
}

// RFC 7915 §5.2 by way of RFC 8201: behind the NAT64 an IPv4 link takes less.
BOOST_AUTO_TEST_CASE(a_narrow_ipv4_link_makes_the_phone_send_fragments) {
  auto plan = from_library("ipv6-only-nat64");
  for (auto& link : plan.links) {
    if (link.a.machine == "stun") link.a_to_b.mtu = link.b_to_a.mtu = 1300;
  }
  Town town{std::move(plan)};
  town.bind("alice-phone", kPhone);
  town.bind("stun", kServer);
  BOOST_TEST(town.send("alice-phone", kPhone, kServer6, 1400).port.value() == 0u);
  BOOST_TEST(town.world.host("alice-phone").path_mtu(kPhone.ip, kServer6.ip) == 1320u);
  BOOST_TEST(town.send("alice-phone", kPhone, kServer6, 1400).port.value() != 0u);
  BOOST_TEST(town.complaints() == "");
}

BOOST_AUTO_TEST_CASE(tcp_passes_a_nat64_in_both_directions) {
  Town town{"ipv6-only-nat64"};
  const auto server = ep("192.0.2.10:80");
  const Bytes octets(100'000, std::byte{7});
  Bytes at_server;
  Bytes at_phone;
  const auto into = [](Bytes& all) {
    return TcpHandlers{
        .connected = {},
        .received = [&all](ByteView part) { all.insert(all.end(), part.begin(), part.end()); },
        .finished = {},
        .closed = {}};
  };
  auto& stun = town.world.host("stun").tcp();
  BOOST_REQUIRE(stun.listen(server,
                            [&](tcp::ConnectionId id, const Path&) {
                              stun.send(id, octets);
                              return into(at_server);
                            })
                    .has_value());
  const auto id = town.world.host("alice-phone")
                      .tcp()
                      .connect(kPhone, ep("[64:ff9b::192.0.2.10]:80"),
                               [&](tcp::ConnectionId, const Path&) { return into(at_phone); });
  BOOST_REQUIRE(id.has_value());
  town.world.host("alice-phone").tcp().send(*id, octets);
  town.wait(20s);

  BOOST_TEST(at_server.size() == octets.size());
  BOOST_TEST(at_phone.size() == octets.size());
  BOOST_TEST(town.complaints() == "");
}

// RFC 7915 §4.2, §4.3: quoted as the phone has sent it, so that its socket hears of it.
BOOST_AUTO_TEST_CASE(a_closed_port_behind_the_nat64_is_unreachable_to_the_phone) {
  Town town{"ipv6-only-nat64"};
  bool unreachable = false;
  BOOST_REQUIRE(town.world.host("alice-phone")
                    .udp()
                    .bind(kPhone,
                          [&](const Input& input) {
                            unreachable |= std::holds_alternative<Unreachable>(input);
                          })
                    .has_value());
  town.send("alice-phone", kPhone, kServer6);
  BOOST_TEST(unreachable);
}

BOOST_AUTO_TEST_CASE(behind_a_clat_a_phone_is_a_host_of_ipv4) {
  Town town{"xlat464"};
  const auto phone = ep("192.0.0.2:5000");
  town.bind("alice-phone", phone);
  town.bind("stun", kServer);
  for (const std::size_t size : {0, 100, 1232, 1400, 1472, 4000}) {
    const auto outside = town.send("alice-phone", phone, kServer, size);
    BOOST_TEST(outside.ip.to_string() == "203.0.113.10");
    BOOST_TEST(town.send("stun", kServer, outside, size).to_string() == kServer.to_string());
  }
  BOOST_TEST(town.complaints() == "");
}

// RFC 6296: nobody inside has to speak first.
BOOST_AUTO_TEST_CASE(behind_npt_each_machine_has_an_outside_address_of_its_own) {
  Town town{"npt"};
  const auto laptop = ep("[fd01:203:405:1::10]:5000");
  const auto server = ep("[2001:db8:5::10]:9");
  town.bind("alice-laptop", laptop);
  town.bind("stun", server);
  BOOST_TEST(town.send("stun", server, ep("[2001:db8:1:d550::10]:5000")).to_string() ==
             server.to_string());
  for (const std::size_t size : {100, 4000}) {
    BOOST_TEST(town.send("alice-laptop", laptop, server, size).to_string() ==
               "[2001:db8:1:d550::10]:5000");
  }
  BOOST_TEST(town.complaints() == "");
}

// Addresses that change during the run.
BOOST_AUTO_TEST_CASE(a_nat64_with_another_outside_address_is_reached_there_and_nowhere_else) {
  Town town{"ipv6-only-nat64"};
  town.bind("alice-phone", kPhone);
  town.bind("stun", kServer);
  const auto before = town.send("alice-phone", kPhone, kServer6);

  town.world.set_addresses("carrier", "outside", {*Prefix::parse("203.0.113.77/24")});

  BOOST_TEST(town.send("stun", kServer, before).port.value() == 0u);
  const auto after = town.send("alice-phone", kPhone, kServer6);
  BOOST_TEST(after.ip.to_string() == "203.0.113.77");
  BOOST_TEST(town.send("stun", kServer, after).to_string() == kServer6.to_string());
}

BOOST_AUTO_TEST_CASE(a_net_behind_a_nat64_can_be_renumbered) {
  Town town{"ipv6-only-nat64"};
  const auto phone = ep("[2001:db8:d00d::10]:5000");
  town.world.set_addresses("carrier", "inside", {*Prefix::parse("2001:db8:d00d::1/64")});
  town.world.set_addresses("alice-phone", "wwan0", {*Prefix::parse("2001:db8:d00d::10/64")});
  town.bind("alice-phone", phone);
  town.bind("stun", kServer);

  const auto outside = town.send("alice-phone", phone, kServer6);

  BOOST_TEST(outside.ip.to_string() == "203.0.113.10");
  BOOST_TEST(town.send("stun", kServer, outside).to_string() == kServer6.to_string());
}

BOOST_AUTO_TEST_CASE(a_clat_goes_by_the_address_that_it_has_now) {
  Town town{"xlat464"};
  const auto phone = ep("192.0.0.2:5000");
  town.bind("alice-phone", phone);
  town.bind("stun", kServer);
  (void)town.send("alice-phone", phone, kServer);

  town.world.set_addresses("clat", "outside", {*Prefix::parse("2001:db8:cafe::99/64")});

  const auto outside = town.send("alice-phone", phone, kServer);
  BOOST_TEST(outside.port.value() != 0u);
  BOOST_TEST(town.send("stun", kServer, outside).to_string() == kServer.to_string());
}

BOOST_AUTO_TEST_CASE(a_clat_serves_its_host_under_the_hosts_new_address) {
  Town town{"xlat464"};
  town.bind("stun", kServer);
  town.world.set_addresses("alice-phone", "clat4", {*Prefix::parse("192.0.0.3/29")});
  const auto phone = ep("192.0.0.3:5000");
  town.bind("alice-phone", phone);

  const auto outside = town.send("alice-phone", phone, kServer);

  BOOST_TEST(outside.ip.to_string() == "203.0.113.10");
  BOOST_TEST(town.send("stun", kServer, outside).to_string() == kServer.to_string());
}

BOOST_AUTO_TEST_CASE(behind_npt_a_new_prefix_of_the_provider_makes_new_addresses) {
  Town town{"npt"};
  const auto laptop = ep("[fd01:203:405:1::10]:5000");
  const auto server = ep("[2001:db8:5::10]:9");
  town.bind("alice-laptop", laptop);
  town.bind("stun", server);
  const auto before = town.send("alice-laptop", laptop, server);

  town.world.set_addresses("office", "outside", {*Prefix::parse("2001:db8:77::1/48")});

  const auto after = town.send("alice-laptop", laptop, server);
  BOOST_TEST(Prefix::parse("2001:db8:77::/48")->contains(after.ip), after.to_string());
  BOOST_TEST(town.send("stun", server, after).to_string() == server.to_string());
  BOOST_TEST(town.send("stun", server, before).port.value() == 0u);
}

// What a NAT64 is to other IPv6 answers like any firewall.
BOOST_AUTO_TEST_CASE(a_nat64_answers_an_unsolicited_syn_of_ipv6_as_it_is_told) {
  auto plan = from_library("ipv6-only-nat64");
  plan.nat64s[0].outside.addresses.push_back(*Prefix::parse("2001:db8:f::10/64"));
  plan.nat64s[0].behaviour.unsolicited_syn = topology::UnsolicitedSyn::Reset;
  plan.stun_servers[0].interface.addresses.push_back(*Prefix::parse("2001:db8:5::10/64"));
  Town town{std::move(plan)};
  std::string why;
  BOOST_REQUIRE(town.world.host("stun")
                    .tcp()
                    .connect(ep("[2001:db8:5::10]:0"), kPhone,
                             [&](tcp::ConnectionId, const Path&) -> TcpHandlers {
                               return {.closed = [&](std::string_view said) { why = said; }};
                             })
                    .has_value());
  town.wait();

  BOOST_TEST(!why.empty());
}

BOOST_AUTO_TEST_CASE(a_policy_lets_nothing_else_out_and_says_so) {
  Sightings sightings;
  const auto topology = from_library("only-tcp-443");
  World world{topology, {.sink = &sightings}};
  const auto laptop = ep("10.1.0.10:5000");
  BOOST_REQUIRE(world.host("alice-laptop").udp().bind(laptop, [](const Input&) {}).has_value());
  world.host("alice-laptop")
      .udp()
      .send({Transport::Udp, laptop, ep("192.0.2.70:3478")}, as_octets("x"));
  world.run_until(Instant{1s});

  BOOST_REQUIRE(sightings.comments().size() == 1u);
  BOOST_TEST(sightings.comments().front() ==
             "dropped by office: policy: of what begins here only tcp/443 passes, not udp to "
             "192.0.2.70:3478");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
