#include "sim/link/wifi_cell.h"
#include "tests/sim/link/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <set>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

// An access point and stations at their distances; what arrives at the access point from each.
struct Cafe {
  explicit Cafe(const std::vector<double>& distances, std::uint64_t seed = 1,
                topology::WifiStandard standard = topology::WifiStandard::N)
      : network{seed, &sightings}, cell{network, "cafe", {.standard = standard}, 0} {
    for (const auto metres : distances) {
      const auto number = std::to_string(arrived.size());
      stations.push_back(
          cell.add({"s" + number, "wlan0", {*Prefix::parse("10.0.0.1" + number + "/24")}},
                   {"cafe", "eth" + number, {}}, metres, 1500));
      auto& count = arrived.emplace_back(std::make_unique<std::size_t>(0));
      stations.back().port->on_receive([&count = *count](ByteView, PacketId) { ++count; });
    }
  }
  // Each station sends packets of 1200 octets, one each interval.
  void send(std::size_t packets, Duration interval) {
    for (std::size_t i = 0; i < packets; ++i) {
      for (const auto& station : stations) {
        Simulation::schedule(Instant{interval * i}, [interface = station.station] {
          interface->send_new(a_packet(1200));
        });
      }
    }
    simulation.run_until(Instant{interval * packets + 3s});
  }

  Sightings sightings;
  Simulation simulation;
  Network network;
  WifiCell cell;
  std::vector<WifiCell::Station> stations;
  std::vector<std::unique_ptr<std::size_t>> arrived;
};

BOOST_AUTO_TEST_SUITE(wifi)

BOOST_AUTO_TEST_CASE(a_packet_crosses_the_air_both_ways_whole_and_with_its_identity) {
  Cafe cafe{{5}};
  Bytes got;
  cafe.stations[0].station->on_receive(
      [&](ByteView packet, PacketId) { got.assign(packet.begin(), packet.end()); });

  cafe.stations[0].station->send_new(a_packet(600));
  cafe.simulation.run_until(Instant{1s});
  cafe.stations[0].port->send_new(a_packet(700));
  cafe.simulation.run_until(Instant{2s});

  const std::vector<std::string> path{"s0.wlan0 > 1", "cafe.eth0 < 1", "cafe.eth0 > 2",
                                      "s0.wlan0 < 2"};
  BOOST_TEST(cafe.sightings.path() == path, boost::test_tools::per_element());
  BOOST_TEST((got == a_packet(700)));
  BOOST_TEST((cafe.sightings.seen[1].packet == a_packet(600)));
  BOOST_TEST(cafe.sightings.seen[1].note.starts_with("link s0—cafe: "));
  BOOST_TEST(cafe.sightings.seen[1].note.ends_with(" over the air"));
}

BOOST_DATA_TEST_CASE(every_standard_carries_packets, data::xrange(3), number) {
  Cafe cafe{{5, 5}, 1, static_cast<topology::WifiStandard>(number)};

  cafe.send(100, 5ms);

  BOOST_TEST(*cafe.arrived[0] == 100u);
  BOOST_TEST(*cafe.arrived[1] == 100u);
}

BOOST_AUTO_TEST_CASE(who_is_out_of_reach_gets_nothing_through_and_the_capture_says_why) {
  Cafe cafe{{5, 200}};

  cafe.send(50, 20ms);

  BOOST_TEST(*cafe.arrived[0] == 50u);
  BOOST_TEST(*cafe.arrived[1] == 0u);
  const auto comments = cafe.sightings.comments();
  BOOST_REQUIRE(!comments.empty());
  const std::set<std::string> reasons{comments.begin(), comments.end()};
  BOOST_TEST(reasons.contains("lost on link s1—cafe: nobody acknowledged it"));
}

// All of them talk, both ways, in bursts: nothing may vanish without a word.
BOOST_AUTO_TEST_CASE(every_packet_arrives_or_is_said_to_be_lost) {
  Cafe cafe{{4, 25, 12, 33}};
  for (int i = 0; i < 400; ++i) {
    for (const auto& station : cafe.stations) {
      Simulation::schedule(Instant{i * 5ms}, [&station] {
        for (int k = 0; k < 3; ++k) {
          station.station->send_new(a_packet(200));
          station.port->send_new(a_packet(1100));
        }
      });
    }
  }
  cafe.simulation.run_until(Instant{30s});

  std::set<std::uint64_t> sent;
  std::set<std::uint64_t> accounted_for;
  for (const auto& one : cafe.sightings.seen) {
    const bool out = one.direction == capture::Direction::Outbound && one.comment.empty();
    (out ? sent : accounted_for).insert(one.identity);
  }
  BOOST_TEST(sent.size() == 400u * 4 * 6);
  BOOST_TEST((sent == accounted_for));
}

// Mean delay of station 0 from the capture, in milliseconds.
double delay_with_neighbours(std::size_t others) {
  std::vector<double> distances(1 + others, 10);
  Cafe cafe{distances};
  cafe.send(300, 4ms);
  double sum = 0;
  std::size_t count = 0;
  std::map<std::uint64_t, Instant> sent;
  for (const auto& one : cafe.sightings.seen) {
    if (one.where == "s0.wlan0") sent.emplace(one.identity, one.at);
    if (one.where != "cafe.eth0") continue;
    sum += static_cast<double>((one.at - sent.at(one.identity)).count()) / 1e6;
    ++count;
  }
  return sum / static_cast<double>(count);
}

BOOST_AUTO_TEST_CASE(stations_wait_for_each_other) {
  BOOST_TEST(delay_with_neighbours(5) > 2 * delay_with_neighbours(0));
}

std::vector<std::string> history(std::uint64_t seed) {
  Cafe cafe{{5, 10, 28}, seed};
  cafe.send(200, 3ms);
  std::vector<std::string> lines;
  for (const auto& one : cafe.sightings.seen) {
    lines.push_back(one.where + std::to_string(one.at.time_since_epoch().count()) + one.comment +
                    one.note);
  }
  return lines;
}

BOOST_AUTO_TEST_CASE(one_seed_has_one_history_whatever_ran_before) {
  const auto first = history(7);
  const auto other = history(8);

  BOOST_TEST((history(7) == first));
  BOOST_TEST((other != first));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
