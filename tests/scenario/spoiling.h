// A scenario of the library with one fault put into one of its agents: what it expects does not
// come true. An expectation that holds whatever the agents do would say nothing.
#pragma once

#include "scenarios/loader.h"
#include "scenarios/runner.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rtclab::test {

struct Spoiling {
  std::string_view scenario;   // of the library
  std::string_view who;        // a peer or a server
  std::string_view deviation;  // its name
  std::string_view broken;     // something of an expectation that does not come true then
};

inline std::ostream& operator<<(std::ostream& out, const Spoiling& spoiling) {
  return out << spoiling.scenario << ", " << spoiling.deviation << " of " << spoiling.who;
}

inline void spoil(scenario::Scenario& scenario, const Spoiling& spoiling) {
  const auto deviation = parse_deviation(spoiling.deviation);
  if (!deviation) throw std::runtime_error{"no deviation is called so"};
  const auto peer = std::ranges::find(scenario.peers, spoiling.who, &scenario::Peer::name);
  if (peer != scenario.peers.end()) {
    peer->deviations.add(*deviation);
  } else {
    scenario.faulty_servers.push_back({std::string{spoiling.who}, {*deviation}});
  }
}

// What was expected and did not come true, a line each.
inline std::string unmet(const scenario::Loaded& loaded) {
  std::string text;
  for (const auto& outcome : scenario::run(loaded.scenario, loaded.topology, 1, {}).expectations) {
    if (!outcome.met) text += outcome.expected + "; instead: " + outcome.seen + '\n';
  }
  return text;
}

// With the fault, the expectation is not met.
inline void check_spoilt(const Spoiling& spoiling, const scenario::Loaded& sound) {
  auto loaded = sound;
  spoil(loaded.scenario, spoiling);
  const auto broken = unmet(loaded);
  BOOST_TEST(broken.find(spoiling.broken) != std::string::npos, "not broken: \"" << spoiling.broken
                                                                                 << "\"; but:\n"
                                                                                 << broken);
}

}  // namespace rtclab::test
